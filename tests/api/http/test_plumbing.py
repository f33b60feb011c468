"""The API's common behaviour: who, strict bodies, problems, once per key, pages, rates."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chengdan.kernel.http.models import ApiToken
from chengdan.kernel.http.tokens import scopes_expand, token_actor, token_issue, token_revoke
from chengdan.kernel.parameters import ParameterValue
from tests.fixtures.http_probe import ProbeUrls, calls

pytestmark = pytest.mark.django_db(transaction=True)
Call = Callable[..., Any]
CHANGE = "/probe/things/1/change"
GOOD = '{"name": "a", "amount": "12.50"}'


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["instance"] == response["X-Request-Id"]
    return found


def test_an_act_answers_exact_numbers_and_an_etag(api_caller: Call) -> None:
    response = api_caller("POST", CHANGE, GOOD)
    assert response.status_code == 200
    assert response.json() == {"id": 1, "name": "a", "amount": "12.50", "version": 1}
    assert response["ETag"] == '"1"'


def test_if_match_gives_the_version(api_caller: Call) -> None:
    assert api_caller("POST", CHANGE, GOOD, **{"If-Match": '"7"'}).json()["version"] == 8
    found = problem(api_caller("POST", CHANGE, GOOD, **{"If-Match": "abc"}), 422)
    assert found["items"][0]["field"] == "If-Match"


def test_the_same_key_does_the_work_once(api_caller: Call) -> None:
    first = api_caller("POST", CHANGE, GOOD, **{"Idempotency-Key": "k1"})
    again = api_caller("POST", CHANGE, GOOD, **{"Idempotency-Key": "k1"})
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert calls == ["a"]
    other = '{"name": "b", "amount": "1"}'
    found = problem(api_caller("POST", CHANGE, other, **{"Idempotency-Key": "k1"}), 422)
    assert found["code"] == "idempotency_key_reused"
    problem(api_caller("POST", CHANGE, GOOD, **{"Idempotency-Key": "x" * 300}), 422)
    for key in ("", "a b", "é"):
        problem(api_caller("POST", CHANGE, GOOD, **{"Idempotency-Key": key}), 422)


def test_a_refused_act_leaves_no_trace_and_its_key_is_free(api_caller: Call) -> None:
    refused = problem(
        api_caller("POST", CHANGE, '{"name": "rule", "amount": "1"}', **{"Idempotency-Key": "k"}),
        422,
    )
    assert (refused["code"], refused["rule"], refused["detail"]) == (
        "probe", "X-1", "Not allowed: rule",
    )  # fmt: skip
    assert api_caller("POST", CHANGE, GOOD, **{"Idempotency-Key": "k"}).status_code == 200


def test_an_act_that_lost_against_another_one_is_done_again_or_refused(api_caller: Call) -> None:
    again = api_caller("POST", CHANGE, '{"name": "late once", "amount": "1"}')
    assert again.status_code == 200
    assert calls == ["late once", "late once"]
    refused = api_caller("POST", CHANGE, '{"name": "always late", "amount": "1"}')
    assert problem(refused, 409)["code"] == "conflict"
    assert ParameterValue.objects.filter(company_id=9).count() == 1


def test_only_a_lost_race_says_that_somebody_has_changed_it(api_caller: Call) -> None:
    lost = problem(api_caller("POST", CHANGE, '{"name": "always late", "amount": "1"}'), 409)
    waits = problem(api_caller("POST", CHANGE, '{"name": "not now", "amount": "1"}'), 409)
    assert lost["title"] == lost["detail"] == "其间已有人修改，请刷新后重试。"
    assert (waits["title"], waits["detail"]) == ("现在无法执行此操作。", "It waits.")


def test_items_name_field_row_and_rule(api_caller: Call) -> None:
    found = problem(api_caller("POST", CHANGE, '{"name": "items", "amount": "1"}'), 422)
    assert found["items"] == [
        {"field": "lines.quantity", "code": "low", "message": "Too low.", "row": 3, "rule": "X-2"}
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("[", 400),
        ('{"name": "a", "amount": NaN}', 400),
        ('{"name": "a", "amount": Infinity}', 400),
        ('{"name": "a", "amount": 1e999999999}', 400),
        ('{"name": "a", "amount": ' + "9" * 5000 + "}", 400),
        ('{"name": "a", "name": "b", "amount": "1"}', 400),
        ('{"name": "a\\u0000b", "amount": "1"}', 400),
        ('{"name": "\\ud800", "amount": "1"}', 400),
        (b'{"name": "\xff", "amount": "1"}', 400),
        ("[" * 10_000 + "]" * 10_000, 400),
        ('{"a":' * 200 + "1" + "}" * 200, 400),
        ("null", 422),
        ("[]", 422),
        ("{}", 422),
        ('{"name": "a", "amount": "1", "status": "paid"}', 422),
        ('{"name": "a", "amount": "1.00001"}', 422),
        ('{"name": "a", "amount": "1_000"}', 422),
        ('{"name": "a", "amount": "NaN"}', 422),
        ('{"name": "a", "amount": "１２"}', 422),
        ('{"name": "a", "amount": "9999999999999999999"}', 422),
        ('{"name": "a", "amount": true}', 422),
        ('{"name": "a", "amount": "1", "expected_version": 99999999999999999999}', 422),
        ('{"name": "' + "x" * 201 + '", "amount": "1"}', 422),
    ],
)
def test_bad_bodies_are_refused_and_nothing_is_stored(
    api_caller: Call, body: str | bytes, status: int
) -> None:
    problem(api_caller("POST", CHANGE, body), status)
    assert not ParameterValue.objects.filter(company_id=9).exists()


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/probe/nothing", 404),
        ("GET", CHANGE, 405),
        ("DELETE", "/probe/values", 405),
        ("POST", "/probe/things/abc/change", 422),
        ("POST", "/probe/things/-1/change", 422),
        ("POST", f"/probe/things/{10**30}/change", 422),
        ("GET", "/probe/values?limit=0", 422),
        ("GET", "/probe/values?limit=201", 422),
        ("GET", "/probe/values?limit=x", 422),
        ("GET", "/probe/values?cursor=%00", 400),
        ("GET", "/probe/values?other=a%00b", 400),
        ("GET", "/probe/values?cursor=WyInOyBEUk9QIl0", 422),
        ("GET", "/probe/values?cursor=W10", 422),
    ],
)
def test_bad_addresses(api_caller: Call, method: str, address: str, status: int) -> None:
    body = GOOD if method == "POST" else None
    response = api_caller(method, address, body)
    problem(response, status)
    if status == 405:
        assert response["Allow"]


def test_other_content_types_and_large_bodies(api_caller: Call, settings: Any) -> None:
    problem(api_caller("POST", CHANGE, "name=a", **{"Content-Type": "text/plain"}), 415)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem(api_caller("POST", CHANGE, '{"name": "' + "x" * 2000 + '"}'), 413)


def test_pages_meet_every_row_once(api_caller: Call) -> None:
    for number in range(5):
        ParameterValue.objects.create(company_id=9, code=f"v{number}", value="")
    seen, cursor = [], ""
    while True:
        page = api_caller("GET", f"/probe/values?limit=2&cursor={cursor}").json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["v4", "v3", "v2", "v1", "v0"]


def test_strangers_and_false_tokens_are_asked_to_sign_in(
    probe_urlconf: type[ProbeUrls], settings: Any, client: Client, db: None
) -> None:
    settings.ROOT_URLCONF = probe_urlconf
    for headers in (
        {},
        {"Authorization": "Bearer cd_wrong"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Authorization": "Basic abc"},
        {"Authorization": "Bearer cd_é"},
    ):
        response = client.get("/api/v1/probe/values", headers=headers)  # type: ignore[arg-type]
        assert problem(response, 401)["code"] == "unauthorized"
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_scopes_narrow_what_the_person_may(api_caller: Call, api_person: Any) -> None:
    assert api_caller("POST", "/probe/things/1/close").status_code == 200
    _token, secret = token_issue(actor=api_person, name="n", scopes=["people.*"], days=1)
    bare = {"Authorization": f"Bearer {secret}"}
    problem(api_caller("POST", "/probe/things/1/close", **bare), 403)
    assert "kernel.import:view_all" in scopes_expand(["*"])
    assert scopes_expand(["nothing.*"]) == frozenset()


def test_a_withdrawn_or_ended_token_no_longer_works(api_caller: Call, api_person: Any) -> None:
    from datetime import timedelta

    from chengdan.kernel import clock

    token, secret = token_issue(actor=api_person, name="n", scopes=["*"], days=2)
    assert token_actor(secret) is not None
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert secret not in token.digest
    with clock.at(clock.now() + timedelta(days=3)):
        assert token_actor(secret) is None
    token_revoke(actor=api_person, token_id=token.pk)
    assert token_actor(secret) is None
    assert ApiToken.objects.filter(revoked_at__isnull=False).count() == 1


def test_the_rate_of_a_token_is_limited(api_caller: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from chengdan.kernel.http import security

    monkeypatch.setattr(security, "_limit", lambda company_id: 3)
    answers = [api_caller("GET", "/probe/values") for _try in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"]


def test_a_given_request_number_is_kept_and_a_bad_one_replaced(api_caller: Call) -> None:
    kept = api_caller("GET", "/probe/values", **{"X-Request-Id": "abcdef123456"})
    assert kept["X-Request-Id"] == "abcdef123456"
    bad = api_caller("GET", "/probe/values", **{"X-Request-Id": "a b"})
    assert len(bad["X-Request-Id"]) == 16


def test_the_description_is_made_for_callers_alone(api_caller: Call) -> None:
    problem(Client().get("/api/v1/openapi.json"), 401)
    assert api_caller("GET", "/openapi.json").status_code == 200


def test_the_description_is_openapi_3_1(api_caller: Call) -> None:
    schema = api_caller("GET", "/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    operation = schema["paths"]["/api/v1/probe/things/{thing_id}/change"]["post"]
    assert operation["operationId"] == "thing_change"
    assert "application/problem+json" in operation["responses"]["422"]["content"]
    names = [parameter["name"] for parameter in operation["parameters"]]
    assert names == ["thing_id", "Idempotency-Key"]
