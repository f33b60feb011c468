"""Writing audit entries, inside the transaction of the change they describe.

An entry is put down when its change happens and written with the others of the act just before
the commit: two statements for all of them, however many documents the act touched.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.codes import is_declared
from chengdan.kernel.audit.models import AuditEntry, AuditPersonal
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import WRITE_AUDIT, current_unit

FORM = 1
WAITING_MAX = 2_000
_WAITING = "audit_waiting"
_HEADS_AT_ONCE = 200
# One probe of the unique index per document; a join over all of them is planned as a scan.
_NEWEST = """
    SELECT target_type, target_id, sequence, digest FROM (
        SELECT target_type, target_id, sequence, digest FROM kernel_auditentry
        WHERE target_type = %s AND target_id = %s ORDER BY sequence DESC LIMIT 1) AS newest
"""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What one entry of `audit_record_many` says.

    Attributes:
        at, by, code: of an entry taken over from another system; None for now, the actor and
            the code of the act.
        is_first: the act has made the target, so nothing is looked up to chain the entry to; the
            database refuses a second first one.
    """

    target: models.Model
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    params: dict[str, Any] | None = None
    reason: str = ""
    personal: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None
    by: Actor | None = None
    code: str = ""
    is_first: bool = False


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    return str(value)


def canonical(content: dict[str, Any]) -> str:
    """Return the one way to write `content`: sorted keys, no spaces, exact decimals as text."""
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )


def entry_digest(entry: AuditEntry) -> str:
    """Return the SHA-256 that the entry must carry, from its own columns."""
    parts = [
        entry.form, entry.previous, entry.target_type, entry.target_id, entry.sequence,
        _plain(entry.at), entry.company_id, entry.code, entry.actor_id, entry.actor_name,
        entry.on_behalf_of_id, entry.channel, entry.request_id, entry.reason, entry.content,
    ]  # fmt: skip
    # JSON keeps the borders between the parts, whatever characters they hold.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def target_label(model: type[models.Model] | models.Model) -> str:
    """Return `app.model` as audit, process and permissions name a document type."""
    return model._meta.label_lower


def audit_record(
    actor: Actor,
    code: str,
    target: models.Model,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    params: dict[str, Any] | None = None,
    personal: dict[str, str] | None = None,
    is_first: bool = False,
) -> AuditEntry:
    """Add one entry to the history of `target`.

    Args:
        before, after: changed fields only; Decimals, dates and models are written canonically.
        personal: personal values (phone, address), kept apart so that they can be erased.
        is_first: see `AuditRow`.

    Raises:
        KeyError: the code is not declared.
        RuntimeError: outside `write()`.
    """
    row = AuditRow(target, before, after, params, reason, personal or {}, is_first=is_first)
    return audit_record_many(actor, code, [row])[0]


def audit_record_many(actor: Actor, code: str, rows: Iterable[AuditRow]) -> list[AuditEntry]:
    """Add one entry per row with a constant number of queries; see `audit_record`."""
    listed = list(rows)
    for name in {code} | {row.code for row in listed if row.code}:
        if not is_declared(name):
            raise KeyError(f"audit code {name!r} is not declared")
    unit = current_unit()
    at = clock.now()
    entries, personal = [], []
    for row in listed:
        content = {"before": row.before, "after": row.after, "params": row.params}
        if row.personal:
            kept = [(name, _personal(value)) for name, value in row.personal.items()]
            content["personal"] = {name: item.digest for name, item in kept}
            personal += [item for _name, item in kept]
        by = row.by or actor
        entry = AuditEntry(
            target_type=target_label(row.target),
            target_id=int(row.target.pk),
            at=row.at or at,
            company_id=getattr(row.target, "company_id", None) or actor.company_id,
            code=row.code or code,
            actor_id=by.user_id,
            actor_name=by.name,
            on_behalf_of_id=by.on_behalf_of_id,
            channel=actor.channel,
            request_id=actor.request_id,
            reason=row.reason,
            content=canonical(content),
            form=FORM,
        )
        entries.append(entry)
        if row.is_first:
            _heads().setdefault((entry.target_type, entry.target_id), (0, ""))
        unit.recorded.add(row.target._meta.db_table)
    if personal:
        AuditPersonal.objects.bulk_create(personal, batch_size=500)
    waiting: list[AuditEntry] = unit.memo.setdefault(_WAITING, [])
    waiting += entries
    unit.before_commit[WRITE_AUDIT] = audit_write
    if len(waiting) > WAITING_MAX:
        audit_write()
    return entries


def entries_waiting() -> list[AuditEntry]:
    """Return the entries of this act that are not written yet."""
    return list(current_unit().memo.get(_WAITING, []))


def audit_write() -> None:
    """Number, chain and write the entries that wait; for whoever reads a history it just made."""
    memo = current_unit().memo
    waiting: list[AuditEntry] = memo.pop(_WAITING, [])
    if not waiting:
        return
    heads = _heads()
    _heads_load(heads, {(entry.target_type, entry.target_id) for entry in waiting})
    for entry in waiting:
        key = (entry.target_type, entry.target_id)
        sequence, entry.previous = heads.get(key, (0, ""))
        entry.sequence = sequence + 1
        entry.digest = entry_digest(entry)
        heads[key] = (entry.sequence, entry.digest)
    rows_insert(waiting)


def _heads() -> dict[tuple[str, int], tuple[int, str]]:
    """Return target → (number, digest) of its newest entry, as far as this act knows."""
    heads: dict[tuple[str, int], tuple[int, str]] = current_unit().memo.setdefault(
        "audit_heads", {}
    )
    return heads


def _personal(value: str) -> AuditPersonal:
    salt = secrets.token_hex(16)
    digest = hashlib.sha256(f"{salt}\x1f{value}".encode()).hexdigest()
    return AuditPersonal(digest=digest, salt=salt, value=value)


def _heads_load(
    heads: dict[tuple[str, int], tuple[int, str]], targets: set[tuple[str, int]]
) -> None:
    unknown = sorted(targets - heads.keys())
    for start in range(0, len(unknown), _HEADS_AT_ONCE):
        chunk = unknown[start : start + _HEADS_AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join([_NEWEST] * len(chunk)),
                [value for target in chunk for value in target],
            )
            for kind, pk, sequence, digest in cursor.fetchall():
                heads[kind, pk] = (sequence, digest)
