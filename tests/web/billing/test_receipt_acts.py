"""What a receipt's page lets finance do with its money, sent as a browser sends it."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from chengdan.kernel.errors import InvalidError
from chengdan.kernel.outbox import outbox_drain
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.services import Part, receipt_allocate, receipt_earmark
from chengdan.modules.process.selectors import open_task_for, step_open
from chengdan.modules.process.services import task_decide
from tests.fixtures.billing import BillingHouse, differences
from tests.fixtures.pages import sends

D = Decimal


@pytest.fixture
def clerk(billing: BillingHouse) -> Client:
    return client_of(billing, "finance_clerk")


def client_of(billing: BillingHouse, key: str) -> Client:
    client = Client()
    client.force_login(apps.get_model("people.User").objects.get(pk=billing.house.people[key]))
    return client


def money_of(receipt: Receipt) -> tuple[Decimal, Decimal, Decimal]:
    receipt.refresh_from_db()
    return receipt.unapplied, receipt.earmarked, receipt.applied


def test_money_is_set_aside_and_given_back(billing: BillingHouse, clerk: Client) -> None:
    order, receipt = billing.order(10), billing.money(80)
    aside = reverse("billing:earmark", args=[receipt.pk])
    assert sends(clerk, aside, order_id=order.pk, amount="81") == 422
    assert sends(clerk, aside, order_id=order.pk, amount="70") == 302
    assert money_of(receipt) == (10, 70, 0)
    shown = clerk.get(reverse("billing:receipt", args=[receipt.pk])).content.decode()
    back = reverse("billing:unearmark", args=[receipt.pk, order.pk])
    assert order.number in shown
    assert back in shown
    assert sends(clerk, back, reason="") == 422
    assert sends(clerk, back, reason="客户改单") == 302
    assert money_of(receipt) == (80, 0, 0)
    assert differences() == []


def test_an_allocation_and_a_receipt_are_taken_back(billing: BillingHouse, clerk: Client) -> None:
    invoice, receipt = billing.posted(billing.order(10)), billing.money(100)
    receipt_allocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(invoice.pk, D(100))],
    )  # fmt: skip
    manager, day = client_of(billing, "finance_manager"), receipt.received_on.isoformat()
    back = reverse("billing:receipt_reverse", args=[receipt.pk])
    free = reverse("billing:unallocate", args=[receipt.pk, invoice.pk])
    assert sends(manager, back, reason="退票", on=day) == 409
    assert sends(clerk, free, reason="错核") == 302
    assert money_of(receipt) == (100, 0, 0)
    assert sends(manager, back, reason="退票", on="2020-01-01") == 422
    assert sends(manager, back, reason="退票", on=day) == 302
    assert money_of(receipt) == (0, 0, 0)
    assert differences() == []


def test_money_set_aside_pays_one_invoice_after_the_other(billing: BillingHouse) -> None:
    order, receipt = billing.order(10, delivered=False), billing.money(100)
    receipt_earmark(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk, order_id=order.pk,
        amount=D(100),
    )  # fmt: skip
    seen = []
    for boxes in (6, 4):
        billing.deliver(order, boxes)
        invoice = billing.posted(order)
        outbox_drain(1000)
        invoice.refresh_from_db()
        seen.append((invoice.gross, invoice.status, *money_of(receipt)))
    assert seen == [(60, "settled", 0, 40, 60), (40, "settled", 0, 0, 100)]
    assert differences() == []


def test_an_invoice_is_not_signed_for_from_the_inbox(billing: BillingHouse) -> None:
    """Who signed at the customer is known to a person only, so the step leads to its page."""
    invoice = billing.posted(billing.order(10))
    who = "csr_billing"
    task = open_task_for("billing.invoice", invoice.pk, "IV2", billing.actor(who))
    assert task is not None
    with pytest.raises(InvalidError):
        task_decide(actor=billing.actor(who), task_id=task.pk, decision="approve")
    client = client_of(billing, who)
    page = reverse("billing:deliver", args=[invoice.pk])
    inbox = client.get(reverse("process:task", args=[task.pk])).content.decode()
    assert page in inbox
    sent = {"signed_by": "罗先生", "delivered_on": invoice.invoice_on.isoformat(), "how": "送达"}
    values = client.get(page).context["form_page"].values
    assert client.post(page, {**values, **sent}).status_code == 302
    assert step_open("billing.invoice", invoice.pk) == "RC"
    assert Invoice.objects.get(pk=invoice.pk).signed_by == "罗先生"
