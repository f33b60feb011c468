"""Changing a released order: asked for, approved, then put into force under lock.

The approved version stays in force until then; print and further shipping wait meanwhile; the
change never goes below what is delivered or invoiced, and a refusal discards it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.prepared import rows_save
from chengdan.kernel.transactions import write
from chengdan.modules.credit.selectors import credit_limit_of, exposure
from chengdan.modules.credit.services import (
    Release,
    credit_free,
    credit_promise,
    credit_release_record,
)
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_with_account
from chengdan.modules.orders.models import Amendment, Order, OrderLine
from chengdan.modules.orders.rules import LineFloor, amendment_refusals
from chengdan.modules.orders.services.drafts import LineDraft, OrderDraft
from chengdan.modules.orders.services.fulfil import (
    buckets_of,
    close_or_reopen,
    credit_move,
    order_source,
    sums_note,
)
from chengdan.modules.orders.services.place import day_issues, draft_of, order_snapshot
from chengdan.modules.orders.services.pricing import PricedLine, PricedOrder, drafts_price
from chengdan.modules.orders.services.reserve import (
    amendment_source,
    quota_reserve_order,
    quota_reserve_over,
)
from chengdan.modules.orders.services.tell import order_tell
from chengdan.modules.orders.transitions import AMENDMENT_TRANSITIONS, ORDER_TRANSITIONS
from chengdan.modules.orders.vocabulary import AmendmentStatus
from chengdan.modules.process.selectors import signers_of
from chengdan.modules.process.services import process_cancel, process_start

PROCESS = "order_amendment"


def amendment_ask(
    *,
    actor: Actor,
    order_id: int,
    draft: OrderDraft,
    reason: str,
    expected_version: int | None = None,
) -> Amendment:
    """Submit a change of a released order; lines keep their numbers, new ones come last.

    Args:
        draft: the whole order as it shall be; a line names the number of the line it changes.
            Where none does, they stand in the order of the order's own lines.

    Raises:
        InvalidError: no reason, nothing changed, wrong fields, a number that the order has not
            or that comes twice, or a line below what is delivered or invoiced, each named by row.
        ConflictError: another change is being decided, or the order is not being fulfilled.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Please give a reason.")))
    with write():
        order = access_order_with_account(actor, order_id, words.AMEND, expected_version)
        ORDER_TRANSITIONS.resolve(order.status, "amend")
        if order.amendments.filter(status=AmendmentStatus.PROCESSING).exists():
            raise ConflictError(
                _("Another change of this order is being decided."), code="orders.amending"
            )
        draft = amendment_of_draft(order, draft)
        priced = drafts_price(actor, [draft])[0]
        day_issues([priced])
        _issues_raise(order, priced)
        content, before = draft_content(draft, priced), draft_content(draft_of(order), None)
        if content == before:
            raise InvalidError(FieldIssue("lines", "same", _("Nothing was changed.")))
        last = order.amendments.aggregate(last=Max("sequence"))["last"] or 0
        amendment = Amendment.objects.create(
            company_id=order.company_id,
            order=order,
            sequence=last + 1,
            base_version=order.version,
            reason=reason.strip(),
            content=content,
            before=before,
            gross=priced.totals.gross,
            difference=priced.totals.gross - order.gross,
            asked_by_id=actor.person_id,
            asked_at=clock.now(),
        )
        audit_record(
            actor,
            words.AMENDMENT_ASKED,
            amendment,
            after={"order": order.number, "difference": amendment.difference},
            reason=reason,
        )
        process_start(
            actor=actor, code=PROCESS, subject_type=words.AMENDMENT, subject_id=amendment.pk
        )
        return Amendment.objects.get(pk=amendment.pk)


def amendment_of_draft(order: Order, draft: OrderDraft) -> OrderDraft:
    """Return the whole order as it shall be; what cannot be changed stays, lines are numbered.

    Raises:
        InvalidError: a number that the order has not, or twice.
    """
    lines = _numbered(order, draft)
    return replace(draft, customer_id=order.customer_id, ordered_on=order.ordered_on, lines=lines)


def _numbered(order: Order, draft: OrderDraft) -> tuple[LineDraft, ...]:
    """Return the lines with the numbers that they have, or get in the order.

    Raises:
        InvalidError: a number that the order has not, or twice.
    """
    rows = list(order.lines.order_by("number"))
    own = [row.number for row in rows]
    fresh = count((own[-1] if own else 0) + 1)
    given = [line.number for line in draft.lines]
    if not any(given):
        places = _places(rows, draft.lines)
        return tuple(
            replace(line, number=number or next(fresh))
            for line, number in zip(draft.lines, places, strict=True)
        )
    named = [number for number in given if number is not None]
    wrong = [number for number in named if number not in own or named.count(number) > 1]
    if wrong:
        message = _("The order has no such line, or it is named twice.")
        raise InvalidError(
            [FieldIssue("number", "unknown", message, row=row) for row in sorted(set(wrong))]
        )
    return tuple(
        line if line.number is not None else replace(line, number=next(fresh))
        for line in draft.lines
    )


def _places(rows: Sequence[OrderLine], lines: Sequence[LineDraft]) -> list[int | None]:
    """Return the line that each unnumbered line stands for: in turn, or, of fewer, by product."""
    if len(lines) >= len(rows):
        return [*(row.number for row in rows), *([None] * (len(lines) - len(rows)))]
    left = list(rows)
    found: list[int | None] = []
    for line in lines:
        row = next(
            (row for row in left if (row.kind, row.product_id) == (line.kind, line.product_id)),
            None,
        )
        if row is not None:
            left.remove(row)
        found.append(row.number if row is not None else None)
    return found


def _issues_raise(order: Order, priced: PricedOrder) -> None:
    issues = list(priced.issues)
    floors = {
        line.number: LineFloor(line.quantity, line.delivered, line.invoiced)
        for line in order.lines.order_by("number")
    }
    wanted = {line.number: line.quantity for line in priced.lines}
    for number, least in amendment_refusals(floors, wanted):
        message = _("Line %(row)s: %(least)s are delivered or invoiced already.")
        text = message % {"row": number, "least": format(least.normalize(), "f")}
        issues.append(FieldIssue("quantity", "below_delivered", text, row=number, rule="AM-1"))
    kept = {line.number: line for line in order.lines.all()}
    for line in priced.lines:
        old = kept.get(line.number)
        is_other = (
            old is not None and line.product is not None and old.product_id != line.product.id
        )
        if old is not None and is_other and (old.delivered or old.invoiced):
            message = _("Line %(row)s is partly delivered; its product stays.")
            text = message % {"row": line.number}
            issues.append(FieldIssue("product", "delivered", text, row=line.number, rule="AM-1"))
    if issues:
        raise InvalidError(issues)


def draft_content(draft: OrderDraft, priced: PricedOrder | None) -> dict[str, Any]:
    """Return what an amendment wants, JSON-able; prices filled in from the lists."""
    found = priced.lines if priced is not None else []

    def of_line(index: int, name: str, otherwise: Any) -> Any:
        return getattr(found[index], name) if found else otherwise

    return {
        "requested_on": _day_text(draft.requested_on),
        "ship_to_id": priced.ship_to_id if priced is not None else draft.ship_to_id,
        "ship_to_text": draft.ship_to_text.strip(),
        "note": draft.note.strip(),
        "lines": [
            {
                "line": of_line(index, "number", line.number or index + 1),
                "kind": str(line.kind),
                "product_id": line.product_id,
                "unit_id": of_line(index, "unit_id", line.unit_of_measure_id),
                "quantity": _plain(line.quantity),
                "price": _plain(of_line(index, "price", line.price or ZERO)),
                "discount": _plain(line.discount),
                "requested_on": _day_text(of_line(index, "requested_on", line.requested_on)),
                "description": line.description.strip(),
            }
            for index, line in enumerate(draft.lines)
        ],
    }


def _day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def amendment_draft(amendment: Amendment) -> OrderDraft:
    """Return the stored change as a draft of the whole order."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    content = amendment.content
    base = draft_of(amendment.order)
    rates = {line.number: line.tax_rate for line in amendment.order.lines.all()}
    lines = tuple(
        LineDraft(
            kind=row["kind"],
            product_id=row["product_id"],
            unit_of_measure_id=row["unit_id"],
            quantity=Decimal(row["quantity"]),
            price=Decimal(row["price"]),
            discount=Decimal(row["discount"]),
            tax_rate=rates.get(row["line"]),
            requested_on=day(row["requested_on"]),
            description=row["description"],
            number=row["line"],
        )
        for row in content["lines"]
    )
    return replace(
        base,
        lines=lines,
        requested_on=day(content["requested_on"]),
        ship_to_id=content["ship_to_id"],
        ship_to_text=content["ship_to_text"],
        note=content["note"],
    )


def amendment_apply(actor: Actor, amendment: Amendment) -> None:
    """Put an approved change into force; account and order are locked by the process.

    Raises:
        InvalidError: meanwhile more was delivered than the change leaves.
        TransitionError: the order is not being fulfilled any more.
    """
    order = amendment.order
    ORDER_TRANSITIONS.resolve(order.status, "amend")
    priced = drafts_price(actor, [amendment_draft(amendment)])[0]
    _issues_raise(order, priced)
    before_content = {**order_snapshot(order), "status": order.status}
    lines = list(order.lines.order_by("number"))
    before = buckets_of(order, lines)
    credit_free(actor=actor, customer_id=order.customer_id, source=amendment_source(amendment.pk))
    changed, gone = _lines_apply(order, lines, priced)
    sums = priced.totals
    order.gross, order.tax, order.net = sums.gross, sums.tax, sums.net
    order.requested_on = priced.draft.requested_on
    order.ship_to_id, order.ship_to_text = priced.ship_to_id, priced.draft.ship_to_text
    order.note = priced.draft.note
    sums_note(order, changed)
    close_or_reopen(order, changed)
    order.version += 1
    order.save()
    after = buckets_of(order, changed)
    credit_move(actor, order, before, after, "orders.amended")
    if order.pays_first and after.open > before.open:
        credit_promise(
            actor=actor, customer_id=order.customer_id, source=order_source(order.pk),
            added=after.open - before.open, reason="orders.amended",
        )  # fmt: skip
    _release_note(actor, order, amendment)
    _quota_renew(actor, order, [*changed, *gone])
    _end(actor, amendment, "apply", words.AMENDMENT_APPLIED)
    after_content = {**order_snapshot(order), "status": order.status}
    names = [name for name in after_content if before_content.get(name) != after_content[name]]
    audit_record(
        actor,
        words.AMENDED,
        order,
        before={name: before_content.get(name) for name in names},
        after={name: after_content[name] for name in names},
        reason=amendment.reason,
    )
    event_publish(actor, words.OrderAmended(order_id=order.pk))
    order_tell(actor, order, "orders.amended", {})


def _quota_renew(actor: Actor, order: Order, lines: list[OrderLine]) -> None:
    """Reserve what the changed order still takes; what was signed above the quota stays signed."""
    signers = signers_of(words.ORDER, order.pk, ("ACX",))
    if signers:
        quota_reserve_over(actor, order, lines, signers)
    else:
        quota_reserve_order(actor, order, lines, only_full=True)


def _release_note(actor: Actor, order: Order, amendment: Amendment) -> None:
    """Name who lets the order stand above the limit: the SLT member who signed (CRD-05)."""
    over = exposure(order.customer_id) - (credit_limit_of(order.customer_id) or Decimal(0))
    if amendment.difference <= ZERO or over <= ZERO or order.slt_member_id is None:
        return
    days = parameter_value(order.company_id, words.SPECIAL_DAYS)
    credit_release_record(
        actor=actor,
        customer_id=order.customer_id,
        source=order_source(order.pk),
        release=Release(
            by_id=order.slt_member_id,
            amount=over,
            until=clock.today() + timedelta(days=days),
            reason=amendment.reason,
        ),
    )


def amendments_withdraw(actor: Actor, order: Order, reason: str) -> None:
    """End a change that is being decided, since its order ends; account and order are locked."""
    for amendment in order.amendments.filter(status=AmendmentStatus.PROCESSING):
        process_cancel(
            actor=actor, subject_type=words.AMENDMENT, subject_id=amendment.pk, reason=reason
        )
        _end(actor, amendment, "withdraw", words.AMENDMENT_WITHDRAWN)


def _lines_apply(
    order: Order, lines: list[OrderLine], priced: PricedOrder
) -> tuple[list[OrderLine], list[OrderLine]]:
    """Return the lines as they are now, and those taken away, which want nothing any more."""
    known = {line.number: line for line in lines}
    result = []
    for item in priced.lines:
        line = known.pop(item.number, None) or OrderLine(order=order, number=item.number)
        _line_fill(line, item)
        line.save()
        result.append(line)
    gone = list(known.values())
    OrderLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
    for line in gone:
        line.closed = line.quantity
    return result, gone


def _line_fill(line: OrderLine, item: PricedLine) -> None:
    line.kind, line.description = item.draft.kind, item.draft.description
    line.product_id = item.product.id if item.product else None
    line.unit_of_measure_id = item.unit_id
    line.quantity = line.asked_quantity = item.quantity
    line.base_quantity = item.base_quantity
    line.list_price = item.list_price if item.list_price is not None else line.list_price
    line.price, line.discount, line.tax_rate = item.price, item.draft.discount, item.tax_rate
    line.gross, line.tax, line.net = item.amounts.gross, item.amounts.tax, item.amounts.net
    line.requested_on = item.requested_on
    # What was given up stays given up, as far as the line still goes beyond what left.
    line.closed = max(ZERO, min(line.closed, line.quantity - line.delivered))


def amendment_end(actor: Actor, amendment: Amendment) -> None:
    """Discard a change that was refused, returned or taken back."""
    fresh = Amendment.objects.get(pk=amendment.pk)
    if fresh.status == AmendmentStatus.PROCESSING:
        _end(actor, fresh, "refuse", words.AMENDMENT_REFUSED)
        event_publish(actor, words.OrderGoesOn(order_id=fresh.order_id))


def _end(actor: Actor, amendment: Amendment, verb: str, code: str) -> None:
    amendment.status = AMENDMENT_TRANSITIONS.resolve(amendment.status, verb)
    amendment.decided_at = clock.now()
    amendment.version += 1
    rows_save([amendment], ["status", "decided_at", "version"])
    audit_record(actor, code, amendment, after={"status": amendment.status})
