"""The settings as a process and its database see them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

PRODUCTION = {
    "CHENGDAN_ENV": "production",
    "CHENGDAN_SECRET_KEY": "aB3-x_Yz9" * 7,
    "CHENGDAN_ALLOWED_HOSTS": "sales.example.com",
    "DJANGO_SETTINGS_MODULE": "chengdan.config.settings",
}


def run(home: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the `chengdan` command in a home of its own."""
    return subprocess.run(
        [sys.executable, "-m", "chengdan", *arguments],
        env={**os.environ, **PRODUCTION, "CHENGDAN_HOME": str(home), **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_production_installation_passes_the_check_for_deployment(tmp_path: Path) -> None:
    result = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


def test_a_production_installation_does_not_start_without_a_key(tmp_path: Path) -> None:
    result = run(tmp_path, "check", CHENGDAN_SECRET_KEY="")
    assert result.returncode != 0
    assert "CHENGDAN_SECRET_KEY must be set" in result.stderr


@pytest.mark.django_db
def test_the_database_is_set_up_for_durable_and_queued_writes() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone()[0] == "read committed"
            return
        pragmas = {}
        for name in ("synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {name}")
            pragmas[name] = cursor.fetchone()[0]
    assert pragmas == {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 20_000}
    assert connection.transaction_mode == "IMMEDIATE"


@pytest.mark.django_db
def test_even_a_missing_page_carries_every_header(client: Client) -> None:
    response = client.get("/there-is-no-such-page/")
    assert response.status_code == 404
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
