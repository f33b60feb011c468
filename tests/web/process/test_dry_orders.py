"""The dry run of each shipped process on a real document of its kind."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel.audit.models import AuditEntry
from chengdan.modules.billing.models import Invoice
from chengdan.modules.orders.models import Order
from chengdan.modules.shipping.models import DeliveryNote
from tests.fixtures.busy import Busy, make_full
from tests.worlds import world


@pytest.fixture
def full(db: None, frozen_clock: Any) -> Busy:
    return world(make_full)


def steps(busy: Busy, who: str, code: str, number: str) -> list[dict[str, Any]] | None:
    """Return the steps that the page foresees; None when it knows no such document."""
    client = Client()
    client.force_login(busy.user(who))
    answer = client.get(reverse("process:process_dry_run", args=[code]), {"document": number})
    assert answer.status_code == 200
    found: list[dict[str, Any]] | None = answer.context["steps"]
    return found


def test_every_process_foresees_its_documents_and_writes_nothing(full: Busy) -> None:
    stopped = Order.objects.get(pk=full.orders["stopped"])
    within = Order.objects.get(pk=full.orders["within"])
    changed = Order.objects.filter(amendments__isnull=False).first()
    note = DeliveryNote.objects.order_by("pk").first()
    invoice = Invoice.objects.exclude(number="").first()
    assert changed
    assert note
    assert invoice
    before = AuditEntry.objects.count()
    for code, document in (
        ("op", stopped), ("op", within), ("order_amendment", changed), ("sp", note),
        ("bc", invoice), ("bc_reopened", invoice),
    ):  # fmt: skip
        found = steps(full, "general_manager", code, document.number.lower())
        assert found, code
        assert any(step["people"] for step in found) or code == "bc_reopened", code
    assert AuditEntry.objects.count() == before


def test_what_credit_would_say_decides_the_way(full: Busy) -> None:
    ways = {}
    for name in ("stopped", "within"):
        order = Order.objects.get(pk=full.orders[name])
        found = steps(full, "general_manager", "op", order.number) or []
        ways[name] = {step["code"]: step["state"] for step in found}
    assert (ways["stopped"]["WAY"], ways["within"]["WAY"]) == ("", "idle")


def test_a_document_that_is_not_open_to_the_reader_is_unknown(full: Busy) -> None:
    order = Order.objects.get(pk=full.orders["within"])
    assert steps(full, "general_manager", "op", "SO0000-0000") is None
    assert steps(full, "administrator", "op", order.number) is None
