"""The figures of the control tower follow the definition, the parameters and the calendars."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from chengdan.kernel import clock
from chengdan.kernel.workcalendar.services import calendar_save
from chengdan.modules.orders import vocabulary as orders
from chengdan.modules.orders.promises import same_day_gauge
from chengdan.modules.people.services import org_unit_rename, parameter_change
from chengdan.modules.process.services.definitions import definition_publish, sources_shipped
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import Warehouse
from chengdan.modules.shipping.promises import accuracy_gauge, promised_limit, shipped_gauge
from chengdan.modules.shipping.services import note_confirm, note_dispatch, note_feedback

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def viewer(depot: Any) -> Any:
    """Who sees every note."""
    depot.stock("HY-0712", 100)
    return depot.house.actor("general_manager")


def ready(depot: Any) -> Any:
    """A note that only waits to leave."""
    note = depot.note_of(depot.released("和兴", {"HY-0712": 5}, ordered_on=None))
    depot.ready(note.pk)
    return note


def leaves_at(depot: Any, note: Any, moment: datetime) -> None:
    """Let a note leave at a moment."""
    with clock.at(moment):
        note_dispatch(actor=depot.house.actor("shipping_coordinator"), note_id=note.pk)


def publish(depot: Any, limit: dict[str, Any] | None) -> None:
    """Publish SP with another time limit of its promise, or without a promise."""
    data = deepcopy(next(item for _name, item in sources_shipped() if item["id"] == "sp"))
    for step in data["steps"]:
        if step.get("promise"):
            step["limit"] = limit or step["limit"]
            step["promise"] = limit is not None
    definition_publish(actor=depot.house.system, data=data, source="sp.yaml")


def skips(depot: Any) -> None:
    """Let the unit of the warehouse leave non-working days out of the hours."""
    system, company = depot.house.system, depot.house.company
    calendar_save(
        actor=system, code="store", company_id=company.pk,
        values={"title": "仓库", "skips_non_working_hours": True},
    )  # fmt: skip
    unit = Warehouse.objects.get().unit
    org_unit_rename(actor=system, unit_id=unit.pk, name=unit.name, calendar_code="store")


def opened(viewer: Any, url: str) -> set[int]:
    """Return the ids of the documents in the list that an address opens."""
    client = Client()
    client.force_login(get_user_model().objects.get(pk=viewer.user_id))
    return {row.pk for row in client.get(url).context["rows"]}


def title(viewer: Any) -> str:
    """Return what the promise is called in English."""
    with translation.override("en"):
        return str(shipped_gauge(viewer).title)


def test_the_promised_time_is_that_of_the_published_process(depot: Any, viewer: Any) -> None:
    note = ready(depot)
    leaves_at(depot, note, note.received_at + timedelta(hours=30))
    later = note.received_at + timedelta(hours=31)
    with clock.at(later):
        assert shipped_gauge(viewer).value == 0
        assert title(viewer) == "Shipped within 24 hours"
        publish(depot, {"hours": 36, "after": "received_at"})
        assert shipped_gauge(viewer).value == 100
        assert title(viewer) == "Shipped within 36 hours"
        publish(depot, {"working_days": 0})
        assert shipped_gauge(viewer).value == 0
        publish(depot, None)
        assert promised_limit() is None
        assert shipped_gauge(viewer).value is None


def test_the_help_page_names_the_published_time(depot: Any, viewer: Any) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=viewer.user_id))
    assert "交储运后 24 小时内发货。" in client.get("/help/").content.decode()
    publish(depot, {"hours": 36, "after": "received_at"})
    assert "交储运后 36 小时内发货。" in client.get("/help/").content.decode()


def test_a_unit_that_leaves_non_working_days_out_is_measured_so(depot: Any, viewer: Any) -> None:
    with clock.at(FRIDAY):
        early, late, waiting = ready(depot), ready(depot), ready(depot)
        assert early.received_at == FRIDAY
    monday = FRIDAY + timedelta(days=3)
    leaves_at(depot, early, monday - timedelta(minutes=1))
    with clock.at(monday - timedelta(minutes=1)):
        # By the clock alone, one note left too late and two should have left.
        assert shipped_gauge(viewer).basis == "近 30 天 3 张中 0 张"
        assert len(opened(viewer, shipped_gauge(viewer).url)) == 3
        skips(depot)
        assert shipped_gauge(viewer).basis == "近 30 天 1 张中 1 张"
        assert opened(viewer, shipped_gauge(viewer).url) == {early.pk}
        assert opened(viewer, "/shipping/notes/?in_time=missed") == set()
    leaves_at(depot, late, monday + timedelta(minutes=1))
    with clock.at(monday + timedelta(minutes=1)):
        assert shipped_gauge(viewer).basis == "近 30 天 3 张中 1 张"
        assert opened(viewer, shipped_gauge(viewer).url) == {early.pk, late.pk, waiting.pk}
        assert opened(viewer, "/shipping/notes/?in_time=missed") == {late.pk, waiting.pk}


def test_goals_and_days_are_parameters(depot: Any, viewer: Any) -> None:
    house, company = depot.house, depot.house.company.pk
    right, wrong = ready(depot), ready(depot)
    start = clock.now()
    for note, deviation in ((right, ""), (wrong, "少一箱")):
        leaves_at(depot, note, start + timedelta(minutes=5))
        note_feedback(actor=house.actor("shipping_coordinator"), note_id=note.pk, waybill="SD1")
        note_confirm(actor=house.actor("csr"), note_id=note.pk, signer="罗女士", archive="A3",
                     deviation=deviation)  # fmt: skip
    found = accuracy_gauge(viewer)
    assert (found.value, found.target, str(found.target_text)) == (50, 98, "目标 98%")
    assert not found.is_met
    assert opened(viewer, found.url) == {right.pk, wrong.pk}
    assert opened(viewer, "/shipping/notes/?accuracy=missed") == {wrong.pk}
    assert (shipped_gauge(viewer).target, same_day_gauge(viewer).target) == (100, 100)
    for code, value in ((words.ACCURACY_PERCENT, "40.5"), (words.IN_TIME_PERCENT, "90"),
                        (orders.SAME_DAY_PERCENT, "95"), (orders.GAUGE_DAYS, "7")):  # fmt: skip
        parameter_change(
            actor=house.system, company_id=company, code=code, text=value, reason="目标"
        )
    found = accuracy_gauge(viewer)
    assert (found.target, found.target_text, found.is_met) == (
        Decimal("40.5"), "目标 40.5%", True,
    )  # fmt: skip
    assert found.basis == "近 7 天 2 张中 1 张"
    assert (shipped_gauge(viewer).target, same_day_gauge(viewer).target) == (90, 95)
    with clock.at(start + timedelta(days=8)):
        assert accuracy_gauge(viewer).value is None
        assert opened(viewer, accuracy_gauge(viewer).url) == set()
