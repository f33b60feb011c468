"""`ListPage`: subclass it, name columns, filters and a queryset, and put `as_view()` into urls."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui.faults import is_fragment_request
from chengdan.kernel.ui.formats import capped_text
from chengdan.kernel.ui.hooks import allowed
from chengdan.kernel.ui.ids import ids_read
from chengdan.kernel.ui.listing import state as states
from chengdan.kernel.ui.listing.columns import Column, cell_html, row_html
from chengdan.kernel.ui.listing.filters import BoundFilter, Filter
from chengdan.kernel.ui.listing.paging import Cursor, Slice, count_capped, take_page
from chengdan.kernel.ui.pages import PageMixin
from chengdan.kernel.ui.parts import Act, Chip, Crumb, Empty, PageHead, Text
from chengdan.kernel.ui.preferences import preference_get, saved_views

if TYPE_CHECKING:
    from django.http import HttpRequest

    from chengdan.kernel.actor import Actor

M = TypeVar("M", bound=Model)
COUNT_CAP = 10_000
VIEW_COUNT_CAP = 999
MAX_SELECTED = 500
MAX_BULK = 10_000


@dataclass(frozen=True, slots=True)
class View:
    """A built-in view: a tab with a fixed filter.

    Args:
        query: filter as in the address, for example "state=open&owner=me".
        state: colour of the count: "late" for what should be empty, else "".
    """

    code: str
    title: Text
    query: str = ""
    state: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """One figure of the totals line, over the whole filter."""

    title: Text
    value: Any
    kind: str = "money"

    def html(self) -> str:
        """The figure as the page shows it."""
        return cell_html(Column("total", "", kind=self.kind), None, self.value)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An act on the selected rows: posts `ids` (or `all=1` and `filter`) to `url`.

    Args:
        refusal: why a row can't take part, "" when it can; the button is then disabled
            with that reason.
    """

    code: str
    title: Text
    url: Text
    icon: str = ""
    permission: str = ""
    primary: bool = False
    confirm: Text = ""
    refusal: Callable[[Any], Text] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One drawn row."""

    pk: Any
    cells: SafeString
    url: str
    label: str
    refusals: str


@dataclass(frozen=True, slots=True)
class Heading:
    """One column head; `aria` says how the list is sorted by it."""

    column: Column
    url: str = ""
    aria: str = ""


@dataclass(frozen=True, slots=True)
class FilterItem:
    """One filter chip with the addresses that set or take it off."""

    bound: BoundFilter
    without: str
    with_flag: str
    pairs: list[tuple[str, str]]


class ListPage(PageMixin, Generic[M]):
    """A list with filters, views, keyset paging, totals, bulk acts and export.

    A room sets the class variables and overrides `queryset` (filtered with
    `people.access.visible`) – or, for mixed scopes on large tables, leaves `queryset`
    unfiltered and gives `branches` (`people.access.scope_branches`).
    """

    code: ClassVar[str]
    title: ClassVar[Text]
    permission: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    sorts: ClassVar[dict[str, str]]
    default_sort: ClassVar[str]
    filters: ClassVar[Sequence[Filter]] = ()
    views: ClassVar[Sequence[View]] = ()
    bulk: ClassVar[Sequence[BulkAct]] = ()
    page_size: ClassVar[int] = 50
    search_fields: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[Text] = ""
    export_permission: ClassVar[str | None] = None
    empty: ClassVar[Empty] = Empty("")
    template_name: ClassVar[str] = "ui/list.html"
    http_method_names = ["get", "head"]

    # -- what a room overrides ------------------------------------------------------------

    def queryset(self, actor: Actor) -> QuerySet[M]:
        """All rows the actor may see, with `select_related` for what the columns show."""
        raise NotImplementedError

    def branches(self, actor: Actor) -> Sequence[Q] | None:
        """Alternatives of the permission filter, or None when `queryset` is filtered."""
        return None

    def row_url(self, row: M) -> str:
        """Address a row opens, "" for none."""
        return ""

    def row_label(self, row: M) -> str:
        """Name of a row for screen readers."""
        return str(row)

    def search(self, queryset: QuerySet[M], text: str) -> QuerySet[M]:
        """Narrow by free text; the default looks at the start of `search_fields`."""
        found = Q()
        for name in self.search_fields:
            found |= Q(**{f"{name}__istartswith": text})
        return queryset.filter(found)

    def acts(self, actor: Actor) -> Sequence[Act]:
        """Acts of the page head, such as "New" (primary) and "Import"."""
        return ()

    def crumbs(self) -> Sequence[Crumb]:
        """Breadcrumbs above the title."""
        return ()

    def chips(self, actor: Actor) -> Sequence[Chip]:
        """Chips beside the title."""
        return ()

    def totals(self, queryset: QuerySet[M], actor: Actor) -> Sequence[Total]:
        """Figures over the whole filter; loaded after the page, so they may take a moment."""
        return ()

    def prepare(self, rows: list[M], actor: Actor) -> None:
        """Attach what columns need in bulk (one query), such as the steps of a mini strip."""

    def export(
        self, request: HttpRequest, queryset: QuerySet[M], columns: Sequence[Column], form: str
    ) -> HttpResponseBase:
        """Answer a file with all rows of the filter; plugged in with `export_hook_set`."""
        if _export_hook is None:
            raise ImproperlyConfigured("no exporter is plugged in: call export_hook_set()")

        def prepare(rows: list[M]) -> None:
            self.prepare(rows, self.actor)

        return _export_hook(request, str(self.title), queryset, columns, form, prepare)

    # -- answering ------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page or, for htmx, one of its parts."""
        parts = {
            "table": self._table,
            "totals": self._totals,
            "counts": self._counts,
            "export": self._export,
        }
        answer = parts.get(request.GET.get(states.PART, ""))
        if answer is None and is_fragment_request(request):
            answer = self._table
        return (answer or self._page)(request)

    @property
    def actor(self) -> Actor:
        """Who reads the list."""
        return actor_of(self.request)

    def _state(self, data: QueryDict) -> states.ListState:
        sort = states.sort_of(self.sorts, self.default_sort, data.get("sort", ""))
        cursor = Cursor.decode(data.get("at", ""), sort.token)
        bound = states.bound_filters(self.filters, data, self.actor)
        return states.ListState(data, sort, cursor, bound, states.search_text(data))

    def filtered(self, state: states.ListState) -> QuerySet[M]:
        """The rows of a request's filter, before the permission branches."""
        rows = self.queryset(self.actor).filter(states.condition_of(state.bound, self.actor))
        return self.search(rows, state.text) if state.text else rows

    def visible(self, state: states.ListState) -> QuerySet[M]:
        """The rows of a request's filter with the permission branches joined by OR."""
        rows = self.filtered(state)
        branches = self.branches(self.actor)
        if branches is None:
            return rows
        joined = Q(pk__in=[])
        for branch in branches:
            joined |= branch
        return rows.filter(joined)

    def _take(self, state: states.ListState) -> Slice[M]:
        rows = take_page(
            self.filtered(state),
            state.sort,
            size=self.page_size,
            cursor=state.cursor,
            branches=self.branches(self.actor),
        )
        self.prepare(rows.rows, self.actor)
        return rows

    def _row(
        self, row: M, heads: Sequence[tuple[Column, SafeString]], acts: Sequence[BulkAct]
    ) -> Row:
        refusals = {act.code: str(act.refusal(row)) for act in acts if act.refusal is not None}
        shown = {code: reason for code, reason in refusals.items() if reason}
        url = self.row_url(row)
        return Row(
            row.pk,
            row_html(heads, row, url),
            url,
            self.row_label(row),
            json.dumps(shown, ensure_ascii=False) if shown else "",
        )

    def _heading(self, state: states.ListState, column: Column) -> Heading:
        """The head of a column: its title and, where an index allows, the way to sort by it."""
        if column.sort not in self.sorts:
            return Heading(column)
        is_current = state.sort.code == column.sort
        turned = is_current and not state.sort.descending
        aria = "" if not is_current else "descending" if state.sort.descending else "ascending"
        token = f"-{column.sort}" if turned else column.sort
        return Heading(column, state.query(sort=token), aria)

    def _filter(self, state: states.ListState, bound: BoundFilter) -> FilterItem:
        """A filter chip with the addresses it needs."""
        names = bound.filter.parameters
        return FilterItem(
            bound,
            state.without(bound),
            state.query(**{bound.filter.name: "1"}),
            state.kept_pairs([*names, "view"]),
        )

    def bulk_acts(self) -> list[BulkAct]:
        """The bulk acts the actor may use."""
        return [act for act in self.bulk if allowed(self.actor, act.permission)]

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        state = self._state(request.GET)
        state.preference = preference_get(self.actor, self.code)
        columns = states.chosen_columns(self.columns, state.preference)
        found, acts = self._take(state), self.bulk_acts()
        titled = [(column, conditional_escape(str(column.title))) for column in columns]
        return {
            "page": self,
            "state": state,
            "columns": columns,
            "column_count": len(columns) + (1 if acts else 0),
            "rows": [self._row(row, titled, acts) for row in found.rows],
            "slice": found,
            "bulk_acts": acts,
            "heads": [self._heading(state, column) for column in columns],
            "is_tight": state.preference.is_tight,
            "previous_url": state.query(at=found.previous) if found.previous else "",
            "following_url": state.query(at=found.following) if found.following else "",
        }

    def _page(self, request: HttpRequest) -> HttpResponse:
        context = self._context(request)
        state: states.ListState = context["state"]
        shown = {column.name for column in context["columns"]}
        context |= {
            "head": self.head(),
            "tabs": self._tabs(state),
            "main_filters": [
                self._filter(state, b) for b in state.bound if b.filter.main or b.is_on
            ],
            "more_filters": [
                self._filter(state, b) for b in state.bound if not b.filter.main and not b.is_on
            ],
            "text_pairs": state.kept_pairs(["q"]),
            "choosable": [(c, c.name in shown, c is self.columns[0]) for c in self.columns],
            "can_export": self.can_export(),
        }
        return TemplateResponse(request, self.template_name, context)

    def head(self) -> PageHead:
        """The title line."""
        return PageHead(
            self.title,
            crumbs=self.crumbs(),
            chips=self.chips(self.actor),
            acts=self.acts(self.actor),
        )

    def can_export(self) -> bool:
        """Whether the actor may take the list away as a file."""
        if not self._has_export():
            return False
        return self.export_permission is None or allowed(self.actor, self.export_permission)

    def _has_export(self) -> bool:
        return _export_hook is not None or type(self).export is not ListPage.export

    def _tabs(self, state: states.ListState) -> list[dict[str, Any]]:
        current = state.data.get("view", "")
        views = self._views()
        if views and all(view.query for view in views):
            # Without a filter the list shows everything, which is none of its views.
            views = [View("", _("All")), *views]
        tabs: list[dict[str, Any]] = [
            {
                "code": view.code or "all",
                "title": view.title,
                "url": f"?view={view.code}" + (f"&{view.query}" if view.query else ""),
                "state": view.state,
                "is_on": current == view.code if current else not (view.query or state.is_narrowed),
            }
            for view in views
        ]
        for saved in saved_views(self.actor, self.code):
            code = f"s{saved.pk}"
            tabs.append(
                {
                    "code": code,
                    "title": saved.name,
                    "url": f"?view={code}&{saved.query}",
                    "state": "",
                    "is_on": current == code,
                    "is_shared": saved.is_shared,
                    "pk": saved.pk if saved.user_id == self.actor.user_id else None,
                }
            )
        return tabs

    def _views(self) -> list[View]:
        return [view for view in self.views if allowed(self.actor, view.permission)]

    def _table(self, request: HttpRequest) -> HttpResponse:
        return TemplateResponse(request, "ui/list/_table.html", self._context(request))

    def _totals(self, request: HttpRequest) -> HttpResponse:
        state = self._state(request.GET)
        rows = self.filtered(state)
        count = count_capped(rows, self.branches(self.actor), COUNT_CAP)
        context = {
            "count": capped_text(count, COUNT_CAP),
            "totals": self.totals(self.visible(state), self.actor),
        }
        return TemplateResponse(request, "ui/list/_totals.html", context)

    def _counts(self, request: HttpRequest) -> HttpResponseBase:
        found = []
        for view in self._views():
            state = self._state(QueryDict(view.query))
            rows = self.filtered(state)
            count = count_capped(rows, self.branches(self.actor), VIEW_COUNT_CAP)
            found.append((view, capped_text(count, VIEW_COUNT_CAP), count))
        return TemplateResponse(request, "ui/list/_counts.html", {"counts": found})

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        if not self._has_export():
            raise InvalidError(FieldIssue("format", "export", _("This list has no export.")))
        if not self.can_export():
            raise ForbiddenError(permission=self.export_permission)
        form = request.GET.get("format", "xlsx")
        if form not in ("xlsx", "csv"):
            raise InvalidError(FieldIssue("format", "format", _("Unknown file format.")))
        state = self._state(request.GET)
        preference = preference_get(self.actor, self.code)
        columns = states.chosen_columns(self.columns, preference)
        ordering = f"{'-' if state.sort.descending else ''}{state.sort.path}"
        return self.export(request, self.visible(state).order_by(ordering, "pk"), columns, form)

    def selection(self, request: HttpRequest) -> QuerySet[M]:
        """The visible rows a bulk act was posted for: `ids`, or all rows of a filter.

        Raises:
            InvalidError: nothing or too much was selected.
            NotFoundError: one of the rows is not there or not visible; nothing shall be done.
        """
        self.request = request
        if request.POST.get("all") == "1":
            state = self._state(QueryDict(request.POST.get("filter", "")[:4000]))
            rows = self.visible(state)
            if count_capped(rows, None, MAX_BULK) > MAX_BULK:
                raise InvalidError(
                    FieldIssue("ids", "many", _("Too many rows; narrow the filter first."))
                )
            return rows
        ids = ids_read(request.POST.getlist("ids"))
        if not ids or len(ids) > MAX_SELECTED:
            raise InvalidError(FieldIssue("ids", "ids", _("Select between 1 and 500 rows.")))
        rows = self.visible(self._state(QueryDict(""))).filter(pk__in=ids)
        if rows.count() < len(set(ids)):
            raise NotFoundError
        return rows


_export_hook: Callable[..., HttpResponseBase] | None = None


def export_hook_set(hook: Callable[..., HttpResponseBase]) -> None:
    """Plug in the exporter.

    It is called with request, title, queryset, columns, "xlsx" or "csv", and the function that
    attaches to rows what columns need.
    """
    global _export_hook
    _export_hook = hook
