"""How figures, days and limits read on a page (pages.md §2): plain text, no markup."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengdan.kernel import clock
from chengdan.kernel.durations import Duration

MINUS = "−"
ZERO = "–"
MINUTES_PER_HOUR = 60
HOURS_SHOWN = 72


def number_text(value: Decimal | int | None, places: int | None = None, *, zero: str = ZERO) -> str:
    """Return a number with thousands separators; minus as −, zero as –, None as ""."""
    if value is None:
        return ""
    exact = Decimal(value)
    if exact == 0:
        return zero
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = MINUS if exact < 0 else ""
    return f"{sign}{abs(exact):,f}"


def money_text(value: Decimal | None, currency: str = "", places: int = 2) -> str:
    """Return an amount with its places; the currency only where a page mixes currencies."""
    text = number_text(value, places)
    return f"{currency} {text}" if currency and text not in ("", ZERO) else text


def party_text(name: str, amount: Decimal | None) -> str:
    """Return for whom and how much, for the head of a page about one document."""
    return " · ".join(text for text in (name, money_text(amount)) if text not in ("", ZERO))


def quantity_text(value: Decimal | int | None) -> str:
    """Return a quantity without trailing zeros."""
    if value is None:
        return ""
    exact = Decimal(value)
    if exact == exact.to_integral_value():
        return number_text(exact.to_integral_value())
    return number_text(exact.normalize())


def percent_text(share: Decimal | None) -> str:
    """Return a share as percent without trailing zeros, 0.13 as `13 %`; zero is a rate too."""
    if share is None:
        return ""
    return f"{number_text((share * 100).normalize(), zero='0')} %"


def who_text(person_id: int | None, name: str) -> str:
    """Return who did something; programs have no name that a reader knows."""
    return name if person_id is not None else _("automatic")


def local_day(value: date | datetime) -> date:
    """The day of an instant in the reader's time zone."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date()
    return value


def local_today() -> date:
    """The reader's calendar day."""
    return timezone.localtime(clock.now()).date()


def day_text(value: date | datetime | None) -> str:
    """Return `11-21` in this year, else `2025-11-21`; an instant gets its time."""
    if value is None:
        return ""
    day = local_day(value)
    text = f"{day:%m-%d}" if day.year == local_today().year else f"{day:%Y-%m-%d}"
    if isinstance(value, datetime):
        return f"{text} {timezone.localtime(value):%H:%M}"
    return text


def day_title(value: date | datetime | None) -> str:
    """Return the full day with its weekday (and the time of an instant) for hovering."""
    if value is None:
        return ""
    day = local_day(value)
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    text = f"{day:%Y-%m-%d} {weekdays[day.weekday()]}"
    if isinstance(value, datetime):
        text += f" {timezone.localtime(value):%H:%M:%S}"
    return text


def duration_text(duration: Duration | None) -> str:
    """Return a time as `0:18`, `26:05`, or days (working days) from 72 hours on."""
    if duration is None:
        return ""
    hours, rest = divmod(abs(duration.minutes), MINUTES_PER_HOUR)
    if hours < HOURS_SHOWN:
        return f"{hours}:{rest:02d}"
    days = duration.days
    if duration.is_working_time:
        text = ngettext("%(count)s working day", "%(count)s working days", days)
    else:
        text = ngettext("%(count)s day", "%(count)s days", days)
    return text % {"count": days}


def due_text(left: Duration | None) -> str:
    """Return `0:18 left` or `1:12 over`."""
    if left is None:
        return ""
    time = duration_text(left)
    if left.minutes < 0:
        return _("%(time)s over") % {"time": time}
    return _("%(time)s left") % {"time": time}


def due_state(left: Duration | None, soon_minutes: int = 120) -> str:
    """Return the state class of a limit: late, soon or idle."""
    if left is None:
        return "idle"
    if left.minutes < 0:
        return "late"
    return "soon" if left.minutes <= soon_minutes else "idle"


def capped_text(count: int, cap: int) -> str:
    """Return a count that stopped at its cap as `10,000+`."""
    return f"{cap:,}+" if count > cap else f"{count:,}"


def line_text(row: int | None, text: str) -> str:
    """Return what is wrong with a line of a document with the number of the line before it.

    A text that begins with the number itself, such as "Line 3 is below …", stays as it is.
    """
    if row is None or re.match(rf"\D{{0,6}}{row}(?!\d)", text):
        return text
    return _("Line %(line)s: %(text)s") % {"line": row, "text": text}
