"""From draft to active, out of it and back."""

from chengdan.kernel.transitions import TransitionTable, transition

DRAFT = "draft"
ACTIVE = "active"
SUSPENDED = "suspended"
CLOSED = "closed"

CUSTOMER = TransitionTable(
    [
        transition(DRAFT, "activate", ACTIVE, "customers.customer:activate"),
        transition(ACTIVE, "suspend", SUSPENDED, "customers.customer:suspend"),
        transition(SUSPENDED, "resume", ACTIVE, "customers.customer:activate"),
        transition([DRAFT, ACTIVE, SUSPENDED], "close", CLOSED, "customers.customer:suspend"),
        transition(CLOSED, "reopen", DRAFT, "customers.customer:activate"),
    ]
)
