"""Pages of the style guide; open without sign-in because they hold no business data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_put
from chengdan.kernel.ui.document import DocumentPage, Fact, Table, Why, WhyRow, why_response
from chengdan.kernel.ui.drawing import Part
from chengdan.kernel.ui.forms import FormPage, pick_response, preview_response, stops_html
from chengdan.kernel.ui.kit import samples
from chengdan.kernel.ui.kit.forms import SampleForm, product_rows
from chengdan.kernel.ui.listing import (
    BulkAct,
    ChoiceFilter,
    Column,
    DateFilter,
    FlagFilter,
    ListPage,
    Slice,
    Total,
    View,
)
from chengdan.kernel.ui.listing.state import ListState
from chengdan.kernel.ui.numberparse import NumberError, parse_number
from chengdan.kernel.ui.pages import done, guarded, public_page, render_page
from chengdan.kernel.ui.parts import Act, Chip, Crumb, Note, PageHead, Toast

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

REASON = "style guide with invented data, only in debug and demo installations"


def sample_actor(request: HttpRequest) -> None:
    """Give a visitor without sign-in a name, so that the frame has somebody to draw."""
    if getattr(request, "actor", None) is None:
        actor_put(request, Actor(user_id=0, name="王婷", company_id=1))


def kit_page(
    methods: Sequence[str] = ("GET", "HEAD"),
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a page of the style guide."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @public_page(reason=REASON, methods=methods)
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            sample_actor(request)
            return view(request, *args, **kwargs)

        return run

    return decorate


class KitList(ListPage[Any]):
    """The list with sample rows instead of a table."""

    code = "ui.kit"
    title = "订单"
    permission = ""
    columns: ClassVar = [
        Column("number", "单号", sort="number", phone="title"),
        Column("customer", "客户", clip=True),
        Column("region", "区域", phone=""),
        Column("ordered_on", "下单", kind="day", sort="ordered"),
        Column("wanted_on", "要求到货", kind="day", phone=""),
        Column("quantity", "数量（箱）", kind="quantity", phone=""),
        Column("amount", "含税金额", kind="money", sort="amount", phone="side"),
        Column("delivered", "已发金额", kind="money", phone=""),
        Column("steps", "进度 OP·SP·BC", kind="mini"),
        Column("step", "当前步骤", phone=""),
        Column("left", "剩余", kind="due"),
        Column("band", "信用档", kind="chip", phone=""),
    ]
    sorts: ClassVar = {"number": "number", "ordered": "ordered_on", "amount": "amount"}
    default_sort = "-number"
    filters: ClassVar = [
        ChoiceFilter(name="region", title="区域", choices=[("e", "粤东"), ("m", "粤中")]),
        DateFilter(name="ordered", title="下单"),
        FlagFilter(name="late", title="逾期"),
        ChoiceFilter(name="band", title="信用档", choices=[("in", "额度内")], main=False),
    ]
    views: ClassVar = [
        View("month", "本月订单"),
        View("mine", "我要处理", "band=in"),
        View("late", "逾期", "late=1", state="late"),
    ]
    bulk: ClassVar = [
        BulkAct("urge", "催批准", "/ui/kit/done/", "bell", primary=True),
        BulkAct(
            "ship",
            "交储运",
            "/ui/kit/done/",
            "truck-delivery",
            refusal=lambda row: "" if row.delivered else "还没打印送货单",
        ),
    ]
    page_size = 20

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sample_actor(request)
        return guarded(request, lambda: self.get(request, *args, **kwargs))

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [Act("new", "新建订单", reverse("ui:kit_form"), icon="plus", primary=True)]

    def row_url(self, row: samples.SampleOrder) -> str:
        return reverse("ui:kit_document")

    def _take(self, state: ListState) -> Slice[Any]:
        return Slice(samples.sample_orders(), "", "", 1)

    def _totals(self, request: HttpRequest) -> HttpResponse:
        totals = [Total("数量", Decimal(53264), "quantity"), Total("含税", Decimal("4873908"))]
        context = {"count": "20", "totals": totals}
        return TemplateResponse(request, "ui/list/_totals.html", context)

    def _counts(self, request: HttpRequest) -> HttpResponse:
        counts = [
            (view, str(number), number) for view, number in zip(self.views, (20, 5, 3), strict=True)
        ]
        return TemplateResponse(request, "ui/list/_counts.html", {"counts": counts})


kit_list = KitList.as_view()
kit_list.permission = None  # type: ignore[attr-defined]
kit_list.public_reason = REASON  # type: ignore[attr-defined]


@kit_page()
def kit_document(request: HttpRequest) -> HttpResponseBase:
    """The document page."""
    url, why = reverse("ui:kit_document"), reverse("ui:kit_why")
    orders = samples.sample_orders()[:6]
    lines = Table(
        "明细",
        [
            Column("number", "单号", link=lambda row: url),
            Column("customer", "客户", clip=True),
            Column("quantity", "数量", kind="quantity"),
            Column("amount", "含税金额", kind="money"),
            Column("delivered", "已发", kind="money"),
            Column("band", "信用", kind="chip"),
        ],
        orders,
        footer=["", "", sum(o.quantity for o in orders), sum(o.amount for o in orders), "", ""],
        footer_title="合计 6 行",
    )
    return DocumentPage(
        "ui.kit",
        None,
        head=PageHead(
            "订单",
            "SO2611-0352",
            crumbs=[Crumb("订单", reverse("ui:kit_list")), Crumb("11 月")],
            chips=[Chip("履行中", "run"), Chip("停 1 项", "late")],
            labels=["部分发运 62%", "已开票 65%"],
            acts=[
                Act("print", "打印", url, icon="printer", shortcut="P"),
                Act("copy", "复制为新单", url, icon="copy"),
                Act(
                    "cancel",
                    "作废",
                    reverse("ui:kit_done"),
                    method="post",
                    danger=True,
                    confirm="作废后不能恢复，占用的信用和配额立即释放。",
                ),
                Act("ship", "交储运", url, disabled="第 3 行批次待放行"),
                Act(
                    "fix",
                    "处理停止项",
                    reverse("ui:kit_done"),
                    method="post",
                    primary=True,
                    shortcut="G",
                ),
            ],
        ),
        facts=[
            Fact("客户", "佛山市盛丰粮油食品有限公司", url=url),
            Fact("客户单号", "SF-26-1116"),
            Fact("下单", orders[0].ordered_on, "day"),
            Fact("要求到货", orders[0].wanted_on, "day"),
            Fact("付款", "月结 30 天"),
            Fact("信用档", Chip("额度内", "done")),
            Fact("含税金额", Decimal(180272), "money", why=why, big=True),
        ],
        strip=samples.sample_strip(why),
        notes=samples.sample_notes(url),
        tables=[lines, Table("送货单", [Column("number", "送货单")], [])],
        people=samples.sample_people(),
        chain=samples.sample_chain(url),
        history=samples.sample_history(),
        history_url=url,
    ).render(request)


@kit_page(methods=("GET", "HEAD", "POST"))
def kit_form(request: HttpRequest) -> HttpResponseBase:
    """The form page with a line editor."""
    initial = {
        "customer": 2,
        "lines": [
            {
                "product": {"id": 1, "code": "JY-1205"},
                "name": "鲜味生抽 500ml×12",
                "quantity": "800",
            },
            {
                "product": {"id": 3, "code": "HY-0712"},
                "name": "臻选蚝油 700g×12",
                "quantity": "420",
            },
        ],
    }
    form = SampleForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        return done(request, reverse("ui:kit_document"), Toast("订单已保存。"))
    return FormPage(
        form,
        PageHead(
            "新建订单",
            crumbs=[Crumb("订单", reverse("ui:kit_list")), Crumb("新建")],
            chips=[Chip("草稿", icon="pencil")],
        ),
        sections=[("", ["customer", "customer_number", "wanted_on", "payment"])],
        lines="lines",
        after=[("", ["note", "limit", "partial"])],
        preview=reverse("ui:kit_preview"),
        autosave=reverse("ui:kit_autosave"),
        submit="提交审批",
        has_stops=True,
    ).render(request)


@kit_page()
def kit_board(request: HttpRequest) -> HttpResponseBase:
    """Boards and drawings."""
    return render_page(
        request,
        "ui/kit/board.html",
        head=PageHead("OSB 控制塔", hint="11月20日 周五"),
        bands=samples.sample_tower(reverse("ui:kit_list")),
        gauges=samples.sample_gauges(),
        heat=samples.sample_heat(),
        parts=[
            Part("未交货", Decimal(302300)),
            Part("已发未开票", Decimal(66800), "c2"),
            Part("应收", Decimal(125200), "c3"),
            Part("本单", Decimal(181824), "new"),
        ],
    )


@kit_page()
def kit_index(request: HttpRequest) -> HttpResponseBase:
    """Small parts: buttons, chips, figures, empty and waiting states."""
    return render_page(
        request,
        "ui/kit/index.html",
        head=PageHead("组件", hint="/ui/kit/"),
        notes=samples.sample_notes("#"),
        durations=samples.DURATIONS,
    )


@kit_page()
def kit_why(request: HttpRequest) -> HttpResponseBase:
    """An explanation."""
    rows = [
        WhyRow("货款（不含税）", Decimal("159532.74")),
        WhyRow("税额", Decimal("20739.26"), remark="13%"),
        WhyRow("含税合计", Decimal(180272), is_sum=True),
    ]
    chain = samples.sample_chain(reverse("ui:kit_document"))[:2]
    return why_response(request, Why("含税金额怎么来的", rows, rule="PRC-02", documents=chain))


@kit_page()
def kit_pick(request: HttpRequest) -> HttpResponseBase:
    """Endpoint of the sample pickers."""
    return pick_response(product_rows(request.GET.get("q", "")), heads=["含税价", "可用"])


@kit_page(methods=("POST",))
def kit_preview(request: HttpRequest) -> HttpResponseBase:
    """Live totals and stops of the sample form; stores nothing."""
    rows: list[dict[str, Any]] = []
    notes: list[Note] = []
    total = Decimal(0)
    prices = {str(pk): Decimal(price) for pk, _c, _n, price, _s in samples.PRODUCTS}
    for number, row in enumerate(_lines(request.POST), start=1):
        product = row.get("product") if isinstance(row.get("product"), dict) else {}
        price = prices.get(str(product.get("id")))  # type: ignore[union-attr]
        try:
            quantity = parse_number(str(row.get("quantity") or "0"), places=3)
        except NumberError as error:
            rows.append({"quantity": {"state": "bad", "title": str(error.message)}})
            continue
        amount = (price or Decimal(0)) * quantity
        total += amount
        many = quantity > Decimal(400) and price == Decimal("118.00")
        state = {"state": "bad", "title": "超配额"} if many else {}
        rows.append({"amount": f"{amount:,.2f}" if amount else "", "quantity": state})
        if many:
            notes.append(Note("late", f"第 {number} 行超配额", rule="AC-2"))
    html = stops_html(request, notes, ["客户资料齐全"])
    totals = {"amount": f"{total:,.2f}"}
    return preview_response(rows=rows, totals=totals, fragments={"cd-stops": html})


def _lines(data: QueryDict) -> list[dict[str, Any]]:
    try:
        found = json.loads(data.get("lines") or "[]")
    except ValueError:
        return []
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


@kit_page(methods=("POST",))
def kit_autosave(request: HttpRequest) -> HttpResponseBase:
    """Pretend to store a draft."""
    return HttpResponse(status=204)


@kit_page(methods=("POST",))
def kit_done(request: HttpRequest) -> HttpResponseBase:
    """Answer any act of the style guide."""
    return done(
        request, reverse("ui:kit_index"), Toast("已处理。", undo=reverse("ui:kit_autosave"))
    )


urlpatterns = [
    path("ui/kit/", kit_index, name="kit_index"),
    path("ui/kit/list/", kit_list, name="kit_list"),
    path("ui/kit/document/", kit_document, name="kit_document"),
    path("ui/kit/form/", kit_form, name="kit_form"),
    path("ui/kit/board/", kit_board, name="kit_board"),
    path("ui/kit/why/", kit_why, name="kit_why"),
    path("ui/kit/pick/", kit_pick, name="kit_pick"),
    path("ui/kit/preview/", kit_preview, name="kit_preview"),
    path("ui/kit/autosave/", kit_autosave, name="kit_autosave"),
    path("ui/kit/done/", kit_done, name="kit_done"),
]
