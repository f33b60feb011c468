"""A process definition as plain values: what the YAML of a room says, parsed and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chengdan.modules.process.rules import conditions as c

LANGUAGES = ("zh-hans", "zh-hant", "en")
KINDS = ("check", "decision", "approval", "task", "wait", "notify", "start")
HUMAN_KINDS = ("approval", "task")
MODES = ("one", "any", "all", "in_turn")
NEXT, END, REFUSE, INITIATOR = "next", "end", "refuse", "initiator"
TARGETS = (NEXT, END, REFUSE, INITIATOR)
RESUBMIT = "resubmit"  # the step in which the initiator corrects and submits again

Texts = Mapping[str, str]
LimitData = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assign:
    """One way to find people: `kind` with its `value`, for instance role / finance_clerk.

    Attributes:
        kind: initiator, responsible, role, superior, unit_head, person, seat, field.
        where: for roles: "subject" (unit of the subject, then up the tree) or "company".
        levels: for superiors: how many steps up the chain.
    """

    kind: str
    value: str = ""
    where: str = "subject"
    levels: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    """What happens when a step ends one way: actions, then where to go."""

    do: tuple[str, ...] = ()
    goto: str = NEXT


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a decision; `when` "" is the obligatory `else`."""

    when: str
    goto: str = NEXT
    do: tuple[str, ...] = ()
    start: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that happens while a step is open.

    Attributes:
        do: "remind" or the name of an action.
        after: how long after the step started; empty when it hangs on a date.
        date: name of a date fact, such as due_on; without a date it never fires.
        days: so many days after that date, negative before it.
        at: clock time of that day, in the calendar's zone.
    """

    after: LimitData
    do: str
    date: str = ""
    days: int = 0
    at: str = ""


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told when a step stays open `after` its due time."""

    after: LimitData
    to: str = "superior"  # or "owner"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; which fields count depends on `kind`."""

    code: str
    kind: str
    title: Texts
    index: int
    short: Texts = field(default_factory=dict)
    strip: str = ""
    when: str = ""
    rule: str = ""
    is_promise: bool = False
    is_mandatory: bool = False
    covers: tuple[str, ...] = ()
    limit: LimitData | None = None
    remind: LimitData | None = None
    escalate: Escalation | None = None
    assign: tuple[Assign, ...] = ()
    mode: str = "one"
    if_nobody: str = "owner"
    if_initiator: str = "superior"
    if_repeated: str = "ask"
    check: str = ""
    is_reserving: bool = False
    rows: tuple[Row, ...] = ()
    until: str = ""
    events: tuple[str, ...] = ()
    timers: tuple[Timer, ...] = ()
    process: str = ""
    of: str = ""
    message: Texts = field(default_factory=dict)
    on_start: tuple[str, ...] = ()
    on_pass: Route = field(default_factory=Route)
    on_refuse: Route = field(default_factory=Route)

    @property
    def is_human(self) -> bool:
        """True when a person ends the step."""
        return self.kind in HUMAN_KINDS


@dataclass(frozen=True, slots=True)
class Process:
    """A whole definition.

    Attributes:
        hooks: actions when an instance ends: done, refused, returned, resubmitted, withdrawn.
    """

    code: str
    title: Texts
    level: int
    parent: str
    owner: str
    subject: str
    purpose: Texts
    scope: Texts
    inputs: tuple[Texts, ...]
    outputs: tuple[Texts, ...]
    interfaces: tuple[Mapping[str, Any], ...]
    forms: tuple[Mapping[str, Any], ...]
    replaces: tuple[Mapping[str, Any], ...]
    assessment: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...]
    hooks: Mapping[str, tuple[str, ...]]
    is_ours: bool = False

    def step(self, code: str) -> Step:
        """Return the step with this code; KeyError when there is none."""
        for step in self.steps:
            if step.code == code:
                return step
        raise KeyError(code)

    def has_step(self, code: str) -> bool:
        """True when the definition has the step."""
        return any(step.code == code for step in self.steps)

    def outcome_facts(self, outcomes: Mapping[str, tuple[str, ...]]) -> dict[str, c.FactType]:
        """Return the facts that steps themselves give: `<step>.outcome` and `<step>.passed`.

        Args:
            outcomes: the outcomes that each registered check can have, by its name.
        """
        facts: dict[str, c.FactType] = {"process.round": c.FactType("number")}
        for step in self.steps:
            if step.kind == "check":
                facts[f"{step.code}.outcome"] = c.FactType("text", outcomes.get(step.check, ()))
                facts[f"{step.code}.passed"] = c.FactType("flag")
            elif step.is_human:
                facts[f"{step.code}.outcome"] = c.FactType(
                    "text", ("approve", "refuse", "return", "done", "skip")
                )
        return facts


def text_of(texts: Texts, language: str) -> str:
    """Return the text in `language`, else in simplified Chinese, else any."""
    key = language.lower()
    for wanted in (key, key.split("-", maxsplit=1)[0], "zh-hans", "en"):
        if texts.get(wanted):
            return texts[wanted]
    return next(iter(texts.values()), "")


RESUBMIT_STEP = Step(
    code=RESUBMIT,
    kind="task",
    title={},
    index=-1,
    assign=(Assign("initiator"),),
)
