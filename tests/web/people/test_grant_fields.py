"""Ending a grant with fields nobody's browser would send: refused by words, never a fall."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.modules.people.models import Grant
from chengdan.modules.people.services import grant_give
from tests.fixtures.people import SYSTEM, People

pytestmark = pytest.mark.django_db
LONG = "理" * 100_000
NASTY: list[dict[str, str | list[str]]] = [
    {},
    {"reason": ""},
    {"reason": "   "},
    {"reason": "\x00"},
    {"reason": "好\x00的"},
    {"reason": LONG},
    {"reason": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")},
    {"reason": "x", "expected_version": "9"},
    {"reason": "x", "expected_version": "99999999999999999"},
    {"reason": "\u202e", "expected_version": "-1"},
    {"reason": ["a", ""], "expected_version": "1e9"},
]


@pytest.fixture
def grant(people: People) -> Grant:
    return grant_give(
        actor=SYSTEM, company_id=people.company.pk, user_id=people.users["sales_rep"].pk,
        reason="代岗", starts_on=clock.today(), permission="orders.order:view", scope="own",
    )  # fmt: skip


@pytest.fixture
def admin(people: People) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(people.users["administrator"])
    return client


@pytest.mark.parametrize("data", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("is_fragment", [False, True])
def test_nasty_fields_never_make_the_site_fall(
    people: People, grant: Grant, admin: Client, data: dict[str, str], is_fragment: bool
) -> None:
    headers = {"HX-Request": "true"} if is_fragment else {}
    url = reverse("people:grant_end", args=[grant.pk])
    answer = admin.post(url, data, headers=headers)
    assert answer.status_code < 500
    grant.refresh_from_db()
    if answer.status_code == 302 or answer.headers.get("HX-Redirect"):
        assert grant.revoked_at is not None
    else:
        assert grant.revoked_at is None
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("pk", [0, 2**31, 2**63, 10**30])
def test_ids_that_no_row_can_have_are_not_found(people: People, admin: Client, pk: int) -> None:
    answer = admin.post(f"/people/grants/{pk}/end/", {"reason": "x"})
    assert answer.status_code == 404
