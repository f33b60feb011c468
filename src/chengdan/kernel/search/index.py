"""The full-text index: FTS5 on SQLite, GIN over tsvector on PostgreSQL."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from chengdan.kernel.search.grams import Term

TABLE = "kernel_searchentry"
INDEX = "kernel_search_fts"


def index_install(connection: BaseDatabaseWrapper) -> None:
    """Create the index if the table exists; idempotent, runs after every migrate."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        if connection.vendor != "sqlite":
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS kernel_search_grams ON {TABLE} "
                "USING gin (to_tsvector('simple', grams))"
            )
            return
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = %s", [INDEX])
        is_new = cursor.fetchone()[0] == 0
        if not is_new:
            _triggers(cursor)
            return
        cursor.execute(
            f"CREATE VIRTUAL TABLE {INDEX} USING fts5(grams, content='{TABLE}', "
            "content_rowid='id', tokenize='unicode61')"
        )
        _triggers(cursor)
        cursor.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')")  # noqa: S608


def _triggers(cursor: object) -> None:
    """Keep the index with the table; the table may have been rebuilt by a migration."""
    add = f"INSERT INTO {INDEX}(rowid, grams) VALUES (new.id, new.grams);"  # noqa: S608
    drop = f"INSERT INTO {INDEX}({INDEX}, rowid, grams) VALUES ('delete', old.id, old.grams);"  # noqa: S608
    run = cursor.execute  # type: ignore[attr-defined]
    for name, event, body in (
        ("ai", "INSERT", add),
        ("ad", "DELETE", drop),
        ("au", "UPDATE OF grams", drop + add),
    ):
        run(
            f"CREATE TRIGGER IF NOT EXISTS {INDEX}_{name} AFTER {event} ON {TABLE} BEGIN {body} END"
        )


def match_sql(vendor: str, terms: list[Term]) -> tuple[str, str]:
    """Return a condition on the search table and its one parameter.

    Tokens are ASCII letters and digits only, so the query languages cannot be injected into.
    """
    if vendor == "sqlite":
        query = " AND ".join(f"({' OR '.join(map(_fts5, term))})" for term in terms)
        return f"{TABLE}.id IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s)", query  # noqa: S608
    query = " & ".join(f"({' | '.join(map(_tsquery, term))})" for term in terms)
    return f"to_tsvector('simple', {TABLE}.grams) @@ to_tsquery('simple', %s)", query


def _fts5(alternative: tuple[tuple[str, ...], bool]) -> str:
    tokens, is_prefix = alternative
    return f'"{" ".join(tokens)}"' + (" *" if is_prefix else "")


def _tsquery(alternative: tuple[tuple[str, ...], bool]) -> str:
    tokens, is_prefix = alternative
    return f"({' <-> '.join(tokens)}{':*' if is_prefix else ''})"
