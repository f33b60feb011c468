"""What the frame around every page needs: rail, new menu, bell, companies, language, theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_info

from chengdan.kernel.ui import hooks
from chengdan.kernel.ui.formats import due_state, due_text, duration_text
from chengdan.kernel.ui.strangers import page_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from chengdan.kernel.actor import Actor
    from chengdan.kernel.ui.parts import PageHead, Text

THEMES = ("light", "dark")
LANGUAGE_SHORT = {"zh-hans": "简", "zh-hant": "繁", "en": "EN"}
PHONE_BAR = ("workbench", "inbox", "customers")


def url_or_empty(name: str) -> str:
    """Return the address of a named page, or "" while no room provides it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a menu or the rail."""

    code: str
    title: Text
    url: str
    icon: str = ""
    is_on: bool = False
    count: int = 0
    starts_group: bool = False
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class Bell:
    """The inbox button of the top bar."""

    count: int
    nearest: str
    due: str
    state: str


class Frame:
    """Everything around a page, built when the template asks for it."""

    def __init__(self, request: HttpRequest, head: PageHead | None = None) -> None:
        self.request, self.head = request, head
        self.actor: Actor | None = getattr(request, "actor", None)

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a person to build the rail for."""
        return self.actor is not None and self.actor.user_id is not None

    @cached_property
    def rail(self) -> list[Link]:
        """Entries some grant opens, with the current one marked."""
        if self.actor is None:
            return []
        items = [(item, url_or_empty(item.url_name)) for item in hooks.nav_for(self.actor)]
        items = [(item, url) for item, url in items if url]
        current = self._current([url for _item, url in items])
        links, group = [], items[0][0].group if items else 0
        for item, url in items:
            count = item.badge(self.actor) if item.badge else 0
            links.append(
                Link(
                    item.code,
                    item.title,
                    url,
                    item.icon,
                    is_on=url == current,
                    count=count,
                    starts_group=item.group != group,
                )
            )
            group = item.group
        return links

    def _current(self, urls: Sequence[str]) -> str:
        """Return the entry the page belongs to: the last of its breadcrumbs, else by address."""
        crumbs = [str(crumb.url) for crumb in self.head.crumbs] if self.head is not None else []
        path = self.request.path
        if path not in urls and (known := [url for url in crumbs if url in urls]):
            return known[-1]
        found = (url for url in urls if path == url or (url != "/" and path.startswith(url)))
        return max(found, key=len, default="")

    @cached_property
    def phone_bar(self) -> list[Link]:
        """Workbench, tasks and customers for the bottom bar of a phone."""
        rail = {link.code: link for link in self.rail}
        links = [rail[code] for code in PHONE_BAR if code in rail]
        return links or list(rail.values())[:3]

    @cached_property
    def new_menu(self) -> list[Link]:
        """What the actor may create."""
        if self.actor is None:
            return []
        found = []
        for item in hooks.new_for(self.actor):
            url = url_or_empty(item.url_name)
            if url:
                found.append(Link(item.code, item.title, url, item.icon, shortcut=item.shortcut))
        return found

    @cached_property
    def bell(self) -> Bell | None:
        """Open tasks and the nearest deadline."""
        summary = hooks.inbox_for(self.actor) if self.actor is not None else None
        if summary is None:
            return None
        nearest = summary.nearest
        state = due_state(nearest) if summary.count else "idle"
        return Bell(summary.count, duration_text(nearest), due_text(nearest), state)

    @cached_property
    def companies(self) -> list[hooks.CompanyChoice]:
        """The companies to switch between; empty with one company."""
        choices = list(hooks.companies_for(self.actor)) if self.actor is not None else []
        return choices if len(choices) > 1 else []

    def company_name(self) -> str:
        """The company the actor works in at the moment."""
        company_id = self.actor.company_id if self.actor is not None else None
        return next((c.name for c in self.companies if c.id == company_id), "")

    def languages(self) -> list[dict[str, Any]]:
        """The languages of the interface, each under its own name."""
        current = get_language() or settings.LANGUAGE_CODE
        return [
            {
                "code": code,
                "name": get_language_info(code)["name_local"],
                "is_on": code == current,
            }
            for code, _name in settings.LANGUAGES
        ]

    def language_short(self) -> str:
        """One or two letters for the language button."""
        return LANGUAGE_SHORT.get(get_language() or "", "A")

    @cached_property
    def here(self) -> str:
        """Where to come back to after another language or company was chosen."""
        return page_shown(self.request)

    def theme(self) -> str:
        """Light or dark as the person chose, "" to follow the device."""
        theme = self.request.COOKIES.get("cd_theme", "")
        return theme if theme in THEMES else ""

    def is_narrow(self) -> bool:
        """Whether the person folded the rail."""
        return self.request.COOKIES.get("cd_rail") == "narrow"

    @cached_property
    def urls(self) -> dict[str, str]:
        """Pages of rooms the frame links to, "" where there is none."""
        parts = ("search", "inbox", "company", "profile", "logout", "help", "home")
        found = {part: url_or_empty(hooks.frame_url_name(part)) for part in parts}
        return found | {"language": url_or_empty("ui:language")}

    def reference(self) -> str:
        """The number support asks for."""
        own = getattr(self.request, "request_id", "")
        return own or (self.actor.request_id if self.actor is not None else "")
