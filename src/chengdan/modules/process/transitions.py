"""State machines of instances, steps, tasks and problem records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chengdan.kernel.transitions import TransitionTable, transition
from chengdan.modules.process.vocabulary import (
    OPEN_STATES,
    STANDING,
    InstanceState,
    ProblemState,
    StepState,
    TaskState,
)

INSTANCE = TransitionTable(
    [
        transition(InstanceState.RUNNING, "finish", InstanceState.DONE),
        transition(InstanceState.RUNNING, "refuse", InstanceState.REFUSED),
        transition(InstanceState.RUNNING, "park", InstanceState.FAULT),
        transition(InstanceState.FAULT, "retry", InstanceState.RUNNING),
        transition(InstanceState.RUNNING, "hold", InstanceState.HELD),
        transition(InstanceState.HELD, "resume", InstanceState.RUNNING),
        transition(OPEN_STATES, "withdraw", InstanceState.WITHDRAWN),
        transition(OPEN_STATES, "cancel", InstanceState.CANCELLED),
    ],
    {
        "finish": _("Finish"),
        "refuse": _("Refuse"),
        "park": _("Stop by a fault"),
        "retry": _("Retry"),
        "hold": _("Put on hold"),
        "resume": pgettext_lazy("a process", "Resume"),
        "withdraw": _("Take back"),
        "cancel": _("Cancel"),
    },
)
STEP = TransitionTable(
    [
        transition(StepState.OPEN, "pass", StepState.DONE),
        transition(StepState.OPEN, "refuse", StepState.REFUSED),
        transition(StepState.OPEN, "return", StepState.RETURNED),
        transition(StepState.OPEN, "skip", StepState.SKIPPED),
        transition(StepState.OPEN, "park", StepState.FAULT),
        transition(StepState.FAULT, "retry", StepState.OPEN),
        transition(STANDING, "void", StepState.VOID),
    ],
    {
        "pass": _("Pass"),
        "refuse": _("Refuse"),
        "return": _("Return"),
        "skip": _("Skip"),
        "park": _("Stop by a fault"),
        "retry": _("Retry"),
        "void": _("Make void"),
    },
)
TASK = TransitionTable(
    [
        transition(TaskState.QUEUED, "open", TaskState.OPEN),
        transition(TaskState.OPEN, "decide", TaskState.DONE),
        transition((TaskState.QUEUED, TaskState.OPEN), "void", TaskState.VOID),
    ],
    {"open": pgettext_lazy("a task", "Open"), "decide": _("Decide"), "void": _("Make void")},
)
_UNVERIFIED = (ProblemState.OPEN, ProblemState.EXPLAINED)
_EXPLAINED = (ProblemState.EXPLAINED, ProblemState.VERIFIED, ProblemState.CLOSED)
PROBLEM = TransitionTable(
    [
        transition(_UNVERIFIED, "explain", ProblemState.EXPLAINED),
        transition(_UNVERIFIED, "hand_over", ProblemState.OPEN),
        transition(ProblemState.EXPLAINED, "verify", ProblemState.VERIFIED),
        transition(ProblemState.VERIFIED, "close", ProblemState.CLOSED),
        transition(_EXPLAINED, "reopen", ProblemState.OPEN),
    ],
    {
        "explain": pgettext_lazy("a problem record", "Explain"),
        "hand_over": _("Hand over"),
        "verify": _("Verify"),
        "close": _("Close"),
        "reopen": _("Open again"),
    },
)
