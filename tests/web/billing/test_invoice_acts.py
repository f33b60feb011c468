"""What an invoice's pages let people do, and what they say after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.modules.billing.models import Invoice
from tests.fixtures.billing import BillingHouse, differences
from tests.fixtures.pages import sends

pytestmark = pytest.mark.django_db


def client_of(billing: BillingHouse, key: str) -> Client:
    client = Client()
    client.force_login(apps.get_model("people.User").objects.get(pk=billing.house.people[key]))
    return client


def address(name: str, invoice: Any) -> str:
    return reverse(f"billing:{name}", args=[invoice.pk])


def test_several_approved_requests_are_issued_each_for_itself(billing: BillingHouse) -> None:
    requests = [billing.requested(billing.order(boxes)) for boxes in (10, 20, 30)]
    for invoice in requests[:2]:
        billing.approve(invoice)
    clerk = client_of(billing, "finance_clerk")
    sent = {"ids": [invoice.pk for invoice in requests]}
    answer = clerk.post(reverse("billing:issue_many"), sent)
    assert answer.status_code == 302
    states = [Invoice.objects.get(pk=invoice.pk).status for invoice in requests]
    assert states == ["posted", "posted", "draft"]
    shown = clerk.get(reverse("billing:invoices"), {"_part": "totals"}).content.decode()
    assert "600.00" in shown
    assert differences() == []


def test_an_overdue_invoice_is_asked_for_and_says_what_came_of_it(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    with clock.at(clock.now() + timedelta(days=40)):
        clerk = client_of(billing, "finance_clerk")
        page = clerk.get(address("invoice", invoice)).content.decode()
        assert "100.00" in page
        collect = address("collect", invoice)
        assert collect in page
        promised = (clock.today() + timedelta(days=7)).isoformat()
        sent = {
            "kind": "call", "result": "promised", "contact": "罗先生", "promise_on": promised,
            "promise_amount": "60", "note": "月底前付清",
        }  # fmt: skip
        assert sends(clerk, collect, **{**sent, "promise_amount": "-1"}) == 422
        assert sends(clerk, collect, **sent) == 302
        page = clerk.get(address("invoice", invoice)).content.decode()
    for text in ("罗先生", "月底前付清", "60.00"):
        assert text in page, text


def test_a_request_is_dropped_and_an_invoice_taken_back_with_their_reasons(
    billing: BillingHouse,
) -> None:
    request, posted = billing.requested(billing.order(10)), billing.posted(billing.order(20))
    manager, requester = client_of(billing, "finance_manager"), client_of(billing, "csr_billing")
    assert sends(requester, address("cancel", request), reason="") == 422
    assert sends(requester, address("cancel", request), reason="抬头写错") == 302
    assert "抬头写错" in requester.get(address("invoice", request)).content.decode()
    back, day = address("reverse", posted), clock.today().isoformat()
    assert sends(manager, back, reason="退货", on="2020-01-01") == 422
    assert sends(manager, back, reason="退货", on=day) == 302
    page = manager.get(address("invoice", posted)).content.decode()
    credit = Invoice.objects.get(reversal_of=posted)
    assert "退货" in page
    assert address("invoice", credit) in page
    assert address("invoice", posted) in manager.get(address("invoice", credit)).content.decode()
    assert (credit.gross, credit.status) == (Decimal(-200), "settled")
    assert differences() == []
