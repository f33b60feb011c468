"""What histories say: titles for fields, names for ids, labels for codes, in every room."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel.audit import AuditView, audit_history
from chengdan.kernel.audit.fields import audited_kinds, field_title
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.audit.selectors import entry_views
from chengdan.modules.orders.models import Order
from chengdan.modules.people.models import Position, Role
from tests.conftest import START
from tests.fixtures.busy import Busy, make_full
from tests.worlds import world

RAW = re.compile(r"[a-z]+_[a-z_]+|\b[a-z]+\.[a-z]+\b")
# Texts in which people or machines write what they like.
FREE = re.compile(r"(digest|pattern|code|username|email|account|query|sha256|name)$")


@pytest.fixture
def full(db: None, frozen_clock: Any) -> Busy:
    return world(make_full)


def views() -> Iterable[AuditView]:
    return entry_views(AuditEntry.objects.exclude(target_type__startswith="toys.").order_by("pk"))


def test_the_histories_of_a_company_hold_titles_and_words_alone(full: Busy) -> None:
    with override("zh-hans"):
        kinds = {code for code, _title in audited_kinds()}
        found = list(views())
        assert {view.target_type for view in found} <= kinds
        named = {view.document for view in found if view.target_type != "kernel.comment"}
        assert {document for document in named if RAW.search(document)} == set()
        changes = [(view, *change) for view in found for change in view.changes]
        assert {(view.target_type, name) for view, name, *_values in changes
                if view.title_of(name) == name} == set()  # fmt: skip
        shown = {
            (view.target_type, name, text)
            for view, name, *values in changes
            for text in (view.text_of(name, value) for value in values)
            if not FREE.search(name) and RAW.search(text)
        }
    assert shown == set()


def test_ids_are_read_as_names(full: Busy) -> None:
    order = Order.objects.get(pk=full.orders["released"])
    assert order.csr is not None
    with override("zh-hans"):
        submitted = next(view for view in audit_history(order) if "csr" in view.after)
        assert f"客服 CSR: {order.csr.display_name}" in submitted.change_texts
        seat = Position.objects.filter(reports_to__isnull=False).first() or Position.objects.first()
        assert seat is not None
        made = audit_history(seat)[-1]
        assert made.text_of("role", seat.role.code) == seat.role.title
        assert made.text_of("unit", seat.unit_id) == seat.unit.name
        assert made.text_of("reports_to", seat.pk) == f"{seat.unit} {seat.role.title}"
        assert made.text_of("user", 10**9) == f"#{10**9}"
        rights = audit_history(Role.objects.get(code="csr"))[-1]
        assert rights.title_of("orders.order:view") == "查看订单"
        assert rights.text_of("orders.order:view", "all") == "全部"
        assert submitted.text_of("source", f"orders.order {order.pk}") == f"订单 {order.number}"
        assert submitted.text_of("source", "no.such 5") == "no.such 5"


@pytest.mark.django_db
def test_only_the_rows_that_differ_are_shown() -> None:
    row = {"number": 1, "quantity": "10"}
    view = AuditView(
        1, START, "", "", None, "", None, "web", "", "",
        {"lines": [row, {**row, "number": 2}]},
        {"lines": [row, {**row, "number": 2, "quantity": "12.5"}]}, {}, "", "orders.order", 1,
    )  # fmt: skip
    with override("en"):
        assert view.change_texts == ["Lines: No. 2 · Quantity 10 → No. 2 · Quantity 12.5"]


def test_amounts_that_stand_beside_the_fields_of_a_document_are_read_as_amounts(
    full: Busy,
) -> None:
    order = Order.objects.get(pk=full.orders["released"])
    checked = next(view for view in audit_history(order) if "exposure" in view.after)
    assert checked.text_of("exposure", "67240") == "67,240.00"
    assert checked.text_of("over", "12.5") == "12.50"


def test_names_are_read_once_for_all_entries(full: Busy) -> None:
    entries = list(AuditEntry.objects.filter(target_type="orders.order").order_by("pk"))
    assert len(entries) > 10
    counts = []
    for count in (5, len(entries)):
        with CaptureQueriesContext(connection) as captured:
            for view in entry_views(entries[:count]):
                assert view.change_texts is not None
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 3


def test_audit_trail_and_lists_are_exported_as_they_are_shown(full: Busy) -> None:
    client = Client()
    client.force_login(full.user("administrator"))
    page = client.get(reverse("audit:list"), {"what": "orders.order"}).content.decode()
    assert "SO2611-" in page
    assert "orders.order " not in page
    assert "自动" in page
    answer = client.get(reverse("audit:list"), {"_part": "export", "format": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "SO2611-" in text
    # What a list attaches to the rows of its page stands in the file, too.
    answer = client.get(reverse("people:user_list"), {"_part": "export", "format": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    clerk = full.user("order_clerk")
    line = next(line for line in text.splitlines() if line.startswith(clerk.display_name))
    assert "订单员" in line


def test_an_unknown_field_is_called_by_its_name() -> None:
    with override("en"):
        assert field_title("no.such", "some_thing") == "some_thing"
