"""Who may do what where: the committed table, the permission function and the pages agree.

`permission_matrix.csv` is reviewed by hand: a row per permission, a column per role, a cell with
the letters of the places (tests/fixtures/people_matrix.py); "+" stands for a right without rows.
Make it anew with CHENGDAN_MATRIX_WRITE=1 and read every changed cell before committing.
"""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse

from chengdan.kernel.permissions import Permission, permissions_all
from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.access import can
from chengdan.modules.people.services.shipped import (
    permissions_unheld,
    shipped_role_codes,
    shipped_scopes,
)
from tests.contract.addresses import Address, addresses
from tests.fixtures.people_matrix import PLACES, Matrix, maker_of, stand_in

TABLE = Path(__file__).with_name("permission_matrix.csv")
NOT_ALLOWED = {403, 404}
# Permissions that no shipped role holds on purpose: an administrator grants them by name.
UNHELD: set[str] = set()


def _cell(matrix: Matrix, item: Permission, role: str) -> str:
    actor = matrix.actor(role)
    if not can(actor, item.code):
        return ""
    if not item.model:
        return "+"
    model = apps.get_model(item.model)
    return "".join(
        letter
        for letter in PLACES
        if can(actor, item.code, stand_in(model, matrix.place(letter, role)))
    )


def _found(matrix: Matrix) -> dict[str, dict[str, str]]:
    declared = sorted(permissions_all(), key=lambda item: item.code)
    return {
        item.code: {role: _cell(matrix, item, role) for role in shipped_role_codes()}
        for item in declared
    }


def _written() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("permission"): row for row in csv.DictReader(file)}


def _text(found: dict[str, dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["permission", *shipped_role_codes()])
    for code, cells in found.items():
        writer.writerow([code, *cells.values()])
    return out.getvalue()


def _differences(
    written: dict[str, dict[str, str]], found: dict[str, dict[str, str]]
) -> Iterator[str]:
    for code in sorted({*written, *found}):
        if code not in found:
            yield f"{code}: in the table, but no longer declared"
            continue
        for role, cell in found[code].items():
            known = written.get(code, {}).get(role)
            if known != cell:
                yield f"{code} {role}: table {known!r}, found {cell!r}"


@pytest.mark.requirement("ADM-04", partly="by right; reports come later")
def test_the_permission_function_gives_what_the_table_says(matrix: Matrix) -> None:
    found = _found(matrix)
    if os.environ.get("CHENGDAN_MATRIX_WRITE") == "1":
        TABLE.write_text(_text(found), encoding="utf-8")
    differences = list(_differences(_written(), found))
    hint = "read each change; write the table anew with CHENGDAN_MATRIX_WRITE=1"
    assert differences == [], hint


def test_a_changed_cell_is_found() -> None:
    written = {"a.b:c": {"csr": "mu"}}
    assert list(_differences(written, {"a.b:c": {"csr": "m"}}))
    assert list(_differences(written, {"a.b:c": {"csr": "mu"}})) == []
    assert list(_differences(written, {}))


def test_every_permission_is_held_by_some_role() -> None:
    assert set(permissions_unheld()) == UNHELD, "complete people/shipped/roles.yaml"


def test_roles_name_only_declared_permissions() -> None:
    named = {code for role in shipped_role_codes() for code in shipped_scopes(role)}
    assert named - {item.code for item in permissions_all()} == set()


# Duties that no one role holds both of: hidden theft, fictitious sales, rights given to oneself.
APART = [
    ({"orders.order:create", "orders.order:import"}, {
        "shipping.note:confirm", "shipping.note:dispatch", "shipping.stock:count",
        "billing.invoice:issue", "billing.invoice:reverse", "billing.receipt:allocate",
        "credit.limit:approve", "credit.limit:load", "credit.shortfall:release",
        "catalog.price:edit", "catalog.authority:edit", "quota.cell:edit",
    }),
    ({"billing.receipt:allocate", "billing.receipt:register"}, {
        "billing.invoice:reverse", "billing.receipt:reverse", "billing.invoice:approve",
    }),
    ({"shipping.note:pick", "shipping.stock:count"}, {
        "billing.invoice:issue", "billing.invoice:reverse", "shipping.note:confirm",
    }),
    ({"people.grant:edit", "people.role:edit", "process.definition:publish"}, {
        "orders.order:create", "orders.order:accept", "credit.limit:approve",
        "billing.invoice:approve", "billing.receipt:register", "shipping.note:dispatch",
    }),
]  # fmt: skip
READS = {"view", "export", "explain", "rights", "view_all"}
OF_ONESELF = {"kernel.token:own", "people.deputy:name"}


def test_no_role_holds_duties_that_belong_apart() -> None:
    wrong = [
        (role, sorted(held & one), sorted(held & other))
        for role in shipped_role_codes()
        for held in [set(shipped_scopes(role))]
        for one, other in APART
        if held & one and held & other
    ]
    assert wrong == []


def test_the_auditor_only_reads() -> None:
    acts = {code for code in shipped_scopes("auditor") if code.split(":")[1] not in READS}
    assert acts <= OF_ONESELF


def test_the_administrator_holds_no_right_over_business_documents() -> None:
    business = ("orders.", "billing.", "credit.", "quota.", "customers.", "shipping.note")
    assert not [code for code in shipped_scopes("administrator") if code.startswith(business)]


def _status(client: Client, url: str) -> int:
    """Answer of the page; whatever a POST did is taken back."""
    with transaction.atomic(), unguarded():
        answer = client.get(url)
        if answer.status_code == 405:
            answer = client.post(url, {})
        transaction.set_rollback(True)
    return answer.status_code


def _classes(matrix: Matrix, item: Permission) -> list[str]:
    """Return one role per different row of the table: the others would be answered alike."""
    first: dict[str, str] = {}
    for role in shipped_role_codes():
        first.setdefault(_cell(matrix, item, role), role)
    return list(first.values())


def _visits(matrix: Matrix, address: Address, role: str) -> Iterator[tuple[str, bool]]:
    """Yield (url, whether it must open) of an address for a role."""
    actor, permission = matrix.actor(role), address.view.permission
    if not address.arguments:
        yield reverse(address.name), can(actor, permission)
        return
    maker = maker_of(address.name)
    if maker is None or address.arguments != ("pk",):
        if not can(actor, permission):
            yield reverse(address.name, args=["0" for _name in address.arguments]), False
        return
    for letter in PLACES:
        obj = maker(matrix, matrix.place(letter, role))
        yield reverse(address.name, args=[obj.pk]), can(actor, permission, obj)


def _checked() -> list[Address]:
    names = {item.code for item in permissions_all()}
    return [item for item in addresses() if getattr(item.view, "permission", None) in names]


@pytest.mark.long
@pytest.mark.parametrize("room", sorted({item.name.split(":")[0] for item in _checked()}))
def test_pages_open_exactly_where_the_table_says(matrix: Matrix, room: str, client: Client) -> None:
    declared = {item.code: item for item in permissions_all()}
    wrong = []
    for address in _checked():
        if address.name.split(":")[0] != room:
            continue
        for role in _classes(matrix, declared[address.view.permission]):
            client.force_login(matrix.holders[role])
            for url, must_open in _visits(matrix, address, role):
                status = _status(client, url)
                if (status not in NOT_ALLOWED) is not must_open:
                    wrong.append(f"{role} {url} ({address.name}): {status}, open={must_open}")
    assert wrong == []
