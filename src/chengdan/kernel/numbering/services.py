"""Taking numbers, voiding them, and setting series up."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.record import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, NotFoundError, RuleError
from chengdan.kernel.locking import LockRank, rank_enter, rows_guarded
from chengdan.kernel.numbering import vocabulary as words
from chengdan.kernel.numbering.declarations import declaration_find
from chengdan.kernel.numbering.models import NumberCounter, NumberSeries, NumberVoid
from chengdan.kernel.numbering.patterns import (
    NumberPattern,
    PatternError,
    pattern_parse,
    period_key,
    short_period,
)
from chengdan.kernel.outbox.services import event_publish
from chengdan.kernel.prepared import prepared
from chengdan.kernel.reference import remembered
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import current_unit, write

log = logging.getLogger(__name__)
TAKE_MAX = 100_000
_RANK_STEP = 2**32
# The highest count of a series without an end.
_TOP = 2**62
_COUNT_ON = (
    'UPDATE "kernel_numbercounter" '
    'SET "last" = (CASE WHEN "last" < %s THEN %s ELSE "last" END) + %s '
    'WHERE "series_id" = %s AND "period" = %s AND "last" <= %s '
    'RETURNING "id", "first", "last", "pattern"'
)
_FIELDS = ("pattern", "reset", "minimum", "maximum", "warn_below", "is_gapless")
_PATTERN_ERRORS = {
    "length": _("The pattern must have 1 to 40 characters."),
    "braces": _("The pattern has an unknown part in braces."),
    "counter": _("The pattern needs exactly one counter such as {n:4}."),
    "reset": _("The pattern must name the period in which the counter starts again."),
}


class NumberRangeFullError(RuleError):
    """The range of the series has no number left in this period."""

    default_code = "number_range_full"
    default_message = _("The number range “%(pattern)s” is used up (%(maximum)s).")


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """What an administrator sets for a series."""

    pattern: str
    reset: str
    minimum: int = 1
    maximum: int | None = None
    warn_below: int = 100
    is_gapless: bool = False


def number_take(
    actor: Actor, company_id: int, document_type: str, on: date, office: str = ""
) -> str:
    """Take the next number; see `numbers_take`."""
    return numbers_take(actor, company_id, document_type, on, 1, office=office)[0]


def numbers_take(
    actor: Actor,
    company_id: int,
    document_type: str,
    on: date,
    count: int,
    *,
    office: str = "",
) -> list[str]:
    """Take the next `count` numbers in rising order, inside the transaction of the documents.

    The counter row is locked until the commit, so a rolled-back act leaves no gap; take numbers
    as late as possible.

    Args:
        on: date of the documents, which decides the period.
        office: an office without a series of its own shares the one of "".

    Raises:
        KeyError: the kind is neither declared nor set up.
        NumberRangeFullError: the range has too few numbers left.
        RuntimeError: outside `write()`.
    """
    if not 0 < count <= TAKE_MAX:
        raise ValueError("count is between 1 and 100,000")
    series = _series_for(company_id, document_type, office)
    counter = _counted(series, period_key(series.reset, on), count)
    first = counter.last - count + 1
    _warn(actor, series, counter, first - 1)
    pattern = _pattern_of(series, counter)
    return [pattern.render(value, on, series.office) for value in range(first, counter.last + 1)]


def _pattern_of(series: NumberSeries, counter: NumberCounter) -> NumberPattern:
    """Return the pattern in force: statutory numbers keep theirs until the period ends."""
    text = counter.pattern if series.is_gapless else series.pattern
    return pattern_parse(text, series.reset)


@remembered("figures")
def _series_of(company_id: int, document_type: str, office: str) -> list[NumberSeries]:
    rows = NumberSeries.objects.filter(Q(office=office) | Q(office=""), company_id=company_id)
    return list(rows.filter(document_type=document_type))


def _series_for(company_id: int, document_type: str, office: str) -> NumberSeries:
    current_unit()
    wanted = _series_of(company_id, document_type, office)
    found = max(wanted, key=lambda row: len(row.office), default=None)
    if found is not None:
        return found
    declared = declaration_find(document_type)
    if declared is None:
        raise KeyError(f"no number series is declared for {document_type!r}")
    row, is_new = NumberSeries.objects.get_or_create(
        company_id=company_id,
        document_type=document_type,
        office="",
        defaults={
            "pattern": declared.pattern,
            "reset": declared.reset,
            "is_gapless": declared.is_gapless,
        },
    )
    if is_new:
        system = Actor.system("kernel.numbering", company_id)
        audit_record(system, words.SERIES_SAVED, row, after=_state(row))
    return row


def _counted(series: NumberSeries, period: str, count: int) -> NumberCounter:
    """Lock the counter and let it count on, in one statement.

    Raises:
        NumberRangeFullError: see `numbers_take`; the counter stands where it stood.
    """
    _counter_enter(series)
    floor, top = series.minimum - 1, _TOP if series.maximum is None else series.maximum
    values: list[int | str] = [floor, floor, count, series.pk, period, top - count]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ON, values)
        row = cursor.fetchone()
        if row is None:
            _counter_locked(series, period)
            cursor.execute(_COUNT_ON, values)
            row = cursor.fetchone()
    if row is None:
        raise NumberRangeFullError(pattern=series.pattern, maximum=series.maximum)
    pk, first, last, pattern = row
    return NumberCounter(
        pk=pk, series=series, period=period, first=first, last=last, pattern=pattern
    )


def _counter_enter(series: NumberSeries) -> None:
    """Kinds have ranks in the order of their declaration, then series by id."""
    declared = declaration_find(series.document_type)
    place = (declared.rank if declared else 0) * _RANK_STEP + series.pk
    rank_enter(LockRank.COUNTER, place, place)
    rows_guarded(LockRank.COUNTER, [place])


def _counter_locked(series: NumberSeries, period: str) -> NumberCounter:
    """Lock the counter, setting it up for the first number of a period."""
    _counter_enter(series)
    found = next(iter(_counters_locked(series.pk, period)), None)
    if found is None:
        # The first number of a period: two acts may both find no counter.
        fresh = NumberCounter(
            series=series,
            period=period,
            first=series.minimum,
            last=series.minimum - 1,
            pattern=series.pattern,
        )
        NumberCounter.objects.bulk_create([fresh], ignore_conflicts=True)
        found = next(iter(_counters_locked(series.pk, period)), None)
    if found is None:
        raise RuntimeError("the counter row vanished")
    return found


@prepared
def _counters_locked(series_id: int, period: str) -> QuerySet[NumberCounter]:
    rows = NumberCounter.objects.filter(series_id=series_id, period=period)
    return rows.select_for_update()


def _warn(actor: Actor, series: NumberSeries, counter: NumberCounter, before: int) -> None:
    if series.maximum is None:
        return
    left = series.maximum - counter.last
    was = series.maximum - max(before, series.minimum - 1)
    if left < series.warn_below <= was:
        log.warning("number series %s has %s numbers left", series.pk, left)
        event_publish(
            actor,
            words.NumberRangeNearEnd(
                series.pk, series.document_type, series.office, counter.period, left
            ),
        )


def number_void(
    *, actor: Actor, company_id: int, document_type: str, number: str, on: date, reason: str,
    office: str = "",
) -> NumberVoid:  # fmt: skip
    """Record that a taken number is carried by no document, so that it is no gap.

    Raises:
        NotFoundError: the number does not follow the series, or was not taken.
        InvalidError: no reason.
        ConflictError: it is void already.
    """
    right_require(actor, words.NUMBERING_EDIT)
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    with write():
        series = _series_for(company_id, document_type, office)
        period = period_key(series.reset, on)
        counter = _counter_locked(series, period)
        place = _pattern_of(series, counter).place(number, series.reset, series.office)
        if place is None or place[0] != short_period(period):
            raise NotFoundError
        if not counter.first <= place[1] <= counter.last:
            raise NotFoundError
        if NumberVoid.objects.filter(series=series, number=number).exists():
            raise ConflictError
        void = NumberVoid.objects.create(
            series=series,
            period=period,
            number=number,
            reason=reason.strip()[:300],
            voided_at=clock.now(),
            voided_by_id=actor.user_id,
        )
        params = {"number": number}
        audit_record(actor, words.NUMBER_VOIDED, series, reason=reason, params=params)
    return void


def series_save(
    *,
    actor: Actor,
    company_id: int,
    document_type: str,
    values: SeriesValues,
    office: str = "",
    expected_version: int | None = None,
) -> NumberSeries:
    """Set a series up or change it; numbers already given stay as they are.

    Raises:
        InvalidError: a pattern that cannot be used, an empty range, a range that runs into that
            of another series with the same pattern, or a change that a running counter forbids.
        ConflictError: changed meanwhile.
    """
    right_require(actor, words.NUMBERING_EDIT)
    with write():
        # One lock for all series of a company, so that two ranges cannot be saved at once.
        others = list(
            NumberSeries.objects.filter(company_id=company_id).order_by("pk").select_for_update()
        )
        known = next(
            (r for r in others if (r.document_type, r.office) == (document_type, office)), None
        )
        row = known or NumberSeries(
            company_id=company_id, document_type=document_type, office=office, version=0
        )
        if expected_version is not None and row.version != expected_version:
            raise ConflictError
        before = _state(row) if known else None
        for name in _FIELDS:
            setattr(row, name, getattr(values, name))
        issues = _series_issues(row, [other for other in others if other.pk != row.pk], before)
        if issues:
            raise InvalidError(issues)
        row.version += 1
        row.save()
        audit_record(actor, words.SERIES_SAVED, row, before=before, after=_state(row))
    return row


def _state(row: NumberSeries) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("document_type", "office", *_FIELDS)}


def _series_issues(
    row: NumberSeries, others: list[NumberSeries], before: dict[str, Any] | None
) -> list[FieldIssue]:
    if row.reset not in words.Reset.values:
        return [FieldIssue("reset", "choice", _("Choose when the counter starts again."))]
    try:
        pattern = pattern_parse(row.pattern, row.reset)
    except PatternError as error:
        return [FieldIssue("pattern", str(error), _PATTERN_ERRORS[str(error)])]
    issues = []
    has_office = any(name == "office" for name, _text in pattern.parts)
    if has_office and not row.office:
        issues.append(FieldIssue("office", "office", _("This pattern needs an office.")))
    top = 10**pattern.width - 1
    high = row.maximum
    if row.minimum < 1 or (high is not None and not row.minimum <= high <= top):
        text = _("The range must lie between 1 and %(top)s.") % {"top": top}
        issues.append(FieldIssue("maximum", "range", text))
    if not has_office:
        issues += [_overlap(other) for other in others if _collides(row, other)]
    if before is not None and before["is_gapless"] and not row.is_gapless:
        stays = _("A series of statutory numbers stays without gaps.")
        issues.append(FieldIssue("is_gapless", "gapless", stays))
    if before is not None and before != _state(row) and _is_used(row):
        issues += _fixed_issues(row, before)
    return issues


def _is_used(row: NumberSeries) -> bool:
    return NumberCounter.objects.filter(series=row).exists()


def _fixed_issues(row: NumberSeries, before: dict[str, Any]) -> list[FieldIssue]:
    """Return what may not change once numbers were given."""
    issues = []
    if row.reset != before["reset"]:
        text = _("Numbers were given already; the counter cannot start again at other times.")
        issues.append(FieldIssue("reset", "used", text))
    is_endless = row.is_gapless and row.reset == words.Reset.NEVER
    if is_endless and row.pattern != before["pattern"]:
        text = _("Numbers were given already; this pattern cannot change.")
        issues.append(FieldIssue("pattern", "used", text))
    return issues


def _collides(one: NumberSeries, other: NumberSeries) -> bool:
    if one.pattern != other.pattern:
        return False
    one_top = one.maximum if one.maximum is not None else float("inf")
    other_top = other.maximum if other.maximum is not None else float("inf")
    return one.minimum <= other_top and other.minimum <= one_top


def _overlap(other: NumberSeries) -> FieldIssue:
    text = _("This range runs into that of %(office)s (%(low)s–%(high)s).") % {
        "office": other.office or other.document_type,
        "low": other.minimum,
        "high": "∞" if other.maximum is None else other.maximum,
    }
    return FieldIssue("maximum", "overlap", text)
