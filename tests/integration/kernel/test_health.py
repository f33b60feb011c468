"""Probes: alive is not ready."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import include, path

from chengdan.kernel import clock
from chengdan.kernel.health import checks
from chengdan.kernel.outbox.models import OutboxMessage

urlpatterns = [path("", include("chengdan.kernel.health.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_a_healthy_installation_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["checks"]) == {"database", "migrations", "outbox", "disk"}
    assert answer["Cache-Control"] == "no-store"


def test_a_worker_that_lags_is_told_but_pages_are_still_served(client: Client) -> None:
    at = clock.now() - timedelta(hours=1)
    OutboxMessage.objects.create(
        kind="job", topic="x.y", payload="{}", actor_name="x", run_at=at, created_at=at
    )
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["outbox"]["ok"] is False


def test_a_full_disk_and_a_check_that_fails_take_it_out_of_service(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "DISK_MEGABYTES_MIN", 10**12)
    assert client.get("/readyz").status_code == 503

    def broken() -> checks.CheckResult:
        raise RuntimeError("password=secret")

    monkeypatch.setattr(checks, "CHECKS", (broken,))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()
