"""Pages and acts by their name, for the search in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

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
    """Return pages and new-menu entries open to the actor whose name begins or holds `text`.

    An entry of the new-menu is found by its name alone, and as "new order".
    """
    wanted = text_fold(text).replace(" ", "")
    if len(wanted) < 1 or (len(wanted) == 1 and wanted.isascii()):
        return []
    pages: list[hooks.NavItem | hooks.NewItem] = [*hooks.nav_for(actor), *hooks.new_for(actor)]
    found = []
    for item in pages:
        url = url_or_empty(item.url_name)
        is_new = isinstance(item, hooks.NewItem)
        names = [str(item.title), *([f"{_('New')} {item.title}"] if is_new else [])]
        if url and any(_matches(name, wanted) for name in names):
            found.append(Command(item.title, item.icon, url, is_new))
    return found[:COMMANDS_MAX]


def _matches(title: str, wanted: str) -> bool:
    folded = text_fold(title).replace(" ", "")
    if wanted in folded:
        return True
    for syllables in readings(folded) if wanted.isascii() else ():
        initials = "".join(syllable[0] for syllable in syllables)
        if initials.startswith(wanted) or "".join(syllables).startswith(wanted):
            return True
    return False
