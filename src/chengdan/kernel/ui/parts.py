"""Small immutable values that pages hand to templates: acts, chips, heads, stops.

Nothing here reads the database; a room builds these values and the templates draw them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from django.utils.functional import Promise

Text: TypeAlias = str | Promise
State: TypeAlias = Literal["", "done", "run", "soon", "late", "idle", "acc"]

STATE_ICONS: dict[str, str] = {
    "done": "check",
    "run": "player-play",
    "soon": "alert-triangle",
    "late": "hand-stop",
    "idle": "minus",
    "wait": "hourglass",
    "skip": "minus",
    "todo": "",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as colour + icon + word; without state it is a plain label."""

    text: Text
    state: State = ""
    icon: str = ""
    title: Text = ""

    @property
    def shown_icon(self) -> str:
        """The icon of the chip; every coloured state has one."""
        return self.icon or STATE_ICONS.get(self.state, "")


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person can do: a link (GET) or a form post (POST).

    Args:
        disabled: why it can't be done now; shown on hover and focus, the act stays visible.
        permission: model-level permission; without it the act is absent.
        confirm: question asked first, only for what can't be undone.
        shortcut: one letter or "Ctrl+Enter" as `KeyboardEvent.key` names it.
        form: id of the form that a submit act belongs to (form pages).
        values: hidden values posted with the act (`expected_version`, …); a submit act sends
            its one value as that of the pressed button.
    """

    code: str
    title: Text
    url: Text = ""
    method: Literal["get", "post", "submit"] = "get"
    icon: str = ""
    permission: str = ""
    primary: bool = False
    danger: bool = False
    disabled: Text = ""
    confirm: Text = ""
    shortcut: str = ""
    form: str = ""
    dialog: bool = False
    values: dict[str, str | int] = field(default_factory=dict)

    @property
    def shortcut_text(self) -> str:
        """The shortcut as printed in a `kbd` element."""
        return self.shortcut.replace("Enter", "⏎").replace("+", " ")


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb; without address it is plain text."""

    title: Text
    url: Text = ""


@dataclass(frozen=True, slots=True)
class PageHead:
    """Title line of a page: breadcrumbs, title, number, chips, acts.

    The first act with `primary` is the one filled button; acts beyond `visible` others go
    into the "More" menu. A page `is_shown_once` when opening it again would not show the same,
    as with a secret: it offers neither language nor company, which would open it again.
    """

    title: Text
    number: str = ""
    hint: Text = ""
    crumbs: Sequence[Crumb] = ()
    chips: Sequence[Chip] = ()
    labels: Sequence[Text] = ()
    acts: Sequence[Act] = ()
    visible: int = 2
    is_shown_once: bool = False

    def split(self, allowed: Callable[[str], bool]) -> HeadActs:
        """Return the acts a person may do as primary, buttons and menu."""
        acts = [act for act in self.acts if not act.permission or allowed(act.permission)]
        primary = next((act for act in acts if act.primary), None)
        rest = [replace(act, primary=False) for act in acts if act is not primary]
        return HeadActs(primary, rest[: self.visible], rest[self.visible :])


@dataclass(frozen=True, slots=True)
class HeadActs:
    """The acts of a head by their place."""

    primary: Act | None
    buttons: Sequence[Act]
    menu: Sequence[Act]


@dataclass(frozen=True, slots=True)
class Note:
    """A stop or a warning: what, how much, the way out, the rule (pages.md §3)."""

    kind: Literal["late", "soon", "run", "done"]
    title: Text
    text: Text = ""
    rule: Text = ""
    acts: Sequence[Act] = ()
    icon: str = ""
    settled: Text = ""

    @property
    def shown_icon(self) -> str:
        """The icon that goes with the kind."""
        return self.icon or STATE_ICONS[self.kind]


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list or card says: what belongs here and the first act."""

    title: Text
    text: Text = ""
    icon: str = "inbox"
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """A short message; `undo` is an address that is posted to when the person takes it back."""

    text: Text
    state: Literal["done", "late", "run", "soon"] = "done"
    undo: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The toast as the browser script expects it."""
        return {"text": str(self.text), "state": self.state, "undo": self.undo}
