"""The floor: the statements of a captured run, replayed by the bare driver with the same commits.

The database is copied before the run is captured, so that the replay inserts the same rows with
the same ids into the same state. On PostgreSQL the replay is rehearsed and taken back a few times,
so that its plans are ready as those of a site at work are.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from chengdan.config.bench.figures import Statement, captured
from chengdan.config.bench.running import copy_database, server
from chengdan.kernel.plans import KEPT_MAX

Acts = Sequence[tuple[str, Callable[[], object]]]
# PostgreSQL plans a prepared statement five times for its values before it keeps one plan.
_REHEARSALS = 6
_SKIPPED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO")


def captured_with_floor(acts: Acts, runs: int) -> tuple[list[tuple[str, int]], dict[str, float]]:
    """Run the acts once, each its own transaction.

    Returns:
        (label, statements) of each act, and label → milliseconds of the floor.
    """
    connection.close()
    copies = [_copy_name() for _run in range(runs)]
    for name in copies:
        copy_database(name)
    statements: list[tuple[str, list[Statement]]] = []
    for label, act in acts:
        with captured() as found:
            act()
        statements.append((label, found))
    floors = [_replay(name, statements) for name in copies]
    best = {label: min(floor[label] for floor in floors) for label, _found in statements}
    return [(label, len(found)) for label, found in statements], best


def _copy_name() -> str:
    name = f"floor_{uuid.uuid4().hex[:10]}"
    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        return str(Path(str(config["NAME"])).with_name(f"{name}.sqlite3"))
    return name


def _replay(name: str, acts: Sequence[tuple[str, list[Statement]]]) -> dict[str, float]:
    if connection.vendor == "sqlite":
        return _replay_sqlite(name, acts)
    config = settings.DATABASES["default"]
    try:
        with server({**config, "NAME": name}) as driver:
            driver.autocommit = False
            driver.prepare_threshold, driver.prepared_max = 0, KEPT_MAX
            _rehearse(driver, acts)
            return _timed(driver, acts, lambda sql: sql)
    finally:
        with server({**config, "NAME": "postgres"}) as driver:
            driver.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _rehearse(driver: Any, acts: Sequence[tuple[str, list[Statement]]]) -> None:
    """Let the server plan every statement as often as it does before it keeps a plan."""
    rows = driver.execute("SELECT schemaname, sequencename, last_value FROM pg_sequences")
    counted = rows.fetchall()
    listed = [_listed(statements, lambda sql: sql) for _label, statements in acts]
    for _time in range(_REHEARSALS):
        for own in listed:
            _send(driver.cursor(), own)
        driver.rollback()
        # Sequences go on whatever is taken back.
        for schema, name, value in counted:
            driver.execute(
                "SELECT setval(format('%%I.%%I', %s::text, %s::text)::regclass, %s, %s)",
                [schema, name, value or 1, value is not None],
            )
        driver.commit()


def _replay_sqlite(name: str, acts: Sequence[tuple[str, list[Statement]]]) -> dict[str, float]:
    driver = sqlite3.connect(name, isolation_level=None)
    try:
        for part in str(settings.DATABASES["default"]["OPTIONS"]["init_command"]).split(";"):
            driver.execute(part)
        return _timed(driver, acts, _question_marks)
    finally:
        driver.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)


def _question_marks(sql: str) -> str:
    return sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def _timed(
    driver: Any, acts: Sequence[tuple[str, list[Statement]]], spelled: Callable[[str], str]
) -> dict[str, float]:
    found: dict[str, float] = {}
    is_sqlite = isinstance(driver, sqlite3.Connection)
    for label, statements in acts:
        cursor, listed = driver.cursor(), _listed(statements, spelled)
        start = time.perf_counter()
        if is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        _send(cursor, listed)
        driver.commit()
        found[label] = found.get(label, 0.0) + (time.perf_counter() - start) * 1000
    return found


def _listed(statements: Sequence[Statement], spelled: Callable[[str], str]) -> list[Statement]:
    """Return what the driver sends; it opens and ends the transactions itself."""
    return [
        (spelled(sql) if params else sql.replace("%%", "%"), params, many)
        for sql, params, many in statements
        if not sql.lstrip().upper().startswith(_SKIPPED)
    ]


def _send(cursor: Any, listed: Sequence[Statement]) -> None:
    for sql, params, many in listed:
        if many:
            cursor.executemany(sql, params)
        else:
            cursor.execute(sql, params or ())
        if cursor.description is not None:
            cursor.fetchall()
