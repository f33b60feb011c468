"""Words of the room: choices, permissions, parameters, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.numbering import series_declare
from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare
from chengdan.kernel.registry import Registry


class InstanceState(models.TextChoices):
    """What has become of a run of a process."""

    RUNNING = "running", _("running")
    HELD = "held", _("on hold")
    FAULT = "fault", _("stopped by a fault")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("taken back")
    CANCELLED = "cancelled", _("cancelled")


OPEN_STATES = (InstanceState.RUNNING, InstanceState.HELD, InstanceState.FAULT)


class StepState(models.TextChoices):
    """What has become of one pass through a step."""

    OPEN = "open", _("open")
    FAULT = "fault", _("stopped by a fault")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    RETURNED = "returned", _("returned")
    SKIPPED = "skipped", _("skipped")
    VOID = "void", _("void")


# States of the step at which a run stands.
STANDING = (StepState.OPEN, StepState.FAULT)


class TaskState(models.TextChoices):
    """What has become of one person's part of a step."""

    QUEUED = "queued", _("waiting for its turn")
    OPEN = "open", _("open")
    DONE = "done", _("done")
    VOID = "void", _("void")


class Decision(models.TextChoices):
    """What a person can decide."""

    APPROVE = "approve", _("approved")
    REFUSE = "refuse", _("refused")
    RETURN = "return", _("returned")
    DONE = "done", _("done")


class ProblemState(models.TextChoices):
    """How far a problem record has come."""

    OPEN = "open", _("to be explained")
    EXPLAINED = "explained", _("explained")
    VERIFIED = "verified", _("verified")
    CLOSED = "closed", _("closed")


class ProblemSource(models.TextChoices):
    """Where a problem record comes from."""

    BREACH = "breach", _("missed promise")
    RATIO = "ratio", _("ratio below its goal")
    MANUAL = "manual", _("entered by hand")


INSTANCE_VIEW = permission_declare(
    "process.instance:view", _("See running processes"), model="process.instance"
)
INSTANCE_MANAGE = permission_declare(
    "process.instance:manage",
    _("Retry, hold and resume processes"),
    model="process.instance",
)
DEFINITION_VIEW = permission_declare("process.definition:view", _("See the process library"))
DEFINITION_PUBLISH = permission_declare("process.definition:publish", _("Publish processes"))
PROBLEM_VIEW = permission_declare(
    "process.problem:view", _("See problem records"), model="process.problemrecord"
)
PROBLEM_OPEN = permission_declare("process.problem:open", _("Open problem records"))
PROBLEM_VERIFY = permission_declare(
    "process.problem:verify",
    _("Verify, hand over and close problem records"),
    model="process.problemrecord",
)

URGE_MINUTES = parameter_declare(
    "process.urge_minutes",
    kind=int,
    default=60,
    title=_("Minutes before the same task may be urged again"),
    minimum=1,
    maximum=10080,
)
WAIT_POLL_MINUTES = parameter_declare(
    "process.wait_poll_minutes",
    kind=int,
    default=60,
    title=_("Minutes between two looks at a waiting step when no event comes"),
    minimum=1,
    maximum=1440,
)
PROBLEM_DAYS = parameter_declare(
    "process.problem_days",
    kind=int,
    default=2,
    title=_("Working days for the explanation of a problem record"),
    requirement="ORD-12",
    minimum=1,
    maximum=60,
)
PROBLEM_SERIES = series_declare(
    "process.problemrecord",
    title=_("OSB problem record"),
    pattern="OSB{yy}-{n:4}",
    reset="yearly",
)


@dataclass(frozen=True, slots=True)
class ProblemTopic:
    """What a problem record that a sweep opened is about; see `problem_topic_declare`."""

    title: Any


_topics: Registry[ProblemTopic] = Registry("topics of problem records")


def problem_topic_declare(code: str, title: Any) -> str:
    """Declare what problem records can be about, and return its code.

    Args:
        code: what the record keeps instead of a text, such as "bc.collected".
        title: lazy, with %(params)s that each record carries in its facts.
    """
    _topics.add(code, ProblemTopic(title))
    return code


def problem_text(topic: str, facts: Mapping[str, Any]) -> str:
    """Return what a record is about in the reader's language; "" for a topic not declared."""
    found = _topics.find(topic)
    return "" if found is None else str(found.title) % facts


@dataclass(frozen=True, slots=True)
class TasksOpened(Event):
    """People have something new to do."""

    code: ClassVar[str] = "process.tasks_opened"
    instance_id: int
    task_ids: list[int]


@dataclass(frozen=True, slots=True)
class PeopleTold(Event):
    """The engine tells people something.

    Attributes:
        kind: notify, reminder, overdue, escalation, urge, fault, signed, problem, explained or
            passed.
        texts: text per language, or a name in any; "" where the kind says enough.
    """

    code: ClassVar[str] = "process.people_told"
    instance_id: int
    kind: str
    user_ids: list[int]
    step: str = ""
    texts: dict[str, str] | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class InstanceEnded(Event):
    """A process reached its end."""

    code: ClassVar[str] = "process.instance_ended"
    instance_id: int
    definition: str
    subject_type: str
    subject_id: int
    state: str


@dataclass(frozen=True, slots=True)
class PromiseMissed(Event):
    """A step was not done in the time that was promised."""

    code: ClassVar[str] = "process.promise_missed"
    instance_id: int
    step_id: int
    definition: str
    step: str
    subject_type: str
    subject_id: int
