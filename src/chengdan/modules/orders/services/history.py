"""Taking over orders that were finished in another system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.transactions import write
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.services.drafts import OrderDraft
from chengdan.modules.orders.services.finding import index_orders
from chengdan.modules.orders.services.place import (
    number_issues,
    order_lines,
    order_new,
    own_number_issues,
    size_issues,
)
from chengdan.modules.orders.services.pricing import PricedOrder, drafts_price
from chengdan.modules.orders.services.progress import BANDS, STEPS
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.people.access import authorise
from chengdan.modules.people.ownership import Origin
from chengdan.modules.people.selectors import company_get

_ALL_DONE = "d" * STEPS * len(BANDS)
_NUMBER = _("An order taken over keeps the number it had.")
_BEFORE = _("It was closed before it was ordered.")


@dataclass(frozen=True, slots=True)
class HistoryOrder:
    """A finished order: everything of it was delivered, invoiced and paid.

    Attributes:
        draft: with its `number`; lines carry the prices of then.
        closed_on: the day on which it ended, in the company's time zone.
    """

    draft: OrderDraft
    closed_on: date


def orders_history_load(
    *, actor: Actor, rows: Sequence[HistoryOrder]
) -> list[Order | list[FieldIssue]]:
    """Store finished orders as closed documents; each result is the order or what is wrong.

    Nothing runs for them: no process, no reservation, no delivery, no receivable. The audit has
    one entry for each, "taken over".

    Raises:
        ForbiddenError: the actor may not import orders.

    Source: issue §7 (history orders are closed documents without receivable).
    """
    with write():
        authorise(actor, words.IMPORT)
        priced = drafts_price(actor, [row.draft for row in rows])
        own_number_issues(priced)
        number_issues(actor, priced)
        size_issues(actor, priced)
        for row, item in zip(rows, priced, strict=True):
            _issues(row, item)
        zone = ZoneInfo(company_get(actor.company_id or 0).timezone)
        good = [(row, item) for row, item in zip(rows, priced, strict=True) if not item.issues]
        orders = [_closed(actor, row, item, zone) for row, item in good]
        _save(actor, [item for _row, item in good], orders)
        made = iter(orders)
        return [item.issues or next(made) for item in priced]


def _issues(row: HistoryOrder, item: PricedOrder) -> None:
    if not row.draft.number.strip():
        item.issues.append(FieldIssue("number", "required", _NUMBER))
    if row.closed_on < item.ordered_on:
        item.issues.append(FieldIssue("closed_on", "range", _BEFORE))


def _closed(actor: Actor, row: HistoryOrder, item: PricedOrder, zone: ZoneInfo) -> Order:
    order = order_new(actor, item, Origin.IMPORTED)
    ended = datetime.combine(row.closed_on, time(12), zone).astimezone(UTC)
    order.status = OrderStatus.CLOSED
    order.released_at = order.closed_at = order.settled_at = ended
    order.delivered_gross = order.invoiced_gross = order.paid_gross = order.gross
    order.progress = _ALL_DONE
    return order


def _save(actor: Actor, priced: Sequence[PricedOrder], orders: Sequence[Order]) -> None:
    if not orders:
        return
    Order.objects.bulk_create(orders, batch_size=500)
    lines: list[OrderLine] = []
    for item, order in zip(priced, orders, strict=True):
        for line in order_lines(order, item):
            line.delivered = line.invoiced = line.quantity
            lines.append(line)
    OrderLine.objects.bulk_create(lines, batch_size=1000)
    counts = Counter(line.order_id for line in lines)
    audit_record_many(
        actor,
        words.IMPORTED,
        [
            AuditRow(
                order,
                after={"number": order.number, "gross": order.gross, "lines": counts[order.pk]},
            )
            for order in orders
        ],
    )
    names = {item.customer.id: item.customer.name for item in priced if item.customer}
    index_orders(orders, names)
