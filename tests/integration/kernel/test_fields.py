"""Exact decimals on the database: nothing is rounded, lost or compared wrongly."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Max, Min, Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from chengdan.kernel.fields import (
    BIGINT_MAX,
    AmountField,
    FixedDecimalField,
    PriceField,
    QuantityField,
)


class Sample(models.Model):
    amount = AmountField(default=Decimal(0))
    other = AmountField(null=True, blank=True)
    price = PriceField(null=True, blank=True)
    quantity = QuantityField(null=True, blank=True)

    class Meta:
        app_label = "kernel_tests"


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Sample)


pytestmark = pytest.mark.django_db
amounts = st.decimals(-(10**14), 10**14, places=4)
on_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(amounts)
@on_database
def test_a_value_comes_back_as_it_went_in(amount: Decimal) -> None:
    row = Sample.objects.create(amount=amount)
    row.refresh_from_db()
    assert row.amount == amount
    assert isinstance(row.amount, Decimal)
    assert Sample.objects.filter(pk=row.pk, amount=amount).exists()
    assert Sample.objects.filter(pk=row.pk, amount__in=[amount]).exists()
    assert not Sample.objects.filter(pk=row.pk, amount__gt=amount).exists()
    assert Sample.objects.filter(pk=row.pk, amount__gte=amount, amount__lte=amount).exists()


@given(st.lists(amounts, min_size=1, max_size=20))
@on_database
def test_sums_and_extremes_are_exact(values: list[Decimal]) -> None:
    Sample.objects.all().delete()
    Sample.objects.bulk_create(Sample(amount=value) for value in values)
    found = Sample.objects.aggregate(total=Sum("amount"), low=Min("amount"), high=Max("amount"))
    assert found == {"total": sum(values), "low": min(values), "high": max(values)}
    ordered = list(Sample.objects.order_by("amount").values_list("amount", flat=True))
    assert ordered == sorted(values)


def test_a_thousand_dimes_are_a_hundred() -> None:
    Sample.objects.bulk_create(Sample(amount=Decimal("0.10")) for _dime in range(1000))
    assert Sample.objects.aggregate(total=Sum("amount"))["total"] == Decimal(100)
    assert Sample.objects.filter(amount=Decimal(5)).aggregate(
        total=Coalesce(Sum("amount"), Decimal(0), output_field=AmountField())
    ) == {"total": Decimal(0)}


def test_columns_of_one_scale_compare_in_sql() -> None:
    Sample.objects.create(amount=Decimal("10.20"), other=Decimal("10.3"))
    Sample.objects.create(amount=Decimal("10.20"), other=Decimal("10.2"))
    assert Sample.objects.filter(amount=F("other")).count() == 1
    assert Sample.objects.filter(amount__lt=F("other")).count() == 1
    Sample.objects.update(amount=F("other"))
    assert Sample.objects.filter(amount=F("other")).count() == 2


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.1, "invalid"),
        (True, "invalid"),
        ("abc", "invalid"),
        ("1_000", "invalid"),
        ("", "invalid"),
        ("NaN", "invalid"),
        ("Infinity", "invalid"),
        (Decimal("sNaN"), "invalid"),
        (Decimal("0.00001"), "places"),
        (Decimal(BIGINT_MAX), "range"),
        ("1E+999999999", "range"),
        ("1E-999999999", "places"),
        (10**30, "range"),
        (Decimal("1." + "0" * 30 + "1"), "places"),
        (Decimal("1" * 5000), "range"),
        ("0." + "1" * 5000, "places"),
        ("922337203685477.5808", "range"),
        ([], "invalid"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(value: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.objects.create(amount=value)
    assert caught.value.code == code
    with pytest.raises(ValidationError):
        Sample.objects.filter(amount=value).exists()


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("-0", "0"),
        ("1e2", "100"),
        (3, "3"),
        (Decimal("1.20000000"), "1.2"),
        ("922337203685477.5807", "922337203685477.5807"),
        ("-922337203685477.5807", "-922337203685477.5807"),
    ],
)
def test_other_ways_to_write_a_number(value: Any, stored: str) -> None:
    row = Sample.objects.create(amount=value)
    row.refresh_from_db()
    assert row.amount == Decimal(stored)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL types the column itself")
def test_sqlite_refuses_anything_but_integers() -> None:
    row = Sample.objects.create(amount=Decimal(1))
    for wrong in ("1.5", "'abc'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE kernel_tests_sample SET amount = {wrong}")  # noqa: S608
    row.refresh_from_db()
    assert row.amount == Decimal(1)


def test_forms_and_validators_know_the_scale() -> None:
    field = FixedDecimalField(scale=2, validators=[])
    form = field.formfield()
    assert form.clean("12.30") == Decimal("12.30")  # type: ignore[union-attr]
    for wrong in ("12.345", "abc", "NaN", "1" * 30):
        with pytest.raises(ValidationError):
            form.clean(wrong)  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        Sample(amount=Decimal(1), price=Decimal(-1)).full_clean()
    Sample(amount=Decimal(1), price=Decimal("0.000001")).full_clean()


def test_rows_survive_being_written_as_json() -> None:
    row = Sample.objects.create(amount=Decimal("1234567.8901"), other=None)
    text = serializers.serialize("json", [row])
    assert '"1234567.8901"' in text
    field = Sample._meta.get_field("amount")
    assert field.to_python(field.value_to_string(row)) == row.amount


def test_scale_is_checked_and_kept_in_migrations() -> None:
    field = FixedDecimalField(scale=12)
    field.set_attributes_from_name("amount")
    assert "kernel.E001" in [error.id for error in field.check()]
    _name, path, _args, kwargs = AmountField(scale=3).deconstruct()
    assert path.endswith("AmountField")
    assert kwargs["scale"] == 3
