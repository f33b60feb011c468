"""Planted secrets, asked for by programs, files, papers and bulk acts: nothing comes out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.fixtures import matrix_documents as documents
from tests.fixtures.people_matrix import Matrix, Place

ROLE = "region_manager"
# What reports ask for.
PERIOD = {"first": "2026-11-01", "last": "2026-11-30"}
# What the ids in an address mean, by the word before them.
MAKERS = {
    "orders": documents.order,
    "notes": documents.note,
    "invoices": documents.invoice,
    "receipts": documents.receipt,
    "customers": documents.customer,
    "accounts": documents.customer,
    "amendments": documents.amendment,
}
LISTS = ("orders:list", "customers:list", "shipping:list", "billing:invoices", "billing:receipts",
         "credit:list", "process:problems", "people:user_list")  # fmt: skip


@pytest.fixture
def secrets(matrix: Matrix) -> dict[Place, str]:
    """Rows of every kind in a sister unit, in the unit above, and in another company."""
    cache.clear()
    places = [matrix.place(letter, ROLE) for letter in "spx"]
    for place in places:
        documents.everything_make(matrix, place)
    own = matrix.place("u", ROLE)
    documents.everything_make(matrix, own)
    return {place: documents.mark_of(place) for place in places}


@pytest.fixture
def reader(matrix: Matrix) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(matrix.holders[ROLE])
    return client


def reads(reader: Client) -> Iterator[str]:
    schema = reader.get("/api/v1/openapi.json").json()
    for path, operations in schema["paths"].items():
        if "get" in operations:
            yield path


def test_the_api_answers_only_what_is_open(
    matrix: Matrix, reader: Client, secrets: dict[Place, str]
) -> None:
    seen, wrong = 0, []
    own = documents.mark_of(matrix.place("u", ROLE))
    for path in reads(reader):
        names = re.findall(r"([\w-]+)/\{", path)
        if not names:
            text = reader.get(path, {"limit": 200, **PERIOD}).content.decode()
            seen += own in text
            wrong += [f"{path}: {mark}" for mark in secrets.values() if mark in text]
            continue
        for place, mark in secrets.items():
            make = MAKERS.get(names[0])
            pk = make(matrix, place).pk if make else 1
            answer = reader.get(re.sub(r"\{\w+\}", str(pk), path), PERIOD)
            wrong += [f"{path}: {mark}"] * (mark in answer.content.decode())
            if make:
                # 403 says only that the reader lacks the right, whatever the id.
                wrong += [f"{path}: {answer.status_code}"] * (answer.status_code not in (403, 404))
    assert wrong == []
    assert seen >= 4  # what is open is there, so that the marks mean something


def test_exports_hold_only_what_is_open(
    matrix: Matrix, reader: Client, secrets: dict[Place, str]
) -> None:
    wrong, seen = [], 0
    own = documents.mark_of(matrix.place("u", ROLE))
    for name in LISTS:
        for form in ("csv", "xlsx"):
            answer = reader.get(reverse(name), {"part": "export", "format": form, "view": "all"})
            text = text_of(b"".join(answer) if answer.streaming else answer.content)
            seen += own in text
            wrong += [f"{name} {form}: {mark}" for mark in secrets.values() if mark in text]
    assert wrong == []
    assert seen >= 4


def text_of(data: bytes) -> str:
    """Return the text of a file; of a spreadsheet that of all its parts."""
    if data[:2] != b"PK":
        return data.decode(errors="replace")
    with zipfile.ZipFile(BytesIO(data)) as book:
        return "".join(book.read(name).decode(errors="replace") for name in book.namelist())


def test_search_and_papers_of_foreign_documents_are_not_there(
    matrix: Matrix, reader: Client, secrets: dict[Place, str]
) -> None:
    own = documents.mark_of(matrix.place("u", ROLE))
    found = reader.get(reverse("search"), {"q": own[:-1]}).content.decode()
    assert own in found
    for place, mark in secrets.items():
        page = reader.get(reverse("search"), {"q": mark[:-1]}).content.decode()
        assert mark not in page
        for name, make in (
            ("orders:paper", documents.order), ("shipping:print", documents.note),
            ("billing:print", documents.invoice),
        ):  # fmt: skip
            answer = reader.get(reverse(name, args=[make(matrix, place).pk]))
            assert (name, answer.status_code) == (name, 404)


BULK: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("customers:activate_many", "market_manager", documents.customer, {}),
    ("customers:hand_over_many", "market_manager", documents.customer, {}),
    ("orders:accept_many", "csr", documents.order, {}),
    ("billing:issue_many", "finance_clerk", documents.invoice, {}),
    ("billing:confirm_many", "finance_clerk", documents.receipt, {}),
]


@pytest.mark.parametrize(("name", "role", "make", "more"), BULK)
def test_a_bulk_act_with_one_foreign_id_is_refused_whole(
    matrix: Matrix, name: str, role: str, make: Any, more: dict[str, Any]
) -> None:
    cache.clear()
    own, foreign = (make(matrix, matrix.place(letter, role)) for letter in "ux")
    client = Client(raise_request_exception=False)
    client.force_login(matrix.holders[role])
    entries = apps.get_model("kernel.AuditEntry").objects
    before = entries.count()
    answer = client.post(reverse(name), {"ids": [own.pk, foreign.pk], **more})
    assert answer.status_code == 404
    assert entries.count() == before
    version = type(own).objects.values_list("version", flat=True).get(pk=own.pk)
    assert version == own.version


def test_a_hand_over_with_one_foreign_customer_moves_none(matrix: Matrix) -> None:
    """The ids of the second page come from the browser and are looked at again."""
    role = "market_manager"
    own, foreign = (documents.customer(matrix, matrix.place(at, role)) for at in "ux")
    client = Client(raise_request_exception=False)
    client.force_login(matrix.holders[role])
    taker = matrix.holders["key_account_manager"].pk
    data = {"chosen": f"{own.pk},{foreign.pk}", "owner": taker, "to": taker, "reason": "调整"}
    answer = client.post(reverse("customers:hand_over_many"), data)
    assert answer.status_code < 500
    owner = type(own).objects.values_list("owner_id", flat=True).get(pk=own.pk)  # type: ignore[attr-defined]
    assert owner == own.owner_id  # type: ignore[attr-defined]
