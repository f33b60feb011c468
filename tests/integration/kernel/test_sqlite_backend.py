"""The SQLite backend: writers follow one another, a connection that is kept sees a restore."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from chengdan.config.stores import BUSY_TIMEOUT_SECONDS, database

Connect = Callable[..., Any]


def file_make(path: Path, value: str) -> Path:
    """Write a database that holds one word."""
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE word (value TEXT)")
        raw.execute("INSERT INTO word VALUES (?)", [value])
    raw.close()
    return path


@pytest.fixture
def connect(tmp_path: Path, django_db_blocker: Any) -> Iterator[Connect]:
    """Open the file as the site does; options may differ."""
    opened = []

    def make(path: Path, **options: Any) -> Any:
        config = database(f"sqlite:///{path}")
        config["OPTIONS"] |= options
        connection = ConnectionHandler({"default": config})["default"]
        connection.inc_thread_sharing()
        opened.append(connection)
        return connection

    with django_db_blocker.unblock():
        yield make
        for connection in opened:
            connection.close()


def words(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        return [row[0] for row in cursor.execute("SELECT value FROM word ORDER BY value")]


def begin(connection: Any) -> None:
    connection.ensure_connection()
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def end(connection: Any) -> None:
    connection.rollback()
    connection.set_autocommit(True)


def test_a_writer_begins_when_the_other_has_done(connect: Connect, tmp_path: Path) -> None:
    path = file_make(tmp_path / "a.sqlite3", "first")
    one, other = connect(path), connect(path)
    begin(one)
    begun = threading.Event()

    def write() -> None:
        begin(other)
        begun.set()

    waiting = threading.Thread(target=write)
    waiting.start()
    assert not begun.wait(0.05)
    end(one)
    waiting.join(10)
    assert begun.is_set()
    end(other)
    with one.cursor() as cursor:
        found = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    assert found == BUSY_TIMEOUT_SECONDS * 1000, "other statements wait as SQLite does"


def test_who_writes_too_long_lets_the_other_fail_and_try_again(
    connect: Connect, tmp_path: Path
) -> None:
    path = file_make(tmp_path / "a.sqlite3", "first")
    one, other = connect(path), connect(path, timeout=0.02)
    begin(one)
    with pytest.raises(OperationalError, match="locked"):
        begin(other)
    end(one)
    begin(other)
    end(other)


def test_who_still_reads_an_older_state_is_not_kept_waiting(
    connect: Connect, tmp_path: Path
) -> None:
    path = file_make(tmp_path / "a.sqlite3", "first")
    one, other = connect(path), connect(path)
    with other.cursor() as reading, one.cursor() as writing:
        reading.execute("SELECT value FROM word UNION ALL SELECT value FROM word")
        reading.fetchone()
        writing.execute("INSERT INTO word VALUES ('second')")
        with pytest.raises(OperationalError, match="locked"):
            begin(other)
    begin(other)
    end(other)


def test_a_kept_connection_notices_that_the_file_was_replaced(
    connect: Connect, tmp_path: Path
) -> None:
    path = file_make(tmp_path / "a.sqlite3", "before")
    kept = connect(path)
    assert words(kept) == ["before"]
    inner = kept.connection
    kept.close_if_unusable_or_obsolete()  # as every request begins
    assert words(kept) == ["before"]
    assert kept.connection is inner, "it is kept while the file is the same"
    os.replace(file_make(tmp_path / "b.sqlite3", "after"), path)
    kept.close_if_unusable_or_obsolete()
    assert words(kept) == ["after"]
