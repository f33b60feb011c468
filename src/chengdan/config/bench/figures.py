"""Figures as they are measured and kept."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection


class MissingError(Exception):
    """What a stage needs is not part of this installation."""


@dataclass(slots=True)
class Figure:
    """One measured thing.

    Attributes:
        values: one per run, in `unit`.
        rows: how much data lay behind it.
        queries: statements of one run.
        floor: the same statements and commits in plain SQL, in `unit`.
    """

    name: str
    values: list[float]
    unit: str = "ms"
    rows: int = 0
    queries: int = 0
    floor: float = 0.0
    target: str = ""
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the figure for JSON, with min, median and max of its runs."""
        found = asdict(self)
        values = found.pop("values")
        return {
            **found, "runs": len(values), "min": min(values), "max": max(values),
            "median": statistics.median(values),
        }  # fmt: skip


@dataclass(slots=True)
class Report:
    """All figures of one bench."""

    conditions: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {**asdict(self), "figures": [figure.plain() for figure in self.figures]}


def timed(act: Callable[[], object], runs: int) -> list[float]:
    """Return the milliseconds of each run."""
    found = []
    for _run in range(runs):
        start = time.perf_counter()
        act()
        found.append((time.perf_counter() - start) * 1000)
    return found


Statement = tuple[str, Any, bool]
_is_aside: ContextVar[bool] = ContextVar("bench_is_aside", default=False)


@contextmanager
def aside() -> Iterator[None]:
    """Look up what a page has shown before an act: timed with it, but none of its statements."""
    token = _is_aside.set(True)
    try:
        yield
    finally:
        _is_aside.reset(token)


@contextmanager
def captured() -> Iterator[list[Statement]]:
    """Yield the list that fills with every statement; SQLite alone tells its BEGIN, so leave it."""
    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("BEGIN") and not _is_aside.get():
            found.append((sql, params, many))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def conditions() -> dict[str, str]:
    """Return machine, database and versions."""
    import django

    from chengdan import __version__

    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("SELECT sqlite_version()" if is_sqlite else "SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("PRAGMA synchronous" if is_sqlite else "SHOW fsync")
        durable = cursor.fetchone()[0]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "database": f"{connection.vendor} {version}, "
        + (f"synchronous {durable}" if is_sqlite else f"fsync {durable}"),
        "versions": f"Chengdan {__version__}, Django {django.get_version()}, "
        f"Python {platform.python_version()}",
    }
