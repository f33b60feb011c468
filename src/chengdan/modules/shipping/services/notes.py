"""Making delivery notes: of one order or many of one customer, or directly (SHP-19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.numbering import number_take
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.credit.services import credit_account_lock
from chengdan.modules.customers.access import access_customer_for_order
from chengdan.modules.customers.selectors import addresses_of, customer_summary
from chengdan.modules.orders.access import access_order, access_order_with_account
from chengdan.modules.orders.selectors import lines_of
from chengdan.modules.people.access import authorise
from chengdan.modules.people.ownership import Origin
from chengdan.modules.people.selectors import company_get, order_seats
from chengdan.modules.process.services import process_start
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import note_lock, note_new
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Warehouse
from chengdan.modules.shipping.rules import base_of, fit_quantity, gross_share
from chengdan.modules.shipping.selectors import Waiting, waiting_of, warehouse_default
from chengdan.modules.shipping.services.finding import notes_find_put
from chengdan.modules.shipping.services.reserve import lines_of_note
from chengdan.modules.shipping.services.stock import is_usable, lots_lock

ZERO = Decimal(0)
PROCESS = "sp"


@dataclass(frozen=True, slots=True)
class DirectLine:
    """A product given away without an order; `unit_id` 0 is the unit of sale."""

    product_id: int
    quantity: Decimal
    unit_id: int = 0


@dataclass(slots=True)
class NoteHead:
    """What the notes of all kinds have in common; `ship_to` is the address when it was read."""

    company_id: int
    customer_id: int
    owner_id: int
    unit_id: int
    warehouse: Warehouse
    csr_id: int | None = None
    scr_id: int | None = None
    ship_to_id: int | None = None
    ship_to: Any = None
    ship_to_text: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    note: str = ""
    reason: str = ""
    is_direct: bool = False


class NothingToShipError(ConflictError):
    """Nothing of the orders waits, or nothing of it is in the warehouse."""

    default_code = "shipping.nothing"
    default_message = _("Nothing of this is in the warehouse, or nothing waits to be delivered.")


def warehouse_pick(company_id: int, warehouse_id: int | None) -> Warehouse:
    """Return the warehouse asked for, or the company's usual one.

    Raises:
        NotFoundError: there is none.
    """
    if warehouse_id is None:
        found = warehouse_default(company_id)
    else:
        rows = Warehouse.objects.filter(pk=warehouse_id, company_id=company_id, is_active=True)
        found = rows.first()
    if found is None:
        raise NotFoundError
    return found


def note_make_for_orders(
    *,
    actor: Actor,
    order_ids: Sequence[int],
    warehouse_id: int | None = None,
    quantities: Mapping[tuple[int, int], Decimal] | None = None,
    received_at: datetime | None = None,
    received_by: str = "",
) -> DeliveryNote:
    """Make one note of what waits of one or several orders of one customer, and start SP.

    Args:
        order_ids: same customer and same ship-to address.
        quantities: (order, line) → quantity in the line's unit, at most what waits; None takes
            what is available.
        received_at: when storage/transport got it, default now.

    Raises:
        NotFoundError, ForbiddenError: an order is not open to the actor, or no warehouse.
        InvalidError: different customers or addresses, more than waits, or an order that must
            go out whole and is not all there.
        ConflictError: an order is not released, is held, or nothing of it is available.
    """
    with write():
        orders = _orders_lock(actor, order_ids)
        first = orders[0]
        warehouse = warehouse_pick(first.company_id, warehouse_id)
        ids = [order.pk for order in orders]
        waiting = waiting_of(ids, warehouse.pk, _stock_lock(ids, warehouse))
        wanted = _wanted(orders, waiting, quantities)
        if not wanted:
            raise NothingToShipError
        head = NoteHead(
            company_id=first.company_id,
            customer_id=first.customer_id,
            owner_id=first.owner_id,
            unit_id=first.unit_id,
            warehouse=warehouse,
            csr_id=first.csr_id,
            scr_id=first.scr_id,
            ship_to_id=first.ship_to_id,
            ship_to=first.ship_to,
            ship_to_text=first.ship_to_text,
            received_at=received_at,
            received_by=received_by,
            note=first.note,
        )
        return _note_write(actor, head, _lines_of_orders(wanted, head.company_id))


def note_make_for_order(
    *, actor: Actor, order_id: int, warehouse_id: int | None = None, **values: Any
) -> DeliveryNote:
    """Make one note of one order; see `note_make_for_orders`."""
    return note_make_for_orders(
        actor=actor, order_ids=[order_id], warehouse_id=warehouse_id, **values
    )


def _orders_lock(actor: Actor, order_ids: Sequence[int]) -> list[Any]:
    ids = sorted(set(order_ids))
    if not ids:
        raise NothingToShipError
    orders: list[Any] = [access_order_with_account(actor, ids[0], words.CREATE)]
    customer_id = orders[0].customer_id
    for order_id in ids[1:]:
        orders.append(access_order(actor, order_id, words.CREATE))
    if any(order.customer_id != customer_id for order in orders):
        raise InvalidError(FieldIssue("orders", "customer", _("One note goes to one customer.")))
    if len({(order.ship_to_id, order.ship_to_text) for order in orders}) > 1:
        raise InvalidError(FieldIssue("orders", "address", _("One note goes to one address.")))
    for order in orders:
        if order.status != "released" or order.is_held:
            raise ConflictError(
                _("Order %(number)s is not being fulfilled now."),
                code="shipping.order_not_open",
                number=str(order),
            )
    return orders


def _stock_lock(order_ids: Sequence[int], warehouse: Warehouse) -> dict[int, Decimal]:
    """Lock what the lines may be taken from, and return product → what may be promised of it."""
    products = {
        item.product_id
        for lines in lines_of(order_ids).values()
        for item in lines
        if item.product_id is not None and item.rest
    }
    return {
        product_id: sum((lot.available for lot in lots if is_usable(lot)), ZERO)
        for product_id, lots in lots_lock(products, warehouse.pk).items()
    }


Wanted = tuple[Waiting, Decimal]


def _wanted(
    orders: Sequence[Any],
    waiting: Mapping[int, list[Waiting]],
    quantities: Mapping[tuple[int, int], Decimal] | None,
) -> list[Wanted]:
    """Return the lines with the quantity of the note; the stock of a product is shared in turn."""
    left: dict[int, Decimal] = {}
    found: list[Wanted] = []
    issues: list[FieldIssue] = []
    for order in orders:
        mine: list[Wanted] = []
        for item in waiting[order.pk]:
            product_id = item.line.product_id or 0
            have = left.setdefault(product_id, item.available)
            quantity = item.wanted
            if quantities is not None:
                quantity = quantities.get((order.pk, item.line.number), ZERO)
                issues += _quantity_issues(item, quantity)
            else:
                quantity = fit_quantity(quantity, item.line.factor, have)
            if quantity > ZERO:
                left[product_id] = have - base_of(quantity, item.line.factor)
                mine.append((item, quantity))
        if not order.is_partial_allowed and not _is_whole(waiting[order.pk], mine):
            issues.append(
                FieldIssue(
                    "orders", "partial",
                    _("Order %(number)s must go out whole, and not all of it is there.")
                    % {"number": order},
                )
            )  # fmt: skip
        found += mine
    if issues:
        raise InvalidError(issues)
    return found


def _quantity_issues(item: Waiting, quantity: Decimal) -> list[FieldIssue]:
    if ZERO <= quantity <= item.wanted:
        return []
    text = _("Only %(found)s wait to be delivered.") % {"found": f"{item.wanted.normalize():f}"}
    return [FieldIssue("quantity", "range", text, row=item.line.number, rule="SHP-14")]


def _is_whole(waiting: Sequence[Waiting], taken: Sequence[Wanted]) -> bool:
    quantities = {item.line.number: quantity for item, quantity in taken}
    left: dict[int, Decimal] = {}
    for item in waiting:
        product_id = item.line.product_id or 0
        left.setdefault(product_id, item.available)
        left[product_id] -= base_of(item.wanted, item.line.factor)
        if quantities.get(item.line.number, ZERO) < item.wanted or left[product_id] < ZERO:
            return False
    return True


def _lines_of_orders(wanted: Sequence[Wanted], company_id: int) -> list[DeliveryLine]:
    exponent = company_get(company_id).exponent
    products = product_summaries(
        {item.line.product_id for item, _q in wanted if item.line.product_id}
    )
    lines = []
    for number, (item, quantity) in enumerate(wanted, 1):
        line = item.line
        product = products[line.product_id or 0]
        factor = product.factor_of(line.unit_of_measure_id or 0) or line.factor
        lines.append(
            DeliveryLine(
                number=number,
                order_id=line.order_id,
                order_line=line.number,
                product_id=product.id,
                unit_of_measure_id=line.unit_of_measure_id or product.base_unit_id,
                factor=factor,
                quantity=quantity,
                asked_quantity=quantity,
                base_quantity=base_of(quantity, factor),
                needs_batch=product.is_batch_managed,
                gross=gross_share(line.gross, line.quantity, quantity, exponent),
            )
        )
    return lines


def note_make_direct(
    *,
    actor: Actor,
    customer_id: int,
    lines: Sequence[DirectLine],
    reason: str,
    warehouse_id: int | None = None,
    ship_to_id: int | None = None,
    ship_to_text: str = "",
) -> DeliveryNote:
    """Make a note without an order: samples and replacements, free of charge (SHP-19).

    Raises:
        InvalidError: no reason, no lines, a product, unit or address that does not fit, or less
            there than asked for.
        NotFoundError, ForbiddenError: the customer is not open to the actor, or no warehouse.
    """
    if not reason.strip():
        message = _("Say why goods leave without an order.")
        raise InvalidError(FieldIssue("reason", "required", message))
    with write():
        credit_account_lock(customer_id)
        access_customer_for_order(actor, customer_id)
        customer = customer_summary(customer_id)
        authorise(actor, words.CREATE)
        warehouse = warehouse_pick(customer.company_id, warehouse_id)
        made = _lines_direct(lines, customer.company_id)
        addresses = {address.pk for address in addresses_of(customer_id, "ship_to")}
        if ship_to_id is not None and ship_to_id not in addresses:
            message = _("This is no address of the customer.")
            raise InvalidError(FieldIssue("ship_to", "unknown", message))
        seats = order_seats(customer.territory_id or 0)
        lots_lock((line.product_id for line in made), warehouse.pk)
        head = NoteHead(
            company_id=customer.company_id,
            customer_id=customer_id,
            owner_id=customer.owner_id,
            unit_id=customer.unit_id,
            warehouse=warehouse,
            csr_id=seats.csr_id,
            scr_id=seats.scr_id,
            ship_to_id=ship_to_id or next(iter(sorted(addresses)), None),
            ship_to_text=ship_to_text,
            reason=reason.strip(),
            is_direct=True,
        )
        asked = {line.number: line.quantity for line in made}
        note = _note_write(actor, head, made)
        _all_there(asked, {line.number: line.quantity for line in lines_of_note(note)})
        return note


def _all_there(asked: Mapping[int, Decimal], kept: Mapping[int, Decimal]) -> None:
    """Refuse lines that were lowered or left out: no order waits for what a direct note lacks."""
    message = _("Only %(found)s of %(wanted)s are there.")
    issues = []
    for number, wanted in sorted(asked.items()):
        found = kept.get(number, ZERO)
        if found < wanted:
            said = message % {
                "found": f"{found.normalize():f}",
                "wanted": f"{wanted.normalize():f}",
            }
            issues.append(FieldIssue("quantity", "short", said, row=number, rule="SHP-19"))
    if issues:
        raise InvalidError(issues)


def _lines_direct(lines: Sequence[DirectLine], company_id: int) -> list[DeliveryLine]:
    products = product_summaries({line.product_id for line in lines})
    issues, made = [], []
    if not lines:
        issues.append(FieldIssue("lines", "required", _("Enter at least one line.")))
    for number, line in enumerate(lines, 1):
        product = products.get(line.product_id)
        unit_id = line.unit_id or (product.sales_unit_id if product else 0)
        factor = product.factor_of(unit_id) if product else None
        if product is None or product.company_id != company_id or factor is None:
            message = _("This product or unit is not known.")
            issues.append(FieldIssue("product", "unknown", message, row=number))
            continue
        if line.quantity <= ZERO:
            message = _("The quantity must be above 0.")
            issues.append(FieldIssue("quantity", "range", message, row=number))
            continue
        if problem := product.places_problem(unit_id, line.quantity):
            issues.append(FieldIssue("quantity", "places", problem, row=number))
            continue
        made.append(
            DeliveryLine(
                number=number,
                product_id=product.id,
                unit_of_measure_id=unit_id,
                factor=factor,
                quantity=line.quantity,
                asked_quantity=line.quantity,
                base_quantity=base_of(line.quantity, factor),
                needs_batch=product.is_batch_managed,
            )
        )
    if issues:
        raise InvalidError(issues)
    return made


def _note_write(actor: Actor, head: NoteHead, lines: Iterable[DeliveryLine]) -> DeliveryNote:
    """Store a note whose lots are locked, and start SP, which sets the goods aside."""
    made = list(lines)
    customer = customer_summary(head.customer_id)
    at = clock.now()
    note = DeliveryNote(
        customer=credit_account_lock(head.customer_id).customer,
        warehouse=head.warehouse,
        ship_to_id=head.ship_to_id,
        ship_to_text=head.ship_to_text,
        carrier=customer.carrier,
        station=customer.station,
        note=head.note,
        is_direct=head.is_direct,
        reason=head.reason,
        csr_id=head.csr_id,
        scr_id=head.scr_id,
        received_at=head.received_at or at,
        received_by=head.received_by,
        gross=sum((line.gross for line in made), ZERO),
    )
    origin = Origin.DERIVED if actor.is_system else Origin.ENTERED
    if head.ship_to is not None:
        note.ship_to = head.ship_to
    note.ownership_set(
        actor,
        company_id=head.company_id,
        owner_id=head.owner_id,
        unit_id=head.unit_id,
        origin=origin,
    )
    note.number = number_take(actor, head.company_id, words.NOTE, clock.today())
    note_new(note)
    for line in made:
        line.delivery_note = note
    rows_insert(made)
    audit_record(
        actor,
        words.NOTE_MADE,
        note,
        after={
            "number": note.number,
            "customer": note.customer_id,
            "warehouse": head.warehouse.code,
            "received_at": note.received_at,
            "lines": [
                {
                    "number": line.number,
                    "order": line.order_id,
                    "order_line": line.order_line,
                    "product": line.product_id,
                    "quantity": line.quantity,
                }
                for line in made
            ],
        },
        reason=head.reason,
        is_first=True,
    )
    notes_find_put([note], {head.customer_id: customer.name})
    crashpoint("shipping.note.made")
    process_start(
        actor=actor, code=PROCESS, subject_type=words.NOTE, subject_id=note.pk,
        document=note, is_first=True,
    )  # fmt: skip
    return note_lock(note.pk)
