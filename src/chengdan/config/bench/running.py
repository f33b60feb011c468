"""One bench: a scratch database, a process that measures in it, figures printed and written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from chengdan.config.cli.texts import gettext as _

_INSIDE = (
    "import django, sys; django.setup();"
    "from chengdan.config.bench.stages import measure_all;"
    "measure_all(sys.argv[1], sys.argv[2] == 'quick', sys.argv[3] == 'full')"
)
LIMIT_SECONDS = 3600


def run(*, json_path: Path | None = None, quick: bool = False, full: bool = False) -> None:
    """Measure everything and print the figures with the conditions they were taken under.

    Args:
        json_path: also write the figures there.
        quick: small sizes and few runs, to see that every stage runs.
        full: also lists of 1,000,000 orders.

    Raises:
        click.ClickException: a stage failed, or the measuring process ended early.
    """
    with tempfile.TemporaryDirectory(prefix="chengdan-bench-") as name:
        home = Path(name)
        found = home / "figures.json"
        with scratch_database(home) as address:
            environment = {
                **os.environ,
                "DATABASE_URL": address,
                "CHENGDAN_HOME": str(home),
                "CHENGDAN_AUDIT_GUARD": "0",
            }
            migrate = [sys.executable, "-m", "chengdan", "migrate", "--verbosity=0"]
            subprocess.run(migrate, env=environment, check=True, timeout=600)  # noqa: S603
            size = "quick" if quick else "whole"
            command = [sys.executable, "-c", _INSIDE, str(found), size, "full" if full else ""]
            ended = subprocess.run(  # noqa: S603  our own interpreter
                command, env=environment, check=False, timeout=LIMIT_SECONDS
            )
        if not found.exists():
            raise click.ClickException(
                _("The measuring process ended with %(code)s.") % {"code": ended.returncode}
            )
        report = json.loads(found.read_text(encoding="utf-8"))
    show(report)
    if json_path is not None:
        text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
        json_path.write_text(text, encoding="utf-8")
    if report["failed"]:
        raise click.ClickException(_("failed: %(names)s") % {"names": ", ".join(report["failed"])})


@contextmanager
def scratch_database(home: Path) -> Iterator[str]:
    """Yield the address of an empty database beside the configured one; drop it afterwards."""
    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{home / 'bench.sqlite3'}"
        return
    name = f"bench_{uuid.uuid4().hex[:10]}"
    with server(config) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield address_of(os.environ["DATABASE_URL"], name)
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def address_of(address: str, name: str) -> str:
    """Return the address of another database of the same server."""
    base, _slash, last = address.rpartition("/")
    _old, mark, query = last.partition("?")
    return f"{base}/{name}{mark}{query}"


@contextmanager
def server(config: dict[str, Any]) -> Iterator[Any]:
    """Yield an autocommitting connection to the PostgreSQL server of a configuration."""
    import psycopg

    values = {
        "host": config["HOST"], "port": config["PORT"], "user": config["USER"],
        "password": config["PASSWORD"], "dbname": config["NAME"],
    }  # fmt: skip
    given = {name: value for name, value in values.items() if value}
    with psycopg.connect(**given, autocommit=True) as connection:
        yield connection


def copy_database(target: str) -> None:
    """Copy the database that this process works on; its own connection must be closed.

    Args:
        target: path of a SQLite file, or name of a PostgreSQL database.
    """
    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        for suffix in ("", "-wal"):
            source = Path(f"{config['NAME']}{suffix}")
            if source.exists():
                shutil.copyfile(source, f"{target}{suffix}")
        return
    with server({**config, "NAME": "postgres"}) as connection:
        connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{config["NAME"]}"')


def show(report: dict[str, Any]) -> None:
    """Print conditions, then one line per figure."""
    for name, value in report["conditions"].items():
        click.echo(f"{name:<12} {value}")
    for item in report["figures"]:
        click.echo(line_of(item))
    for name, reason in report["missing"].items():
        click.echo(f"{name:<44} not measured: {reason}")


def line_of(item: dict[str, Any]) -> str:
    """Return a figure as one line: name, min, median, max, unit, runs, rows, queries, ratio."""
    numbers = " / ".join(f"{item[name]:,.1f}" for name in ("min", "median", "max"))
    parts = [f"{item['name']:<44} {numbers:>26} {item['unit']:<9} runs {item['runs']}"]
    parts += [f"{name} {item[name]:,}" for name in ("rows", "queries") if item.get(name)]
    if item.get("floor"):
        parts.append(f"floor {item['floor']:,.1f}, ratio {item['median'] / item['floor']:.1f}")
    if item.get("target"):
        parts.append(f"target {item['target']}")
    if item.get("note"):
        parts.append(item["note"])
    return "  ".join(parts)
