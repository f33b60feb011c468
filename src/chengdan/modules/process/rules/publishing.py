"""What must be true of a definition before it is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chengdan.modules.process.rules import conditions as c
from chengdan.modules.process.rules.decisions import unreachable_rows
from chengdan.modules.process.rules.definition import (
    END,
    INITIATOR,
    NEXT,
    REFUSE,
    TARGETS,
    Process,
    Step,
)
from chengdan.modules.process.rules.mistakes import Mistake
from chengdan.modules.process.rules.reading import Issue

STEP_CODE_MAX = 40
_NEEDS = {
    "check": ("check",),
    "decision": ("rows",),
    "approval": ("assign",),
    "task": ("assign",),
    "wait": ("until",),
    "notify": ("assign", "message"),
    "start": ("process",),
}
_ONLY = {
    "assign": ("approval", "task", "notify"),
    "check": ("check",),
    "is_reserving": ("check",),
    "rows": ("decision",),
    "until": ("wait",),
    "events": ("wait",),
    "process": ("start",),
    "of": ("start",),
    "message": ("notify",),
    "covers": ("approval", "check", "task"),
    "limit": ("approval", "task", "wait"),
    "timers": ("approval", "task", "wait"),
}


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """What the engine knows about a registered check."""

    outcomes: tuple[str, ...] = ()
    can_reserve: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that names in a definition may refer to.

    Attributes:
        facts: declared facts per subject type.
        mandatory: per subject type, groups of step codes of which one must run on every way.
        subjects: kind of document of each published process; it never changes.
        limit_problem: returns "" or what is wrong with a structured limit.
    """

    facts: Mapping[str, Mapping[str, c.FactType]]
    checks: Mapping[str, CheckInfo]
    actions: frozenset[str]
    mandatory: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    processes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    subjects: Mapping[str, str] = field(default_factory=dict)
    limit_problem: Callable[[Mapping[str, Any]], str] = lambda _limit: ""


def definition_issues(process: Process, known: Known) -> list[Issue]:
    """Return everything that forbids publishing, each with step and field."""
    if process.subject and process.subject not in known.facts:
        return [
            Issue(
                "",
                "subject",
                Mistake("unknown subject type '%(name)s'", {"name": process.subject}),
            )
        ]
    issues = _head_issues(process, known)
    facts = facts_for(process, known)
    for step in process.steps:
        issues += _step_issues(process, step, known, facts)
    if not issues:
        issues += _mandatory_issues(process, known)
    return issues


def facts_for(process: Process, known: Known) -> dict[str, c.FactType]:
    """Return every fact a condition of this definition may use."""
    outcomes = {name: info.outcomes for name, info in known.checks.items()}
    return {**known.facts.get(process.subject, {}), **process.outcome_facts(outcomes)}


def _head_issues(process: Process, known: Known) -> list[Issue]:
    issues = []
    codes = [step.code for step in process.steps]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        issues.append(Issue(code, "code", Mistake("is used twice")))
    for code in codes:
        if code in TARGETS or not code.replace("_", "").isalnum():
            issues.append(
                Issue(code, "code", Mistake("must be letters and digits, not a reserved word"))
            )
        if len(code) > STEP_CODE_MAX:
            most = Mistake("at most %(most)d characters", {"most": STEP_CODE_MAX})
            issues.append(Issue(code[:STEP_CODE_MAX], "code", most))
    if known.subjects.get(process.code) not in (None, "", process.subject):
        stays = Mistake("stays %(name)s", {"name": known.subjects[process.code]})
        issues.append(Issue("", "subject", stays))
    if known.roles and process.owner not in known.roles:
        issues.append(
            Issue("", "owner", Mistake("unknown role '%(name)s'", {"name": process.owner}))
        )
    return [*issues, *_hook_issues(process, known)]


def _hook_issues(process: Process, known: Known) -> list[Issue]:
    return [
        Issue("", f"hooks.{name}", Mistake("unknown action '%(name)s'", {"name": action}))
        for name, actions in process.hooks.items()
        for action in actions
        if action not in known.actions
    ]


def names_issues(process: Process, known: Known) -> list[Issue]:
    """Return the names that a published text uses and this release has not, so that it stops."""
    issues, facts = _hook_issues(process, known), facts_for(process, known)
    for step in process.steps:
        issues += _name_issues(step, known)
        issues += _condition_issues(step, "when", step.when, facts)
        issues += _condition_issues(step, "until", step.until, facts)
        issues += _date_issues(step, facts)
        for place, row in enumerate(step.rows, 1):
            issues += _condition_issues(step, f"rows[{place}]", row.when, facts)
    return issues


def _step_issues(
    process: Process, step: Step, known: Known, facts: Mapping[str, c.FactType]
) -> list[Issue]:
    issues = [
        Issue(step.code, name, Mistake("is needed by the kind %(kind)s", {"kind": step.kind}))
        for name in _NEEDS[step.kind]
        if not getattr(step, name)
    ]
    issues += [
        Issue(step.code, name, Mistake("has no meaning for the kind %(kind)s", {"kind": step.kind}))
        for name, kinds in _ONLY.items()
        if step.kind not in kinds and getattr(step, name)
    ]
    issues += _name_issues(step, known)
    issues += _condition_issues(step, "when", step.when, facts)
    issues += _condition_issues(step, "until", step.until, facts)
    issues += _limit_issues(step, known)
    issues += _date_issues(step, facts)
    issues += _route_issues(process, step)
    if step.kind == "decision":
        issues += _row_issues(step, facts)
    if step.if_nobody == "wait" and step.kind != "approval":
        found = {"name": "wait", "kind": step.kind}
        meant = Mistake("'%(name)s' has no meaning for the kind %(kind)s", found)
        issues.append(Issue(step.code, "if_nobody", meant))
    if step.is_mandatory and step.if_initiator == "skip":
        issues.append(
            Issue(step.code, "if_initiator", Mistake("a mandatory step can't be skipped"))
        )
    return issues


def _date_issues(step: Step, facts: Mapping[str, c.FactType]) -> list[Issue]:
    return [
        Issue(
            step.code,
            "timers",
            Mistake("the document has no date '%(name)s'", {"name": timer.date}),
        )
        for timer in step.timers
        if timer.date and (timer.date not in facts or facts[timer.date].kind != "date")
    ]


def _name_issues(step: Step, known: Known) -> list[Issue]:
    issues = []
    actions = [*step.on_start, *step.on_pass.do, *step.on_refuse.do]
    actions += [action for row in step.rows for action in row.do]
    actions += [timer.do for timer in step.timers if timer.do != "remind"]
    for action in actions:
        if action not in known.actions:
            issues.append(
                Issue(step.code, "actions", Mistake("unknown action '%(name)s'", {"name": action}))
            )
    if step.check:
        info = known.checks.get(step.check)
        if info is None:
            issues.append(
                Issue(step.code, "check", Mistake("unknown check '%(name)s'", {"name": step.check}))
            )
        elif step.is_reserving and not info.can_reserve:
            issues.append(
                Issue(
                    step.code, "reserve", Mistake("'%(name)s' can't reserve", {"name": step.check})
                )
            )
    for code in [step.process, *(row.start for row in step.rows)]:
        if code and code not in known.processes:
            issues.append(
                Issue(step.code, "process", Mistake("unknown process '%(name)s'", {"name": code}))
            )
    for assign in step.assign:
        if assign.kind == "role" and known.roles and assign.value not in known.roles:
            issues.append(
                Issue(
                    step.code, "assign", Mistake("unknown role '%(name)s'", {"name": assign.value})
                )
            )
    return issues


def _condition_issues(
    step: Step, name: str, text: str, facts: Mapping[str, c.FactType]
) -> list[Issue]:
    if not text:
        return []
    try:
        node = c.parse(text)
    except c.ConditionError as error:
        return [Issue(step.code, name, error.mistake)]
    return [Issue(step.code, name, problem) for problem in c.problems_of(node, facts)]


def _limit_issues(step: Step, known: Known) -> list[Issue]:
    limits = [("limit", step.limit), ("remind", step.remind)]
    limits.append(("escalate", step.escalate.after if step.escalate else None))
    limits += [
        (f"timers[{place}]", timer.after)
        for place, timer in enumerate(step.timers, 1)
        if not timer.date
    ]
    issues = [
        Issue(step.code, name, Mistake(problem.replace("%", "%%")))
        for name, limit in limits
        if limit is not None and (problem := known.limit_problem(limit))
    ]
    if step.limit is None:
        for name, value in (("remind", step.remind), ("escalate", step.escalate)):
            if value is not None:
                issues.append(Issue(step.code, name, Mistake("needs a limit")))
        if step.is_promise:
            issues.append(Issue(step.code, "promise", Mistake("needs a limit")))
    if step.remind is not None and set(step.remind) - {"working_minutes", "hours", "minutes"}:
        issues.append(
            Issue(step.code, "remind", Mistake("must be working_minutes, minutes or hours"))
        )
    return issues


def _route_issues(process: Process, step: Step) -> list[Issue]:
    issues = []
    for name, goto in (("on_pass", step.on_pass.goto), ("on_refuse", step.on_refuse.goto)):
        if goto not in TARGETS and not process.has_step(goto):
            issues.append(
                Issue(step.code, name, Mistake("there is no step '%(name)s'", {"name": goto}))
            )
        elif name == "on_pass" and _is_back(process, step, goto):
            issues.append(Issue(step.code, name, Mistake("may only go forward")))
    for place, row in enumerate(step.rows, 1):
        if row.goto not in TARGETS and not process.has_step(row.goto):
            issues.append(
                Issue(
                    step.code,
                    f"rows[{place}]",
                    Mistake("there is no step '%(name)s'", {"name": row.goto}),
                )
            )
        elif _is_back(process, step, row.goto):
            issues.append(Issue(step.code, f"rows[{place}]", Mistake("may only go forward")))
    if step.on_refuse.goto == step.code:
        issues.append(Issue(step.code, "on_refuse", Mistake("may not go to itself")))
    return issues


def _is_back(process: Process, step: Step, goto: str) -> bool:
    return goto not in TARGETS and process.step(goto).index <= step.index


def _row_issues(step: Step, facts: Mapping[str, c.FactType]) -> list[Issue]:
    issues = []
    for place, row in enumerate(step.rows, 1):
        issues += _condition_issues(step, f"rows[{place}]", row.when, facts)
    if not step.rows or step.rows[-1].when:
        issues.append(Issue(step.code, "rows", Mistake("the last row must be `else: true`")))
    if any(not row.when for row in step.rows[:-1]):
        issues.append(Issue(step.code, "rows", Mistake("`else` stands last and once")))
    if issues:
        return issues
    nodes = [c.parse(row.when) if row.when else None for row in step.rows]
    return [
        Issue(
            step.code,
            f"rows[{index + 1}]",
            Mistake("is never reached: earlier rows take everything"),
        )
        for index in unreachable_rows(nodes, facts)
    ]


def _mandatory_issues(process: Process, known: Known) -> list[Issue]:
    groups = [*known.mandatory.get(process.subject, ())]
    groups += [(step.code,) for step in process.steps if step.is_mandatory]
    issues = []
    for group in dict.fromkeys(groups):
        if not any(process.has_step(code) for code in group):
            issues.append(
                Issue(
                    "",
                    "steps",
                    Mistake(
                        "the mandatory step %(names)s is missing", {"names": " / ".join(group)}
                    ),
                )
            )
        elif way := way_around(process, frozenset(group)):
            found = Mistake("can be bypassed by %(way)s", {"way": " → ".join(way)})
            issues.append(Issue(group[0], "mandatory", found))
    return issues


def _ways(process: Process, step: Step) -> set[str]:
    """Return where an instance can stand after the step; ends by refusal aside."""
    after = _after(process, step)
    gotos = [row.goto for row in step.rows] if step.kind == "decision" else [step.on_pass.goto]
    if step.when:
        gotos.append(NEXT)
    if step.kind in ("check", "approval", "task") and step.on_refuse.goto != END:
        gotos.append(step.on_refuse.goto)
    return {after if goto == NEXT else goto for goto in gotos} - {REFUSE, INITIATOR}


def way_around(process: Process, group: frozenset[str]) -> list[str]:
    """Return a way from the first step to the end without any step of `group`, or []."""
    if not process.steps:
        return []
    skippable = {code for code in group if process.has_step(code) and process.step(code).when}
    closed = group - skippable
    first = process.steps[0].code
    if first in closed:
        return []
    came: dict[str, str] = {first: ""}
    waiting = [first]
    while waiting:
        code = waiting.pop(0)
        if code == END:
            return _trail(came, code)
        step = process.step(code)
        ways = {_after(process, step)} if code in skippable else _ways(process, step)
        for following in sorted(ways - closed - set(came)):
            came[following] = code
            waiting.append(following)
    return []


def _after(process: Process, step: Step) -> str:
    following = step.index + 1
    return process.steps[following].code if following < len(process.steps) else END


def _trail(came: Mapping[str, str], code: str) -> list[str]:
    trail = []
    while code:
        trail.append(code)
        code = came[code]
    return trail[::-1]
