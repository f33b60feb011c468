"""The OSB control tower: three bands of seven steps, the promises, today's breaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.durations import Duration
from chengdan.kernel.errors import DomainError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    Column,
    PageHead,
    Table,
    TowerBand,
    TowerCell,
    page,
    render_page,
)
from chengdan.kernel.ui.formats import duration_text
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.extensions import gauges_of, standing_with
from chengdan.modules.people.selectors import company_get
from chengdan.modules.process.selectors.titles import problem_chip, problem_title
from chengdan.modules.process.selectors.tower import Standing, problems_since, standing_of
from chengdan.modules.process.vocabulary import PROBLEM_VIEW

# The newest missed promises on the tower; the rest stand in the list of problem records.
BREACHES_MAX = 12
BANDS = (
    ("op", "OP", _("Order processing"), "orders:list", ("state", "processing")),
    ("sp", "SP", _("Shipment"), "shipping:list", None),
    ("bc", "BC", _("Billing and collection"), "billing:invoices", None),
)


@page(permission=words.TOWER)
def tower(request: HttpRequest) -> HttpResponseBase:
    """Where everything stands; the wall screen refreshes by itself."""
    actor = actor_of(request)
    bands = [
        TowerBand(code, name, [_cell(cell, url_name, state) for cell in cells],
                  in_work=_("%(count)s in work") % {"count": _in_work(cells)}, note=_note(cells))
        for process, code, name, url_name, state in BANDS
        if (cells := _standing(actor, process))
    ]  # fmt: skip
    is_wall = request.GET.get("wall") == "1"
    head = PageHead(
        _("Control tower"),
        hint=_hint(),
        acts=[Act("wall", _("Wall screen"), f"{reverse('orders:tower')}?wall=1", icon="maximize")],
    )
    return render_page(
        request,
        "orders/tower.html",
        head=head,
        bands=bands,
        gauges=gauges_of(actor),
        breaches=_breaches(actor),
        is_wall=is_wall,
    )


def _hint() -> str:
    now = timezone.localtime(clock.now())
    day = f"{date_format(now, 'MONTH_DAY_FORMAT')} {date_format(now, 'l')}"
    return gettext("%(day)s · as of %(time)s") % {"day": day, "time": f"{now:%H:%M}"}


def _standing(actor: Actor, process: str) -> Sequence[Standing]:
    try:
        cells = standing_of(actor, words.TOWER, process, get_language() or "zh-hans")
    except DomainError:
        return []  # this process is not published here
    return standing_with(actor, process, cells)


def _in_work(cells: Sequence[Standing]) -> int:
    return sum(cell.count for cell in cells if not cell.is_beside)


def _note(cells: Sequence[Standing]) -> str:
    """Say which cells show documents that stand, and are counted, at another one."""
    codes = ", ".join(cell.code for cell in cells if cell.is_beside)
    return gettext("%(codes)s: counted at another step already") % {"codes": codes} if codes else ""


def _cell(cell: Standing, url_name: str, state: tuple[str, str] | None) -> TowerCell:
    oldest = None
    if cell.oldest_at is not None:
        oldest = Duration((clock.now() - cell.oldest_at) // timedelta(minutes=1))
    codes = dict.fromkeys([cell.code, *cell.steps])
    # A document that was sent back or cancelled keeps the step at which that happened.
    query = [("step", code) for code in codes] + ([state] if state else [])
    url = f"{reverse(url_name)}?{urlencode(query)}"
    return TowerCell(
        cell.code,
        cell.name,
        cell.count,
        url=url,
        late=cell.late,
        soon=cell.soon,
        oldest=duration_text(oldest),
    )


def _breaches(actor: Actor) -> Table:
    company = company_get(actor.company_id or 0)
    zone = clock.local_zone(company.timezone)
    start = datetime.combine(clock.today(company.timezone), time(), zone)
    columns = [
        Column("number", _("No."), link=lambda row: reverse("process:problem", args=[row.pk])),
        Column("title", _("What"), value=problem_title),
        Column("owner", _("Owner"), value="owner.display_name"),
        Column("state", _("State"), kind="chip", value=problem_chip),
    ]  # fmt: skip
    return Table(
        _("Promises missed today"),
        columns,
        problems_since(actor, PROBLEM_VIEW, start)[:BREACHES_MAX],
        acts=[
            Act(
                "all",
                _("All problem records"),
                reverse("process:problems"),
                permission=PROBLEM_VIEW,
            )
        ],
        empty=_("No promise was missed today."),
    )
