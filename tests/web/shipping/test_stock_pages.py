"""Warehouses and stock documents, kept by form; lots found by batch and shelf life."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.modules.people.models import User
from chengdan.modules.shipping.models import Lot, StockDocument, Warehouse
from tests.fixtures.pages import sends


def client_of(depot: Any, who: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=depot.house.people[who]))
    return client


def lots(client: Client, **query: str) -> list[str]:
    page = client.get(reverse("shipping:stock"), query).content.decode()
    return [batch for batch in ("B1", "B2") if f">{batch}<" in page]


def receipt(depot: Any, *batches: tuple[str, int, str], **values: str) -> dict[str, str]:
    rows = [
        {
            "product": {"id": depot.house.products["HY-0712"], "code": "HY-0712"},
            "batch": batch, "quantity": str(quantity), "expires_on": expires,
        }
        for batch, quantity, expires in batches
    ]  # fmt: skip
    return {
        "kind": "receipt", "warehouse": str(depot.warehouse_id), "reason": "采购到货",
        "effective_on": "", "lines": json.dumps(rows), **values,
    }  # fmt: skip


def test_goods_are_received_looked_over_and_posted_once(depot: Any) -> None:
    keeper, later = client_of(depot, "warehouse_keeper"), clock.today() + timedelta(days=90)
    wrong = receipt(depot, ("B1", 0, later.isoformat()))
    assert sends(keeper, reverse("shipping:stock_new"), **wrong) == 422
    right = receipt(depot, ("B1", 240, later.isoformat()), ("B2", 120, ""))
    assert sends(keeper, reverse("shipping:stock_new"), **right) == 302
    document = StockDocument.objects.get()
    assert (document.status, Lot.objects.count()) == ("draft", 0)
    show = reverse("shipping:stock_document", args=[document.pk])
    post = reverse("shipping:stock_post", args=[document.pk])
    assert post in keeper.get(show).content.decode()
    sent = {"expected_version": document.version}
    assert keeper.post(post, sent).status_code == 302
    assert keeper.post(post, sent).status_code == 409
    assert {lot.batch: lot.on_hand for lot in Lot.objects.all()} == {"B1": 240, "B2": 120}
    assert lots(keeper) == ["B1", "B2"]
    assert lots(keeper, q="b1") == ["B1"]
    assert lots(keeper, expired="1") == []
    with clock.at(clock.now() + timedelta(days=100)):
        assert lots(client_of(depot, "warehouse_keeper"), expired="1") == ["B1"]
    lot = Lot.objects.get(batch="B1")
    assert show in keeper.get(reverse("shipping:lot", args=[lot.pk])).content.decode()
    assert keeper.get(reverse("shipping:lot", args=[10**6])).status_code == 404


def test_a_lot_leads_to_the_note_that_took_from_it(depot: Any) -> None:
    depot.stock("HY-0712", 10, batch="B1")
    note = depot.note_of(depot.released("和兴", {"HY-0712": 4}))
    depot.dispatched(note.pk)
    page = client_of(depot, "warehouse_keeper").get(
        reverse("shipping:lot", args=[Lot.objects.get().pk])
    )
    assert reverse("shipping:show", args=[note.pk]) in page.content.decode()


def test_a_warehouse_is_opened_and_changed(depot: Any) -> None:
    chief = client_of(depot, "administrator")
    first = Warehouse.objects.get()
    data = {"code": "SZ", "name": "深圳仓", "unit": first.unit_id, "is_active": "on"}
    assert sends(chief, reverse("shipping:warehouse_new"), **data) == 302
    assert sends(chief, reverse("shipping:warehouse_new"), **data) == 422, "the code is taken"
    second = Warehouse.objects.get(code="SZ")
    url = reverse("shipping:warehouse", args=[second.pk])
    assert sends(chief, url, **{**data, "name": "深圳保税仓"}) == 302
    second.refresh_from_db()
    assert (second.name, second.is_default) == ("深圳保税仓", False)
    assert chief.post(url, {**data, "expected_version": 1}).status_code == 409
    assert chief.get(reverse("shipping:warehouse", args=[10**6])).status_code == 404
