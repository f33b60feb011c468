"""Forms of the calendar pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui.forms import DayField, UiForm
from chengdan.kernel.workcalendar.models import WorkCalendar
from chengdan.kernel.workcalendar.vocabulary import DayKind

_FORMATS = ["%H:%M", "%H:%M:%S"]


class HoursForm(UiForm):
    """Working hours of a calendar."""

    title = forms.CharField(label=_("Name"), max_length=100, required=False)
    time_zone = forms.CharField(label=_("Time zone"), max_length=50)
    opens_at = forms.TimeField(label=_("Opens"), input_formats=_FORMATS)
    closes_at = forms.TimeField(label=_("Closes"), input_formats=_FORMATS)
    break_starts_at = forms.TimeField(label=_("Break from"), required=False, input_formats=_FORMATS)
    break_ends_at = forms.TimeField(label=_("Break until"), required=False, input_formats=_FORMATS)
    weekdays = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=[(str(number), name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    starts_from_shipped = forms.BooleanField(
        label=_("Public holidays of mainland China count"), required=False
    )
    skips_non_working_hours = forms.BooleanField(
        label=_("Limits in hours leave out non-working days"), required=False
    )

    @staticmethod
    def values_of(row: WorkCalendar) -> dict[str, Any]:
        """Return what the form shows at first."""
        names = (
            "title", "time_zone", "opens_at", "closes_at", "break_starts_at", "break_ends_at",
            "starts_from_shipped", "skips_non_working_hours",
        )  # fmt: skip
        chosen = [str(number) for number, digit in enumerate(row.weekdays) if digit == "1"]
        return {
            **{name: getattr(row, name) for name in names},
            "weekdays": chosen,
        }

    def values(self) -> dict[str, Any]:
        """Return what `calendar_save` takes."""
        chosen = set(self.cleaned_data["weekdays"])
        digits = "".join("1" if str(number) in chosen else "0" for number in range(7))
        return {**self.cleaned_data, "weekdays": digits}


class CalendarForm(HoursForm):
    """A new calendar."""

    code = forms.CharField(label=_("Code"), max_length=30)
    field_order = ["code", "title"]


class DayForm(UiForm):
    """One day that differs from its weekday."""

    day = DayField(label=_("Day"))
    kind = forms.ChoiceField(label=_("Kind"), choices=DayKind.choices)
    title = forms.CharField(label=_("Name"), max_length=100, required=False)
    shift = forms.CharField(
        label=_("Working hours of this day"),
        max_length=100,
        required=False,
        help_text=_("Only where they differ: 08:30-12:00,13:00-15:00"),
    )


class YearForm(UiForm):
    """The published plan of a year, pasted."""

    year = forms.IntegerField(label=_("Year"), min_value=1949, max_value=2200)
    text = forms.CharField(
        label=_("Days"),
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_(
            "One line per day or range: 2027-02-05~2027-02-11 holiday Spring Festival, or "
            "2027-02-20 make-up. The plan replaces all days of the year."
        ),
    )
