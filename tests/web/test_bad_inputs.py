"""What no browser sends: every address and every API operation answers it with a refusal.

Source: B5 of the test catalogue; ids without end, forbidden characters, numbers that are none,
parameters without end, tampered cursors, deep JSON.
"""

import json
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from chengdan.kernel.permissions import permissions_all
from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import Role, RolePermission
from chengdan.modules.people.vocabulary import Scope
from tests.contract.addresses import Address, addresses
from tests.fixtures import matrix_documents as documents
from tests.fixtures.people import People
from tests.fixtures.people_matrix import Matrix, Place, maker_of

IDS = ["9" * 30]
TEXTS = ["\x00", "NaN", "1e999999999", "9" * 40, "-1", "１２３", "0.1+0.2", "\u202e'; DROP--",
         "[[[", "{}", "0001-01-01", "9999-12-31", "2026-02-30"]  # fmt: skip
PARAMETERS = ["q", "page", "cursor", "sort", "customer", "owner", "state", "late", "year",
              "document", "ordered_from", "ordered_to", "unit", "kind", "day", "on", "limit",
              "view", "format", "product", "warehouse", "above", "quantity", "month"]  # fmt: skip
NOT_ASKED = ("people_account:", "api-v1:", "ui:kit", "outbox:retry")
NAME = re.compile(r'name="([a-z_]+)"')
BODIES = [
    b"", b"null", b"[]", b'"x"', b"NaN", b'{"a": 1e999999}', b"\xed\xa0\x80", b'{"a": "\\ud800"}',
    b"[" * 100_000, b'{"expected_version": 1' + b"0" * 30 + b"}", b'{"lines": [{}]}', b"{}",
]  # fmt: skip


@pytest.fixture
def client_of_all(matrix: Matrix) -> Client:
    """Somebody whom no missing right keeps from the code behind the door."""
    home = Place(matrix.people.company.pk, matrix.stranger, matrix.units["u"].pk)
    documents.everything_make(matrix, home)
    with unguarded():
        role = Role.objects.get(code="sales_rep")
        RolePermission.objects.filter(role=role).delete()
        RolePermission.objects.bulk_create(
            RolePermission(role=role, permission=item.code, scope=Scope.ALL)
            for item in permissions_all()
        )
    client = Client(raise_request_exception=False)
    client.force_login(matrix.holders["sales_rep"])
    return client


def _ids_of(matrix: Matrix, address: Address) -> list[str]:
    maker = maker_of(address.name)
    home = Place(matrix.people.company.pk, matrix.stranger, matrix.units["u"].pk)
    return [str(maker(matrix, home).pk), *IDS] if maker else ["1", *IDS]


def _urls(matrix: Matrix) -> Iterator[str]:
    for address in addresses():
        if not address.name or address.name.startswith(NOT_ASKED):
            continue
        if not address.arguments:
            yield reverse(address.name)
            continue
        for value in _ids_of(matrix, address):
            try:
                yield reverse(address.name, args=[value] * len(address.arguments))
            except NoReverseMatch:
                continue


def _falls(client: Client, method: str, url: str, **given: object) -> list[str]:
    """Return what is wrong with the answer; whatever it stored is taken back."""
    with transaction.atomic(), unguarded():
        answer = getattr(client, method)(url, **given)
        transaction.set_rollback(True)
    return [f"{method} {url} {given}: {answer.status_code}"[:300]] * (answer.status_code >= 500)


@pytest.mark.parametrize("number", ["9" * 30, "9223372036854775808", "0"])
def test_ids_that_no_row_can_have_are_not_found(people: People, number: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(people.users["csr"])
    acts = [f"/orders/{number}/accept/", f"/orders/{number}/hold/",
            f"/customers/{number}/activate/",
            f"/process/tasks/{number}/decide/", f"/tokens/{number}/revoke/"]  # fmt: skip
    for url in acts:
        answer = client.post(url, {"reason": "x", "decision": "done"})
        assert answer.status_code == 404, url
    for url in (f"/orders/{number}/", f"/customers/{number}/", f"/attachments/{number}/"):
        assert client.get(url).status_code == 404, url
    ids = {"ids": [number], "mentioned": [number], "orders": [number, "²"], "company": number}
    for url in ("/orders/accept/", "/customers/activate/", "/shipping/backlog/make/",
                "/process/inbox/batch/", "/me/company/"):  # fmt: skip
        assert client.post(url, ids).status_code < 500, url
    url = "/process/library/op/dry-run/"
    assert client.get(url, {"document": number + "9" * 5000}).status_code < 500


@pytest.mark.slow
def test_no_query_and_no_form_brings_a_page_down(matrix: Matrix, client_of_all: Client) -> None:
    wrong: list[str] = []
    for number, url in enumerate(_urls(matrix)):
        text = TEXTS[number % len(TEXTS)]
        page = client_of_all.get(url, dict.fromkeys(PARAMETERS, text))
        wrong += [f"get {url} {text!r}: {page.status_code}"] * (page.status_code >= 500)
        is_page = "text/html" in page.get("Content-Type", "") and page.status_code in (200, 405)
        names = NAME.findall(page.content.decode()) if is_page else []
        fields = dict.fromkeys([*names, "lines", "expected_version", "ids", "reason"], text)
        wrong += _falls(client_of_all, "post", url, data=fields)
    assert wrong == []


def test_parameters_without_end_are_refused(client_of_all: Client) -> None:
    answer = client_of_all.post("/people/new/", {f"a{number}": "1" for number in range(100_000)})
    assert answer.status_code == 400


@pytest.mark.slow
def test_no_body_brings_an_operation_down(matrix: Matrix, client_of_all: Client) -> None:
    schema = client_of_all.get("/api/v1/openapi.json").json()
    wrong: list[str] = []
    for path, operations in schema["paths"].items():
        for method in operations:
            for value in ("1", "9" * 30):
                url = re.sub(r"\{[a-z_]+\}", value, path)
                if method == "get":
                    for text in TEXTS[:2]:
                        given = {"cursor": text, "limit": text, "q": text}
                        wrong += _falls(client_of_all, "get", url, data=given)
                    continue
                for body in BODIES if value == "1" else BODIES[-1:]:
                    kind = {"content_type": "application/json"}
                    wrong += _falls(client_of_all, method, url, data=body, **kind)
    assert wrong == []


@pytest.mark.slow
def test_tampered_cursors_are_refused(client_of_all: Client) -> None:
    from base64 import urlsafe_b64encode

    schema = client_of_all.get("/api/v1/openapi.json").json()
    lists = [path for path, found in schema["paths"].items() if "get" in found and "{" not in path]
    values = [[10**30], [-(10**30)], ["x"], [None], [True], [[1]], [1, 2], {"a": 1}, ["\x00"]]
    wrong = []
    for path in lists:
        for value in values:
            cursor = urlsafe_b64encode(json.dumps(value).encode()).decode()
            answer = client_of_all.get(path, {"cursor": cursor})
            wrong += [f"{path} {value}: {answer.status_code}"] * (answer.status_code >= 500)
    assert wrong == []
