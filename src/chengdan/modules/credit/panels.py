"""The card that the credit room adds to the customer page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui.document import Panel
from chengdan.kernel.ui.parts import Act
from chengdan.modules.credit import figures
from chengdan.modules.credit.access import access_account_for_view
from chengdan.modules.credit.drawing import narrow_bar
from chengdan.modules.credit.selectors import overdue_amount
from chengdan.modules.credit.vocabulary import OVER_PERCENT

if TYPE_CHECKING:
    from django.http import HttpRequest


def customer_panel(request: HttpRequest, customer: Any) -> Panel | None:
    """Return limit, exposure and bar of the customer; None when the account is not open."""
    try:
        account = access_account_for_view(actor_of(request), customer.pk)
    except NotFoundError:
        return None
    overdue = overdue_amount(customer.pk, figures.today())
    percent = parameter_value(account.company_id, OVER_PERCENT)
    return Panel(
        _("Credit"),
        "credit/_panel.html",
        context={
            "account": account,
            "overdue": overdue,
            "drawing": narrow_bar(account.totals, account.limit, percent),
        },
        chips=figures.account_chips(account, overdue),
        acts=[Act("credit", _("Credit account"), reverse("credit:show", args=[customer.pk]))],
        code="credit",
    )
