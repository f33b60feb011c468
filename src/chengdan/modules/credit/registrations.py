"""What the room plugs in while the applications start."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables_in_act
from chengdan.kernel.ui.hooks import NavItem, nav_register, panel_register
from chengdan.modules.credit import histories, importing, verification
from chengdan.modules.credit.models import SourceBalance
from chengdan.modules.credit.panels import customer_panel
from chengdan.modules.credit.selectors import customers_with_limit
from chengdan.modules.credit.services.ledger import BALANCES_TOPIC
from chengdan.modules.credit.vocabulary import LIMIT_CHANGE, PROPOSE, VIEW
from chengdan.modules.customers.vocabulary import (
    CustomerFacts,
    Missing,
    activation_check_register,
)
from chengdan.modules.people.selectors import signable_register

__all__ = ["histories", "importing", "verification"]


def limit_missing(customers: Sequence[CustomerFacts]) -> dict[int, list[Missing]]:
    """Say which customers need a limit: all that do not pay first (decisions §2, ORG-17)."""
    asked = {facts.id for facts in customers if not facts.pay_first}
    message = _("a credit limit, or the term “pays first”")
    return {
        pk: [Missing("credit_limit", message, f"/credit/{pk}/limit/", permission=PROPOSE)]
        for pk in sorted(asked - customers_with_limit(asked))
    }


signable_register(LIMIT_CHANGE, _("Credit limit"), seen_as="credit.account")
reference_tables_in_act(BALANCES_TOPIC, SourceBalance)
activation_check_register("credit.limit", limit_missing)
work_titles_register(
    {
        "credit.LimitChanged": _("A credit limit was changed"),
        "credit.PrepaymentChanged": _("Money set aside in advance has changed"),
    }
)
nav_register(NavItem("credit", _("Credit"), "scale", "credit:list", VIEW, order=35))
panel_register("customers.customer", "side", customer_panel, permission=VIEW, order=120)
