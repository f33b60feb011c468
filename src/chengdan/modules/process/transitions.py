"""State machines of instances, steps, tasks and problem records."""

from __future__ import annotations

from chengdan.kernel.transitions import TransitionTable, transition

_STANDING = ("running", "held", "fault")

INSTANCE = TransitionTable(
    [
        transition("running", "finish", "done"),
        transition("running", "refuse", "refused"),
        transition("running", "park", "fault"),
        transition("fault", "retry", "running"),
        transition("running", "hold", "held"),
        transition("held", "resume", "running"),
        transition(_STANDING, "withdraw", "withdrawn"),
        transition(_STANDING, "cancel", "cancelled"),
    ]
)
STEP = TransitionTable(
    [
        transition("open", "pass", "done"),
        transition("open", "refuse", "refused"),
        transition("open", "return", "returned"),
        transition("open", "skip", "skipped"),
        transition("open", "park", "fault"),
        transition("fault", "retry", "open"),
        transition(("open", "fault"), "void", "void"),
    ]
)
TASK = TransitionTable(
    [
        transition("queued", "open", "open"),
        transition("open", "decide", "done"),
        transition(("queued", "open"), "void", "void"),
    ]
)
PROBLEM = TransitionTable(
    [
        transition(("open", "explained"), "explain", "explained"),
        transition(("open", "explained"), "hand_over", "open"),
        transition("explained", "verify", "verified"),
        transition("verified", "close", "closed"),
        transition(("explained", "verified", "closed"), "reopen", "open"),
    ]
)
