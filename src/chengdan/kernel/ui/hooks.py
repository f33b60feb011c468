"""What rooms plug into the frame: navigation, new menu, permission check, inbox, companies.

The kernel imports no room, so a room hands its functions over while the apps start
(`apps.ready()`); pages call them through this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from django.core.exceptions import ImproperlyConfigured

from chengdan.kernel.durations import Duration
from chengdan.kernel.registry import Registry
from chengdan.kernel.ui.parts import Text

if TYPE_CHECKING:
    from django.http import HttpRequest

    from chengdan.kernel.actor import Actor
    from chengdan.kernel.ui.document import Panel

Can: TypeAlias = "Callable[[Actor, str], bool]"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the rail, ordered like the chain; `group` separates with a line."""

    code: str
    title: Text
    icon: str
    url_name: str
    permission: str = ""
    order: int = 500
    group: int = 1
    badge: Callable[[Actor], int] | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class NewItem:
    """One entry of the "New" menu."""

    code: str
    title: Text
    icon: str
    url_name: str
    permission: str
    order: int = 500
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class InboxSummary:
    """What the bell shows: open tasks and the time left to the nearest deadline."""

    count: int
    nearest: Duration | None = None


@dataclass(frozen=True, slots=True)
class CompanyChoice:
    """One company a person works for."""

    id: int
    name: str


PanelProvider: TypeAlias = "Callable[..., Panel | None]"


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """A panel that a later room adds to an earlier room's page."""

    document_type: str
    position: Literal["main", "side"]
    provider: PanelProvider
    permission: str
    order: int


@dataclass(slots=True)
class Hooks:
    """The functions plugged in; one instance per process, filled while apps start."""

    can: Can | None = None
    inbox: Callable[[Actor], InboxSummary | None] | None = None
    companies: Callable[[Actor], Sequence[CompanyChoice]] | None = None
    urls: dict[str, str] = field(default_factory=dict)


_hooks = Hooks()
nav_items: Registry[NavItem] = Registry("navigation")
new_items: Registry[NewItem] = Registry("new menu")
panel_entries: Registry[PanelEntry] = Registry("document panels")


def hooks_set(
    *,
    can: Can | None = None,
    inbox: Callable[[Actor], InboxSummary | None] | None = None,
    companies: Callable[[Actor], Sequence[CompanyChoice]] | None = None,
) -> None:
    """Plug in the permission check (people), the inbox summary (process), the companies (people).

    Args:
        can: `(actor, permission) -> bool`, model-level.
        inbox: what the bell shows for an actor.
        companies: companies the actor may switch between.
    """
    if can is not None:
        _hooks.can = can
    if inbox is not None:
        _hooks.inbox = inbox
    if companies is not None:
        _hooks.companies = companies


def frame_url_set(**names: str) -> None:
    """Tell the frame which named page plays a part: `frame_url_set(inbox="process:inbox")`.

    Parts: search, inbox, company (POST), profile, logout (POST), help, home.
    """
    _hooks.urls.update(names)


def frame_url_name(part: str) -> str:
    """Name of the page that plays a part of the frame; the part's own name by default."""
    return _hooks.urls.get(part, part)


def nav_register(*items: NavItem) -> None:
    """Add entries to the rail.

    Raises:
        RuntimeError: the code is taken, or start-up is over.
    """
    for item in items:
        nav_items.add(item.code, item)


def new_register(*items: NewItem) -> None:
    """Add entries to the "New" menu.

    Raises:
        RuntimeError: the code is taken, or start-up is over.
    """
    for item in items:
        new_items.add(item.code, item)


def panel_register(
    document_type: str,
    position: Literal["main", "side"],
    provider: PanelProvider,
    *,
    permission: str = "",
    order: int = 500,
) -> None:
    """Let a later room show a panel on an earlier room's document page.

    Args:
        document_type: as given to `DocumentPage`, for example "orders.order".
        provider: `(request, obj) -> Panel | None`; None leaves the panel out.
        permission: model-level permission the reader needs.
    """
    name = f"{document_type} {position} {provider.__module__}.{provider.__qualname__}"
    entry = PanelEntry(document_type, position, provider, permission, order)
    panel_entries.add(name, entry)


def allowed(actor: Actor, permission: str) -> bool:
    """Return whether the actor holds the permission anywhere; "" is open to everybody signed in."""
    if not permission:
        return True
    if _hooks.can is None:
        raise ImproperlyConfigured("no permission check is plugged in: call hooks_set(can=…)")
    return _hooks.can(actor, permission)


def nav_for(actor: Actor) -> list[NavItem]:
    """The rail entries some grant opens, in order of the chain."""
    items = [item for _code, item in nav_items.items() if allowed(actor, item.permission)]
    return sorted(items, key=lambda item: (item.group, item.order, item.code))


def new_for(actor: Actor) -> list[NewItem]:
    """The "New" entries the actor may use."""
    items = [item for _code, item in new_items.items() if allowed(actor, item.permission)]
    return sorted(items, key=lambda item: (item.order, item.code))


def inbox_for(actor: Actor) -> InboxSummary | None:
    """What the bell shows, or None while no room provides it."""
    return _hooks.inbox(actor) if _hooks.inbox is not None else None


def companies_for(actor: Actor) -> Sequence[CompanyChoice]:
    """The companies of the actor."""
    return _hooks.companies(actor) if _hooks.companies is not None else ()


def panels_for(
    request: HttpRequest, actor: Actor, document_type: str, obj: Any, position: str
) -> list[Panel]:
    """Build the registered panels of a document that the actor may see."""
    entries = [
        entry
        for _name, entry in panel_entries.items()
        if entry.document_type == document_type
        and entry.position == position
        and allowed(actor, entry.permission)
    ]
    panels = [entry.provider(request, obj) for entry in sorted(entries, key=lambda e: e.order)]
    return [panel for panel in panels if panel is not None]
