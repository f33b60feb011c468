"""Append-only tables refuse change by every way in, on both databases."""

import pytest
from django.db import DatabaseError, connection, models, transaction

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.immutability import immutable_tables, triggers_drop, triggers_install
from chengdan.kernel.numbering.models import NumberSeries, NumberVoid
from chengdan.kernel.transactions import unguarded, write
from chengdan.kernel.workcalendar.models import WorkCalendar

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["kernel_auditentry", "kernel_numbervoid"])
def row(request: pytest.FixtureRequest) -> models.Model:
    if request.param == "kernel_auditentry":
        with write():
            calendar = WorkCalendar.objects.create(code="cn")
            return audit_record(Actor.system("tests"), "kernel.calendar.saved", calendar)
    with unguarded():
        series = NumberSeries.objects.create(company_id=1, document_type="x", pattern="{n}")
    return NumberVoid.objects.create(
        series=series, number="1", reason="spoilt", voided_at=clock.now()
    )


def refused(act: object) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act()  # type: ignore[operator]


def test_no_way_in_changes_or_deletes_a_row(row: models.Model) -> None:
    model = type(row)
    table, name = model._meta.db_table, "reason"
    manager = model._default_manager

    def by_save() -> None:
        setattr(row, name, "another")
        row.save()

    def raw(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    refused(by_save)
    refused(lambda: manager.filter(pk=row.pk).update(**{name: "another"}))
    refused(lambda: manager.bulk_update([row], [name]))
    refused(lambda: manager.filter(pk=row.pk).delete())
    refused(lambda: manager.filter(pk=row.pk)._raw_delete(using="default"))
    refused(lambda: raw(f"UPDATE {table} SET reason = 'another'"))  # noqa: S608
    refused(lambda: raw(f"DELETE FROM {table}"))  # noqa: S608
    row.refresh_from_db()
    assert getattr(row, name) != "another"


def test_installing_again_changes_nothing_and_dropping_opens(row: models.Model) -> None:
    triggers_install(connection)
    triggers_install(connection)
    refused(lambda: type(row)._default_manager.all().delete())
    triggers_drop(connection)
    type(row)._default_manager.all().delete()
    triggers_install(connection)


def test_the_audit_is_protected() -> None:
    assert AuditEntry._meta.db_table in immutable_tables()
