"""Calendars and the days that differ from the weekly pattern."""

from __future__ import annotations

import uuid
from datetime import time

from django.db import models

from chengdan.kernel.audit.guard import audited
from chengdan.kernel.workcalendar.vocabulary import DayKind


def new_stamp() -> str:
    """Return a value that no earlier state of a calendar had."""
    return uuid.uuid4().hex


@audited()
class WorkCalendar(models.Model):
    """Working hours of a company or of some of its units.

    Attributes:
        company_id: None for a calendar shared by all companies.
        weekdays: seven digits from Monday, 1 = working.
        starts_from_shipped: the shipped days of mainland China lie underneath.
        settled_years: years whose shipped days no longer count, since their plan was imported.
        skips_non_working_hours: elapsed-hour limits leave out non-working days (SHP-38).
        version: rises with every change of the calendar or its days.
        stamp: random, renewed with every change; caches compare it (a version that was rolled
            back may come again with other days).
    """

    company_id = models.BigIntegerField(null=True, blank=True)
    code = models.CharField(max_length=30)
    title = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=50, default="Asia/Shanghai")
    opens_at = models.TimeField(default=time(8, 30))
    closes_at = models.TimeField(default=time(17, 30))
    break_starts_at = models.TimeField(null=True, blank=True, default=time(12, 0))
    break_ends_at = models.TimeField(null=True, blank=True, default=time(13, 0))
    weekdays = models.CharField(max_length=7, default="1111100")
    starts_from_shipped = models.BooleanField(default=True)
    settled_years = models.JSONField(default=list, blank=True)
    skips_non_working_hours = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    stamp = models.CharField(max_length=32, default=new_stamp)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["code", "company_id"], name="calendar_unique"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(company_id=None), name="calendar_shared_unique"
            ),
        ]


@audited("kernel.WorkCalendar")
class CalendarDay(models.Model):
    """One day set by an administrator; it goes before the shipped day and the weekday.

    Attributes:
        shift: working hours of this day only, "08:30-12:00,13:00-15:00"; "" for the usual ones.
    """

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=DayKind.choices)
    title = models.CharField(max_length=100, blank=True)
    is_provisional = models.BooleanField(default=False)
    shift = models.CharField(max_length=100, blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_unique")
        ]
