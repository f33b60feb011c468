"""One cell with its documents, changing its limit, ending, transferring, pasting."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    Crumb,
    DocumentPage,
    Fact,
    FormPage,
    PageHead,
    PastedRows,
    QuantityField,
    Table,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
    render_fragment,
)
from chengdan.kernel.ui.formats import who_text
from chengdan.modules.people.access import authorise
from chengdan.modules.people.selectors import users_by_ids
from chengdan.modules.quota.access import access_cell_for_view, cells_open
from chengdan.modules.quota.models import Cell, QuotaEntry
from chengdan.modules.quota.pasting import CELL_COLUMNS, HEADS, drafts_of, measure_words, rows_of
from chengdan.modules.quota.selectors import cell_documents, cell_entries, cells_list
from chengdan.modules.quota.services import (
    giving_managers,
    quota_cell_end,
    quota_cells_set,
    quota_limit_set,
    quota_transfer,
)
from chengdan.modules.quota.vocabulary import EDIT, ENTRY_REASONS, TRANSFER, VIEW
from chengdan.modules.quota.web.grid import goods_of, place_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from chengdan.kernel.actor import Actor


ENTRIES_SHOWN = 50
METHODS = ("GET", "HEAD", "POST")
DIALOG = "cd-dialog-body"
_CLOSED = _("a cell that is not open to you")


class LimitForm(UiForm):
    """The limit of a cell."""

    limit = QuantityField(label=_("Quota"), places=6)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class EndForm(UiForm):
    """Why a cell binds no new orders any more."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_(
            "From now on this quota limits no order. What orders hold in it stays until it is "
            "shipped or freed. This cannot be undone; a new quota may be set."
        ),
    )


class TransferForm(UiForm):
    """How much goes where, and who agreed."""

    receiving = forms.TypedChoiceField(label=_("Receiving cell"), coerce=int)
    quantity = QuantityField(label=_("Quantity"), places=6)
    consent_by = forms.TypedChoiceField(
        label=_("Agreed by"),
        coerce=int,
        help_text=_("The manager of the giving region."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


class PasteForm(UiForm):
    """Rows copied from a spreadsheet."""

    rows = forms.CharField(
        label=_("Pasted rows"), widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed when a quota that is there already changes."),
    )


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Quotas"), reverse("quota:grid"))]


def _title(cell: Cell) -> str:
    code, name, _unit = goods_of(cell)
    return f"{code} {name} · {place_name(cell)}"


@page(permission=VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a cell: what is left and the documents that took the rest."""
    cell = access_cell_for_view(actor_of(request), pk)
    documents = cell_documents(actor_of(request), cell)
    unit = goods_of(cell)[2]
    return DocumentPage(
        "quota.cell",
        cell,
        head=PageHead(
            _("Quota"),
            _title(cell),
            crumbs=_crumbs(),
            chips=[Chip(_("Quota ended"), "idle")] if cell.ended_at else [],
            acts=_acts(cell),
        ),
        facts=[
            Fact(_("From"), cell.starts_on, kind="day"),
            Fact(_("To"), cell.ends_on, kind="day"),
            *([Fact(_("Ended"), cell.ended_at, kind="day")] if cell.ended_at else []),
            Fact(_("Measure"), f"{cell.get_measure_display()} ({unit})"),
            Fact(_("Quota"), cell.limit, kind="quantity", big=True),
            Fact(_("Reserved"), cell.reserved, kind="quantity"),
            Fact(_("Consumed"), cell.consumed, kind="quantity"),
            Fact(_("Left"), cell.remainder, kind="quantity", big=True),
            Fact(_("Released above the quota"), cell.over, kind="quantity"),
        ],
        tables=[
            Table(
                _("What took it"),
                [
                    Column("document", _("Document"), value="facts.number",
                           link=lambda row: row.facts.url),
                    Column("reserved", _("Reserved"), kind="quantity"),
                    Column("consumed", _("Consumed"), kind="quantity"),
                    Column("note", _("State"), value="facts.note"),
                ],
                documents,
                footer=["", cell.reserved, cell.consumed, ""],
                empty=_("Nothing has been reserved."),
            ),
            _ledger(actor_of(request), list(cell_entries(pk)[:ENTRIES_SHOWN])),
        ],
    ).render(request)  # fmt: skip


def _acts(cell: Cell) -> list[Act]:
    """Return what can be done about the cell; nothing once it was ended."""
    if cell.ended_at is not None:
        return []
    return [
        Act("edit", _("Change the quota"), reverse("quota:edit", args=[cell.pk]),
            permission=EDIT, primary=True, icon="pencil"),
        Act("transfer", _("Transfer"), reverse("quota:transfer", args=[cell.pk]),
            permission=TRANSFER, icon="arrows-exchange"),
        Act("end", _("End the quota"), reverse("quota:end", args=[cell.pk]),
            permission=EDIT, danger=True, dialog=True, icon="x"),
    ]  # fmt: skip


def _ledger(actor: Actor, entries: list[QuotaEntry]) -> Table:
    """Return what happened to the cell; another cell is named to who may open it."""
    ids = {row.other_cell_id for row in entries if row.other_cell_id is not None}
    known = set(cells_open(actor, Cell.objects.filter(pk__in=ids)).values_list("pk", flat=True))

    def place(row: QuotaEntry) -> str:
        if row.other_cell is None:
            return ""
        return str(place_name(row.other_cell) if row.other_cell_id in known else _CLOSED)

    def url(row: QuotaEntry) -> str:
        return reverse("quota:cell", args=[row.other_cell_id]) if row.other_cell_id in known else ""

    return Table(_("Ledger"), _entry_columns(place, url), entries)


def _entry_columns(
    place: Callable[[QuotaEntry], str], url: Callable[[QuotaEntry], str]
) -> list[Column]:
    return [
        Column("at", _("At"), kind="day"),
        Column("kind", _("Kind"), value="get_kind_display"),
        Column("limit_delta", _("Quota"), kind="quantity"),
        Column("reserved_delta", _("Reserved"), kind="quantity"),
        Column("consumed_delta", _("Consumed"), kind="quantity"),
        Column("other", _("Other cell"), value=place, link=url),
        Column("consent_by", _("Agreed by")),
        Column(
            "reason",
            _("Reason"),
            clip=True,
            value=lambda row: ENTRY_REASONS.get(row.reason, row.reason),
        ),
        Column("actor_name", _("By"), value=lambda row: who_text(row.actor_id, row.actor_name)),
    ]


@page(permission=EDIT, methods=METHODS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and take a new limit."""
    cell = access_cell_for_view(actor_of(request), pk)
    form = LimitForm(request.POST or None, initial={"limit": cell.limit})
    if form.is_valid():
        with refusals_on(form):
            quota_limit_set(
                actor=actor_of(request),
                cell_id=pk,
                expected_version=version_of(request),
                **form.cleaned_data,
            )
        if form.is_valid():
            return done(request, reverse("quota:cell", args=[pk]), Toast(_("Saved.")))
    return FormPage(
        form,
        PageHead(_("Change the quota"), _title(cell), crumbs=_crumbs()),
        cancel_url=reverse("quota:cell", args=[pk]),
        values={"expected_version": cell.version},
    ).render(request)


@page(permission=EDIT, methods=METHODS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, over the cell's page where that can be, and end the cell."""
    cell = access_cell_for_view(actor_of(request), pk)
    form = EndForm(request.POST or None)
    if form.is_valid():
        with refusals_on(form):
            quota_cell_end(
                actor=actor_of(request),
                cell_id=pk,
                expected_version=version_of(request),
                **form.cleaned_data,
            )
        if form.is_valid():
            return done(request, reverse("quota:cell", args=[pk]), Toast(_("Quota ended.")))
    title = _("End the quota")
    values: dict[str, str | int] = {"expected_version": cell.version}
    if request.headers.get("HX-Target") == DIALOG:
        summary = [("", "", text) for text in form.non_field_errors()]
        response = render_fragment(
            request, "quota/dialog.html", title=title, form=form, summary=summary, values=values
        )
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return response
    return FormPage(
        form,
        PageHead(title, _title(cell), crumbs=_crumbs()),
        submit=title,
        cancel_url=reverse("quota:cell", args=[pk]),
        values=values,
    ).render(request)


@page(permission=TRANSFER, methods=METHODS)
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and take a transfer from this cell to another of the same goods and period."""
    cell = access_cell_for_view(actor_of(request), pk)
    form = _transfer_form(request, cell)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_on(form):
            quota_transfer(
                actor=actor_of(request),
                giving_id=pk,
                receiving_id=values["receiving"],
                quantity=values["quantity"],
                consent_by_id=values["consent_by"],
                reason=values["reason"],
            )
        if form.is_valid():
            return done(request, reverse("quota:cell", args=[pk]), Toast(_("Transferred.")))
    return FormPage(
        form,
        PageHead(_("Transfer quota"), _title(cell), crumbs=_crumbs()),
        submit=_("Transfer"),
        cancel_url=reverse("quota:cell", args=[pk]),
    ).render(request)


def _transfer_form(request: HttpRequest, cell: Cell) -> TransferForm:
    form = TransferForm(request.POST or None)
    others = cells_list(cell.company_id).filter(
        product=cell.product,
        category=cell.category,
        starts_on=cell.starts_on,
        ends_on=cell.ends_on,
        measure=cell.measure,
        ended_at__isnull=True,
    )
    open_ones = cells_open(actor_of(request), others.exclude(pk=cell.pk))
    receiving = [(item.pk, place_name(item)) for item in open_ones]
    people = users_by_ids(giving_managers(cell))
    form.fields["receiving"].choices = receiving  # type: ignore[attr-defined]
    form.fields["consent_by"].choices = [  # type: ignore[attr-defined]
        (person_id, str(person)) for person_id, person in people.items()
    ]
    return form


@page(permission=EDIT, methods=METHODS)
def paste(request: HttpRequest) -> HttpResponse:
    """Show and take a block of rows copied from a spreadsheet; all or none."""
    actor = actor_of(request)
    authorise(actor, EDIT)
    form = PasteForm(request.POST or None)
    form.fields["rows"].help_text = _(
        "Columns, separated by tabs: %(heads)s. The measure is “%(quantity)s” (in the base unit) "
        "or “%(amount)s” (categories only); empty is a quantity."
    ) % {"heads": " · ".join(str(head) for head in HEADS), **measure_words()}
    if form.is_valid():
        with refusals_on(form):
            rows = rows_of(form.cleaned_data["rows"])
    if form.is_valid():
        lines = [int(row["line"]) for row in rows]
        with refusals_on(form, PastedRows("rows", CELL_COLUMNS, lines)):
            company_id = actor.company_id or 0
            drafts = drafts_of(company_id, rows)
            quota_cells_set(
                actor=actor,
                company_id=company_id,
                drafts=drafts,
                reason=form.cleaned_data["reason"],
            )
        if form.is_valid():
            return done(request, reverse("quota:grid"), Toast(_("Saved.")))
    return FormPage(
        form,
        PageHead(_("Paste quotas"), crumbs=_crumbs()),
        cancel_url=reverse("quota:grid"),
    ).render(request)
