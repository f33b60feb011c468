"""What a list gives away as a file is words and figures, never what the page draws with."""

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from chengdan.kernel.ui.listing import ListPage
from tests.contract.addresses import Address, addresses
from tests.fixtures.busy import make_full
from tests.worlds import world

_MARKUP = re.compile(r"</?[a-z]+[\s/>]")
# Together they may take every list away.
READERS = (
    "auditor", "finance_manager", "shipping_coordinator", "ssg_leader", "market_department",
    "administrator",
)  # fmt: skip


def faults_of(name: str, text: str) -> list[str]:
    """Return the cells of a CSV file that carry markup."""
    head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    cells = [(title, cell) for row in rows for title, cell in zip(head, row, strict=True)]
    return [f"{name}, {title}: {cell}" for title, cell in cells if _MARKUP.search(cell)]


def _lists() -> list[Address]:
    found = [item for item in addresses() if hasattr(item.view, "view_class")]
    return [item for item in found if issubclass(item.view.view_class, ListPage)]


def _address(item: Address, customer_id: int) -> str:
    assert item.arguments in ((), ("customer_id",)), item
    return reverse(item.name, args=[customer_id] if item.arguments else [])


@pytest.mark.long
@pytest.mark.django_db
def test_no_exported_cell_carries_markup(frozen_clock: Any, client: Client) -> None:
    busy, wrong, unread = world(make_full), [], []
    customer_id = busy.house.customers["和兴"]
    for item in _lists():
        for role in READERS:
            client.force_login(busy.user(role))
            answer = client.get(_address(item, customer_id), {"_part": "export", "format": "csv"})
            if answer.status_code == 200:
                wrong += faults_of(item.name, b"".join(answer).decode())  # type: ignore[call-overload]
                break
        else:
            unread.append(item.name)
    assert (wrong, unread) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("ssg_leader", "orders:list"), ("ssg_leader", "customers:list"),
        ("finance_manager", "billing:invoices"), ("shipping_coordinator", "shipping:list"),
    ],
)  # fmt: skip
def test_a_workbook_holds_what_the_text_file_holds(
    frozen_clock: Any, client: Client, role: str, name: str
) -> None:
    busy = world(make_full)
    client.force_login(busy.user(role))
    files = {
        kind: b"".join(client.get(reverse(name), {"_part": "export", "format": kind}))  # type: ignore[call-overload]
        for kind in ("csv", "xlsx")
    }
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"]))
    sheet = book.get_sheet_by_index(0).to_python()
    text = list(csv.reader(io.StringIO(files["csv"].decode().removeprefix("\ufeff"))))
    assert len(text) > 1
    assert ([str(cell) for cell in sheet[0]], len(sheet)) == (text[0], len(text))
    assert [row[0] for row in sheet[1:]] == [row[0] for row in text[1:]]


def test_markup_in_a_cell_is_found() -> None:
    assert faults_of("x", '\ufeffUsed\r\n"<svg class=""bar""></svg>"\r\n')
    assert faults_of("x", "\ufeffUsed\r\n< 3 and > 2\r\n") == []
