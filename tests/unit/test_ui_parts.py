"""Drawings, chips, boards, the strip and panels: geometry in attributes, colour by class."""

import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from chengdan.kernel.actor import Actor
from chengdan.kernel.durations import Duration
from chengdan.kernel.registry import Registry
from chengdan.kernel.ui import drawing, hooks
from chengdan.kernel.ui.board import Gauge, HeatCell, TowerBand, TowerCell
from chengdan.kernel.ui.document import (
    DocumentPage,
    Fact,
    Panel,
    StripBand,
    StripStep,
    Table,
    Why,
    WhyRow,
    why_response,
)
from chengdan.kernel.ui.listing import Column
from chengdan.kernel.ui.markup import chip_html
from chengdan.kernel.ui.parts import Chip, Note, PageHead


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(hooks, "_hooks", hooks.Hooks(can=lambda actor, code: code != "no"))
    with translation.override("en"):
        yield


def render(source: str, **values: Any) -> str:
    request = RequestFactory().get("/")
    request.actor = Actor(user_id=1, name="x")  # type: ignore[attr-defined]
    return Template("{% load ui %}" + source).render(Context({"request": request, **values}))


@pytest.mark.parametrize(
    "svg",
    [
        drawing.mini_strip(["done"] * 8 + ["late"] + ["todo"] * 12),
        drawing.bar(5, 8, 2),
        drawing.bar(0, 0),
        drawing.stacked([drawing.Part("a", 5), drawing.Part("<b>", 7, "c2")], limit=10),
        drawing.stacked([]),
        drawing.ring(130, "130%", 50),
        drawing.sparkline([Decimal(99), Decimal(100)], target=Decimal(100)),
        drawing.sparkline([Decimal(5)]),
    ],
)
def test_drawings_carry_no_style(svg: str) -> None:
    assert svg.startswith("<svg")
    assert "style=" not in svg
    assert "<b>" not in svg
    assert not re.search(r'(width|height|x|y|r|cx|cy)="-', svg)


def test_the_mini_strip_says_how_far_it_is() -> None:
    svg = drawing.mini_strip(["done", "done", "late"] + ["todo"] * 18)
    assert 'aria-label="2 of 21 steps done"' in svg
    assert svg.count("<rect") == 21
    assert svg.count("v-late") == 1
    assert drawing.mini_strip([]) == ""


def test_a_state_is_colour_icon_and_word() -> None:
    html = chip_html(Chip("over <limit>", "late"))
    assert "is-late" in html
    assert "<use" in html
    assert "over &lt;limit&gt;" in html
    assert chip_html(Chip("plain")) == '<span class="mk">plain</span>'


def test_the_tower_shows_late_before_soon() -> None:
    assert TowerCell("OA", "accept", 3, late=1, soon=2).state == "late"
    assert TowerCell("OA", "accept", 3, soon=2).state == "soon"
    assert TowerCell("OA", "accept", 0).state == "nil"
    cells = [TowerCell("OA", "accept", 3, "/x/", late=1, oldest="0:41")]
    html = render('{% include "ui/board/tower.html" %}', bands=[TowerBand("OP", "orders", cells)])
    assert "1 late" in html
    assert "oldest 0:41" in html


def test_a_gauge_is_red_only_when_the_promise_is_missed() -> None:
    kept = Gauge("a", Decimal(98), Decimal(98), "≥ 98 %")
    missed = Gauge("b", Decimal("97.9"), Decimal(98), "≥ 98 %")
    none = Gauge("c", None, Decimal(98), "≥ 98 %")
    assert (kept.chip().state, missed.chip().state, none.chip().state) == ("done", "late", "idle")
    html = render('{% include "ui/board/gauges.html" %}', gauges=[kept, missed, none])
    assert html.count("t-late") == 1


def test_heat_has_three_levels() -> None:
    assert [HeatCell(count).level for count in (0, 1, 2, 9)] == [0, 1, 2, 2]


def test_strip_steps_open_their_evidence() -> None:
    steps = [
        StripStep("OG", "create", "done", "A", "24m", url="/evidence/"),
        StripStep("OA", "accept", "late", "B", "1:17"),
    ]
    html = render('{% include "ui/strip.html" %}', bands=[StripBand("OP", "Orders", steps)])
    assert 'hx-get="/evidence/"' in html
    assert "step is-late" in html


def document(**more: Any) -> str:
    request = RequestFactory().get("/")
    request.actor = Actor(user_id=1, name="x")  # type: ignore[attr-defined]
    request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    page = DocumentPage("t.doc", object(), PageHead("Order", "SO1"), **more)
    return str(page.render(request).render().content.decode())


def test_a_document_shows_what_it_has_and_leaves_out_the_rest() -> None:
    columns = [Column("name", "Name"), Column("amount", "Amount", kind="money")]
    html = document(
        facts=[Fact("Amount", Decimal("5"), "money", why="/why/"), Fact("Owner", "王<婷>")],
        notes=[Note("late", "Over the limit", "By 5.00", rule="CC-3"), Note("soon", "Hurry")],
        tables=[
            Table(
                "Lines",
                columns,
                [{"name": "a", "amount": Decimal("-2")}],
                footer=["", Decimal(-2)],
            )
        ],
    )
    assert 'hx-get="/why/"' in html
    assert "王&lt;婷&gt;" in html
    assert "[CC-3]" in html
    assert "1 stop" in html
    assert "1 warning" in html
    assert '<span class="neg">−2.00</span>' in html
    assert "Related documents" not in html


def test_later_rooms_add_panels_for_those_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "panel_entries", Registry("test panels"))

    def shown(request: object, obj: object) -> Panel:
        return Panel("From another room", "ui/parts/people.html", {"people": []})

    def hidden(request: object, obj: object) -> Panel:
        return Panel("Not for you", "ui/parts/people.html")

    def absent(request: object, obj: object) -> None:
        return None

    hooks.panel_register("t.doc", "side", shown)
    hooks.panel_register("t.doc", "main", hidden, permission="no")
    hooks.panel_register("t.doc", "main", absent)
    html = document()
    assert "From another room" in html
    assert "Not for you" not in html


def test_why_adds_up_in_the_open() -> None:
    request = RequestFactory().get("/")
    request.actor = Actor(user_id=1, name="x")  # type: ignore[attr-defined]
    rows = [
        WhyRow("Net", Decimal(100), url="/doc/"),
        WhyRow("Tax", Decimal(13), remark="13 %"),
        WhyRow("Gross", Decimal(113), is_sum=True),
        WhyRow("Grade", "AA"),
    ]
    html = why_response(request, Why("How", rows, rule="PRC-02")).content.decode()
    for text in ("100.00", "13.00", "113.00", "AA", "[PRC-02]", 'href="/doc/"'):
        assert text in html


def test_figures_and_days_as_tags() -> None:
    html = render(
        "{{ a|money }} {{ a|figure }} {% due left %} {{ taken|duration }}",
        a=Decimal("-1"), left=Duration(-72), taken=Duration(18),
    )  # fmt: skip
    assert "−1.00" in html
    assert "1:12 over" in html
    assert "0:18" in html
