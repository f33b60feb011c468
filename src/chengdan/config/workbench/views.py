"""Workbench and help: what a person has to do now, and where to read on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Act, PageHead, page, render_page
from chengdan.kernel.ui.formats import due_text, money_text
from chengdan.kernel.ui.hooks import allowed, nav_for
from chengdan.modules.credit.selectors import limits_to_decide
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.selectors import orders_taken, orders_visible
from chengdan.modules.orders.vocabulary import CREATE, VIEW
from chengdan.modules.people.selectors import company_get, home_unit, unit_path, users_by_ids
from chengdan.modules.process.selectors import Inbox, InboxItem, inbox
from chengdan.modules.process.selectors.team import Load, promises_at_risk, team_load
from chengdan.modules.process.vocabulary import INSTANCE_VIEW
from chengdan.modules.shipping.promises import promised_limit

SHOWN_MAX = 12
EXPLAIN_SHOWN = 5
RISKS_SHOWN = 8
RECENT_MAX = 6
RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure on top; it opens what it counts."""

    title: str
    value: str
    url: str
    remark: str = ""
    is_late: bool = False
    is_wide: bool = False


@page(permission="")
def workbench(request: HttpRequest) -> HttpResponseBase:
    """Show tasks by due time, promises at risk, the team and one's own orders."""
    actor = actor_of(request)
    found = inbox(actor)
    team = team_load(actor)
    head = PageHead(
        gettext_lazy("Workbench"),
        hint=_hint(actor),
        acts=[
            Act("order", gettext_lazy("New order"), reverse("orders:create"), icon="plus",
                primary=True, permission=CREATE, shortcut="N"),
        ],
    )  # fmt: skip
    risks = promises_at_risk(actor, limit=RISKS_SHOWN + 1)
    return render_page(
        request,
        "workbench/workbench.html",
        head=head,
        tiles=_tiles(actor, found, team),
        groups=_groups(found),
        count=found.total,
        explain=found.explain[:EXPLAIN_SHOWN],
        explain_count=found.explain_count,
        explain_late=any(item.group == "overdue" for item in found.explain),
        names=_initiators(found.items[:SHOWN_MAX]),
        risks=risks[:RISKS_SHOWN],
        has_more_risks=len(risks) > RISKS_SHOWN,
        team=team,
        team_opens=_opens(actor, team),
        team_sum=(sum(load.count for load in team), sum(load.late for load in team)),
        most=max((load.count for load in team), default=0),
        recent=_recent(actor),
        may_order=allowed(actor, VIEW),
    )


def _hint(actor: Actor) -> str:
    """Return unit, day and week as the mock shows them: "Sales · Friday, November 20 · week 47"."""
    now = timezone.localtime(clock.now())
    parts = []
    if actor.user_id is not None and actor.company_id is not None:
        unit = home_unit(actor.user_id, actor.company_id)
        if unit is not None:
            parts.append(str(unit_path(unit)[-1]))
    day = {"weekday": date_format(now, "l"), "day": date_format(now, "MONTH_DAY_FORMAT")}
    parts.append(_("%(weekday)s, %(day)s") % day)
    parts.append(_("week %(week)s") % {"week": now.isocalendar().week})
    return " · ".join(parts)


def _groups(found: Inbox) -> list[tuple[str, str, int, Sequence[InboxItem]]]:
    """Return (state, title, size, rows) of the groups; the rows together at most SHOWN_MAX."""
    titles = (
        ("late", _("Overdue"), found.overdue),
        ("", _("Due today"), found.today),
        ("", _("Later"), found.later),
        ("", _("On hold"), found.held),
    )
    rest, groups = SHOWN_MAX, []
    for state, title, items in titles:
        if items and rest:
            groups.append((state, title, len(items), items[:rest]))
            rest -= min(rest, len(items))
    return groups


def _initiators(items: Sequence[InboxItem]) -> dict[int, str]:
    """Return task id → who submitted the document."""
    wanted = {item.instance.initiator_id for item in items if item.instance.initiator_id}
    people = users_by_ids(wanted)
    names = {pk: person.display_name for pk, person in people.items()}
    return {item.task.pk: names.get(item.instance.initiator_id or 0, "") for item in items}


def _tiles(actor: Actor, found: Inbox, team: Sequence[Load]) -> list[Tile]:
    url = reverse("process:inbox")
    late, today = found.only("overdue"), found.only("today")
    tiles = [
        Tile(_("Waiting for me"), str(found.total), url, due_text(found.nearest)),
        Tile(_("Overdue"), str(late.total), f"{url}?due=overdue", due_text(late.nearest),
             late.total > 0),
        Tile(_("Due today"), str(today.total), f"{url}?due=today", due_text(today.nearest)),
    ]  # fmt: skip
    if team:
        sums = sum(load.late for load in team)
        worst = ", ".join(f"{load.name} {load.late}" for load in team[:2] if load.late)
        # Below on the same page stand the people whose figures add up to it.
        url = f"{reverse('process:team')}?late=1" if _opens(actor, team) else "#team"
        tiles.append(Tile(_("Late in my team"), str(sums), url, worst, sums > 0))
    waiting = limits_to_decide(actor).count()
    if waiting:
        url = f"{reverse('credit:list')}?proposal=mine"
        tiles.append(Tile(_("Credit limits to decide"), str(waiting), url))
    if allowed(actor, VIEW):
        tiles.append(_taken(actor))
    return tiles


def _opens(actor: Actor, team: Sequence[Load]) -> bool:
    """Return whether the list of the team's tasks shows the actor all that the figures count."""
    return allowed(actor, INSTANCE_VIEW) and all(load.is_open for load in team)


def _taken(actor: Actor) -> Tile:
    """Return the orders taken yesterday; the list that it opens adds up to it."""
    day = clock.today(company_get(actor.company_id or 0).timezone) - timedelta(days=1)
    sums = orders_taken(actor, day).aggregate(gross=Sum("gross"), count=Count("pk"))
    query = [("ordered_from", day.isoformat()), ("ordered_to", day.isoformat())]
    query += [("state", state) for state in ("processing", "released", "closed")]
    remark = ngettext("%(count)s order", "%(count)s orders", sums["count"]) % sums
    url = f"{reverse('orders:list')}?{urlencode(query)}"
    return Tile(_("Taken yesterday"), _whole(sums["gross"]), url, remark, is_wide=True)


def _whole(value: Decimal | None) -> str:
    return money_text(value or Decimal(0), places=0)


def _recent(actor: Actor) -> list[Order]:
    """Return the newest orders that the person entered, answers for or serves."""
    if not allowed(actor, VIEW) or actor.user_id is None:
        return []
    me = actor.user_id
    mine = Q(owner_id=me) | Q(created_by_id=me) | Q(csr_id=me)
    since = clock.today() - timedelta(days=RECENT_DAYS)
    rows = orders_visible(actor).filter(mine, ordered_on__gte=since)
    return list(rows.select_related("customer").order_by("-ordered_on", "-id")[:RECENT_MAX])


def _goods_text() -> str:
    limit = promised_limit()
    text = _("Goods leave %(limit)s of the hand-over.")
    return text % {"limit": limit.describe()} if limit is not None else ""


@page(permission="")
def help_show(request: HttpRequest) -> HttpResponseBase:
    """Say in a page what the parts are for and which keys help."""
    actor = actor_of(request)
    keys = [
        ("/", _("Search")),
        ("N", _("The main act of a list, such as a new order")),
        ("G", _("The next act of a document")),
        ("J K", _("Next and previous task of the inbox, or row of a list")),
        ("A", _("Approve")),
        ("R", _("Return")),
        ("Ctrl ⏎", _("Save or submit a form")),
        ("Ctrl S", _("Save a draft")),
        ("Tab ⏎", _("Next cell and next line of the line editor")),
        ("Ctrl D", _("Copy the cell above, into an empty line the whole line")),
        ("Alt ↑↓", _("Move a line")),
        ("Ctrl Del", _("Delete a line")),
    ]
    return render_page(
        request,
        "workbench/help.html",
        head=PageHead(gettext_lazy("Help")),
        goods=_goods_text(),
        keys=keys,
        parts=[(item, reverse(item.url_name)) for item in nav_for(actor)],
    )
