"""Small pieces of markup that columns and template tags share."""

from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chengdan.kernel.durations import Duration
from chengdan.kernel.ui.formats import due_state, due_text
from chengdan.kernel.ui.parts import Chip, Text


@lru_cache(maxsize=1)
def sprite_url() -> str:
    """Address of the icon sprite, with its hash where static files are hashed."""
    return static("vendor/icons.svg")


@lru_cache(maxsize=512)
def icon_html(name: str, css: str = "") -> SafeString:
    """Draw an icon of the sprite; words always stand beside it."""
    if not name:
        return SafeString("")
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        sprite_url(),
        name,
    )


def chip_html(chip: Chip) -> SafeString:
    """Draw a chip: colour, icon and word."""
    if not chip.state and not chip.icon:
        return format_html('<span class="mk"{}>{}</span>', _title(chip.title), chip.text)
    return format_html(
        '<span class="chip{}"{}>{}{}</span>',
        f" is-{chip.state}" if chip.state else "",
        _title(chip.title),
        icon_html(chip.shown_icon),
        chip.text,
    )


def _title(text: Text) -> SafeString:
    return format_html(' title="{}"', text) if text else SafeString("")


def due_html(left: Duration | None, soon_minutes: int = 120) -> SafeString:
    """Draw the time left or over, with colour, icon and word."""
    if left is None:
        return SafeString("")
    state = due_state(left, soon_minutes)
    icon = icon_html("alert-triangle" if state == "late" else "clock")
    return format_html('<span class="due is-{}">{}{}</span>', state, icon, due_text(left))
