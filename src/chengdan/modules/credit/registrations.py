"""What the room plugs in while the applications start."""

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui.hooks import NavItem, nav_register
from chengdan.modules.credit import verification
from chengdan.modules.credit.selectors import credit_limit_of
from chengdan.modules.credit.vocabulary import VIEW
from chengdan.modules.customers.vocabulary import (
    CustomerFacts,
    Missing,
    activation_check_register,
)

__all__ = ["verification"]


def limit_missing(facts: CustomerFacts) -> list[Missing]:
    """Say that an active customer needs a limit unless it pays first (decisions §2, ORG-17)."""
    if facts.pay_first or credit_limit_of(facts.id) is not None:
        return []
    message = _("a credit limit, or the term “pays first”")
    return [Missing("credit_limit", message, url=f"/credit/{facts.id}/limit/", rule="ORG-17")]


activation_check_register("credit.limit", limit_missing)
nav_register(NavItem("credit", _("Credit"), "scale", "credit:list", VIEW, order=35))
