"""`DocumentPage`: one page for every document – facts, strip, lines, stops, chain, history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import hooks
from chengdan.kernel.ui.listing.columns import Column
from chengdan.kernel.ui.pages import render_fragment, render_page
from chengdan.kernel.ui.parts import Act, Chip, Note, PageHead, Text

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.template.response import TemplateResponse

StepState: TypeAlias = Literal["done", "run", "soon", "late", "wait", "skip", "todo"]

_STEP_ICONS = {
    "done": "check",
    "run": "player-play",
    "soon": "clock",
    "late": "hand-stop",
    "wait": "hourglass",
    "skip": "minus",
    "todo": "",
}


def _always(value: Any) -> Callable[[Any], Any]:
    """A column value that does not look at the row."""
    return lambda _row: value


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the header; `why` is the address that explains a computed figure."""

    title: Text
    value: Any
    kind: str = "text"
    url: str = ""
    why: str = ""
    big: bool = False

    def html(self) -> Any:
        """The value as the page shows it; a `Chip` is drawn as one."""
        kind = "chip" if isinstance(self.value, Chip) else self.kind
        link = (lambda _row: self.url) if self.url else None
        return Column("fact", "", kind=kind, link=link, value=lambda _row: self.value).html(None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class StripStep:
    """One step: code, word, state, person, time taken or left; `url` opens the evidence."""

    code: str
    name: Text
    state: StepState
    who: Text = ""
    time: Text = ""
    url: str = ""
    was_late: bool = False

    @property
    def icon(self) -> str:
        """The sign inside the node."""
        return _STEP_ICONS[self.state]


@dataclass(frozen=True, slots=True)
class StripBand:
    """One process of the strip: title, remark, chip, steps."""

    code: str
    title: Text
    steps: Sequence[StripStep]
    remark: Text = ""
    link: Text = ""
    url: str = ""
    chip: Chip | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document: lines, notes, invoices.

    Args:
        footer: one value per column ("" for none), drawn like the column's cells.
        groups: function of a row giving a group title; a new title starts a group row.
    """

    title: Text
    columns: Sequence[Column]
    rows: Sequence[Any]
    footer: Sequence[Any] = ()
    footer_title: Text = ""
    acts: Sequence[Act] = ()
    legend: Sequence[tuple[str, Text]] = ()
    empty: Text = ""
    code: str = ""

    def cells(self) -> list[list[Any]]:
        """All drawn cells."""
        return [[column.cell(row) for column in self.columns] for row in self.rows]

    @property
    def is_cards(self) -> bool:
        """Whether rows become cards on a phone: some column says what a card is called."""
        return any(column.phone == "title" for column in self.columns)

    @property
    def footer_lead(self) -> int:
        """How many columns the footer's title spans: those before the first sum."""
        filled = (index for index, value in enumerate(self.footer) if value != "")
        return max(next(filled, len(self.footer)), 1)

    def footer_rest(self) -> list[Any]:
        """The drawn sums after the footer's title."""
        return self.footer_cells()[self.footer_lead if self.footer_title else 0 :]

    def footer_cells(self) -> list[Any]:
        """The drawn sums under their columns."""
        pairs = zip(self.columns, self.footer, strict=True) if self.footer else ()
        cells = []
        for column, value in pairs:
            drawn = Column(
                column.name,
                "",
                kind=column.kind,
                places=column.places,
                phone=column.phone,
                value=_always(value),
            )
            cells.append(drawn.cell(None) if value != "" else None)
        return cells


@dataclass(frozen=True, slots=True)
class Person:
    """Who is responsible for what on this document."""

    role: Text
    name: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChainNode:
    """One related document: quote → contract → order → notes → invoices → receipts."""

    icon: str
    title: Text
    url: str = ""
    amount: Any = None
    remark: Text = ""
    state_text: Text = ""
    state: str = ""
    is_current: bool = False
    is_sub: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened."""

    text: Text
    at: datetime | None = None
    who: Text = ""
    remark: Text = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class Panel:
    """A card another room (or the room itself) puts on the page, drawn by its template."""

    title: Text
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    chips: Sequence[Chip] = ()
    acts: Sequence[Act] = ()
    code: str = ""
    flush: bool = False


def talk_panel(document_type: str, pk: int) -> Panel:
    """Return the card with the files and comments of a document; each loads by itself."""
    return Panel(
        _("Files and comments"),
        "ui/parts/talk.html",
        context={"type": document_type, "pk": pk},
        code="talk",
    )


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One line of an explanation: what, how much, and the document behind it."""

    title: Text
    value: Any = ""
    kind: str = "money"
    url: str = ""
    is_sum: bool = False
    remark: Text = ""

    def html(self) -> Any:
        """The value as the page shows it."""
        if isinstance(self.value, str) or self.value is None:
            return self.value or ""
        return Column("why", "", kind=self.kind, value=lambda _row: self.value).html(None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Why:
    """How a figure was made: rows that add up, the rule, the documents behind it."""

    title: Text
    rows: Sequence[WhyRow]
    text: Text = ""
    rule: Text = ""
    documents: Sequence[ChainNode] = ()


@dataclass(slots=True)
class DocumentPage:
    """Everything a document page shows; empty parts are left out."""

    document_type: str
    obj: Any
    head: PageHead
    facts: Sequence[Fact] = ()
    strip: Sequence[StripBand] = ()
    notes: Sequence[Note] = ()
    tables: Sequence[Table] = ()
    people: Sequence[Person] = ()
    chain: Sequence[ChainNode] = ()
    history: Sequence[HistoryEntry] = ()
    history_url: str = ""
    main_panels: Sequence[Panel] = ()
    side_panels: Sequence[Panel] = ()
    template: str = "ui/document.html"
    columns: int = 7

    def render(self, request: HttpRequest, **context: Any) -> TemplateResponse:
        """Render the page with the panels other rooms registered for this document type."""
        actor = actor_of(request)
        registered = {
            position: hooks.panels_for(request, actor, self.document_type, self.obj, position)
            for position in ("main", "side")
        }
        return render_page(
            request,
            self.template,
            head=self.head,
            document=self,
            main_panels=sorted(
                [*self.main_panels, *registered["main"]], key=lambda panel: panel.code == "talk"
            ),
            side_panels=[*self.side_panels, *registered["side"]],
            **context,
        )

    def note_chips(self) -> list[Chip]:
        """How many stops and warnings there are, for the head of the stops card."""
        late = sum(note.kind == "late" for note in self.notes)
        soon = sum(note.kind == "soon" for note in self.notes)
        chips = []
        if late:
            text = ngettext("%(count)s stop", "%(count)s stops", late) % {"count": late}
            chips.append(Chip(text, "late"))
        if soon:
            text = ngettext("%(count)s warning", "%(count)s warnings", soon) % {"count": soon}
            chips.append(Chip(text, "soon"))
        return chips


def why_response(request: HttpRequest, why: Why) -> HttpResponse:
    """Answer the "why?" of a figure."""
    return render_fragment(request, "ui/why.html", why=why)
