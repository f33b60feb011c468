"""Drawings made on the server: geometry in attributes, colour by class (no style attribute)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chengdan.kernel.ui.parts import Text

STEP_WIDTH, STEP_PITCH, BAND_GAP, BAND_STEPS = 5.0, 6.4, 5.0, 7
_MINI_CLASS = {"wait": "idle", "skip": "idle", "todo": "track", "": "track"}
_CURRENT = ("run", "soon", "late")


def _number(value: float | Decimal) -> str:
    return f"{float(value):.1f}".rstrip("0").rstrip(".") or "0"


def mini_strip(states: Sequence[str]) -> SafeString:
    """Draw the steps of a process in a list row, seven to a band.

    Args:
        states: one of done, run, soon, late, wait, skip, todo for every step.
    """
    if not states:
        return SafeString("")
    width = len(states) * STEP_PITCH + ((len(states) - 1) // BAND_STEPS) * BAND_GAP
    count = sum(state in ("done", "skip") for state in states)
    label = _("%(done)s of %(all)s steps done") % {"done": count, "all": len(states)}
    return format_html(
        '<svg class="mini" width="{}" height="14" role="img" aria-label="{}">{}</svg>',
        _number(width),
        label,
        _mini_marks(tuple(states)),
    )


@lru_cache(maxsize=1024)
def _mini_marks(states: tuple[str, ...]) -> SafeString:
    """Draw the bars alone; a page has many rows and few different ones."""
    marks = []
    for index, state in enumerate(states):
        left = index * STEP_PITCH + (index // BAND_STEPS) * BAND_GAP
        is_current = state in _CURRENT
        marks.append(
            (
                _MINI_CLASS.get(state, state),
                _number(left),
                "0" if is_current else "3",
                "14" if is_current else "8",
            )
        )
    return format_html_join(
        "", '<rect class="v-{}" x="{}" y="{}" width="5" height="{}" rx="1"/>', marks
    )


def bar(value: Decimal | int, total: Decimal | int, second: Decimal | int = 0) -> SafeString:
    """Draw progress in a table cell: `value` and on top of it `second`, out of `total`."""
    width = 64.0
    whole = float(total) or 1.0
    first = min(width, width * float(value) / whole)
    more = min(width - first, width * float(second) / whole)
    return format_html(
        '<svg class="bar" width="64" height="8" role="img" aria-label="{} / {}">'
        '<rect class="v-track" width="64" height="8" rx="2"/>'
        '<rect class="v-c1" width="{}" height="8" rx="2"/>'
        '<rect class="v-c3" x="{}" width="{}" height="8" rx="2"/></svg>',
        value,
        total,
        _number(first),
        _number(first),
        _number(more),
    )


def load_bar(count: int, late: int, most: int) -> SafeString:
    """Draw open tasks against the most of anybody: what is in time, then what is late in red."""
    width, whole = 84.0, float(most) or 1.0
    first = width * (count - late) / whole
    return format_html(
        '<svg class="bar" width="84" height="8" role="img" aria-label="{}">'
        '<rect class="v-track" width="84" height="8" rx="2"/>'
        '<rect class="v-c2" width="{}" height="8" rx="2"/>'
        '<rect class="v-late" x="{}" width="{}" height="8" rx="2"/></svg>',
        _("%(count)s open, %(late)s late") % {"count": count, "late": late},
        _number(first),
        _number(first),
        _number(width * late / whole),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar; `css` is c1…c5, late, soon, new."""

    title: Text
    value: Decimal | int
    css: str = "c1"


def stacked(
    parts: Sequence[Part],
    *,
    limit: Decimal | int | None = None,
    limit_text: str = "",
    top: Decimal | int = 0,
) -> SafeString:
    """Draw parts of one sum beside each other, with a mark where the limit is.

    Args:
        top: the farthest that may be released; a dashed mark. What passes the limit is red.
    """
    width = 320.0
    total = float(sum(part.value for part in parts))
    scale = width / (max(total, float(limit or 0), float(top)) * 1.02 or 1.0)
    left, rects = 0.0, []
    for part in parts:
        size = float(part.value) * scale
        if size > 0:
            rects.append((part.css, _number(left), _number(max(size - 1, 0.5)), part.title))
        left += size
    label = " · ".join(f"{part.title} {part.value:,}" for part in parts)
    return format_html(
        '<svg class="viz stk" viewBox="0 0 320 40" role="img" aria-label="{}">'
        '<rect class="v-track" y="18" width="320" height="16" rx="2"/>{}{}{}{}</svg>',
        label,
        format_html_join(
            "",
            '<rect class="v-{}" x="{}" y="18" width="{}" height="16"><title>{}</title></rect>',
            rects,
        ),
        _overrun(float(limit) * scale, total * scale) if limit is not None else "",
        _top_mark(float(top) * scale) if top else "",
        _limit_mark(float(limit) * scale, limit_text) if limit else "",
    )


def _overrun(limit: float, end: float) -> SafeString:
    if end <= limit:
        return SafeString("")
    return format_html(
        '<rect class="v-over" x="{}" y="18" width="{}" height="16"/>',
        _number(limit),
        _number(end - limit),
    )


def _top_mark(at: float) -> SafeString:
    mark = '<line class="s-ink2 s-dash" x1="{0}" x2="{0}" y1="13" y2="38"/>'
    return format_html(mark, _number(at))


def _limit_mark(at: float, text: str) -> SafeString:
    middle = 160.0
    anchor, shift = ("end", -3.0) if at > middle else ("start", 3.0)
    return format_html(
        '<line class="s-ink" x1="{0}" x2="{0}" y1="13" y2="38"/>'
        '<text class="ink b s11" x="{1}" y="10" text-anchor="{2}">{3}</text>',
        _number(at),
        _number(at + shift),
        anchor,
        text,
    )


def ring(percent: Decimal | float, text: str = "", second: Decimal | float = 0) -> SafeString:
    """Draw a target ring: achieved as dark arc, forecast as light arc, the figure inside."""
    radius, size = 46.0, 112
    around = 2 * math.pi * radius
    shown = max(0.0, min(100.0, float(percent))) / 100 * around
    ahead = max(0.0, min(100.0, float(second))) / 100 * around
    label = text or f"{_number(percent)}%"
    return format_html(
        '<svg class="ring" viewBox="0 0 {size} {size}" role="img" aria-label="{label}">'
        '<circle class="r-track" cx="56" cy="56" r="46" stroke-width="10"/>'
        '<circle class="r-2" cx="56" cy="56" r="46" stroke-width="10"'
        ' stroke-dasharray="{ahead} {around}" transform="rotate(-90 56 56)"/>'
        '<circle class="r-1" cx="56" cy="56" r="46" stroke-width="10"'
        ' stroke-dasharray="{shown} {around}" transform="rotate(-90 56 56)"/>'
        '<text class="ink s18" x="56" y="62" text-anchor="middle">{label}</text></svg>',
        size=size,
        label=label,
        ahead=_number(ahead),
        shown=_number(shown),
        around=_number(around),
    )


def sparkline(
    values: Sequence[Decimal | float],
    *,
    target: Decimal | float | None = None,
    below_is_late: bool = True,
) -> SafeString:
    """Draw a trend with a dashed target; points that miss the target are red."""
    if not values:
        return SafeString("")
    width, height, pad = 190.0, 36.0, 6.0
    numbers = [float(value) for value in values]
    goal = float(target) if target is not None else None
    known = numbers + ([goal] if goal is not None else [])
    low, high = min(known), max(known)
    span = (high - low) or 1.0

    def level(value: float) -> float:
        return pad + (high - value) / span * (height - 2 * pad)

    step = (width - 8) / max(len(numbers) - 1, 1)
    points = [(4 + index * step, level(value)) for index, value in enumerate(numbers)]
    missed = [
        point
        for point, value in zip(points, numbers, strict=True)
        if goal is not None and (value < goal if below_is_late else value > goal)
    ]
    last = points[-1]
    return format_html(
        '<svg class="viz spark" viewBox="0 0 190 36" aria-hidden="true">{}'
        '<polyline class="s-acc" points="{}"/>{}'
        '<circle class="{}" cx="{}" cy="{}" r="3.5"/></svg>',
        _goal_line(level(goal)) if goal is not None else "",
        " ".join(f"{_number(x)},{_number(y)}" for x, y in points),
        format_html_join(
            "",
            '<circle class="v-late" cx="{}" cy="{}" r="2.5"/>',
            ((_number(x), _number(y)) for x, y in missed),
        ),
        "v-late" if last in missed else "v-c1",
        _number(last[0]),
        _number(last[1]),
    )


def _goal_line(at: float) -> SafeString:
    return format_html('<line class="s-line2 s-dash" x1="0" x2="190" y1="{0}" y2="{0}"/>', at)
