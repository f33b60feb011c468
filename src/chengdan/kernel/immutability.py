"""Tables whose rows are never changed or deleted: the database itself refuses."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_tables: dict[str, tuple[str, ...]] = {}
# Django's description of a table also parses its definition, which takes far longer.
_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info(%s)",
    "postgresql": (
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position"
    ),
}


def immutable_table(table: str, *, may_change: tuple[str, ...] = ()) -> None:
    """Refuse DELETE on `table`, and UPDATE of every column not named in `may_change`."""
    _tables[table] = may_change


def immutable_tables() -> dict[str, tuple[str, ...]]:
    """Return the protected tables with the columns that may change."""
    return dict(_tables)


def _columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS[connection.vendor], [table])
        return [name for (name,) in cursor.fetchall()]


def triggers_install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers for every protected table that exists; idempotent."""
    present = set(connection.introspection.table_names())
    for table, may_change in _tables.items():
        if table not in present:
            continue
        fixed = [name for name in _columns(connection, table) if name not in may_change]
        changed = " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in fixed)
        if connection.vendor == "sqlite":
            changed = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in fixed)
        _create(connection, table, changed)


def _create(connection: BaseDatabaseWrapper, table: str, changed: str) -> None:
    triggers_drop(connection, [table])
    message = f"{table} is append-only"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, event, when in (
                ("keep", "DELETE", ""),
                ("fix", "UPDATE", f"WHEN {changed}"),
            ):
                cursor.execute(
                    f'CREATE TRIGGER "{table}_{name}" BEFORE {event} ON "{table}" {when} '
                    f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
            return
        cursor.execute(
            "CREATE OR REPLACE FUNCTION chengdan_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
            "USING ERRCODE = 'restrict_violation'; END $$"
        )
        cursor.execute(
            f'CREATE TRIGGER "{table}_keep" BEFORE DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION chengdan_refuse()"
        )
        cursor.execute(
            f'CREATE TRIGGER "{table}_fix" BEFORE UPDATE ON "{table}" '
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION chengdan_refuse()"
        )


def triggers_drop(connection: BaseDatabaseWrapper, tables: list[str] | None = None) -> None:
    """Remove the triggers; for migrations of such tables and for flushing test databases."""
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in tables if tables is not None else list(_tables):
            if table not in present:
                continue
            suffix = "" if connection.vendor == "sqlite" else f' ON "{table}"'
            for name in ("keep", "fix"):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_{name}"{suffix}')
