"""Pages of shipping: seen by those who may, acts through forms, the picking page, the paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import User
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Pick, StockDocument
from chengdan.modules.shipping.services import note_dispatch
from chengdan.modules.shipping.services.reserve import lines_of_note
from chengdan.modules.shipping.showing import picked_of


def client_of(depot: Any, who: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=depot.house.people[who]))
    return client


@pytest.fixture
def note(depot: Any) -> DeliveryNote:
    depot.stock("HY-0712", 50, batch="B1")
    return depot.note_of(depot.released("和兴", {"HY-0712": 5}))


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    response = client.get(reverse(f"shipping:{name}", args=args), query)
    assert response.status_code == 200, (name, response.status_code)
    return response.content.decode()


def test_the_inbox_leads_to_the_act_of_the_note(depot: Any, note: DeliveryNote) -> None:
    who = "shipping_coordinator"
    task = open_task_for(words.NOTE, note.pk, "CA", depot.house.actor(who))
    assert task is not None
    client = client_of(depot, who)
    content = client.get(reverse("process:task", args=[task.pk])).content.decode()
    assert 'value="done"' not in content
    url = reverse("shipping:carrier", args=[note.pk])
    assert f'btn-primary btn-tall btn-block" href="{url}"' in content
    assert client.get(url).status_code == 200


def test_every_page_opens(depot: Any, note: DeliveryNote) -> None:
    waiting = depot.released("和兴", {"JY-1205": 3})
    scr = client_of(depot, "shipping_coordinator")
    assert note.number in page(scr, "list")
    assert note.number in page(scr, "list", state="open")
    text = page(scr, "show", note.pk)
    assert "B1" in text
    assert "和兴食品有限公司" in text
    from chengdan.modules.orders.models import Order

    assert Order.objects.get(pk=waiting).number in page(scr, "backlog")
    for name in ("direct", "stock", "stock_documents", "warehouses"):
        page(scr, name)
    for name in ("carrier", "cancel"):
        page(scr, name, note.pk)
    keeper = client_of(depot, "warehouse_keeper")
    page(keeper, "stock_new")
    assert "B1" in page(keeper, "pick", note.pk)
    assert "100%" not in page(keeper, "lot", Lot.objects.get().pk)
    page(keeper, "stock_document", StockDocument.objects.get().pk)
    admin = client_of(depot, "administrator")
    page(admin, "warehouse_new")
    page(admin, "warehouse", depot.warehouse_id)
    order_page = scr.get(reverse("orders:show", args=[note.lines.get().order_id]))
    assert note.number in order_page.content.decode()


def test_the_form_of_a_step_opens_only_while_it_waits_for_the_reader(
    depot: Any, note: DeliveryNote
) -> None:
    forms = {"dispatch": "shipping_coordinator", "feedback": "shipping_coordinator",
             "confirm": "csr", "check": "warehouse_keeper",
             "check_refuse": "quality_inspector", "reverse": "shipping_coordinator"}  # fmt: skip

    def leads_back(name: str, who: str) -> None:
        answer = client_of(depot, who).get(reverse(f"shipping:{name}", args=[note.pk]))
        assert (answer.status_code, answer.headers["Location"]) == (
            302, reverse("shipping:show", args=[note.pk]),
        )  # fmt: skip

    for name, who in forms.items():
        leads_back(name, who)
    depot.ready(note.pk)
    coordinator = "shipping_coordinator"
    page(client_of(depot, coordinator), "dispatch", note.pk)
    leads_back("carrier", coordinator)
    note_dispatch(actor=depot.house.actor(coordinator), note_id=note.pk, vehicle="粤A·12345")
    leads_back("cancel", coordinator)
    page(client_of(depot, coordinator), "reverse", note.pk)


def test_a_form_filled_in_before_a_change_is_kept_and_does_nothing(
    depot: Any, note: DeliveryNote
) -> None:
    depot.ready(note.pk)
    coordinator, url = (
        client_of(depot, "shipping_coordinator"),
        reverse("shipping:dispatch", args=[note.pk]),
    )
    note.refresh_from_db()
    stale = {"vehicle": "粤A·12345", "expected_version": note.version - 1}
    for _time in range(2):
        answer = coordinator.post(url, stale)
        html = answer.content.decode()
        assert answer.status_code == 409
        assert "粤A·12345" in html
        assert reverse("shipping:show", args=[note.pk]) in html
        # Pressed again, it is as stale as it was.
        stale["expected_version"] = answer.context["form_page"].values["expected_version"]
    assert DeliveryNote.objects.get().status == "open"
    coordinator.post(url, stale | {"expected_version": note.version})
    assert DeliveryNote.objects.get().status == "dispatched"


def test_a_posted_stock_document_is_not_reversed_from_an_old_page(depot: Any) -> None:
    depot.stock("HY-0712", 5)
    document = StockDocument.objects.latest("pk")
    url = reverse("shipping:stock_reverse", args=[document.pk])
    sent = {"reason": "录错", "expected_version": document.version + 1}
    manager = client_of(depot, "warehouse_keeper")
    assert manager.post(url, sent).status_code == 409
    assert StockDocument.objects.count() == 1
    assert manager.post(url, sent | {"expected_version": document.version}).status_code == 302


def test_a_note_goes_its_way_through_the_forms(depot: Any, note: DeliveryNote) -> None:
    def post(who: str, name: str, **data: Any) -> None:
        url = reverse(f"shipping:{name}", args=[note.pk])
        response = client_of(depot, who).post(url, data)
        assert response.status_code in (200, 204, 302), response.content.decode()[:2000]

    post("shipping_coordinator", "carrier", carrier="顺达物流")
    lot = Lot.objects.get()
    url = reverse("shipping:pick", args=[note.pk])
    keeper = client_of(depot, "warehouse_keeper")
    refused = keeper.post(url, {f"q-1-{lot.pk}": "3"})
    assert refused.status_code == 422
    for text in ("abc", "-1", "1e20"):
        refused = keeper.post(url, {f"q-1-{lot.pk}": text, "reason": "说明"})
        assert refused.status_code == 422, text
        assert "第 1 行：" in refused.content.decode()
        assert text in refused.content.decode()
    assert Pick.objects.count() == 1
    post("warehouse_keeper", "pick", **{f"q-1-{lot.pk}": "5"})
    # As proposed, and yet confirmed by the keeper: the checkers see what was picked.
    assert Pick.objects.get().is_confirmed
    assert [picked_of(line) for line in lines_of_note(note)] == [Decimal(5)]
    post("second_keeper", "check", comment="齐")
    post("quality_inspector", "check", comment="")
    post("shipping_coordinator", "dispatch", vehicle="粤A·12345")
    note.refresh_from_db()
    assert note.status == "dispatched"
    post("shipping_coordinator", "feedback", waybill="SD1")
    post("csr", "confirm", signer="罗女士", archive="A3")
    note.refresh_from_db()
    assert note.status == "confirmed"


def test_the_paper_hides_prices_unless_it_is_the_customers(depot: Any, note: DeliveryNote) -> None:
    scr = client_of(depot, "shipping_coordinator")
    for copy in ("warehouse", "customer"):
        response = scr.get(reverse("shipping:print", args=[note.pk]), {"copy": copy})
        assert response["Content-Type"] == "application/pdf"
        assert response.content[:5] == b"%PDF-"
    from chengdan.modules.shipping.printing import note_data

    plain = note_data(note, has_prices=False)
    assert "590.00" not in str(plain["rows"]) + str(plain["totals"])
    priced = note_data(note, has_prices=True)
    assert "590.00" in str(priced["rows"])
    assert len(plain["signatures"]) == len(priced["signatures"]) == 4
    with unguarded():
        DeliveryLine.objects.filter(delivery_note=note).update(quantity=Decimal(12345))
    assert "12,345" in note_data(note, has_prices=False)["rows"][0]


def test_making_a_note_from_the_backlog(depot: Any) -> None:
    order_id = depot.released("和兴", {"HY-0712": 5})
    depot.stock("HY-0712", 50)
    scr = client_of(depot, "shipping_coordinator")
    scr.post(reverse("shipping:make"), {"orders": [order_id], "warehouse": depot.warehouse_id})
    assert depot.note_of(order_id).lines.get().quantity == 5


def test_pages_are_closed_without_the_right(depot: Any, note: DeliveryNote) -> None:
    finance = client_of(depot, "quality_inspector")
    assert finance.get(reverse("shipping:backlog")).status_code == 403
    assert finance.get(reverse("shipping:show", args=[note.pk + 99])).status_code == 404
    assert finance.post(reverse("shipping:cancel", args=[note.pk])).status_code == 403
