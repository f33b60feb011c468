"""The frame and the page components of every room.

Import from here; templates extend `ui/base.html`. Four patterns, one component each.

**Page** – every view is a `page` (or `PageMixin`/`ListPage`), nothing else::

    @page(permission="orders.order:view")
    def order_show(request, pk): ...

    @page(permission="orders.order:accept", methods=["POST"])
    def order_accept_do(request, pk):
        order_accept(actor=actor_of(request), order_id=pk)          # DomainError -> 403/404/409/422
        return done(request, reverse("orders:show", args=[pk]), Toast(_("Accepted.")))

**List**::

    class OrderList(ListPage[Order]):
        code, title, permission = "orders.order", _("Orders"), "orders.order:view"
        columns = [
            Column("number", _("No."), sort="number", phone="title"),
            Column("customer", _("Customer"), value="customer.name", clip=True),
            Column("ordered_on", _("Ordered"), kind="day", sort="ordered"),
            Column("amount", _("Amount"), kind="money", sort="amount", phone="side"),
            Column("state", _("State"), kind="chip", value=lambda row: state_chip(row)),
        ]
        sorts = {"number": "number", "ordered": "ordered_on", "amount": "amount"}   # indexed
        default_sort = "-ordered"
        filters = [
            ChoiceFilter(name="state", title=_("State"), choices=OrderState.choices),
            DateFilter(name="ordered", title=_("Ordered"), field="ordered_on"),
            PickFilter(name="customer", title=_("Customer"), field="customer_id",
                       url_name="customers:pick", label=customer_label),
        ]
        views = [View("open", _("Open"), "state=draft&state=approved"),
                 View("late", _("Late"), "late=1", state="late")]
        bulk = [BulkAct("print", _("Print"), reverse_lazy("orders:print_many"), "printer")]
        search_fields = ["number", "customer_number"]

        def queryset(self, actor):
            return visible(actor, "orders.order:view", Order.objects.select_related("customer"))

        def row_url(self, row):
            return reverse("orders:show", args=[row.pk])

    path("orders/", OrderList.as_view(), name="list")
    # in the view of a bulk act (POST): rows = OrderList().selection(request)

**Document**::

    return DocumentPage(
        "orders.order", order,
        head=PageHead(_("Order"), order.number, crumbs=[Crumb(_("Orders"), list_url)],
                      chips=[Chip(_("in work"), "run")], acts=[Act("accept", _("Accept"), url,
                      method="post", primary=True, permission="orders.order:accept")]),
        facts=[Fact(_("Customer"), order.customer.name, url=customer_url),
               Fact(_("Amount"), order.amount, kind="money", big=True, why=why_url)],
        strip=[StripBand("OP", _("Order processing"), [StripStep("OG", _("create"), "done")])],
        notes=[Note("late", _("Over the credit limit"), text, rule="CC-3", acts=[...])],
        tables=[Table(_("Lines"), columns, lines, footer=[...])],
        people=[Person(_("Account manager"), name)], chain=[ChainNode(...)],
        history=[HistoryEntry(...)],
    ).render(request)

Later rooms add cards: `panel_register("orders.order", "side", provider, permission=…)`.

**Form**::

    class OrderForm(UiForm):
        customer = PickerField(label=_("Customer"), url=reverse_lazy("customers:pick"),
                               find=name_of)
        wanted_on = DayField(label=_("Wanted on"))
        lines = LinesField(label=_("Lines"), columns=[
            LineColumn("product", _("Product"), kind="picker", url=reverse_lazy("catalog:pick")),
            LineColumn("name", _("Name"), kind="shown", width=""),
            LineColumn("quantity", _("Quantity"), kind="quantity", required=True, places=3),
            LineColumn("amount", _("Amount"), kind="shown", align_end=True, total=True)])

    form = OrderForm(request.POST or None)
    if form.is_valid():
        with refusals_on(form):
            order = order_place(actor=actor_of(request), …)
        if form.is_valid():
            return done(request, url, Toast(_("Placed.")))
    return FormPage(form, PageHead(_("New order")), lines="lines", preview=preview_url,
                    has_stops=True).render(request)

Endpoints: a picker answers `pick_response([PickRow(id, code, name, facts, fills={"name": …})])`
for `?q=`; a preview (POST of the form) answers `preview_response(rows, totals, fragments)`.

**Board**: `TowerBand`/`TowerCell`, `Gauge`, `HeatCell` with `ui/board/tower.html`,
`ui/board/gauges.html`, `ui/board/heat.html`; drawings as tags: `{% ring %}`, `{% stacked %}`,
`{% sparkline %}`, `{% bar %}`, `{% mini %}`.

**Why?**: a view that returns `why_response(request, Why(title, rows=[WhyRow(...)]))`; the link
is `{% why url %}` or `Fact(why=url)`.

**Frame**: in `registrations.py`: `nav_register(NavItem("orders", _("Orders"), "shopping-cart",
"orders:list", "orders.order:view", order=80))`, `new_register(NewItem(...))`; people and process
call `hooks_set(can=…, companies=…, inbox=…)`.

**Tags** (`{% load ui %}`): `{% icon "check" %}`, `{{ x|money }}`, `{{ x|quantity }}`,
`{{ d|day }}`, `{{ m|duration }}`, `{% due left %}`, `{% chip _("done") "done" %}`.
New icons: add the name to `icons.txt`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chengdan.kernel.ui.board import Gauge, HeatCell, TowerBand, TowerCell
    from chengdan.kernel.ui.document import (
        ChainNode,
        DocumentPage,
        Fact,
        HistoryEntry,
        Panel,
        Person,
        StripBand,
        StripStep,
        Table,
        Why,
        WhyRow,
        talk_panel,
        why_response,
    )
    from chengdan.kernel.ui.drawing import Part
    from chengdan.kernel.ui.forms import (
        DayField,
        FormPage,
        MoneyField,
        NumberField,
        PastedRows,
        PickerField,
        PickRow,
        QuantityField,
        UiForm,
        form_answer,
        pick_response,
        preview_response,
        refusals_on,
        stops_html,
    )
    from chengdan.kernel.ui.hooks import (
        CompanyChoice,
        InboxSummary,
        NavItem,
        NewItem,
        frame_url_set,
        hooks_set,
        nav_register,
        new_register,
        panel_register,
    )
    from chengdan.kernel.ui.lines import LineColumn, LinesField
    from chengdan.kernel.ui.listing import (
        BulkAct,
        ChoiceFilter,
        Column,
        DateFilter,
        FlagFilter,
        ListPage,
        PickFilter,
        TextFilter,
        Total,
        View,
    )
    from chengdan.kernel.ui.pages import (
        PageMixin,
        done,
        done_in_place,
        page,
        public_page,
        render_fragment,
        render_page,
        toast_add,
    )
    from chengdan.kernel.ui.parts import Act, Chip, Crumb, Empty, Note, PageHead, Toast
    from chengdan.kernel.ui.percents import PercentField

__all__ = [
    "Act",
    "BulkAct",
    "ChainNode",
    "Chip",
    "ChoiceFilter",
    "Column",
    "CompanyChoice",
    "Crumb",
    "DateFilter",
    "DayField",
    "DocumentPage",
    "Empty",
    "Fact",
    "FlagFilter",
    "FormPage",
    "Gauge",
    "HeatCell",
    "HistoryEntry",
    "InboxSummary",
    "LineColumn",
    "LinesField",
    "ListPage",
    "MoneyField",
    "NavItem",
    "NewItem",
    "Note",
    "NumberField",
    "PageHead",
    "PageMixin",
    "Panel",
    "Part",
    "PastedRows",
    "PercentField",
    "Person",
    "PickFilter",
    "PickRow",
    "PickerField",
    "QuantityField",
    "StripBand",
    "StripStep",
    "Table",
    "TextFilter",
    "Toast",
    "Total",
    "TowerBand",
    "TowerCell",
    "UiForm",
    "View",
    "Why",
    "WhyRow",
    "done",
    "done_in_place",
    "form_answer",
    "frame_url_set",
    "hooks_set",
    "nav_register",
    "new_register",
    "page",
    "panel_register",
    "pick_response",
    "preview_response",
    "public_page",
    "refusals_on",
    "render_fragment",
    "render_page",
    "stops_html",
    "talk_panel",
    "toast_add",
    "why_response",
]

# The package is also an app, loaded before models may be; so the parts come when asked for.
_PARTS = {
    "board": (
        "Gauge",
        "HeatCell",
        "TowerBand",
        "TowerCell",
    ),
    "document": (
        "ChainNode",
        "DocumentPage",
        "Fact",
        "HistoryEntry",
        "Panel",
        "Person",
        "StripBand",
        "StripStep",
        "Table",
        "Why",
        "WhyRow",
        "talk_panel",
        "why_response",
    ),
    "drawing": ("Part",),
    "forms": (
        "DayField",
        "FormPage",
        "MoneyField",
        "NumberField",
        "PastedRows",
        "PickRow",
        "PickerField",
        "QuantityField",
        "UiForm",
        "form_answer",
        "pick_response",
        "preview_response",
        "refusals_on",
        "stops_html",
    ),
    "hooks": (
        "CompanyChoice",
        "InboxSummary",
        "NavItem",
        "NewItem",
        "frame_url_set",
        "hooks_set",
        "nav_register",
        "new_register",
        "panel_register",
    ),
    "lines": (
        "LineColumn",
        "LinesField",
    ),
    "listing": (
        "BulkAct",
        "ChoiceFilter",
        "Column",
        "DateFilter",
        "FlagFilter",
        "ListPage",
        "PickFilter",
        "TextFilter",
        "Total",
        "View",
    ),
    "pages": (
        "PageMixin",
        "done",
        "done_in_place",
        "page",
        "public_page",
        "render_fragment",
        "render_page",
        "toast_add",
    ),
    "percents": ("PercentField",),
    "parts": (
        "Act",
        "Chip",
        "Crumb",
        "Empty",
        "Note",
        "PageHead",
        "Toast",
    ),
}
_HOMES = {name: part for part, names in _PARTS.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name from its part when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
