"""The history cannot be changed unseen, cut short unseen, or left out."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_history, audit_record, audit_record_many
from chengdan.kernel.audit.models import AuditAnchor, AuditEntry, AuditPersonal
from chengdan.kernel.audit.record import audit_write, entry_digest
from chengdan.kernel.audit.verify import (
    anchor_day,
    anchor_differences,
    anchor_due,
    chain_differences,
    personal_differences,
)
from chengdan.kernel.immutability import triggers_drop
from chengdan.kernel.transactions import AuditMissingError, savepoint, unguarded, write
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar

pytestmark = pytest.mark.django_db
ACTOR = Actor(7, "李明朗", 1)
CODE = "kernel.calendar.saved"
DAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def document(code: str = "cn") -> WorkCalendar:
    with write():
        row = WorkCalendar.objects.create(code=code, company_id=1)
        audit_record(ACTOR, CODE, row, after={"code": code, "opens": time(8, 30)})
    return row


def change(row: WorkCalendar, **more: Any) -> AuditEntry:
    with write():
        row.version += 1
        row.save(update_fields=["version"])
        return audit_record(ACTOR, CODE, row, before={"version": 1}, after={"version": 2}, **more)


def history(documents: int = 3, entries: int = 4) -> list[WorkCalendar]:
    rows = [document(f"c{index}") for index in range(documents)]
    for row in rows:
        for number in range(entries - 1):
            change(row, reason=f"because {number}", params={"n": number})
    return rows


def test_entries_are_numbered_and_chained_per_document() -> None:
    one, other = document("a"), document("b")
    change(one, reason="why")
    change(one)
    entries = list(AuditEntry.objects.filter(target_id=one.pk).order_by("sequence"))
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries] == ["", entries[0].digest, entries[1].digest]
    assert AuditEntry.objects.get(target_id=other.pk).previous == ""
    newest = audit_history(one)[0]
    assert newest.changes == [("version", 1, 2)]
    assert (newest.actor_name, newest.channel) == ("李明朗", "web")
    assert list(chain_differences()) == []


def test_the_history_of_several_rows_is_in_order_of_time() -> None:
    one, other = document("a"), document("b")
    for number in range(3):
        change(other, reason=f"other {number}")
    change(one, reason="last")
    along = Q(target_type="kernel.workcalendar", target_id=other.pk)
    told = [view.reason for view in audit_history(one, along=along)]
    assert told == ["last", "other 2", "other 1", "other 0", "", ""]


def test_the_history_shows_only_what_changed() -> None:
    row = document("a")
    with write():
        row.save()
        audit_record(
            ACTOR, CODE, row, before={"code": "a", "zone": 1}, after={"code": "a", "zone": 2}
        )
    assert audit_history(row)[0].changes == [("zone", 1, 2)]


def test_many_entries_need_few_queries(django_assert_max_num_queries: Any) -> None:
    rows = [document(f"c{index}") for index in range(50)]
    with write(), django_assert_max_num_queries(4):
        audit_record_many(ACTOR, CODE, [AuditRow(row, after={"x": 1}) for row in rows])
    assert list(chain_differences()) == []


def test_two_entries_of_one_document_in_one_act_are_chained() -> None:
    row = document()
    with write():
        audit_record_many(ACTOR, CODE, [AuditRow(row), AuditRow(row)])
        audit_record(ACTOR, CODE, row)
    assert AuditEntry.objects.filter(target_id=row.pk).count() == 4
    assert list(chain_differences()) == []


def test_the_first_entry_is_chained_without_a_look_and_never_twice() -> None:
    with write():
        row = WorkCalendar.objects.create(code="new", company_id=1)
        audit_record(ACTOR, CODE, row, is_first=True)
        audit_write()
        audit_record(ACTOR, CODE, row, reason="after the first was written")

    def undone() -> None:
        with savepoint():
            other = WorkCalendar.objects.create(code="other", company_id=1)
            audit_record(ACTOR, CODE, other, is_first=True)
            raise RuntimeError("undone")

    with write(), pytest.raises(RuntimeError, match="undone"):
        undone()
    entries = AuditEntry.objects.filter(target_id=row.pk).order_by("sequence")
    assert [entry.sequence for entry in entries] == [1, 2]
    assert AuditEntry.objects.count() == 2
    assert list(chain_differences()) == []
    with pytest.raises(IntegrityError), write():
        audit_record(ACTOR, CODE, row, is_first=True)


def test_a_savepoint_that_is_undone_takes_its_entries_with_it() -> None:
    row = document()
    with write():
        with pytest.raises(KeyError), savepoint():  # noqa: PT012
            audit_record(ACTOR, CODE, row)
            raise KeyError
        audit_record(ACTOR, CODE, row)
    assert list(chain_differences()) == []
    assert AuditEntry.objects.filter(target_id=row.pk).count() == 2


def test_any_altered_value_is_found_in_a_thousand_tries() -> None:
    history()
    triggers_drop(connection, ["kernel_auditentry"])
    entries = list(AuditEntry.objects.order_by("pk"))
    names = [field.attname for field in AuditEntry._meta.concrete_fields if field.name != "id"]
    picker = random.Random(20261121)
    missed = []
    for _try in range(1000):
        entry, name = picker.choice(entries), picker.choice(names)
        before = getattr(entry, name)
        after = _altered(before, picker)
        AuditEntry.objects.filter(pk=entry.pk).update(**{name: after})
        if not list(chain_differences()):
            missed.append((name, before, after))
        AuditEntry.objects.filter(pk=entry.pk).update(**{name: before})
    assert missed == []
    assert list(chain_differences()) == []


def _altered(value: Any, picker: random.Random) -> Any:
    if isinstance(value, str):
        if not value:
            return "y"
        place = picker.randrange(len(value))
        other = picker.choice([c for c in "x1 ,\x1f" if c != value[place]])
        return value[:place] + other + value[place + 1 :]
    if isinstance(value, datetime):
        return value + timedelta(microseconds=picker.choice([-1, 1, 10**6]))
    return (value or 0) + picker.choice([1000, 2000])


def test_moving_the_border_between_two_texts_is_found() -> None:
    row = document()
    entry = change(row, reason="left\x1fright")
    other = AuditEntry.objects.get(pk=entry.pk)
    other.request_id, other.reason = f"{entry.request_id}\x1fleft", "right"
    assert entry_digest(other) != entry.digest


def test_a_missing_middle_entry_is_found() -> None:
    rows = history()
    triggers_drop(connection, ["kernel_auditentry"])
    AuditEntry.objects.filter(target_id=rows[0].pk, sequence=2).delete()
    assert list(chain_differences())


@pytest.fixture
def anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "CHENGDAN_ANCHORS", tmp_path, raising=False)
    return tmp_path / "anchors.jsonl"


def test_a_cut_tail_is_found_by_the_anchor(anchors: Path) -> None:
    with clock.at(DAY):
        rows = history()
    with clock.at(DAY + timedelta(days=1)):
        change(rows[0])
    with clock.at(DAY + timedelta(days=3)):
        anchor_due()
        anchor_due()
    assert AuditAnchor.objects.count() == 3
    assert list(anchor_differences()) == []
    triggers_drop(connection, ["kernel_auditentry"])
    AuditEntry.objects.filter(target_id=rows[1].pk, sequence=4).delete()
    assert list(chain_differences()) == []
    assert any("2026-11-16" in found.where for found in anchor_differences())


def test_a_rewritten_chain_is_found_by_the_anchor_outside(anchors: Path) -> None:
    with clock.at(DAY):
        rows = history(1, 2)
    anchor_day(DAY.date())
    triggers_drop(connection, ["kernel_auditentry", "kernel_auditanchor"])
    entry = AuditEntry.objects.get(target_id=rows[0].pk, sequence=2)
    entry.reason = "another reason"
    entry.digest = entry_digest(entry)
    entry.save()
    assert list(chain_differences()) == []
    assert list(anchor_differences())
    AuditAnchor.objects.all().delete()
    assert [found.where for found in anchor_differences()] == ["anchor of 2026-11-16"]
    anchor_day(DAY.date())
    assert len(anchors.read_text().splitlines()) == 2


def test_days_are_anchored_without_a_hole(anchors: Path) -> None:
    with clock.at(DAY):
        document()
    with clock.at(DAY + timedelta(days=5)):
        anchor_due()
    days = list(AuditAnchor.objects.order_by("day").values_list("day", flat=True))
    assert days == [date(2026, 11, 16) + timedelta(days=index) for index in range(5)]
    lines = [json.loads(line) for line in anchors.read_text().splitlines()]
    assert len(lines) == 5


def test_personal_values_can_be_erased_and_the_chain_still_holds() -> None:
    row = document()
    change(row, personal={"phone": "13800138000"})
    entry = AuditEntry.objects.get(target_id=row.pk, sequence=2)
    assert "13800138000" not in entry.content
    assert audit_history(row)[0].after["phone"] == "13800138000"
    AuditPersonal.objects.update(value=None)
    assert audit_history(row)[0].after["phone"] == "***"
    assert list(chain_differences()) == list(personal_differences()) == []
    AuditPersonal.objects.update(value="999")
    assert len(list(personal_differences())) == 1


def test_a_change_without_an_entry_fails_its_commit() -> None:
    with pytest.raises(AuditMissingError, match="kernel_workcalendar"), write():
        WorkCalendar.objects.create(code="x", company_id=1)
    assert not WorkCalendar.objects.exists()


def test_a_change_outside_a_write_fails_at_once() -> None:
    row = document()
    for act in (
        lambda: WorkCalendar.objects.create(code="x", company_id=1),
        lambda: WorkCalendar.objects.update(version=9),
        lambda: WorkCalendar.objects.bulk_create([WorkCalendar(code="x")]),
        lambda: WorkCalendar.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(AuditMissingError, match="outside"), transaction.atomic():
            act()


def test_lines_are_covered_by_the_entry_of_their_parent() -> None:
    row = document()
    with pytest.raises(AuditMissingError, match="kernel_calendarday"), write():
        CalendarDay.objects.create(calendar=row, day=date(2026, 1, 1), kind="holiday")
    with write():
        CalendarDay.objects.create(calendar=row, day=date(2026, 1, 1), kind="holiday")
        audit_record(ACTOR, CODE, row)
    with unguarded():
        CalendarDay.objects.all().delete()


def test_entries_need_a_declared_code_and_a_write() -> None:
    row = document()
    with pytest.raises(KeyError), write():
        audit_record(ACTOR, "kernel.calendar.misspelt", row)
    with pytest.raises(RuntimeError):
        audit_record(ACTOR, CODE, row)
