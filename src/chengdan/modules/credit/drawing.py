"""The bar of an account and the picture of its last months, drawn on the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chengdan.kernel.ui.drawing import Part, stacked
from chengdan.kernel.ui.formats import number_text
from chengdan.modules.credit.rules import HUNDRED, ZERO, Totals, over_limit

_WIDTH = 852.0
_TEXT_ROOM = 110.0


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"


def whole(value: Decimal) -> str:
    """Return an amount without places, as labels of a drawing show it."""
    return number_text(value.quantize(Decimal(1)), zero="0")


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of the bar: what counts, the class of its colour, and its name."""

    title: str
    value: Decimal
    css: str


def bar_parts(totals: Totals) -> list[BarPart]:
    """Return the parts of the exposure; what lowers it is taken off where it belongs.

    Unapplied receipts lower the receivable first, money set aside the open orders first.
    """
    values = [totals.receivable, totals.to_invoice, totals.open]
    for lowering, order in ((totals.unapplied, (0, 1, 2)), (totals.covered, (2, 1, 0))):
        rest = lowering
        for index in order:
            part = min(max(values[index], ZERO), rest)
            values[index] -= part
            rest -= part
    titles = (_("Receivable"), _("To invoice"), _("Open orders"))
    colours = ("c1", "c2", "c3")
    return [
        BarPart(title, max(value, ZERO), css)
        for title, value, css in zip(titles, values, colours, strict=True)
    ]


def account_bar(totals: Totals, limit: Decimal | None, percent: Decimal) -> SafeString:
    """Draw the exposure against the limit, with the overrun in red."""
    parts = bar_parts(totals)
    top = (limit or ZERO) * (HUNDRED + percent) / HUNDRED
    shown = sum((part.value for part in parts), ZERO)
    scale = _WIDTH / (float(max(top, shown, Decimal(1))) * 1.04)
    label = _("Exposure %(exposure)s, limit %(limit)s") % {
        "exposure": whole(totals.exposure),
        "limit": whole(limit) if limit is not None else _("none"),
    }
    return format_html(
        '<svg class="viz" viewBox="0 0 852 88" role="img" aria-label="{}">'
        '<rect class="v-track" x="0" y="30" width="{}" height="34" rx="3"/>{}{}{}</svg>',
        label,
        _n(float(max(top, shown)) * scale),
        _parts(parts, scale),
        _overrun(totals, limit, shown, scale),
        _marks(limit, top, percent, scale),
    )


def narrow_bar(totals: Totals, limit: Decimal | None, percent: Decimal) -> SafeString:
    """Draw the same for a card at the side, where the wide bar's words are too small to read."""
    parts = [Part(part.title, part.value, part.css) for part in bar_parts(totals)]
    return stacked(
        parts,
        limit=limit,
        limit_text=_("limit %(amount)s") % {"amount": whole(limit)} if limit is not None else "",
        top=(limit or ZERO) * (HUNDRED + percent) / HUNDRED,
    )


def _parts(parts: Sequence[BarPart], scale: float) -> SafeString:
    left, drawn = 0.0, []
    for part in parts:
        size = float(part.value) * scale
        if size > 0:
            text = f"{part.title} {whole(part.value)}" if size > _TEXT_ROOM else ""
            ink = "on b" if part.css == "c1" else "ink b"
            drawn.append(
                (part.css, _n(left), _n(max(size - 1, 0.5)), part.title, ink, _n(left + 10), text)
            )
        left += size
    return format_html_join(
        "",
        '<rect class="v-{}" x="{}" y="30" width="{}" height="34"><title>{}</title></rect>'
        '<text class="{}" x="{}" y="51">{}</text>',
        drawn,
    )


def _overrun(totals: Totals, limit: Decimal | None, shown: Decimal, scale: float) -> SafeString:
    over = min(over_limit(exposure=totals.exposure, limit=limit), shown)
    if not over or limit is None:
        return SafeString("")
    left = float(shown - over) * scale
    return format_html(
        '<rect class="v-late" x="{}" y="30" width="{}" height="34"/>'
        '<text class="t-late b" x="{}" y="82">{}</text>',
        _n(left),
        _n(float(over) * scale),
        _n(left + 2),
        _("over %(amount)s") % {"amount": whole(over)},
    )


def _marks(limit: Decimal | None, top: Decimal, percent: Decimal, scale: float) -> SafeString:
    if limit is None:
        return SafeString("")
    at, end = float(limit) * scale, float(top) * scale
    texts = (
        _("limit %(amount)s") % {"amount": whole(limit)},
        f"+{whole(percent)}% {whole(top)}",
    )
    return format_html(
        '<line class="s-ink" x1="{0}" x2="{0}" y1="22" y2="70"/>'
        '<text class="ink b" x="{0}" y="17" text-anchor="end">{1}</text>'
        '<line class="s-ink2 s-dash" x1="{2}" x2="{2}" y1="22" y2="70"/>'
        '<text x="{2}" y="17" text-anchor="{4}">{3}</text>',
        _n(at),
        texts[0],
        _n(end),
        texts[1],
        "start" if end - at < _TEXT_ROOM else "end",
    )


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """What stood at the end of one month."""

    label: str
    parts: tuple[Decimal, Decimal, Decimal]
    exposure: Decimal
    limit: Decimal | None


def months_chart(months: Sequence[MonthEnd], unit: Decimal, unit_text: str) -> SafeString:
    """Draw month-end exposures as stacked columns with the limit as a line."""
    if not months:
        return SafeString("")
    highest = max(
        max(sum((max(p, ZERO) for p in month.parts), ZERO), month.limit or ZERO) for month in months
    )
    top = float(highest or unit) * 1.1
    step = 810.0 / len(months)

    def level(value: Decimal) -> float:
        return 196 - 170 * float(value) / top

    columns = [
        piece
        for index, month in enumerate(months)
        for piece in _column(month, 38 + index * step, step * 0.56, level)
    ]
    labels = [
        (_n(38 + index * step + step * 0.28), month.label, _n(level(max(month.exposure, ZERO)) - 4),
         whole(month.exposure / unit))
        for index, month in enumerate(months)
    ]  # fmt: skip
    line = " ".join(
        f"{_n(34 + index * step)},{_n(level(month.limit))} "
        f"{_n(34 + (index + 1) * step)},{_n(level(month.limit))}"
        for index, month in enumerate(months)
        if month.limit is not None
    )
    return format_html(
        '<svg class="viz is-months" viewBox="0 0 852 220" role="img" aria-label="{}">'
        '<line class="s-line" x1="34" x2="852" y1="196" y2="196"/>'
        '<text class="s11" x="0" y="10">{}</text>{}{}<polyline class="s-ink" points="{}"/></svg>',
        _("Exposure and limit at the end of each month"),
        unit_text,
        format_html_join("", '<rect class="v-{}" x="{}" y="{}" width="{}" height="{}"/>', columns),
        format_html_join(
            "",
            '<text class="s11" x="{0}" y="212" text-anchor="middle">{1}</text>'
            '<text class="s10 is-figure" x="{0}" y="{2}" text-anchor="middle">{3}</text>',
            labels,
        ),
        line,
    )


def _column(
    month: MonthEnd, left: float, width: float, level: Callable[[Decimal], float]
) -> list[tuple[str, str, str, str, str]]:
    drawn, base = [], ZERO
    for css, value in zip(("c1", "c2", "c3"), month.parts, strict=True):
        part = max(value, ZERO)
        if part:
            bottom, top = level(base), level(base + part)
            drawn.append((css, _n(left), _n(top), _n(width), _n(max(bottom - top - 0.7, 0.5))))
        base += part
    return drawn
