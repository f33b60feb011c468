"""Any sequence of acts keeps the credit ledger equal to a pure model of orders and receipts."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengdan.modules.credit.selectors import credit_prepayment, totals_of
from chengdan.modules.credit.services import (
    Bucket,
    Move,
    OverLimitError,
    Source,
    credit_earmark,
    credit_free,
    credit_post,
    credit_reserve,
    credit_unearmark,
)
from chengdan.modules.credit.verification import verify_accounts, verify_releases
from tests.fixtures.credit import INVOICE, ORDER, RECEIPT

D = Decimal
NOTHING, LIMIT = D(0), D(1000)
VERBS = ["reserve", "first", "free", "deliver", "invoice", "receive", "earmark", "unmark", "pay"]
steps = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(1, 3), st.integers(1, 900)), max_size=14
)
numbers = iter(range(1, 10**9))


@dataclass
class Order:
    """The model of one order: where its money stands."""

    open: Decimal = NOTHING
    delivered: Decimal = NOTHING
    invoiced: Decimal = NOTHING
    earmarked: Decimal = NOTHING
    promised: Decimal = NOTHING
    is_first: bool = False

    @property
    def owed(self):
        return self.open + self.delivered + self.invoiced

    @property
    def covered(self):
        return max(D(0), min(self.owed, self.earmarked + self.promised))

    def promise(self, added=NOTHING):
        """Promise what is missing of goods still here, at most so much more than before."""
        most = max(D(0), min(self.open, self.owed - self.earmarked))
        self.promised = min(self.promised + added, most)


class Model:
    """Plain arithmetic beside the ledger; every act goes to both."""

    def __init__(self, house, customer):
        self.who = {"actor": house.actor, "customer_id": customer}
        self.customer = customer
        self.base = next(numbers) * 10
        self.orders = {number: Order() for number in (1, 2, 3)}
        self.unapplied = D(0)
        self.receipt = Source(RECEIPT, self.base)

    def source(self, number):
        return Source(ORDER, self.base + number)

    @property
    def exposure(self):
        return sum(o.owed - o.covered for o in self.orders.values()) - self.unapplied

    def post(self, *moves):
        credit_post(**self.who, moves=[Move(*move) for move in moves], reason="machine")

    def reserve(self, number, amount, *, first=False):
        order = self.orders[number]
        before, was = self.exposure, (order.open, order.promised, order.is_first)
        order.open, order.promised = amount, NOTHING
        if first:
            order.promise(amount)
        allowed = self.exposure <= before or self.exposure <= LIMIT
        order.is_first = order.is_first or (allowed and (first or order.promised > 0))
        if not allowed:
            order.open, order.promised, order.is_first = was
        try:
            credit_reserve(**self.who, source=self.source(number), amount=amount, pays_first=first)
        except OverLimitError:
            assert not allowed
        else:
            assert allowed

    def first(self, number, amount):
        self.reserve(number, amount, first=True)

    def free(self, number, amount):
        order = self.orders[number]
        freed = credit_free(**self.who, source=self.source(number))
        assert freed == order.open
        order.open = order.promised = D(0)

    def deliver(self, number, amount):
        order = self.orders[number]
        part = min(amount, order.open)
        order.open -= part
        order.delivered += part
        order.promise()
        source = self.source(number)
        self.post((Bucket.OPEN, -part, source), (Bucket.TO_INVOICE, part, source))

    def invoice(self, number, amount):
        order = self.orders[number]
        part = min(amount, order.delivered)
        order.delivered -= part
        order.invoiced += part
        source, invoice = self.source(number), Source(INVOICE, self.base + number)
        self.post((Bucket.TO_INVOICE, -part, source), (Bucket.RECEIVABLE, part, invoice, source))

    def receive(self, number, amount):
        self.unapplied += amount
        self.post((Bucket.UNAPPLIED, amount, self.receipt))

    def _mark(self, verb, number, amount):
        verb(**self.who, receipt=self.receipt, order=self.source(number), amount=amount)

    def earmark(self, number, amount):
        order, part = self.orders[number], min(amount, self.unapplied)
        if part:
            self.unapplied -= part
            order.earmarked += part
            order.promised -= min(order.promised, part)
            self._mark(credit_earmark, number, part)

    def unmark(self, number, amount):
        order = self.orders[number]
        part = min(amount, order.earmarked)
        if part:
            order.earmarked -= part
            self.unapplied += part
            if order.is_first:
                order.promise(part)
            self._mark(credit_unearmark, number, part)

    def pay(self, number, amount):
        order = self.orders[number]
        part = min(amount, order.invoiced, self.unapplied)
        order.invoiced -= part
        order.promise()
        self.unapplied -= part
        invoice = Source(INVOICE, self.base + number)
        self.post((Bucket.RECEIVABLE, -part, invoice), (Bucket.UNAPPLIED, -part, self.receipt))

    def check(self):
        totals, orders = totals_of(self.customer), self.orders.values()
        assert totals.open == sum(o.open for o in orders)
        assert totals.to_invoice == sum(o.delivered for o in orders)
        assert totals.receivable == sum(o.invoiced for o in orders)
        assert totals.earmarked == sum(o.earmarked for o in orders)
        assert totals.promised == sum(o.promised for o in orders)
        assert totals.covered == sum(o.covered for o in orders)
        assert (totals.unapplied, totals.exposure) == (self.unapplied, self.exposure)
        for number, order in self.orders.items():
            missing = credit_prepayment(self.source(number)).missing
            assert missing == min(order.promised, max(D(0), order.owed - order.earmarked))


@pytest.mark.requirement("CRD-09", partly="documents are named by the rooms that own them")
def test_any_sequence_of_acts_equals_the_model(credit_house, frozen_clock):
    @settings(deadline=None)
    @given(steps=steps)
    def run(steps):
        customer = credit_house.customer(f"M{next(numbers)}", limit=LIMIT)
        model = Model(credit_house, customer)
        for verb, number, amount in steps:
            getattr(model, verb)(number, D(amount))
            model.check()

    run()
    assert [*verify_accounts(), *verify_releases()] == []
