"""Invoices, receipts and allocations over the API: success and refusal from one set-up."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from chengdan.kernel.transactions import unguarded
from chengdan.modules.billing.models import Receipt
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.people.models import RolePermission
from tests.fixtures.billing import BillingHouse

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/billing"


def client_of(billing: BillingHouse, key: str) -> Client:
    client = Client()
    client.force_login(apps.get_model("people.User").objects.get(pk=billing.house.people[key]))
    return client


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(
        f"{ROOT}{path}", body, content_type="application/json", headers=headers or None
    )


def test_request_and_issue(billing: BillingHouse) -> None:
    order = billing.order(10)
    csr, clerk = client_of(billing, "csr_billing"), client_of(billing, "finance_clerk")
    body = {"items": [{"order_id": order.pk, "line": 1, "quantity": "4"}]}
    made = post(csr, "/invoices", body)
    assert made.status_code == 201, made.content
    assert (Decimal(made.json()["gross"]), made.json()["step"]) == (40, "IA")
    too_many = {"items": [{"order_id": order.pk, "line": 1, "quantity": "7"}]}
    assert post(csr, "/invoices", too_many).status_code == 409
    pk = made.json()["id"]
    assert post(clerk, f"/invoices/{pk}/issue", {}).status_code == 409
    billing.approve(type("Row", (), {"pk": pk})())
    issued = post(clerk, f"/invoices/{pk}/issue", {})
    assert issued.status_code == 200, issued.content
    assert issued.json()["number"] == "IV2611-0001"
    listed = clerk.get(f"{ROOT}/invoices").json()["items"]
    assert [row["id"] for row in listed] == [pk]
    line = clerk.get(f"{ROOT}/invoices/{pk}").json()["lines"][0]
    assert Decimal(line["quantity"]) == 4


def test_receipt_is_registered_once_per_key_and_allocated(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    clerk = client_of(billing, "finance_clerk")
    body = {
        "customer_id": billing.customer_id, "amount": "60.00", "received_on": "2026-11-16",
        "account": "ICBC", "bank_reference": "T1",
    }  # fmt: skip
    key = {"Idempotency-Key": "one"}
    first, again = post(clerk, "/receipts", body, **key), post(clerk, "/receipts", body, **key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert post(clerk, "/receipts", body).status_code == 422
    pk = Receipt.objects.get().pk
    assert post(clerk, f"/receipts/{pk}/confirm", {}).status_code == 200
    parts = {"parts": [{"invoice_id": invoice.pk, "amount": "60"}]}
    used = post(clerk, f"/receipts/{pk}/allocate", parts)
    assert Decimal(used.json()["applied"]) == 60
    refused = post(clerk, f"/receipts/{pk}/allocate", parts)
    assert (refused.status_code, refused.json()["code"]) == (409, "billing_money")
    back = {"invoice_id": invoice.pk, "reason": "wrong"}
    freed = post(clerk, f"/receipts/{pk}/unallocate", back).json()
    assert Decimal(freed["unapplied"]) == 60
    rows = clerk.get(f"{ROOT}/receipts/{pk}/allocations").json()["items"]
    assert [Decimal(row["amount"]) for row in rows] == [-60, 60]


def test_receivables_are_read_only_where_the_ledger_is_open(billing: BillingHouse) -> None:
    """Seeing every customer opens no account of a customer outside the right to the ledger."""
    billing.posted(billing.order(10))
    ledger = RolePermission.objects.filter(role__code="csr", permission=rights.LEDGER)
    with unguarded():
        ledger.update(scope="own")
    client, pk = client_of(billing, "csr"), billing.customer_id
    assert client.get(f"/api/v1/customers/customers/{pk}").status_code == 200
    period = "first=2026-11-01&last=2026-11-30"
    assert client.get(f"{ROOT}/customers/{pk}/statement?{period}").status_code == 403
    assert client.get(reverse("billing:customer", args=[pk])).status_code == 403
    assert client.get(f"{ROOT}/aging").json()["items"] == []
    with unguarded():
        ledger.update(scope="all")
    found = client.get(f"{ROOT}/customers/{pk}/statement?{period}").json()
    assert Decimal(found["closing"]) == 100


def test_a_period_has_at_most_a_year(billing: BillingHouse) -> None:
    client = client_of(billing, "finance_clerk")
    address = f"{ROOT}/remittances?first=2025-11-16"
    assert client.get(f"{address}&last=2026-11-16").status_code == 200
    assert client.get(f"{address}&last=2026-11-17").status_code == 422
    assert client.get(f"{address}&last=2025-11-15").status_code == 422


def test_sales_person_is_refused(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    client = client_of(billing, "key_account_manager")
    assert client.get(f"{ROOT}/invoices/{invoice.pk}").status_code == 200
    assert post(client, f"/invoices/{invoice.pk}/reverse", {"reason": "x"}).status_code == 403
