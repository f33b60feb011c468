"""Any input, from three roles: no 5xx, no undocumented status (reliability P3, A16).

The quick profile runs in CI; nightly CHENGDAN_API_FUZZ=full and all roles (CHENGDAN_API_ROLES).
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi_checks

from chengdan.kernel.actor import Actor

IS_FULL = os.environ.get("CHENGDAN_API_FUZZ") == "full"
ROLES = os.environ.get("CHENGDAN_API_ROLES", "order_clerk,finance_manager,auditor").split(",")
pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(params=ROLES)
def role_token(request: pytest.FixtureRequest, db: None) -> str:
    """Return a token of a person who holds the role in a company with the shipped organisation."""
    from chengdan.kernel import clock
    from chengdan.kernel.http.tokens import token_issue
    from chengdan.modules.people.models import OrgUnit, Role
    from chengdan.modules.people.services.companies import company_create
    from chengdan.modules.people.services.grants import grant_give
    from chengdan.modules.people.services.shipped import org_ship
    from chengdan.modules.people.services.users import user_create

    company = company_create(actor=Actor.system("test"), code="T", name="Test")
    system = Actor.system("test", company.pk)
    org_ship(system, company)
    root = OrgUnit.objects.get(company=company, parent__isnull=True)
    user = user_create(
        actor=system, company_id=company.pk, username="fuzz", display_name="Fuzz", unit_id=root.pk
    )
    role = Role.objects.get(code=request.param)
    grant_give(
        actor=system, company_id=company.pk, user_id=user.pk, reason="test",
        starts_on=clock.today(), role_id=role.pk, unit_id=root.pk,
    )  # fmt: skip
    grant_give(
        actor=system, company_id=company.pk, user_id=user.pk, reason="test",
        starts_on=clock.today(), permission="kernel.token:own", scope="own",
    )  # fmt: skip
    person = Actor(user_id=user.pk, name="Fuzz", company_id=company.pk)
    _token, secret = token_issue(actor=person, name="fuzz", scopes=["*"], days=1)
    return secret


def schema_of(token: str) -> Any:
    from chengdan.config.wsgi import application

    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application, headers={"Authorization": f"Bearer {token}"}
    )


CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


def failures_of(token: str, named: str = "") -> list[str]:
    """Send generated requests to every operation, or those so named; return what broke a check."""
    failures: list[str] = []
    for result in schema_of(token).get_all_operations():
        operation = result.ok()
        if named not in operation.label:
            continue

        @settings(
            max_examples=200 if IS_FULL else 8,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def run(case: Any) -> None:
            case.headers["Authorization"] = f"Bearer {token}"
            case.validate_response(case.call(), checks=CHECKS)

        try:
            run()
        except (Exception, FailureGroup) as error:
            failures.append(f"{operation.label}: {error}")
    return failures


@pytest.fixture(autouse=True)
def _requests_keep_the_connection() -> Iterator[None]:
    """Let requests share the test's transaction, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    from chengdan.kernel.http import security

    monkeypatch.setattr(security, "_limit", lambda company_id: 10**9)


def test_no_input_breaks_the_api(role_token: str, no_rate: None) -> None:
    failures = failures_of(role_token)
    assert not failures, "\n\n".join(failures[:10])


def test_no_input_breaks_the_plumbing_and_a_planted_fault_is_found(
    api_person: Actor,
    may_all: None,
    no_rate: None,
    probe_urlconf: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chengdan.kernel.http import routing
    from chengdan.kernel.http.tokens import token_issue

    settings.ROOT_URLCONF = probe_urlconf
    _token, secret = token_issue(actor=api_person, name="fuzz", scopes=["*"], days=1)
    assert failures_of(secret) == []

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(routing, "_once", broken)
    assert failures_of(secret, named="change")
