"""Planted secrets: nobody sees a byte of a document that the permission function closes to them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from chengdan.modules.people.access import can
from tests.contract.addresses import addresses
from tests.fixtures import matrix_documents as documents
from tests.fixtures.people_matrix import Matrix, Place, maker_of

# Who leads a part of the field force, who reads one kind everywhere, who reads everything.
FIELD = ("region_manager", "order_clerk", "sales_rep")
CENTRAL = ("warehouse_keeper", "csr", "auditor", "administrator")
KINDS = (
    ("customers.customer:view", documents.customer),
    ("orders.order:view", documents.order),
    ("shipping.note:view", documents.note),
    ("billing.invoice:view", documents.invoice),
    ("process.problem:view", documents.problem),
)
# Pages that may keep what a reader looked at: sessions, settings of the reader's own lists.
OWN_TABLES = ("django_session", "people_usersession", "kernel_uipreference")
NOT_CRAWLED = ("people_account:", "healthz", "readyz", "health_", "api-v1:", "ui:kit")


def _open_to(matrix: Matrix, role: str, place: Place) -> bool:
    actor = matrix.actor(role)
    return any(can(actor, right, make(matrix, place)) for right, make in KINDS)


def _plain(params: str) -> Iterator[str]:
    for address in addresses():
        if address.arguments or address.name.startswith(NOT_CRAWLED) or not address.name:
            continue
        try:
            yield reverse(address.name) + params
        except NoReverseMatch:
            continue


def _of_rows(matrix: Matrix, place: Place) -> Iterator[str]:
    for address in addresses():
        maker = maker_of(address.name)
        room = address.name.split(":")[0]
        if maker is None or len(address.arguments) != 1 or room == "people":
            continue
        yield reverse(address.name, args=[maker(matrix, place).pk])
    target = documents.order(matrix, place).pk
    yield reverse("comments:panel", args=["orders.order", target])
    yield reverse("attachments:panel", args=["orders.order", target])


def _foreign(matrix: Matrix, role: str) -> dict[str, Place]:
    places = {letter: matrix.place(letter, role) for letter in "spx"}
    return {
        documents.mark_of(place): place
        for place in places.values()
        if not _open_to(matrix, role, place)
    }


def _filters(matrix: Matrix, place: Place) -> str:
    customer, owner = documents.customer(matrix, place).pk, place.owner_id
    picks = f"customer={customer}&owner={owner}&unit={place.unit_id}&person={owner}"
    return f"?q=Zqx&{picks}&document={documents.order(matrix, place).pk}"


@pytest.fixture
def secrets(matrix: Matrix) -> Matrix:
    """The matrix with a row of every kind around the viewers and in the other company."""
    for letter in "spx":
        documents.everything_make(matrix, matrix.place(letter, "csr"))
    return matrix


class Writes:
    """Collects statements that change business tables."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        word, _space, tail = sql.lstrip().partition(" ")
        if word.upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE") and not any(
            name in tail[:60] for name in OWN_TABLES
        ):
            self.found.append(sql[:100])
        return execute(sql, *rest)


@pytest.mark.parametrize(
    "role",
    [*FIELD[:1], *(pytest.param(role, marks=pytest.mark.slow) for role in (*FIELD[1:], *CENTRAL))],
)
def test_no_page_shows_what_is_closed_and_reading_changes_nothing(
    secrets: Matrix, role: str
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(secrets.holders[role])
    foreign = _foreign(secrets, role)
    assert foreign
    urls = set(_plain(""))
    for place in foreign.values():
        urls |= {*_plain(_filters(secrets, place)), *_of_rows(secrets, place)}
    wrong, writes = [], Writes()
    with connection.execute_wrapper(writes):
        for url in sorted(urls):
            answer = client.get(url)
            text = b"".join(answer).decode(errors="replace")  # also what is streamed
            wrong += [f"{url}: {mark}" for mark in foreign if mark in text]
            wrong += [f"{url}: {answer.status_code}"] * (answer.status_code >= 500)
    assert wrong == []
    assert writes.found == []
