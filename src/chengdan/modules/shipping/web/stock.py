"""Stock: what lies where, the movements of a lot, stock documents."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    ChoiceFilter,
    Column,
    DateFilter,
    DocumentPage,
    Empty,
    Fact,
    FormPage,
    HistoryEntry,
    ListPage,
    PageHead,
    Table,
    Toast,
    View,
    done,
    page,
    refusals_on,
)
from chengdan.kernel.ui.formats import who_text
from chengdan.kernel.ui.parts import Crumb
from chengdan.modules.people.access import scope_branches, visible
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_stock_document_for_view
from chengdan.modules.shipping.models import Lot, StockDocument, StockEntry
from chengdan.modules.shipping.selectors import lot_entries, warehouses_of
from chengdan.modules.shipping.services import StockDraft, StockLineDraft
from chengdan.modules.shipping.vocabulary import StockKind, StockStatus
from chengdan.modules.shipping.web.common import GET_POST, stock_chip
from chengdan.modules.shipping.web.forms import ReasonForm, StockForm

ZERO = Decimal(0)
ENTRIES_MAX = 300


def _warehouses(actor: Actor) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in warehouses_of(actor.company_id)]


def _expired(values: Sequence[str], actor: Actor) -> Q:
    return Q(expires_on__lt=clock.today(), on_hand__gt=ZERO)


def _there(values: Sequence[str], actor: Actor) -> Q:
    return Q(on_hand__gt=ZERO)


def _expiry_chip(lot: Lot) -> Chip | None:
    if lot.expires_on is not None and lot.on_hand and lot.expires_on < clock.today():
        return Chip(_("expired"), "late")
    return None


class StockList(ListPage[Lot]):
    """What lies in the warehouses, by product and batch, in base units."""

    code, title, permission = "shipping.lot", _("Stock"), words.STOCK_VIEW
    export_permission = words.STOCK_EXPORT
    columns = (
        Column("product", _("Product"), value="product.code", phone="title"),
        Column("name", _("Name"), value="product", clip=True),
        Column("batch", _("Batch")),
        Column("warehouse", _("Warehouse"), value="warehouse.name", phone="line"),
        Column("expires_on", _("Expires"), kind="day"),
        Column("on_hand", _("On hand"), kind="quantity", phone="side"),
        Column("reserved", _("Reserved"), kind="quantity", phone=""),
        Column("available", _("Available"), kind="quantity", phone="side"),
        Column("received_on", _("First received"), kind="day", optional=True, phone=""),
        Column("mark", _("Shelf life"), kind="chip", value=_expiry_chip, phone=""),
    )
    sorts = {"id": "id"}
    default_sort = "id"
    filters = (
        ChoiceFilter(
            name="warehouse", title=_("Warehouse"), field="warehouse_id", choices=_warehouses
        ),
        ChoiceFilter(
            name="there", title=_("In stock"), multiple=False, choices=[("1", _("in stock"))],
            apply=_there,
        ),
        ChoiceFilter(
            name="expired", title=_("Expired"), multiple=False, choices=[("1", _("expired"))],
            apply=_expired,
        ),
        DateFilter(name="expires", title=_("Expires"), field="expires_on"),
    )  # fmt: skip
    views = (
        View("there", _("In stock"), "there=1"),
        View("expired", _("Expired"), "expired=1", state="late"),
    )
    search_hint = _("Product or batch")
    empty = Empty(_("No stock here"), _("Post opening stock or a receipt first."), "package")

    def queryset(self, actor: Actor) -> QuerySet[Lot]:
        return Lot.objects.select_related("product", "warehouse")

    def branches(self, actor: Actor) -> list[Q]:
        return scope_branches(actor, words.STOCK_VIEW, Lot)

    def search(self, queryset: QuerySet[Lot], text: str) -> QuerySet[Lot]:
        return queryset.filter(
            Q(batch__istartswith=text)
            | Q(product__code__istartswith=text)
            | Q(product__name__icontains=text)
        )

    def row_url(self, row: Lot) -> str:
        return reverse("shipping:lot", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New stock document"), reverse("shipping:stock_new"), icon="plus",
                primary=True, permission=words.STOCK_RECEIVE),
            Act("documents", _("Stock documents"), reverse("shipping:stock_documents"),
                icon="file-text", permission=words.STOCK_VIEW),
            Act("warehouses", _("Warehouses"), reverse("shipping:warehouses"), icon="package",
                permission=words.WAREHOUSE_VIEW),
        ]  # fmt: skip


def _source_url(entry: StockEntry) -> str:
    if entry.source_type == words.NOTE:
        return reverse("shipping:show", args=[entry.source_id])
    return reverse("shipping:stock_document", args=[entry.source_id])


@page(permission=words.STOCK_VIEW)
def lot(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The ledger of a lot: every movement with the document behind it."""
    found = (
        visible(actor_of(request), words.STOCK_VIEW, Lot.objects.all())
        .select_related("product", "warehouse")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFoundError
    columns = [
        Column("at", _("When"), kind="day"),
        Column("kind", _("Kind"), value="get_kind_display"),
        Column("delta", _("Movement"), kind="quantity"),
        Column("balance", _("On hand after"), kind="quantity"),
        Column("source", _("Document"), value=lambda row: _("show"), link=_source_url),
        Column("actor_name", _("Who"), value=lambda row: who_text(row.actor_id, row.actor_name)),
    ]
    return DocumentPage(
        "shipping.lot",
        found,
        head=PageHead(
            _("Stock lot"),
            f"{found.product.code} {found.batch}".strip(),
            crumbs=[Crumb(_("Stock"), reverse("shipping:stock"))],
        ),
        facts=[
            Fact(_("Product"), str(found.product),
                 url=reverse("catalog:show", args=[found.product_id])),
            Fact(_("Warehouse"), found.warehouse.name),
            Fact(_("Batch"), found.batch or "–"),
            Fact(_("Expires"), found.expires_on, kind="day"),
            Fact(_("On hand"), found.on_hand, kind="quantity", big=True),
            Fact(_("Reserved"), found.reserved, kind="quantity"),
            Fact(_("Available"), found.available, kind="quantity"),
        ],
        tables=[Table(_("Movements"), columns, lot_entries(pk)[:ENTRIES_MAX])],
    ).render(request)  # fmt: skip


class StockDocumentList(ListPage[StockDocument]):
    """Opening stock, receipts, issues and counts."""

    code, title, permission = words.STOCK_DOCUMENT, _("Stock documents"), words.STOCK_VIEW
    columns = (
        Column("number", _("No."), value=str, phone="title"),
        Column("kind", _("Document"), value="get_kind_display", phone="line"),
        Column("warehouse", _("Warehouse"), value="warehouse.name"),
        Column("effective_on", _("Date"), kind="day", sort="date"),
        Column("state", _("State"), kind="chip", value=stock_chip, phone="side"),
        Column("reason", _("Reason"), clip=True, phone=""),
        Column("owner", _("Entered by"), value="owner.display_name", phone=""),
    )
    sorts = {"date": "effective_on"}
    default_sort = "-date"
    filters = (
        ChoiceFilter(name="kind", title=_("Document"), choices=StockKind.choices),
        ChoiceFilter(name="state", title=_("State"), field="status", choices=StockStatus.choices),
        ChoiceFilter(
            name="warehouse", title=_("Warehouse"), field="warehouse_id", choices=_warehouses
        ),
        DateFilter(name="date", title=_("Date"), field="effective_on"),
    )
    views = (View("draft", _("Drafts"), "state=draft"),)
    empty = Empty(_("No stock documents"), "", "package")

    def queryset(self, actor: Actor) -> QuerySet[StockDocument]:
        return StockDocument.objects.select_related("warehouse", "owner")

    def branches(self, actor: Actor) -> list[Q]:
        return scope_branches(actor, words.STOCK_VIEW, StockDocument)

    def row_url(self, row: StockDocument) -> str:
        return reverse("shipping:stock_document", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New stock document"), reverse_lazy("shipping:stock_new"), icon="plus",
                primary=True, permission=words.STOCK_RECEIVE)
        ]  # fmt: skip


def _draft_of(form: StockForm) -> StockDraft:
    data = form.cleaned_data
    return StockDraft(
        kind=data["kind"],
        warehouse_id=int(data["warehouse"]),
        effective_on=data["effective_on"],
        reason=data["reason"],
        lines=[
            StockLineDraft(
                product_id=row["product"] or 0,
                quantity=row["quantity"] or ZERO,
                batch=row["batch"] or "",
                expires_on=row["expires_on"],
            )
            for row in data["lines"]
        ],
    )


@page(permission=words.STOCK_RECEIVE, methods=GET_POST)
def stock_new(request: HttpRequest) -> HttpResponseBase:
    """Enter a stock document as a draft."""
    actor = actor_of(request)
    form = StockForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            document = services.stock_draft(actor=actor, draft=_draft_of(form))
            url = reverse("shipping:stock_document", args=[document.pk])
            return done(request, url, Toast(_("Entered; look it over and post it.")))
    return FormPage(
        form,
        PageHead(_("New stock document"), crumbs=_crumbs()),
        sections=[("", ["kind", "warehouse", "effective_on", "reason"])],
        lines="lines",
        submit=_("Keep as a draft"),
        cancel_url=reverse("shipping:stock_documents"),
    ).render(request)


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Stock"), reverse("shipping:stock")),
        Crumb(_("Stock documents"), reverse("shipping:stock_documents")),
    ]


@page(permission=words.STOCK_VIEW)
def stock_document(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stock document with what it moved."""
    actor = actor_of(request)
    document = access_stock_document_for_view(actor, pk)
    lines = list(document.lines.select_related("product").order_by("number"))
    version: dict[str, str | int] = {"expected_version": document.version}
    acts = []
    if document.status == StockStatus.DRAFT:
        acts.append(
            Act("post", _("Post"), reverse("shipping:stock_post", args=[pk]), method="post",
                primary=True, icon="check", permission=words.STOCK_RIGHTS[document.kind],
                values=version)
        )  # fmt: skip
    elif document.status == StockStatus.POSTED and document.reversal_of_id is None:
        acts.append(
            Act("reverse", _("Reverse"), reverse("shipping:stock_reverse", args=[pk]),
                icon="arrow-back-up", danger=True, permission=words.STOCK_REVERSE)
        )  # fmt: skip
    columns = [
        Column("number", _("Line no."), kind="number", places=0),
        Column("product", _("Product"), value="product.code"),
        Column("name", _("Name"), value="product", clip=True),
        Column("batch", _("Batch")),
        Column("expires_on", _("Expires"), kind="day"),
        Column("quantity", _("Quantity"), kind="quantity"),
        Column("delta", _("Movement"), kind="quantity"),
    ]
    return DocumentPage(
        words.STOCK_DOCUMENT,
        document,
        head=PageHead(
            document.get_kind_display(), str(document), crumbs=_crumbs(),
            chips=[stock_chip(document)], acts=acts,
        ),
        facts=[
            Fact(_("Warehouse"), document.warehouse.name),
            Fact(_("Date"), document.effective_on, kind="day"),
            Fact(_("Posted"), document.posted_at, kind="day"),
            Fact(_("Entered by"), str(document.owner)),
            Fact(_("Reason"), document.reason or "–"),
        ],
        tables=[Table(_("Lines"), columns, lines, code="lines")],
        history=[
            HistoryEntry(entry.title, at=entry.at, who=entry.who, remark=entry.reason)
            for entry in audit_history(document)
        ],
    ).render(request)  # fmt: skip


@page(permission=words.STOCK_VIEW, methods=["POST"])
def stock_post(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Post a draft; the service asks for the right of its kind."""
    actor = actor_of(request)
    services.stock_post(actor=actor, document_id=pk, expected_version=version_of(request))
    url = reverse("shipping:stock_document", args=[pk])
    return done(request, url, Toast(_("Posted.")))


@page(permission=words.STOCK_REVERSE, methods=GET_POST)
def stock_reverse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a posted document back with a reason."""
    actor = actor_of(request)
    document = access_stock_document_for_view(actor, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        newest = reverse("shipping:stock_document", args=[pk])
        with refusals_on(form, newest=newest):
            back = services.stock_reverse(
                actor=actor,
                document_id=pk,
                reason=form.cleaned_data["reason"],
                expected_version=version_of(request),
            )
            url = reverse("shipping:stock_document", args=[back.pk])
            return done(request, url, Toast(_("Reversed.")))
    return FormPage(
        form,
        PageHead(_("Reverse"), str(document), crumbs=_crumbs()),
        submit=_("Reverse"),
        cancel_url=reverse("shipping:stock_document", args=[pk]),
        values={"expected_version": document.version},
    ).render(request)
