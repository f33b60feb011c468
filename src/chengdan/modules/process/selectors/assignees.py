"""Who must act in a step, and why: found from the definition, then put through its policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model

from chengdan.modules.people import selectors as people
from chengdan.modules.process.models import Task
from chengdan.modules.process.rules.definition import (
    RESUBMIT,
    RESUBMIT_STEP,
    Assign,
    Process,
    Step,
)
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.subjects import ProcessSubject, subject_load

# Ways that stop counting when the seat is lost.
LASTING = ("role", "seat", "unit_head", "responsible")
STAND_INS = ("nobody_owner", "nobody_administrator")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person with the way the person was found.

    Attributes:
        reason: `by` (kind of assignment or policy), `value`, and `instead_of` for policies.
    """

    user_id: int
    reason: dict[str, Any]


@dataclass(slots=True)
class Resolution:
    """The people of a step after all policies.

    Attributes:
        policies: codes of the policies that had to be used: initiator_skipped,
            initiator_superior, nobody_owner, nobody_administrator.
        is_skipped: nobody is left because the only one was the initiator.
    """

    people: list[Candidate] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What assignments are found in."""

    process: Process
    subject: ProcessSubject
    initiator_id: int | None
    company_id: int
    unit_id: int | None


def find(setting: Setting, assign: Assign, mode: str = "one") -> list[int]:
    """Return the users that one assignment names, without policies."""
    company, unit = setting.company_id, setting.unit_id
    match assign.kind:
        case "initiator":
            return [] if setting.initiator_id is None else [setting.initiator_id]
        case "responsible":
            return setting.subject.responsible(assign.value)
        case "role":
            place = unit if assign.where == "subject" else None
            return people.holders_of(assign.value, company, unit_id=place)
        case "seat":
            return people.holders_of(assign.value, company)[:1]
        case "superior":
            return _superiors(setting, assign, mode)
        case "unit_head":
            return _heads(unit)
        case "person":
            rows = get_user_model().objects.filter(username__iexact=assign.value)
            return list(rows.values_list("pk", flat=True))
    value = setting.subject.facts().get(assign.value)
    return [int(value)] if value is not None else []


def _superiors(setting: Setting, assign: Assign, mode: str) -> list[int]:
    if assign.value in ("", "initiator"):
        base = [] if setting.initiator_id is None else [setting.initiator_id]
    else:
        base = setting.subject.responsible(assign.value)
    chain = people.superiors_of(base[0], setting.company_id) if base else []
    if mode in ("in_turn", "all"):
        return chain[: assign.levels]
    return chain[assign.levels - 1 : assign.levels] or chain[-1:]


def _heads(unit_id: int | None) -> list[int]:
    if unit_id is None:
        return []
    for unit in reversed(people.unit_path(unit_id)):
        head = people.unit_head(unit.pk)
        if head is not None:
            return [head]
    return []


def owners(setting: Setting) -> tuple[list[int], str]:
    """Return who answers for the process itself: holders of its owner role, else administrators."""
    found = people.holders_of(setting.process.owner, setting.company_id, unit_id=setting.unit_id)
    found = found or people.holders_of(setting.process.owner, setting.company_id)
    if found:
        return found, "nobody_owner"
    return people.holders_of("administrator", setting.company_id), "nobody_administrator"


def resolve(setting: Setting, step: Step) -> Resolution:
    """Return who must act in the step.

    Nobody found: the owner of the process, else an administrator, visibly. Approver = initiator:
    the superior, or as the step declares. Disabled people are never found. An empty result means
    that not even an administrator exists.
    """
    result = Resolution()
    named: dict[int, Candidate] = {}
    for place, assign in enumerate(step.assign):
        for user_id in find(setting, assign, step.mode):
            reason = {"by": assign.kind, "value": assign.value, "place": place}
            named.setdefault(user_id, Candidate(user_id, reason))
    active = _active(named)
    result.people = [item for item in named.values() if item.user_id in active]
    if step.kind == "approval":
        _initiator_policy(setting, step, result)
    if not result.people and not result.is_skipped:
        _nobody_policy(setting, step, result)
    return result


def _active(named: dict[int, Candidate]) -> set[int]:
    return {pk for pk, user in people.users_by_ids(named).items() if user.is_active}


def _initiator_policy(setting: Setting, step: Step, result: Resolution) -> None:
    initiator = setting.initiator_id
    place = next((i for i, c in enumerate(result.people) if c.user_id == initiator), None)
    if initiator is None or place is None or step.if_initiator == "allow":
        return
    del result.people[place]
    if step.if_initiator == "skip":
        result.policies.append("initiator_skipped")
        result.is_skipped = not result.people
        return
    taken = {item.user_id for item in result.people} | {initiator}
    for superior in people.superiors_of(initiator, setting.company_id):
        if superior not in taken:
            reason = {"by": "initiator_superior", "instead_of": initiator}
            result.people.insert(place, Candidate(superior, reason))
            result.policies.append("initiator_superior")
            return


def _nobody_policy(setting: Setting, step: Step, result: Resolution) -> None:
    for first in stand_ins(setting, step)[:1]:
        waits = step.if_nobody == "wait"
        result.policies.append("nobody_waits" if waits else first.reason["by"])
        result.people = [first]


def stand_ins(setting: Setting, step: Step) -> list[Candidate]:
    """Return who answers where nobody is found, the nearest first; for approvals no initiator."""
    found, policy = ([], "") if step.if_nobody == "administrator" else owners(setting)
    known = dict.fromkeys(found, policy)
    for user in people.holders_of("administrator", setting.company_id):
        known.setdefault(user, "nobody_administrator")
    if step.kind == "approval" and step.if_initiator != "allow":
        known.pop(setting.initiator_id or 0, None)
    return [Candidate(user, {"by": by}) for user, by in known.items()]


def still_counts(setting: Setting, step: Step, user_id: int, reason: dict[str, Any]) -> bool:
    """True while the way by which the person was found still leads to the person."""
    if reason.get("by") not in LASTING:
        return True
    place = int(reason.get("place", 0))
    return place < len(step.assign) and user_id in find(setting, step.assign[place], step.mode)


def task_takers(task: Task) -> set[int] | None:
    """Return who may take a task over, as `takers` says; None means anybody."""
    run = task.instance
    process = process_of(run.definition_version)
    subject = subject_load(run.subject_type, run.subject_id)
    setting = Setting(process, subject, run.initiator_id, run.company_id, run.unit_id)
    code = task.step_run.code
    step = RESUBMIT_STEP if code == RESUBMIT else process.step(code)
    return takers(setting, step, task)


def stands_in(setting: Setting, step: Step, task: Task) -> bool:
    """True when the person only arranges what nobody of the step's own people is there to sign.

    So it is with who was handed the task on and is none of them any more.
    """
    if step.if_nobody != "wait":
        return False
    by = task.reason.get("by")
    return by in STAND_INS or (by == "transfer" and task.assignee_id not in _named(setting, step))


def _named(setting: Setting, step: Step) -> set[int]:
    return {user for assign in step.assign for user in find(setting, assign, step.mode)}


def takers(setting: Setting, step: Step, task: Task) -> set[int] | None:
    """Return who may take a task over from its assignee; None means anybody.

    An approval keeps the authority that the step asks for: only who the step itself names, a
    superior of the giver, or a deputy for such documents up to this amount may give it (ORD-06,
    ORG-20). A step that waits for its own people goes only to them; their deputies sign in their
    names. Other work may go to anybody.
    """
    if step.kind != "approval":
        return None
    named = _named(setting, step)
    if step.if_nobody == "wait":
        return named
    giver_id, amount = task.assignee_id, task.instance.amount
    above = people.superiors_of(giver_id, setting.company_id)
    deputies = {
        row.deputy_id
        for row in people.deputies_for(giver_id, document_type=task.subject_type)
        if row.company_id == setting.company_id
        and (row.max_amount is None or amount is None or amount <= row.max_amount)
    }
    return named | set(above) | deputies
