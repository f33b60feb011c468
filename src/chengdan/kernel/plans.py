"""Which statements PostgreSQL keeps with their plans, per connection (ADR 0018)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chengdan.kernel.prepared import MEMBERS_MAX

# Statements that the server keeps per connection: those of all acts, and room for pages. The
# driver's own 100 make it forget and plan anew in the middle of every second act.
KEPT_MAX = 800


def statements_connect() -> None:
    """Let every connection to PostgreSQL keep the statements of all acts, but not long lists."""
    connection_created.connect(_keep, dispatch_uid="chengdan-statements")


def _keep(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.vendor == "postgresql":
        connection.connection.prepared_max = KEPT_MAX
        if _long_lists_afresh not in connection.execute_wrappers:
            connection.execute_wrappers.append(_long_lists_afresh)


def _long_lists_afresh(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    """Keep no statement with a long list: a plan that knows no values compares row by row.

    The server replaces the plan of a kept statement by such a one after ten times; five hundred
    codes against a table of customers then cost as many comparisons as both have together.
    """
    if params is None or len(params) <= MEMBERS_MAX or many or sql.startswith("INSERT"):
        return execute(sql, params, many, context)
    driver = context["connection"].connection
    threshold, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        return execute(sql, params, many, context)
    finally:
        driver.prepare_threshold = threshold
