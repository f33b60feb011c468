"""Orders and amendments as the process engine sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.prepared import prepared, row_by_pk
from chengdan.modules.credit.selectors import credit_limit_of, credit_prepayment
from chengdan.modules.customers.selectors import sales_managers
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import ORDERS, order_lock_with_account
from chengdan.modules.orders.models import (
    Amendment,
    Order,
    OrderLine,
    SpecialTreatment,
)
from chengdan.modules.orders.selectors import handovers_of, lines_by_number
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.services.progress import Standing, band_letters, band_set
from chengdan.modules.orders.vocabulary import CreditBand, SpecialStatus
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import holders_of, order_seats, slt_members, superiors_of
from chengdan.modules.people.selectors.seats import answering
from chengdan.modules.process.subjects import FactType, LateFacts, Place, ProcessSubject

_BANDS = tuple(band for band in CreditBand.values if band)
_ROLES = {
    "csr": gettext_lazy("CSR"),
    "scr": gettext_lazy("SCR"),
    "bcr": gettext_lazy("BCR"),
    "account_manager": gettext_lazy("Responsible sales manager"),
    "area_manager": gettext_lazy("Manager of the region"),
    "slt_member": gettext_lazy("SLT member"),
    "slt": gettext_lazy("All SLT members"),
    "finance": gettext_lazy("Finance"),
}
_FIELDS = {
    "customer": gettext_lazy("Customer"),
    "ship_to": gettext_lazy("Ship to"),
    "ship_to_id": gettext_lazy("Ship to"),
    "ship_to_text": gettext_lazy("Ship to"),
    "pays_first": gettext_lazy("Pay first"),
    "requested_on": gettext_lazy("Wanted on"),
    "note": gettext_lazy("Note"),
    "lines": gettext_lazy("Lines"),
    "line": gettext_lazy("Line"),
    "kind": gettext_lazy("Kind"),
    "product": gettext_lazy("Product"),
    "product_id": gettext_lazy("Product"),
    "name": gettext_lazy("Name"),
    "unit": gettext_lazy("Unit"),
    "unit_id": gettext_lazy("Unit"),
    "quantity": gettext_lazy("Quantity"),
    "price": gettext_lazy("Price"),
    "discount": gettext_lazy("Discount"),
    "gross": gettext_lazy("Gross"),
    "description": gettext_lazy("Description"),
}


def order_responsible(order: Order, role: str) -> list[int]:
    """Return who answers for the order in a role of OP (N4, N15, ORG-18, ORG-65).

    `account_manager` and `area_manager` are the responsible sales manager of the customer and
    the manager of its region; where a level is not filled, the one above it answers. Who left
    the seat for which the order names him is followed by its holder, a sales manager whose
    account is closed by who is in charge of the customer now. A draft is answered for by those
    whom its submission would name.
    """
    named = _named(order)
    territory_id = order.customer.territory_id
    if role in named:
        found = answering(role, named[role], order.company_id, territory_id)
        return [] if found is None else [found]
    if role == "account_manager":
        return sales_managers(order.customer_id, order.owner_id)
    if role == "slt":
        return slt_members(order.company_id)
    if role == "finance":
        return holders_of("finance_clerk", order.company_id)
    seats = {"market_manager": "market_manager", "area_manager": "region_manager"}
    holders = holders_of(seats.get(role, role), order.company_id, territory_id=territory_id)
    if holders or role not in seats:
        return holders
    in_charge = sales_managers(order.customer_id, order.owner_id)
    return [up for who in in_charge for up in superiors_of(who, order.company_id)[:1]]


def _named(order: Order) -> dict[str, int | None]:
    """Return whom the order names for its seats; a draft those whom its submission would name."""
    if order.submitted_at is not None:
        return {"csr": order.csr_id, "scr": order.scr_id, "bcr": order.bcr_id,
                "slt_member": order.slt_member_id}  # fmt: skip
    named = {"slt_member": order.customer.slt_member_id}
    try:
        seats = order_seats(order.customer.territory_id or 0)
    except (InvalidError, NotFoundError):
        # The stops list says which seat is empty; here nobody is found for any.
        return {"csr": None, "scr": None, "bcr": None, **named}
    return {"csr": seats.csr_id, "scr": seats.scr_id, "bcr": seats.bcr_id, **named}


def lines_content(lines: list[OrderLine]) -> list[dict[str, Any]]:
    """Return what approvals of an order cover in its lines."""
    return [
        {
            "line": line.number,
            "kind": line.kind,
            "product": line.product.code if line.product else line.description,
            "name": line.product.name if line.product else line.description,
            "unit": line.unit_of_measure.name if line.unit_of_measure else "",
            "quantity": format(line.quantity.normalize(), "f"),
            "price": format(line.price.normalize(), "f"),
            "discount": format(line.discount.normalize(), "f"),
            "gross": format(line.gross, "f"),
        }
        for line in lines
    ]


@prepared
def _specials_of(order_id: int) -> QuerySet[SpecialTreatment, str]:
    rows = SpecialTreatment.objects.filter(order_id=order_id).order_by("-id")
    return rows.values_list("status", flat=True)


class OrderSubject(ProcessSubject):
    """An order in OP."""

    fact_types: ClassVar[Mapping[str, FactType]] = {
        "gross": FactType("number", title=gettext_lazy("Amount")),
        "limit": FactType("number", title=gettext_lazy("Credit limit")),
        "over": FactType("number", title=gettext_lazy("Amount over the limit")),
        "lines": FactType("number", title=gettext_lazy("Number of lines")),
        "pays_first": FactType("flag", title=gettext_lazy("the goods are paid first")),
        "is_paid": FactType("flag", title=gettext_lazy("the payment in advance is there")),
        "has_gifts": FactType("flag", title=gettext_lazy("with free goods")),
        "band": FactType(
            "text", ("", *_BANDS), gettext_lazy("Credit check"), dict(CreditBand.choices)
        ),
        "special": FactType(
            "text", ("", *SpecialStatus.values), gettext_lazy("Special treatment"),
            dict(SpecialStatus.choices),
        ),
        "value_class": FactType(
            "text", ("", "A", "B", "C"), gettext_lazy("Value class of the customer")
        ),
    }  # fmt: skip
    role_titles: ClassVar[Mapping[str, Any]] = _ROLES
    field_titles: ClassVar[Mapping[str, Any]] = _FIELDS

    def __init__(self, order: Order) -> None:
        self.order = order
        self._lines: list[OrderLine] | None = None

    @classmethod
    def load(cls, subject_id: int) -> Self:
        """Return the order with what the engine asks for."""
        order = row_by_pk(ORDERS, subject_id)
        if order is None:
            raise NotFoundError
        return cls(order)

    @classmethod
    def locked(cls, subject_id: int) -> Self:
        """Lock the credit account, then the order, and return it."""
        return cls(order_lock_with_account(subject_id))

    def renewed(self, subject_id: int) -> Self:
        """Return the locked order itself; its lines are read again."""
        return type(self)(self.order)

    @property
    def lines(self) -> list[OrderLine]:
        """Return the lines by number, read once."""
        if self._lines is None:
            self._lines = lines_by_number(self.order.pk)
            for line in self._lines:
                line.order = self.order
        return self._lines

    def facts(self) -> Mapping[str, Any]:
        """Return the facts that conditions of OP may use."""
        order = self.order
        known = {
            "gross": order.gross,
            "over": order.credit_over,
            "lines": len(self.lines),
            "pays_first": order.pays_first,
            "has_gifts": any(line.kind in words.FREE_KINDS for line in self.lines),
            "band": order.credit_band,
            "value_class": order.customer.value_class,
        }
        late = {
            "limit": lambda: credit_limit_of(order.customer_id),
            "is_paid": self.is_paid,
            "special": self._special,
        }
        return LateFacts(known, late)

    def _special(self) -> str:
        """Return the state of the newest application for special treatment, "" without one."""
        return next(iter(_specials_of(self.order.pk)), "")

    def is_paid(self) -> bool:
        """True when nothing more has to be set aside before the goods leave."""
        return credit_prepayment(order_source(self.order.pk)).missing <= Decimal(0)

    def responsible(self, role: str) -> list[int]:
        """See `order_responsible`."""
        return order_responsible(self.order, role)

    def unit(self) -> int | None:
        """Return the unit of the responsible sales manager."""
        return self.order.unit_id

    def company_id(self) -> int:
        """Return the legal entity."""
        return self.order.company_id

    @classmethod
    def by_number(cls, company_id: int, number: str) -> int | None:
        """Return the order with this number."""
        found = Order.objects.filter(company_id=company_id, number__iexact=number)
        return found.values_list("pk", flat=True).first()

    def amount(self) -> Decimal | None:
        """Return the gross amount."""
        return self.order.gross

    def initiator(self) -> int | None:
        """Return who submitted the order."""
        return self.order.submitted_by_id

    def party(self) -> str:
        """Return the customer's name."""
        return self.order.customer.name

    def replies(self) -> list[str]:
        """Return what is often said about an order."""
        return [_("Check the price again, please."), _("Pay first, please.")]

    def highlights(self) -> list[tuple[str, str]]:
        """Return the band where it is not ordinary; nothing warns of what was released."""
        order = self.order
        if order.credit_band in {CreditBand.STOP, CreditBand.OVER_SMALL} and order.credit_over:
            tone = "late" if order.credit_band == CreditBand.STOP else "soon"
            if tone == "late" and self._special() == SpecialStatus.APPROVED:
                tone = ""
            return [(_("over %(amount)s") % {"amount": f"{order.credit_over:,.2f}"}, tone)]
        return [(_("Paid first"), "")] if order.pays_first else []

    def batch_key(self) -> str:
        """Return equal keys for orders within the limit that nothing was cut from."""
        is_plain = self.order.credit_band == CreditBand.WITHIN and all(
            line.quantity == line.asked_quantity for line in self.lines
        )
        return "orders.within" if is_plain else ""

    def covered_content(self) -> dict[str, Any]:
        """Return what approvals cover; a cut by quota is the step's own result, not a change."""
        order = self.order
        asked = [
            {**row, "quantity": format(line.asked_quantity.normalize(), "f"), "gross": ""}
            for row, line in zip(lines_content(self.lines), self.lines, strict=True)
        ]
        return {
            "customer": order.customer.code,
            "ship_to": str(order.ship_to or order.ship_to_text),
            "pays_first": order.pays_first,
            "lines": asked,
        }

    def title(self, language: str) -> str:
        """Return "Order SO2611-0387"."""
        with override(language):
            return _("Order %(number)s") % {"number": self.order}

    def url(self) -> str:
        """Return the address of the order's page."""
        return reverse("orders:show", args=[self.order.pk])

    def may_view(self, actor: Actor) -> bool:
        """True when the order is within the actor's scope."""
        return can(actor, words.VIEW, self.order)

    def may_act(self, actor: Actor, step_code: str) -> bool:
        """True when the actor holds the right of the step's own act."""
        permission = words.STEP_RIGHTS.get(step_code)
        return permission is None or can(actor, permission, self.order)

    def missing_for(self, step_code: str, since: datetime) -> list[FieldIssue]:
        """Return the evidence that the order's own page writes before these steps are done."""
        texts = {
            "OA": _("Accept the order on its page; a memo may be added."),
            "WAY": _("Choose on the order's page how it shall go on."),
            "BG1": _("Print the delivery note on the order's page."),
            "BG2": _("Hand the note over on the order's page."),
        }
        if step_code not in texts or self._has_evidence(step_code, since):
            return []
        return [FieldIssue("", "evidence", texts[step_code], rule=step_code)]

    def act_url(self, step_code: str) -> str:
        """Return the form of the step; acts without one are buttons on the order's page."""
        forms = {"OA": "orders:accept", "BG2": "orders:hand_over"}
        if step_code in forms:
            return reverse(forms[step_code], args=[self.order.pk])
        return self.url()

    def _has_evidence(self, step_code: str, since: datetime) -> bool:
        order = self.order
        if step_code == "OA":
            return order.accepted_at is not None and order.accepted_at >= since
        if step_code == "WAY":
            return order.pays_first or special_open(order) is not None
        found = handovers_of(order.pk)
        if step_code == "BG2":
            return any(handover.received_at is not None for handover in found)
        return any(handover.printed_at >= since for handover in found)

    def progressed(self, place: Place) -> None:
        """Keep the seven letters of OP and the running step on the order."""
        letters = band_letters(place.states)
        order = self.order
        standing = Standing(place.step, place.due_at, place.pace, order.unit_id)
        band_set([order.pk], "op", letters, standing)


class AmendmentSubject(ProcessSubject):
    """A change of a released order."""

    fact_types: ClassVar[Mapping[str, FactType]] = {
        "gross": FactType("number", title=gettext_lazy("Amount after the change")),
        "difference": FactType("number", title=gettext_lazy("Difference")),
    }
    role_titles: ClassVar[Mapping[str, Any]] = _ROLES
    field_titles: ClassVar[Mapping[str, Any]] = _FIELDS

    def __init__(self, amendment: Amendment) -> None:
        self.amendment = amendment

    @classmethod
    def load(cls, subject_id: int) -> Self:
        """Return the amendment with its order."""
        found = Amendment.objects.select_related("order__customer", "order__company")
        amendment = found.filter(pk=subject_id).first()
        if amendment is None:
            raise NotFoundError
        return cls(amendment)

    @classmethod
    def locked(cls, subject_id: int) -> Self:
        """Lock the credit account, then the order, and return the amendment."""
        order = order_lock_with_account(cls.load(subject_id).amendment.order_id)
        amendment = Amendment.objects.get(pk=subject_id)
        amendment.order = order
        return cls(amendment)

    def renewed(self, subject_id: int) -> Self:
        """Return the amendment as it is now, with the act's object of the order."""
        amendment = Amendment.objects.get(pk=subject_id)
        amendment.order = self.order
        return type(self)(amendment)

    @property
    def order(self) -> Order:
        """Return the order that shall change."""
        return self.amendment.order

    def facts(self) -> dict[str, Any]:
        """Return the amounts after the change."""
        return {"gross": self.amendment.gross, "difference": self.amendment.difference}

    def responsible(self, role: str) -> list[int]:
        """The same people answer as for the order."""
        return order_responsible(self.order, role)

    def unit(self) -> int | None:
        """Return the order's unit."""
        return self.order.unit_id

    def company_id(self) -> int:
        """Return the legal entity."""
        return self.amendment.company_id

    @classmethod
    def by_number(cls, company_id: int, number: str) -> int | None:
        """Return the newest change of the order with this number."""
        found = Amendment.objects.filter(order__company_id=company_id, order__number__iexact=number)
        return found.order_by("-pk").values_list("pk", flat=True).first()

    def amount(self) -> Decimal | None:
        """Return the order's gross after the change."""
        return self.amendment.gross

    def initiator(self) -> int | None:
        """Return who asked for the change."""
        return self.amendment.asked_by_id

    def party(self) -> str:
        """Return the customer's name."""
        return self.order.customer.name

    def covered_content(self) -> dict[str, Any]:
        """Return the wanted content."""
        content: dict[str, Any] = self.amendment.content
        return content

    def title(self, language: str) -> str:
        """Return "Amendment 2 of order SO2611-0387"."""
        with override(language):
            return _("Amendment %(sequence)s of order %(number)s") % {
                "sequence": self.amendment.sequence,
                "number": self.order,
            }

    def url(self) -> str:
        """Return the address of the amendment's page."""
        return reverse("orders:amendment", args=[self.amendment.pk])

    def may_view(self, actor: Actor) -> bool:
        """True when the order is within the actor's scope."""
        return can(actor, words.VIEW, self.order)


def special_open(order: Order) -> SpecialTreatment | None:
    """Return the application that waits for a decision."""
    return order.specials.filter(status=SpecialStatus.OPEN).first()
