"""Pages and acts by their name, for the search in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.kernel.pinyin import text_fold
from chengdan.kernel.search.grams import readings
from chengdan.kernel.ui import hooks
from chengdan.kernel.ui.frame import url_or_empty

COMMANDS_MAX = 6


@dataclass(frozen=True, slots=True)
class Command:
    """A page to go to, or something to begin."""

    title: Any
    icon: str
    url: str
    is_new: bool


def commands_find(actor: Actor, text: str) -> list[Command]:
    """Return pages and new-menu entries open to the actor whose name begins or holds `text`."""
    wanted = text_fold(text)
    if len(wanted) < 1 or (len(wanted) == 1 and wanted.isascii()):
        return []
    pages: list[hooks.NavItem | hooks.NewItem] = [*hooks.nav_for(actor), *hooks.new_for(actor)]
    found = []
    for item in pages:
        url = url_or_empty(item.url_name)
        if url and _matches(str(item.title), wanted):
            is_new = isinstance(item, hooks.NewItem)
            found.append(Command(item.title, item.icon, url, is_new))
    return found[:COMMANDS_MAX]


def _matches(title: str, wanted: str) -> bool:
    folded = text_fold(title)
    if wanted in folded:
        return True
    for syllables in readings(folded) if wanted.isascii() else ():
        initials = "".join(syllable[0] for syllable in syllables)
        if initials.startswith(wanted) or "".join(syllables).startswith(wanted):
            return True
    return False
