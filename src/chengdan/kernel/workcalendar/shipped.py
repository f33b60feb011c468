"""Holidays of mainland China that come with the software.

2004 to the last year of the library `chinesecalendar` as published by the State Council; 2027 with
statutory holidays only, marked provisional, because moved rest days and make-up working days are
published around November of the year before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from chinese_calendar.constants import holidays, in_lieu_days, workdays
from django.utils.translation import gettext_lazy as _

NAMES = {
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-Sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("Mid-Autumn Festival"),
    "Anti-Fascist 70th Day": _("70th anniversary of the victory of 1945"),
}
PROVISIONAL = {
    date(2027, 1, 1): "New Year's Day",
    date(2027, 2, 5): "Spring Festival",
    date(2027, 2, 6): "Spring Festival",
    date(2027, 2, 7): "Spring Festival",
    date(2027, 2, 8): "Spring Festival",
    date(2027, 4, 5): "Tomb-sweeping Day",
    date(2027, 5, 1): "Labour Day",
    date(2027, 5, 2): "Labour Day",
    date(2027, 6, 9): "Dragon Boat Festival",
    date(2027, 9, 15): "Mid-autumn Festival",
    date(2027, 10, 1): "National Day",
    date(2027, 10, 2): "National Day",
    date(2027, 10, 3): "National Day",
}


@dataclass(frozen=True, slots=True)
class ShippedDay:
    """One day that differs from its weekday.

    Attributes:
        name: key of NAMES.
        is_working: a make-up working day; else a day off.
        is_moved: a rest day moved here from a weekend, no statutory holiday (wages differ).
        is_provisional: the year's plan is not published yet.
    """

    day: date
    name: str
    is_working: bool = False
    is_moved: bool = False
    is_provisional: bool = False

    @property
    def title(self) -> str:
        """Name of the holiday in the reader's language."""
        return str(NAMES.get(self.name, self.name))


@cache
def shipped_days() -> dict[date, ShippedDay]:
    """Return every shipped day by date."""
    days = {
        day: ShippedDay(day, name, is_moved=day in in_lieu_days) for day, name in holidays.items()
    }
    days.update({day: ShippedDay(day, name, is_working=True) for day, name in workdays.items()})
    known = {day.year for day in days}
    for day, name in PROVISIONAL.items():
        if day.year not in known:
            days[day] = ShippedDay(day, name, is_provisional=True)
    return days


@cache
def shipped_years() -> dict[int, bool]:
    """Return the shipped years; True where the year is only provisional."""
    return {day.year: item.is_provisional for day, item in sorted(shipped_days().items())}
