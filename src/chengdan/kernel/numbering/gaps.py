"""Finding gaps and duplicates in statutory numbers (invariant I8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chengdan.kernel.numbering.models import NumberCounter, NumberSeries, NumberVoid
from chengdan.kernel.numbering.patterns import pattern_parse, short_period
from chengdan.kernel.registry import Registry
from chengdan.kernel.verification import Difference, verifier

NumbersProvider = Callable[[int], Iterable[str]]
_providers: Registry[NumbersProvider] = Registry("numbers of documents")


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is wrong with the numbers of one series.

    Attributes:
        missing: places taken that neither a document nor a void carries.
        twice: numbers carried more than once.
        foreign: numbers that the series never gave.
    """

    missing: tuple[str, ...]
    twice: tuple[str, ...]
    foreign: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.twice or self.foreign)


def numbers_provider_register(document_type: str, provider: NumbersProvider) -> None:
    """Tell which numbers the documents of a kind carry, cancelled ones included."""
    _providers.add(document_type, provider)


def series_gaps(series: NumberSeries, carried: Iterable[str]) -> Gaps:
    """Compare the numbers that documents carry, and voids, with the counters of the series."""
    voided = NumberVoid.objects.filter(series=series).values_list("number", flat=True)
    given: dict[tuple[str, int], str] = {}
    patterns = {pattern_parse(series.pattern, series.reset)}
    for counter in NumberCounter.objects.filter(series=series):
        period = short_period(counter.period)
        patterns.add(pattern_parse(counter.pattern, series.reset))
        for count in range(counter.first, counter.last + 1):
            given[period, count] = f"{counter.period} {counter.pattern} {count}".strip()
    seen: Counter[tuple[str, int]] = Counter()
    foreign, twice = [], []
    for number in [*carried, *voided]:
        places = (item.place(number, series.reset, series.office) for item in patterns)
        place = next((found for found in places if found in given), None)
        if place is None:
            foreign.append(number)
            continue
        seen[place] += 1
        if seen[place] == 2:
            twice.append(number)
    missing = [text for place, text in given.items() if place not in seen]
    return Gaps(tuple(missing), tuple(twice), tuple(foreign))


@verifier("I8", "statutory numbers")
def number_differences() -> Iterator[Difference]:
    """Compare every gapless series with the numbers that its documents carry."""
    for series in NumberSeries.objects.filter(is_gapless=True).order_by("pk"):
        provider = _providers.find(series.document_type)
        if provider is None:
            continue
        offices = NumberSeries.objects.filter(
            company_id=series.company_id, document_type=series.document_type
        ).count()
        carried = list(provider(series.company_id))
        gaps = series_gaps(series, carried)
        where = f"{series.document_type} of company {series.company_id} {series.office}".strip()
        for number in gaps.missing:
            yield Difference("I8", where, f"a document or a void for {number}", "none")
        for number in gaps.twice:
            yield Difference("I8", where, "each number once", f"{number} again")
        # With several offices a number of another one is no stranger.
        for number in gaps.foreign if offices == 1 else ():
            yield Difference("I8", where, "numbers given by the series", number)
