"""Anchors and the verifier: any altered byte and any cut tail is found (invariant I10)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from chengdan.kernel import clock
from chengdan.kernel.audit.models import AuditAnchor, AuditEntry, AuditPersonal
from chengdan.kernel.audit.record import entry_digest
from chengdan.kernel.outbox.handlers import periodic
from chengdan.kernel.verification import Difference, verifier


def _day_bounds(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)


def _heads(until: datetime, since: datetime) -> Iterator[tuple[str, int, int, str]]:
    """Yield (type, id, count, head) of the documents touched between the instants, at `until`."""
    touched = (
        AuditEntry.objects.filter(at__gte=since, at__lt=until)
        .values_list("target_type", "target_id")
        .annotate(last=Max("sequence"))
        .order_by("target_type", "target_id")
    )
    for label, pk, last in touched.iterator():
        digest = AuditEntry.objects.values_list("digest", flat=True).get(
            target_type=label, target_id=pk, sequence=last
        )
        yield label, pk, last, digest


def _anchor_digest(day: date, previous: str) -> tuple[str, int, int]:
    since, until = _day_bounds(day)
    state = hashlib.sha256(f"{day.isoformat()}\x1f{previous}".encode())
    documents = 0
    for label, pk, count, digest in _heads(until, since):
        state.update(f"\x1e{label}\x1f{pk}\x1f{count}\x1f{digest}".encode())
        documents += 1
    entries = AuditEntry.objects.filter(at__lt=until).count()
    state.update(f"\x1e{entries}".encode())
    return state.hexdigest(), documents, entries


def anchor_day(day: date) -> AuditAnchor:
    """Anchor all documents touched on `day` (UTC) in the database and in a file outside it.

    Days must be anchored in order; a day that has its anchor is left as it is.
    """
    known = AuditAnchor.objects.filter(day=day).first()
    if known is not None:
        return known
    last = AuditAnchor.objects.order_by("-day").first()
    previous = last.digest if last else ""
    digest, documents, entries = _anchor_digest(day, previous)
    anchor = AuditAnchor.objects.create(
        day=day,
        documents=documents,
        entries=entries,
        previous=previous,
        digest=digest,
        created_at=clock.now(),
    )
    folder = Path(settings.CHENGDAN_ANCHORS)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "anchors.jsonl").open("a", encoding="utf-8") as file:
        line = {"day": day.isoformat(), "documents": documents, "entries": entries}
        file.write(json.dumps({**line, "digest": digest}) + "\n")
    return anchor


@periodic("kernel.audit_anchor", daily_at="01:10")
def anchor_due() -> None:
    """Anchor every day up to yesterday that has no anchor yet."""
    yesterday = clock.now().date() - timedelta(days=1)
    last = AuditAnchor.objects.order_by("-day").values_list("day", flat=True).first()
    first = AuditEntry.objects.order_by("at").values_list("at", flat=True).first()
    if first is None:
        return
    day = last + timedelta(days=1) if last else first.date()
    while day <= yesterday:
        anchor_day(day)
        day += timedelta(days=1)


@verifier("I10", "audit chain")
def chain_differences() -> Iterator[Difference]:
    """Recompute every digest and check that each document's entries are 1, 2, 3 and so on."""
    key, sequence, head = None, 0, ""
    entries = AuditEntry.objects.order_by("target_type", "target_id", "sequence")
    for entry in entries.iterator(chunk_size=2000):
        if (entry.target_type, entry.target_id) != key:
            key, sequence, head = (entry.target_type, entry.target_id), 0, ""
        where = f"{entry.target_type} {entry.target_id} entry {entry.sequence}"
        sequence += 1
        if entry.sequence != sequence:
            yield Difference("I10", where, f"entry {sequence}", f"entry {entry.sequence}")
            sequence = entry.sequence
        if entry.previous != head:
            yield Difference("I10", where, f"previous {head}", entry.previous)
        expected = entry_digest(entry)
        if entry.digest != expected:
            yield Difference("I10", where, expected, entry.digest)
        head = entry.digest


@verifier("I10", "audit anchors")
def anchor_differences() -> Iterator[Difference]:
    """Recompute every anchor, and compare the copy outside the database."""
    outside = _anchors_outside()
    previous = ""
    for anchor in AuditAnchor.objects.order_by("day"):
        digest, _documents, entries = _anchor_digest(anchor.day, previous)
        where = f"anchor of {anchor.day}"
        if anchor.previous != previous:
            yield Difference("I10", where, f"previous {previous}", anchor.previous)
        if digest != anchor.digest:
            yield Difference("I10", where, digest, anchor.digest)
        if entries != anchor.entries:
            yield Difference("I10", where, f"{anchor.entries} entries", f"{entries}")
        written = outside.pop(anchor.day.isoformat(), None)
        if written is not None and written != anchor.digest:
            yield Difference("I10", f"{where} outside", written, anchor.digest)
        previous = anchor.digest
    for day in outside:
        yield Difference("I10", f"anchor of {day}", "a row in the database", "none")


@verifier("I10", "personal values")
def personal_differences() -> Iterator[Difference]:
    """Check that stored personal values match the digests that entries refer to."""
    kept = AuditPersonal.objects.filter(value__isnull=False)
    for row in kept.iterator(chunk_size=2000):
        digest = hashlib.sha256(f"{row.salt}\x1f{row.value}".encode()).hexdigest()
        if digest != row.digest:
            yield Difference("I10", f"personal value {row.pk}", row.digest, digest)


def _anchors_outside() -> dict[str, str]:
    path = Path(settings.CHENGDAN_ANCHORS) / "anchors.jsonl"
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["day"]: row["digest"] for row in map(json.loads, lines)}
