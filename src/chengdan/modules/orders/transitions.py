"""Which verb leads an order from where to where."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.transitions import TransitionTable, transition
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.vocabulary import AmendmentStatus, OrderStatus

ORDER_TRANSITIONS = TransitionTable(
    [
        transition(OrderStatus.DRAFT, "edit", OrderStatus.DRAFT, words.EDIT),
        transition(OrderStatus.DRAFT, "submit", OrderStatus.PROCESSING, words.SUBMIT),
        transition(OrderStatus.PROCESSING, "return", OrderStatus.DRAFT),
        transition(OrderStatus.PROCESSING, "release", OrderStatus.RELEASED, words.HAND_OVER),
        transition(
            [OrderStatus.DRAFT, OrderStatus.PROCESSING, OrderStatus.RELEASED],
            "cancel",
            OrderStatus.CANCELLED,
            words.CANCEL,
        ),
        transition(OrderStatus.RELEASED, "amend", OrderStatus.RELEASED, words.AMEND),
        transition(OrderStatus.RELEASED, "close", OrderStatus.CLOSED, words.CLOSE),
        transition(OrderStatus.CLOSED, "reopen", OrderStatus.RELEASED, words.CLOSE),
    ],
    {
        "edit": _("Edit"),
        "submit": _("Submit"),
        "return": _("Return for correction"),
        "release": _("Hand over"),
        "cancel": _("Cancel"),
        "amend": _("Change"),
        "close": _("Close"),
        "reopen": _("Reopen"),
    },
)

AMENDMENT_TRANSITIONS = TransitionTable(
    [
        transition(AmendmentStatus.PROCESSING, "apply", AmendmentStatus.APPLIED),
        transition(AmendmentStatus.PROCESSING, "refuse", AmendmentStatus.REFUSED),
        transition(AmendmentStatus.PROCESSING, "withdraw", AmendmentStatus.WITHDRAWN),
    ],
    {
        "apply": _("Put the change in force"),
        "refuse": _("Refuse the change"),
        "withdraw": _("Take back"),
    },
)
