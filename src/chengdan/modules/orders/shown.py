"""How an order reads on several pages: terms, lines, credit as a bar, special treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.ui import Chip, Column, Part, Table
from chengdan.kernel.ui.document import Panel
from chengdan.kernel.ui.drawing import stacked
from chengdan.kernel.ui.formats import number_text
from chengdan.kernel.ui.parts import State
from chengdan.modules.credit.selectors import claim_of_source, credit_limit_of, totals_of
from chengdan.modules.credit.vocabulary import OVER_PERCENT
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, OrderLine, SpecialTreatment
from chengdan.modules.orders.rules import LineState, remaining
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.services.special import SIGNED_STEP
from chengdan.modules.orders.vocabulary import CreditBand, SpecialStatus
from chengdan.modules.process.selectors import StepDecision, decisions_of

HUNDRED = Decimal(100)
CENT = Decimal("0.01")
_BANDS: dict[str, State] = {
    CreditBand.OVER_SMALL: "soon",
    CreditBand.STOP: "late",
}
_SPECIALS: dict[str, State] = {
    SpecialStatus.OPEN: "run",
    SpecialStatus.APPROVED: "done",
    SpecialStatus.REFUSED: "late",
    SpecialStatus.VOID: "idle",
}


@dataclass(frozen=True, slots=True)
class CreditBar:
    """The bar and its figures.

    Attributes:
        taken: exposure without the order.
        own: what the order takes of it, or would take.
        over: how far both together pass the limit.
        is_small: the overrun is one that the SLT member may decide.
    """

    drawing: SafeString
    parts: Sequence[Part]
    limit: Decimal | None
    taken: Decimal
    own: Decimal
    over: Decimal
    is_small: bool

    @property
    def state(self) -> str:
        """Amber for what one person may decide, red beyond."""
        return "soon" if self.is_small else "late"

    @property
    def free(self) -> Decimal:
        """What is left without the order, not below 0."""
        return max(ZERO, (self.limit or ZERO) - self.taken)


def credit_bar(order: Order) -> CreditBar | None:
    """Return the bar of an order that exists; None for customers without a limit."""
    claim = claim_of_source(order_source(order.pk))
    credited = claim.outstanding - claim.covered
    own = credited if claim.outstanding else order.gross
    return credit_bar_of(order.customer_id, order.company_id, own, reserved=credited)


def credit_bar_of(
    customer_id: int, company_id: int, own: Decimal, reserved: Decimal = ZERO
) -> CreditBar | None:
    """Return the bar of a customer with an order of `own` gross; None without a limit.

    Args:
        reserved: the part of the exposure that already is this order.
    """
    limit = credit_limit_of(customer_id)
    if limit is None:
        return None
    totals = totals_of(customer_id)
    percent = Decimal(parameter_value(company_id, OVER_PERCENT))
    top = limit * (HUNDRED + percent) / HUNDRED
    taken = totals.exposure - reserved
    owed = max(ZERO, totals.receivable - totals.unapplied)
    sent = max(ZERO, min(totals.to_invoice, taken - owed))
    parts = [
        Part(_("Receivable"), owed, "c1"),
        Part(_("Shipped, to invoice"), sent, "c2"),
        Part(_("Open orders"), max(ZERO, taken - owed - sent), "c3"),
        Part(_("This order"), own, "new"),
    ]
    over = max(ZERO, taken + own - limit)
    text = _("limit %(amount)s") % {"amount": number_text(limit, 0)}
    drawing = stacked(parts, limit=limit, limit_text=text, top=top)
    return CreditBar(drawing, parts, limit, taken, own, over, taken + own <= top)


@dataclass(frozen=True, slots=True)
class SpecialShown:
    """An application for special treatment with what its signers said."""

    special: SpecialTreatment
    decisions: Sequence[StepDecision]

    @property
    def is_approved(self) -> bool:
        """The order may pass the limit."""
        return self.special.status == SpecialStatus.APPROVED

    @property
    def signed(self) -> str:
        """Who decided it, for one line."""
        return ", ".join(item.text for item in self.decisions if item.at is not None)

    @property
    def chip(self) -> Chip:
        """Its state."""
        status = self.special.status
        return Chip(self.special.get_status_display(), _SPECIALS[status])

    def panel(self) -> Panel:
        """Return it as a card."""
        return Panel(
            _("Special treatment"), "orders/_special.html", chips=[self.chip], code="special",
            context={"special": self.special, "decisions": self.decisions},
        )  # fmt: skip


def special_shown(order: Order) -> SpecialShown | None:
    """Return the newest application of an order; None when nobody applied."""
    special = order.specials.select_related("applied_by").order_by("-pk").first()
    if special is None:
        return None
    span = (special.applied_at, special.decided_at)
    return SpecialShown(special, decisions_of(words.ORDER, order.pk, SIGNED_STEP, *span))


def band_chip(order: Order, special: SpecialShown | None = None) -> Chip | None:
    """Return the credit band as a chip; ordinary bands are plain labels.

    Args:
        special: the order's application, which takes a stop away once it is approved.
    """
    return band_listed(order, is_released=special is not None and special.is_approved)


def band_listed(order: Order, *, is_released: bool) -> Chip | None:
    """Return the credit band as a chip where it is known whether a stop was taken away."""
    if not order.credit_band:
        return None
    if order.credit_band == CreditBand.STOP and is_released:
        title = order.get_credit_band_display()
        return Chip(_("Released by special treatment"), "done", title=title)
    return Chip(order.get_credit_band_display(), _BANDS.get(order.credit_band, ""))


def payment_text(order: Order) -> str:
    """Return the terms in words."""
    if order.pays_first:
        return _("paid first")
    return _("%(days)s days") % {"days": order.payment_term_days}


def lines_table(lines: list[OrderLine]) -> Table:
    """Return the lines with what was shipped and invoiced, and their sums."""

    def state(line: OrderLine) -> LineState:
        return LineState(line.quantity, line.gross, line.delivered, line.invoiced, line.closed)

    columns = [
        Column("number", _("Line no."), value="number", phone=""),
        Column("product", _("Product"), value="product.code", phone="",
               link=lambda line: reverse("catalog:show", args=[line.product_id])
               if line.product_id else ""),
        Column("name", _("Name"), value=_line_name, clip=True, phone="title"),
        Column("quantity", _("Quantity"), kind="quantity", places=3),
        Column("unit", _("Unit"), value="unit_of_measure.name", phone=""),
        Column("price", _("Price"), kind="money", value=_line_price),
        Column("discount", _("Discount"), kind="percent", phone="",
               value=lambda line: line.discount or None),
        Column("gross", _("Gross"), kind="money", phone="side"),
        Column("sent", _("Delivery"), kind="html", template="orders/_sent.html", phone="",
               value=lambda line: line if line.is_goods else None),
        Column("delivered", _("Shipped"), kind="quantity", places=3),
        Column("rest", _("To ship"), kind="quantity", places=3,
               value=lambda line: remaining(state(line)) if line.is_goods else ZERO),
        Column("invoiced", _("Invoiced"), kind="quantity", places=3, phone=""),
        Column("mark", "", kind="chip", value=_line_chip, phone=""),
    ]  # fmt: skip
    if not any(line.discount for line in lines):
        columns = [column for column in columns if column.name != "discount"]
    sums = {"gross": sum((line.gross for line in lines), ZERO)}
    if len({line.unit_of_measure_id for line in lines if line.is_goods}) == 1:
        goods = [line for line in lines if line.is_goods]
        sums["quantity"] = sum((line.quantity for line in goods), ZERO)
        sums["delivered"] = sum((line.delivered for line in goods), ZERO)
        sums["rest"] = sum((remaining(state(line)) for line in goods), ZERO)
    title = ngettext("%(count)s line", "%(count)s lines", len(lines)) % {"count": len(lines)}
    return Table(
        _("Lines"), columns, lines, footer=[sums.get(column.name, "") for column in columns],
        footer_title=title, code="lines", legend=[("c1", _("shipped"))],
    )  # fmt: skip


def _line_price(line: OrderLine) -> Decimal:
    """Return the price without the zeros that six places bring, with two at least."""
    return line.price.quantize(CENT) if line.price == line.price.quantize(CENT) else line.price


def _line_name(line: OrderLine) -> str:
    name = str(line.product) if line.product else line.description
    return name if line.product is None or not line.note else f"{name} ({line.note})"


def _line_chip(line: OrderLine) -> Chip | None:
    if line.quantity != line.asked_quantity:
        asked = format(line.asked_quantity.normalize(), "f")
        return Chip(_("cut from %(asked)s") % {"asked": asked}, "soon")
    if line.kind in words.FREE_KINDS:
        return Chip(line.get_kind_display())
    return None
