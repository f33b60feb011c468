"""The program and its pure model side by side: each act is done on both, then all is compared."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.errors import DomainError
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.modules.billing.models import Invoice
from chengdan.modules.credit.services import LimitRow, credit_limits_load
from chengdan.modules.people.services import company_lock
from chengdan.modules.quota.services import CellDraft, quota_cells_set
from chengdan.modules.shipping.models import DeliveryNote, Warehouse
from chengdan.modules.shipping.services import WarehouseDraft, warehouse_place
from tests.conftest import START
from tests.fixtures.play import differences
from tests.fixtures.shipping import make_depot
from tests.scenarios.both_sides.compare import disagreements
from tests.scenarios.pure_model.billing import Company
from tests.scenarios.pure_model.books import Customer
from tests.scenarios.pure_model.figures import BOTTLES, QUOTA_PRODUCT

QUOTA_PERIOD = (date(2026, 1, 1), date(2028, 12, 31))
CUSTOMERS = {"和兴": Customer(Decimal(60_000), 400), "桂香": Customer(Decimal(25_000), 150)}
WAREHOUSES = ("GZ", "SZ")


class DisagreeError(AssertionError):
    """The program does not do what the model says."""


class Sides:
    """One company, twice.

    Attributes:
        ids: kind of document → the program's ids, in the sequence of the model's documents.
        changes: order → id of its change that is being decided.
    """

    def __init__(self, house: Any) -> None:
        self.house = house
        self.model = Company(START.date(), deepcopy(CUSTOMERS), WAREHOUSES)
        self.ids: dict[str, list[int]] = {
            kind: [] for kind in ("orders", "notes", "papers", "invoices", "receipts")
        }
        self.changes: dict[int, int] = {}
        first = Warehouse.objects.get(pk=make_depot(house).warehouse_id)
        draft = WarehouseDraft(code="SZ", name="深圳仓", unit_id=first.unit_id)
        second = warehouse_place(actor=house.system, draft=draft)
        self.warehouses = dict(zip(WAREHOUSES, (first.pk, second.pk), strict=True))
        for code, customer in self.model.customers.items():
            self._customer(code, customer)
        outbox_drain(1000)

    def _customer(self, code: str, customer: Customer) -> None:
        house = self.house
        cell = CellDraft(
            *QUOTA_PERIOD,
            limit=Decimal(customer.quota * BOTTLES),
            product_id=house.products[QUOTA_PRODUCT],
            customer_id=house.customer(code, limit=customer.limit),
        )
        quota_cells_set(actor=house.system, company_id=house.company.pk, drafts=[cell])

    def copy(self) -> Any:
        """Return the same state again; acts on the copy leave this model alone."""
        made = copy(self)
        made.model, made.ids, made.changes = deepcopy((self.model, self.ids, self.changes))
        return made

    # ---------------------------------------------------------------------------------- acting
    @property
    def today(self) -> date:
        return self.model.today

    def pk(self, kind: str, document: Any) -> int:
        return self.ids[kind][document.number]

    def actor(self, seat: str) -> Any:
        return self.house.actor(seat)

    def both(self, refused: set[str], act: Callable[[], Any]) -> Any:
        """Do on the program's side what the model has done; return what the program returns.

        Args:
            refused: why the model refuses; the program must then name one of these reasons and
                leave everything as it was.

        Raises:
            DisagreeError: the program passes or refuses what it must not, or holds other figures.
        """
        self.model.promises_trim()
        return self.at_now(lambda: self._both(refused, act))

    def at_now(self, act: Callable[[], Any]) -> Any:
        with clock.at(START + (self.today - START.date())):
            return act()

    def _both(self, refused: set[str], act: Callable[[], Any]) -> Any:
        made = self._acted(refused, act)
        self._adopt()
        wrong = disagreements(self)
        if wrong:
            raise DisagreeError("\n".join(wrong))
        return made

    def _acted(self, refused: set[str], act: Callable[[], Any]) -> Any:
        before = _traces()
        try:
            made = act()
        except DomainError as error:
            said = _codes(error)
            if not said <= refused:
                raise DisagreeError(f"refused by {said}, not for {refused}: {error}") from error
            if _traces() != before:
                raise DisagreeError(f"refused by {said} and yet left something behind") from error
            return None
        if refused:
            raise DisagreeError(f"passes what must be refused: {refused}")
        return made

    def _adopt(self) -> None:
        """Take up the notes and invoices that the program made by itself."""
        customers = list(self.house.customers.values())
        for kind, model in (("notes", DeliveryNote), ("invoices", Invoice)):
            rows = model.objects.filter(customer_id__in=customers)
            if kind == "invoices":
                rows = rows.filter(kind="invoice")
            known = self.ids[kind]
            found = rows.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True)
            known += list(found)

    def verify(self) -> list[str]:
        """Return what `chengdan verify` says."""
        found: list[str] = self.at_now(differences)
        return found

    # ------------------------------------------------------------------------------- the company
    def limit(self, customer: str, limit: int) -> None:
        self.model.customers[customer].limit = Decimal(limit)
        rows = [LimitRow(self.house.customers[customer], Decimal(limit))]
        self.both(
            set(),
            lambda: credit_limits_load(actor=self.house.system, rows=rows, reason="machine"),
        )

    def close_books(self, days_ago: int) -> None:
        day = self.today - timedelta(days=days_ago)
        self.both(
            self.model.close_books(day),
            lambda: company_lock(
                actor=self.actor("administrator"),
                company_id=self.house.company.pk,
                lock_date=day,
                reason="月结",
            ),
        )

    def days_pass(self, days: int) -> None:
        self.model.today += timedelta(days=days)
        self.both(set(), lambda: None)

    def work_off(self) -> None:
        """Let the worker do all that waits."""
        self.model.work_off()
        self.both(set(), _drained)


def _codes(error: DomainError) -> set[str]:
    items = getattr(error, "items", None)
    return {item.code for item in items} if items else {error.code}


def _drained() -> None:
    outbox_drain(5000)
    failed = OutboxMessage.objects.exclude(error="").values_list("topic", "error")
    if failed:
        raise DisagreeError(f"the worker failed: {list(failed)}")


def _traces() -> tuple[int, int]:
    return AuditEntry.objects.count(), OutboxMessage.objects.count()
