"""Filters of a list: read from the address, checked, turned into a database condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chengdan.kernel.ui.formats import day_text, local_today
from chengdan.kernel.ui.parts import Text

if TYPE_CHECKING:
    from django.http import QueryDict

    from chengdan.kernel.actor import Actor

MAX_VALUE = 200
MAX_VALUES = 50

Choices: TypeAlias = "Iterable[tuple[Any, Text]] | Callable[[Actor], Iterable[tuple[Any, Text]]]"


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose in a filter."""

    value: str
    title: Text
    is_on: bool


@dataclass(slots=True)
class BoundFilter:
    """A filter with the values of one request; what the chip shows."""

    filter: Filter
    values: list[str]
    options: list[Option] = field(default_factory=list)
    text: str = ""

    @property
    def is_on(self) -> bool:
        """Whether it narrows the list."""
        return bool(self.text)

    @property
    def value(self) -> str:
        """The single value."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Base: one named condition. `main=False` puts it behind "More"."""

    name: str
    title: Text
    field: str = ""
    main: bool = True

    widget = "text"

    @property
    def path(self) -> str:
        """The database field."""
        return self.field or self.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the address."""
        return (self.name,)

    def bind(self, data: QueryDict, actor: Actor) -> BoundFilter:
        """Read the values of a request; unknown values are dropped."""
        values = [v[:MAX_VALUE] for v in data.getlist(self.name)[:MAX_VALUES] if v and _clean(v)]
        return BoundFilter(self, values, text=values[0] if values else "")

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        """The database condition of the bound values."""
        return Q(**{f"{self.path}__icontains": bound.value})


def _clean(value: str) -> bool:
    """Refuse control characters and lone surrogates; a database can't take them."""
    return all(ch >= " " and not "\ud800" <= ch <= "\udfff" for ch in value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter(Filter):
    """A text the field starts with (indexed) or contains.

    Args:
        lookup: "istartswith" for numbers and codes, "icontains" for short tables only.
    """

    lookup: str = "istartswith"

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        return Q(**{f"{self.path}__{self.lookup}": bound.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFilter(Filter):
    """One or several of given values.

    Args:
        choices: pairs (value, title) or a function of the actor giving them.
        multiple: several values may be chosen.
        apply: own condition `(values, actor) -> Q` instead of `field IN values`.
    """

    choices: Choices = ()
    multiple: bool = True
    apply: Callable[[list[str], Actor], Q] | None = None

    widget = "choice"

    def bind(self, data: QueryDict, actor: Actor) -> BoundFilter:
        choices = self.choices(actor) if callable(self.choices) else self.choices
        pairs = [(str(value), title) for value, title in choices]
        asked = set(data.getlist(self.name)[:MAX_VALUES])
        options = [Option(value, title, value in asked) for value, title in pairs]
        on = [option for option in options if option.is_on]
        if not self.multiple:
            on = on[:1]
        return BoundFilter(
            self,
            [option.value for option in on],
            options,
            _(", ").join(str(option.title) for option in on),
        )

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        if self.apply is not None:
            return self.apply(bound.values, actor)
        return Q(**{f"{self.path}__in": bound.values})


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagFilter(Filter):
    """A yes/no condition: on or absent."""

    apply: Callable[[Actor], Q] = lambda actor: Q()

    widget = "flag"

    def bind(self, data: QueryDict, actor: Actor) -> BoundFilter:
        is_on = data.get(self.name) == "1"
        return BoundFilter(self, ["1"] if is_on else [], text=_("yes") if is_on else "")

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        return self.apply(actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFilter(Filter):
    """A range of days, or a named period (today, this week, this month, last month).

    Args:
        is_instant: the field is an instant; a day begins when the reader's clock says so.
    """

    is_instant: bool = False

    widget = "dates"

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_from", f"{self.name}_to")

    def bind(self, data: QueryDict, actor: Actor) -> BoundFilter:
        named = data.get(self.name, "")
        periods = named_periods(local_today())
        options = [Option(code, title, code == named) for code, title, _a, _b in periods]
        chosen = next((p for p in periods if p[0] == named), None)
        start: date | None
        end: date | None
        if chosen is not None:
            start, end, text = chosen[2], chosen[3], str(chosen[1])
        else:
            start = _day(data.get(f"{self.name}_from", ""))
            end = _day(data.get(f"{self.name}_to", ""))
            text = _range_text(start, end)
        values = [start.isoformat() if start else "", end.isoformat() if end else ""]
        return BoundFilter(self, values, options, text)

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        first, last = (date.fromisoformat(text) if text else None for text in bound.values)
        found = Q()
        if first is not None:
            found &= Q(**{f"{self.path}__gte": self._start(first)})
        if last is not None and self.is_instant:
            found &= Q(**{f"{self.path}__lt": self._start(last + timedelta(days=1))})
        elif last is not None:
            found &= Q(**{f"{self.path}__lte": last})
        return found

    def _start(self, day: date) -> date:
        """Return what the field holds at the beginning of a day of the reader's clock."""
        if not self.is_instant:
            return day
        return timezone.make_aware(datetime.combine(day, time()))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None
    # No instant can be told of days at the ends of the calendar.
    return day if day is not None and date.min.year < day.year < date.max.year else None


def _range_text(start: date | None, end: date | None) -> str:
    if start and end:
        return _("%(start)s to %(end)s") % {"start": day_text(start), "end": day_text(end)}
    if start:
        return _("from %(start)s") % {"start": day_text(start)}
    if end:
        return _("until %(end)s") % {"end": day_text(end)}
    return ""


def named_periods(day: date) -> Sequence[tuple[str, str, date, date]]:
    """Periods a clerk asks for, relative to `day`: code, title, first and last day."""
    week = day - timedelta(days=day.weekday())
    month = day.replace(day=1)
    last_month_end = month - timedelta(days=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return (
        ("today", _("Today"), day, day),
        ("yesterday", _("Yesterday"), day - timedelta(days=1), day - timedelta(days=1)),
        ("week", _("This week"), week, week + timedelta(days=6)),
        ("month", _("This month"), month, next_month - timedelta(days=1)),
        ("last_month", _("Last month"), last_month_end.replace(day=1), last_month_end),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PickFilter(Filter):
    """A person, customer, product … chosen with a type-ahead picker.

    Args:
        url_name: the picker's endpoint (JSON rows).
        label: title of a chosen id, read through the owning room's selector.
    """

    url_name: str
    label: Callable[[Actor, int], str]

    widget = "pick"

    def bind(self, data: QueryDict, actor: Actor) -> BoundFilter:
        value = data.get(self.name, "")
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            return BoundFilter(self, [])
        return BoundFilter(self, [value], text=self.label(actor, int(value)) or value)

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        return Q(**{self.path: int(bound.value)})
