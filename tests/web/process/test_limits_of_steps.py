"""Every form of time limit that the sources use: a step runs on it, the library shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from chengdan.kernel.transactions import unguarded
from chengdan.kernel.workcalendar import describe
from chengdan.modules.people.models import Role, RolePermission, User
from chengdan.modules.process.subjects import FactType
from tests.fixtures.process import Engine, ToyDocument, toy_step
from tests.toys import ToySubject

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
END = "23:59:59.999999"

# A working Monday, 2026-11-16 09:00, is the start of every step.
TWO_FORMS: list[tuple[dict[str, Any], str]] = [
    ({"working_days": 3}, f"2026-11-19 {END}"),
    ({"before": "12-10"}, f"2026-12-10 {END}"),
    ({"before_day": 5, "of": "month"}, f"2026-12-05 {END}"),
    ({"working_days": 5, "from": "12-01"}, f"2026-12-08 {END}"),
    ({"working_days": 2, "from": 25}, f"2026-11-27 {END}"),
]
OTHER_FORMS: list[tuple[dict[str, Any], str]] = [
    ({"working_minutes": 30}, "2026-11-16 09:30"),
    ({"minutes": 1}, "2026-11-16 09:01"),
    ({"hours": 24}, "2026-11-17 09:00"),
    ({"hours": 48}, "2026-11-18 09:00"),
    ({"same_day": True}, f"2026-11-16 {END}"),
    ({"before_leaving": True, "or_at": "09:00"}, "2026-11-17 09:00"),
    ({"weekday": "saturday", "half": "morning"}, "2026-11-21 12:00"),
    ({"weekday": "saturday", "at": "17:30"}, "2026-11-21 17:30"),
    ({"weekday": "friday"}, f"2026-11-20 {END}"),
    ({"weekday": "monday", "half": "afternoon"}, "2026-11-16 17:30"),
    ({"end_of": "month"}, f"2026-11-30 {END}"),
    ({"end_of": "year"}, f"2026-12-31 {END}"),
    ({"end_of": "half_year"}, f"2026-12-31 {END}"),
    ({"before": "06-30"}, f"2027-06-30 {END}"),
    ({"around_day": 8, "tolerance": 2}, f"2026-12-10 {END}"),
    ({"days": 5, "after": "due_on"}, f"2026-12-06 {END}"),
    ({"days": 2}, f"2026-11-18 {END}"),
]


@pytest.fixture
def reader(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody who reads the library; the toys fall due on the first of December."""
    facts: Callable[[ToySubject], dict[str, Any]] = ToySubject.facts
    known = {**ToySubject.fact_types, "due_on": FactType("date")}
    monkeypatch.setattr(ToySubject, "fact_types", known)
    monkeypatch.setattr(
        ToySubject, "facts", lambda self: {**facts(self), "due_on": date(2026, 12, 1)}
    )
    with unguarded():
        role = Role.objects.get(code="ssg_leader")
        RolePermission.objects.create(role=role, permission="process.definition:view", scope="all")
        client = Client()
        client.force_login(User.objects.get(username="lena"))
    return client


def due_and_shown(engine: Engine, reader: Client, number: int, limit: dict[str, Any]) -> str:
    """Start a step with the limit; return when it is due, having read it in the library."""
    engine.publish(toy_step("S", "task", assign={"role": "csr"}, limit=limit))
    engine.toy.add(number, replace(engine.toy.documents[1]))
    step = engine.start(number).steps.get()
    page = reader.get(reverse("process:process", args=["toy.flow"])).content.decode()
    assert str(escape(describe(limit, "en"))) in page
    local = step.due_at.astimezone(SHANGHAI).replace(tzinfo=None)
    return str(local)


def moment(text: str) -> str:
    return str(datetime.fromisoformat(text))


@pytest.mark.requirement("PRL-06")
def test_steps_run_on_working_days_dates_and_days_of_the_month(
    engine: Engine, paper: ToyDocument, reader: Client
) -> None:
    for number, (limit, expected) in enumerate(TWO_FORMS, 2):
        assert (limit, due_and_shown(engine, reader, number, limit)) == (limit, moment(expected))


@pytest.mark.requirement("PRL-57")
def test_steps_run_on_every_other_form_of_the_sources(
    engine: Engine, paper: ToyDocument, reader: Client
) -> None:
    for number, (limit, expected) in enumerate(OTHER_FORMS, 2):
        assert (limit, due_and_shown(engine, reader, number, limit)) == (limit, moment(expected))
