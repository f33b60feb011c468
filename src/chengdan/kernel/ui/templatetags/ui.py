"""Tags and filters: icons, figures, days, limits, chips, drawings, the frame."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from chengdan.kernel.durations import Duration
from chengdan.kernel.ui import drawing, formats, hooks, markup
from chengdan.kernel.ui.faults import reference_of
from chengdan.kernel.ui.frame import Frame
from chengdan.kernel.ui.parts import Chip, HeadActs, PageHead, State

if TYPE_CHECKING:
    from collections.abc import Sequence

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon: `{% icon "check" %}`."""
    return markup.icon_html(name, css)


@register.filter
def money(value: Decimal | None, currency: str = "") -> str:
    """Show an amount: `{{ order.amount|money }}`."""
    return formats.money_text(value, currency)


@register.filter
def quantity(value: Decimal | int | None) -> str:
    """Show a quantity without trailing zeros."""
    return formats.quantity_text(value)


@register.filter
def figure(value: Decimal | None) -> SafeString | str:
    """Show an amount, negative in red."""
    text = formats.money_text(value)
    return format_html('<span class="neg">{}</span>', text) if text.startswith("−") else text


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """Show `11-21` this year, else `2025-11-21`; the full day on hover."""
    if value is None:
        return formats.ZERO
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.day_title(value),
        formats.day_text(value),
    )


@register.filter
def duration(value: Duration | None) -> str:
    """Show a time as `0:18`."""
    return formats.duration_text(value)


@register.simple_tag
def due(left: Duration | None, soon: int = 120) -> SafeString:
    """Show the time left (or over) with icon and colour: `{% due item.left %}`."""
    return markup.due_html(left, soon)


@register.simple_tag
def chip(text: Any, state: State = "", icon: str = "", title: str = "") -> SafeString:
    """Draw a chip; `text` may be a `Chip`."""
    return markup.chip_html(text if isinstance(text, Chip) else Chip(text, state, icon, title))


@register.simple_tag
def mini(states: Sequence[str]) -> SafeString:
    """Draw the mini strip of a process."""
    return drawing.mini_strip(states)


@register.simple_tag
def bar(value: Decimal, total: Decimal, second: Decimal | int = 0) -> SafeString:
    """Draw progress inside a table cell."""
    return drawing.bar(value, total, second)


@register.simple_tag
def load_bar(count: int, late: int, most: int) -> SafeString:
    """Draw a person's open tasks against the most of anybody, the late part in red."""
    return drawing.load_bar(count, late, most)


@register.filter
def in_language(texts: dict[str, str]) -> str:
    """The text of a dict by language code: the reader's, else English, else any."""
    language = get_language() or "en"
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@register.simple_tag
def ring(percent: Decimal, text: str = "", second: Decimal | int = 0) -> SafeString:
    """Draw a target ring."""
    return drawing.ring(percent, text, second)


@register.simple_tag
def stacked(
    parts: Sequence[drawing.Part], limit: Decimal | None = None, limit_text: str = ""
) -> SafeString:
    """Draw a stacked bar with its limit."""
    return drawing.stacked(parts, limit=limit, limit_text=limit_text)


@register.simple_tag
def sparkline(values: Sequence[Decimal], target: Decimal | None = None) -> SafeString:
    """Draw a trend."""
    return drawing.sparkline(values, target=target)


@register.inclusion_tag("ui/parts/why_link.html")
def why(url: str) -> dict[str, str]:
    """The "why?" beside a computed figure: `{% why explain_url %}`."""
    return {"url": url}


@register.simple_tag(takes_context=True)
def frame(context: Context) -> Frame:
    """What the frame needs: `{% frame as frame %}`."""
    return Frame(context["request"], context.get("head"))


@register.simple_tag(takes_context=True)
def reference(context: Context) -> str:
    """The reference number of the request."""
    return reference_of(context["request"])


@register.simple_tag(takes_context=True)
def head_acts(context: Context, head: PageHead) -> HeadActs:
    """The acts of a head that the person may do."""
    actor = getattr(context["request"], "actor", None)
    if actor is None:
        return HeadActs(None, (), ())
    return head.split(lambda permission: hooks.allowed(actor, permission))


@register.simple_tag(takes_context=True)
def can(context: Context, permission: str) -> bool:
    """Whether the person holds a right anywhere: `{% can "orders.order:view" as ok %}`."""
    actor = getattr(context["request"], "actor", None)
    return actor is not None and hooks.allowed(actor, permission)


@register.filter
def at(value: Sequence[Any] | dict[Any, Any], key: Any) -> Any:
    """The item of a list or dict under a key."""
    return value[key]
