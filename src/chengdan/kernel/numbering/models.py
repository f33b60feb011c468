"""Series, their counters, and numbers that were taken but are not used."""

from __future__ import annotations

from django.db import models

from chengdan.kernel.audit.guard import audited
from chengdan.kernel.immutability import immutable_table
from chengdan.kernel.numbering.vocabulary import Reset


@audited()
class NumberSeries(models.Model):
    """How numbers of one kind of document look in one company and office.

    Attributes:
        office: "" for all offices without a series of their own.
        minimum, maximum: range of the counter in every period; maximum None is open.
        warn_below: a warning when so few numbers are left.
        is_gapless: statutory; every count is a document or a void.
    """

    company_id = models.BigIntegerField()
    document_type = models.CharField(max_length=60)
    office = models.CharField(max_length=20, blank=True)
    pattern = models.CharField(max_length=40)
    reset = models.CharField(max_length=10, choices=Reset.choices, default=Reset.NEVER)
    minimum = models.PositiveBigIntegerField(default=1)
    maximum = models.PositiveBigIntegerField(null=True, blank=True)
    warn_below = models.PositiveIntegerField(default=100)
    is_gapless = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                fields=["company_id", "document_type", "office"], name="number_series_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(maximum=None) | models.Q(maximum__gte=models.F("minimum")),
                name="number_series_range",
            ),
        ]


class NumberCounter(models.Model):
    """The last count that a series gave in one period; the row is the lock.

    Attributes:
        first: where the counter began.
        pattern: of a gapless series, in force for the whole period.
    """

    series = models.ForeignKey(
        NumberSeries, models.PROTECT, related_name="counters", db_index=False
    )
    period = models.CharField(max_length=10, blank=True)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    pattern = models.CharField(max_length=40)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["series", "period"], name="number_counter_unique"),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first") - 1), name="number_counter_range"
            ),
        ]


class NumberVoid(models.Model):
    """A number of a gapless series that no document carries, with the reason; never deleted."""

    series = models.ForeignKey(NumberSeries, models.PROTECT, related_name="voids", db_index=False)
    period = models.CharField(max_length=10, blank=True)
    number = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    voided_at = models.DateTimeField()
    voided_by_id = models.BigIntegerField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="number_void_unique")
        ]


immutable_table("kernel_numbervoid")
