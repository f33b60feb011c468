"""Type-ahead endpoints: customers, and China's divisions."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.pinyin import text_fold
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import PickRow, page, pick_response
from chengdan.modules.customers import divisions
from chengdan.modules.customers.selectors import customers_pick
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.customers.web.show import term_text

LIMIT = 20
_ABOVE = {2: "province_code", 3: "city_code", 4: "area_code"}


@page(permission=rights.CUSTOMER_VIEW)
def pick(request: HttpRequest) -> HttpResponseBase:
    """Offer customers by code, name, pinyin or initials; inactive ones only with `all=1`."""
    rows = customers_pick(
        actor_of(request), request.GET.get("q", "")[:100], limit=LIMIT,
        is_active_only=request.GET.get("all") != "1",
    )  # fmt: skip
    found = [
        PickRow(
            row.pk, row.code, row.name,
            [row.territory.name if row.territory else "", row.owner.display_name, term_text(row)],
            fills={"name": row.name},
        )
        for row in rows
    ]  # fmt: skip
    return pick_response(found, heads=[_("Territory"), _("Responsible"), _("Payment term")])


@page(permission=rights.CONTACT_EDIT)
def division_pick(request: HttpRequest, level: int) -> HttpResponseBase:
    """Offer the divisions of a level below the one chosen above it."""
    text = text_fold(request.GET.get("q", "")[:40])
    if level == divisions.PROVINCE:
        rows = divisions.provinces()
    else:
        above = request.GET.get(_ABOVE.get(level, ""), "")
        rows = divisions.children_of(above, level) if above else ()
    found = [
        PickRow(int(row.code), row.code, row.name)
        for row in rows
        if text in row.name or row.code.startswith(text)
    ]
    return pick_response(found[:LIMIT])
