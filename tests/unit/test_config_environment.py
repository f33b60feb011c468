"""What the environment of a process may say, and what is refused."""

import json
import logging
import stat
from pathlib import Path
from typing import Any

import pytest

from chengdan.config import environment as env
from chengdan.config.logs import JsonFormatter
from chengdan.config.stores import database, job_store, mail


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("0", False), ("off", False), ("", False)]
)
def test_flags_know_yes_and_no(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAG", text)
    assert env.env_flag("FLAG", default=not value) is value


def test_a_slip_in_a_flag_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAG", "maybe")
    with pytest.raises(env.ConfigurationError, match="FLAG is 'maybe'"):
        env.env_flag("FLAG")


@pytest.mark.parametrize("text", ["-1", "1.5", "ten", "１０"])
def test_counts_are_whole_numbers(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNT", text)
    with pytest.raises(env.ConfigurationError):
        env.env_count("COUNT", 5)


@pytest.mark.parametrize(
    ("stated", "hosts", "production"),
    [
        ("", ["localhost"], False),
        ("development", ["127.0.0.1", "[::1]"], False),
        ("production", ["localhost"], True),
        ("", ["localhost", "sales.example.com"], True),
        ("development", ["sales.example.com"], True),
    ],
)
def test_naming_another_host_makes_it_production(
    stated: str, hosts: list[str], production: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHENGDAN_ENV", stated)
    assert env.is_production(hosts) is production


@pytest.mark.parametrize(
    ("stated", "hosts", "address"),
    [
        ("", ["localhost", "127.0.0.1"], ""),
        ("", ["sales.example.com", "localhost"], "https://sales.example.com"),
        ("", [".example.com"], "https://example.com"),
        ("", ["*", "127.0.0.1"], ""),
        ("http://10.0.0.5:8080/", ["10.0.0.5"], "http://10.0.0.5:8080"),
    ],
)
def test_links_in_mails_lead_to_the_site(
    stated: str, hosts: list[str], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHENGDAN_SITE_URL", stated)
    assert env.site_url(hosts) == address
    monkeypatch.setenv("CHENGDAN_SITE_URL", "sales.example.com")
    with pytest.raises(env.ConfigurationError, match="CHENGDAN_SITE_URL"):
        env.site_url(hosts)


@pytest.mark.parametrize("key", ["", "short", "x" * 49])
def test_production_refuses_a_missing_or_short_key(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHENGDAN_SECRET_KEY", key)
    with pytest.raises(env.ConfigurationError, match="CHENGDAN_SECRET_KEY"):
        env.secret_key(tmp_path, production=True)
    assert list(tmp_path.iterdir()) == []


def test_elsewhere_a_key_is_made_once_and_kept_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHENGDAN_SECRET_KEY")
    first = env.secret_key(tmp_path, production=False)
    assert len(first) >= 40
    assert env.secret_key(tmp_path, production=False) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(env.ConfigurationError, match="sqlite:/// or postgres://"):
        database("mysql://host/name")


@pytest.mark.parametrize(("end", "after"), [("", 3), ("?prepare_threshold=off", None),
                                            ("?prepare_threshold=0", 0)])  # fmt: skip
def test_postgresql_keeps_statements_unless_the_address_says_off(end: str, after: Any) -> None:
    assert database(f"postgres://host/name{end}")["OPTIONS"]["prepare_threshold"] == after
    with pytest.raises(env.ConfigurationError, match="a number or off"):
        database("postgres://host/name?prepare_threshold=soon")


def test_postgresql_reads_committed_and_ends_forgotten_transactions() -> None:
    config = database("postgres://user:secret@host:5433/name")
    assert (config["HOST"], config["PORT"], config["NAME"]) == ("host", 5433, "name")
    assert config["OPTIONS"]["isolation_level"].name == "READ_COMMITTED"
    assert "idle_in_transaction_session_timeout" in config["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("url", "store"),
    [
        ("", "huey.SqliteHuey"),
        ("redis://host/0", "huey.RedisHuey"),
        ("postgres://host/name", "huey.PostgresHuey"),
    ],
)
def test_jobs_go_where_the_address_says(url: str, store: str, tmp_path: Path) -> None:
    assert job_store(url, tmp_path)["huey_class"] == store


def test_an_unknown_job_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(env.ConfigurationError, match="CHENGDAN_JOBS_URL"):
        job_store("amqp://host", tmp_path)


def test_mail_goes_to_files_unless_a_server_is_named(tmp_path: Path) -> None:
    assert mail("", tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    named = mail("smtp+tls://us%40er:p%2Fw@host", tmp_path)
    assert (named["EMAIL_HOST_USER"], named["EMAIL_HOST_PASSWORD"]) == ("us@er", "p/w")
    assert (named["EMAIL_PORT"], named["EMAIL_USE_TLS"], named["EMAIL_USE_SSL"]) == (
        587,
        True,
        False,
    )
    with pytest.raises(env.ConfigurationError, match="CHENGDAN_MAIL_URL"):
        mail("imap://host", tmp_path)


def test_a_log_entry_is_one_line_that_nobody_can_forge() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, 'a\n{"level": "%s"}', ("y",), None)
    record.request_id = "r-1"
    lines = JsonFormatter().format(record).splitlines()
    assert len(lines) == 1
    entry = json.loads(lines[0])
    assert entry["message"] == 'a\n{"level": "y"}'
    assert (entry["level"], entry["request_id"]) == ("INFO", "r-1")
