"""The OSB problem record: opened by a miss or by hand, explained, verified, closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.numbering import number_take
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.transactions import write
from chengdan.modules.people import access as rights
from chengdan.modules.people.selectors import caller_of, slt_members
from chengdan.modules.process import audit_codes
from chengdan.modules.process.access import (
    access_problem_for_explain,
    access_problem_for_verify,
)
from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.selectors.names import names_of
from chengdan.modules.process.services.timing import calendar_for
from chengdan.modules.process.transitions import PROBLEM
from chengdan.modules.process.vocabulary import (
    PROBLEM_DAYS,
    PROBLEM_OPEN,
    PROBLEM_SERIES,
    PeopleTold,
    ProblemSource,
    ProblemState,
)

TEXT_LENGTH_MAX = 8000


@dataclass(frozen=True, slots=True)
class ProblemDraft:
    """What a new problem record says.

    Attributes:
        topic: its text is declared with `problem_topic_declare`, or it is a step's.
        title: only by hand, as entered.
        key: makes the record unique in its company, so that a sweep opens it once; "" for none.
        facts: parameters of the text, JSON-able.
    """

    company_id: int
    owner_id: int
    source: str
    topic: str
    title: str = ""
    unit_id: int | None = None
    subject_type: str = ""
    subject_id: int | None = None
    step_run_id: int | None = None
    key: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def problem_open(*, actor: Actor, draft: ProblemDraft) -> ProblemRecord | None:
    """Open a numbered record; None when one with the same key exists already.

    Raises:
        ForbiddenError: by hand without the right.

    Source: ORD-12, ORD-13; decisions §2 (each miss of a clock, each ratio below its goal).
    """
    rights.authorise(actor, PROBLEM_OPEN)
    if draft.source == ProblemSource.MANUAL and not draft.title.strip():
        raise InvalidError(FieldIssue("title", "required", _("Say what the problem is.")))
    with write():
        if draft.key:
            known = ProblemRecord.objects.filter(company_id=draft.company_id, key=draft.key)
            if known.exists():
                return None
        at = clock.now()
        days = parameter_value(draft.company_id, PROBLEM_DAYS)
        calendar = calendar_for(draft.unit_id, draft.company_id)
        problem = ProblemRecord(
            company_id=draft.company_id,
            unit_id=draft.unit_id,
            number=number_take(actor, draft.company_id, PROBLEM_SERIES, clock.today()),
            source=draft.source,
            topic=draft.topic,
            title=draft.title.strip()[:300],
            facts=draft.facts,
            subject_type=draft.subject_type,
            subject_id=draft.subject_id,
            step_run_id=draft.step_run_id,
            key=draft.key,
            owner_id=draft.owner_id,
            opened_at=at,
            due_at=calendar.due({"working_days": days}, at),
        )
        problem.save(force_insert=True)
        audit_record(
            actor,
            audit_codes.PROBLEM_OPENED,
            problem,
            after={"state": problem.state, "owner": problem.owner_id, "topic": problem.topic},
        )
        event_publish(actor, PeopleTold(0, "problem", [problem.owner_id], problem.number))
    return problem


def problem_hand_over(
    *,
    actor: Actor,
    problem_id: int,
    owner_id: int,
    reason: str,
    expected_version: int | None = None,
) -> ProblemRecord:
    """Make somebody else responsible, who explains it within the usual time from now.

    Both are told. An explanation that was written already stays until the next one replaces it.

    Raises:
        NotFoundError, ForbiddenError: invisible, no right, or one's own record.
        TransitionError, ConflictError: verified already, or changed meanwhile.
        InvalidError: no reason, or nobody active of the company, or the one who has it.

    Source: ORD-12, ORD-13.
    """
    _texts_check({"reason": reason})
    with write():
        problem = access_problem_for_verify(actor, problem_id)
        before = {"owner": problem.owner_id, "due_at": problem.due_at}
        state = _check_version(problem, expected_version, "hand_over")
        taker = caller_of(owner_id, problem.company_id)
        if taker is None or owner_id == problem.owner_id:
            message = _("Choose somebody else who works in this company.")
            raise InvalidError(FieldIssue("owner_id", "not_found", message))
        days = parameter_value(problem.company_id, PROBLEM_DAYS)
        calendar = calendar_for(problem.unit_id, problem.company_id)
        giver_id = problem.owner_id
        names = names_of([giver_id, owner_id])
        params = {"giver": names.get(giver_id, ""), "taker": names.get(owner_id, "")}
        problem.owner_id = owner_id
        problem.due_at = calendar.due({"working_days": days}, clock.now())
        problem.version += 1
        problem.save()
        audit_record(
            actor,
            audit_codes.PROBLEM_HANDED_OVER,
            problem,
            before={"state": state, **before},
            after={"state": problem.state, "owner": owner_id, "due_at": problem.due_at},
            params=params,
            reason=reason.strip(),
        )
        for kind, told in (("problem", owner_id), ("passed", giver_id)):
            at = str(problem.version)
            event_publish(actor, PeopleTold(0, kind, [told], problem.number, at=at))
        return problem


def problem_explain(
    *,
    actor: Actor,
    problem_id: int,
    explanation: str,
    action: str,
    expected_version: int | None = None,
) -> ProblemRecord:
    """Write down why it happened and what is done about it; the SLT is told (ORD-12, SHP-03).

    Raises:
        NotFoundError, ForbiddenError: invisible, or somebody else's.
        TransitionError, ConflictError: verified already, or changed meanwhile.
        InvalidError: an empty text.
    """
    _texts_check({"explanation": explanation, "action": action})
    with write():
        problem = access_problem_for_explain(actor, problem_id)
        before = _check_version(problem, expected_version, "explain")
        problem.explanation, problem.action = explanation.strip(), action.strip()
        problem.explained_at, problem.explained_by_id = clock.now(), actor.user_id
        _save(actor, problem, audit_codes.PROBLEM_EXPLAINED, before, problem.explanation)
        leaders = [pk for pk in slt_members(problem.company_id) if pk != actor.user_id]
        told = PeopleTold(0, "explained", leaders, problem.number, at=str(problem.version))
        event_publish(actor, told)
        return problem


def problem_verify(
    *, actor: Actor, problem_id: int, verification: str, expected_version: int | None = None
) -> ProblemRecord:
    """Record that the action was looked at and works; never by the owner.

    Raises:
        NotFoundError, ForbiddenError: invisible, no right, or one's own record.
        TransitionError, ConflictError: not explained yet, or changed meanwhile.
    """
    _texts_check({"verification": verification})
    with write():
        problem = access_problem_for_verify(actor, problem_id)
        before = _check_version(problem, expected_version, "verify")
        problem.verification = verification.strip()
        problem.verified_at, problem.verified_by_id = clock.now(), actor.user_id
        _save(actor, problem, audit_codes.PROBLEM_VERIFIED, before, problem.verification)
        return problem


def problem_close(
    *, actor: Actor, problem_id: int, expected_version: int | None = None
) -> ProblemRecord:
    """Take a verified record off the agenda (ORD-13)."""
    with write():
        problem = access_problem_for_verify(actor, problem_id)
        before = _check_version(problem, expected_version, "close")
        problem.closed_at, problem.closed_by_id = clock.now(), actor.user_id
        _save(actor, problem, audit_codes.PROBLEM_CLOSED, before, "")
        return problem


def problem_reopen(
    *, actor: Actor, problem_id: int, reason: str, expected_version: int | None = None
) -> ProblemRecord:
    """Put a record back on the agenda because it is not solved."""
    _texts_check({"reason": reason})
    with write():
        problem = access_problem_for_verify(actor, problem_id)
        before = _check_version(problem, expected_version, "reopen")
        problem.closed_at = problem.closed_by_id = None
        problem.verified_at = problem.verified_by_id = None
        _save(actor, problem, audit_codes.PROBLEM_REOPENED, before, reason)
        return problem


def _texts_check(texts: dict[str, str]) -> None:
    message = _("Write 1 to 8,000 characters.")
    items = [
        FieldIssue(name, "required", message)
        for name, text in texts.items()
        if not 0 < len(text.strip()) <= TEXT_LENGTH_MAX
    ]
    if items:
        raise InvalidError(items)


def _check_version(problem: ProblemRecord, expected: int | None, verb: str) -> str:
    if expected is not None and expected != problem.version:
        raise ConflictError
    before = problem.state
    problem.state = ProblemState(PROBLEM.resolve(before, verb))
    return before


def _save(actor: Actor, problem: ProblemRecord, code: str, before: str, reason: str) -> None:
    problem.version += 1
    problem.save()
    audit_record(
        actor,
        code,
        problem,
        before={"state": before},
        after={"state": problem.state},
        reason=reason.strip(),
    )
