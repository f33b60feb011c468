"""From draft to active, out of it and back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.transitions import TransitionTable, transition
from chengdan.modules.customers.vocabulary import CustomerStatus, rights

_DRAFT, _ACTIVE = CustomerStatus.DRAFT, CustomerStatus.ACTIVE
_SUSPENDED, _CLOSED = CustomerStatus.SUSPENDED, CustomerStatus.CLOSED

CUSTOMER = TransitionTable(
    [
        transition(_DRAFT, "activate", _ACTIVE, rights.CUSTOMER_ACTIVATE),
        transition(_ACTIVE, "suspend", _SUSPENDED, rights.CUSTOMER_SUSPEND),
        transition(_SUSPENDED, "resume", _ACTIVE, rights.CUSTOMER_ACTIVATE),
        transition([_DRAFT, _ACTIVE, _SUSPENDED], "close", _CLOSED, rights.CUSTOMER_SUSPEND),
        transition(_CLOSED, "reopen", _DRAFT, rights.CUSTOMER_ACTIVATE),
    ],
    {
        "activate": _("Activate"),
        "suspend": _("Suspend"),
        "resume": _("Resume"),
        "close": _("Close"),
        "reopen": _("Reopen"),
    },
)
