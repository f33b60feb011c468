"""Times are shown as the clock of the company says, on pages, on paper and in files."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengdan.config.cli.setup import _administrator
from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.exporting.models import ExportRun
from chengdan.kernel.exporting.services import export_folder, export_queue, exports_run_due
from chengdan.kernel.http.tokens import token_issue
from chengdan.kernel.outbox import handlers, job_enqueue, outbox_drain
from chengdan.kernel.transactions import write
from chengdan.kernel.ui.formats import day_text
from chengdan.kernel.zones import company_time, in_zone_of_now
from chengdan.modules.billing.http_api import reports
from chengdan.modules.people.models import Grant
from chengdan.modules.people.services.companies import company_edit
from tests.fixtures.people import People

# The tests' clock stands at Monday 01:00 UTC: Monday 09:00 in Shanghai, Sunday 20:00 in New York.
IN_SHANGHAI, IN_NEW_YORK = "11-16 09:00", "11-15 20:00"


@pytest.fixture
def moved(people: People, frozen_clock: object) -> People:
    """The company has its seat in New York."""
    company = people.company
    company_edit(
        actor=people.actor("administrator"), company_id=company.pk, name=company.name,
        timezone="America/New_York", calendar_code=company.calendar_code,
        is_tax_inclusive=company.is_tax_inclusive,
    )  # fmt: skip
    return people


def test_a_page_shows_the_time_of_the_company(
    client: Client, people: People, frozen_clock: object
) -> None:
    client.force_login(people.users["csr"])
    assert IN_SHANGHAI in client.get("/me/").content.decode()


def test_a_page_of_another_zone_shows_its_time(client: Client, moved: People) -> None:
    client.force_login(moved.users["csr"])
    page = client.get("/me/").content.decode()
    assert IN_NEW_YORK in page
    assert IN_SHANGHAI not in page
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_a_streamed_file_has_the_time_of_the_company(client: Client, moved: People) -> None:
    client.force_login(moved.users["auditor"])
    answer = client.get(reverse("audit:list"), {"_part": "export", "format": "csv"})
    content = b"".join(answer).decode()
    assert "2026-11-15 20:00:00" in content
    assert "2026-11-16 09:00:00" not in content


def test_a_prepared_file_has_the_time_of_the_company(
    moved: People, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    actor = moved.actor("auditor")
    path, query = reverse("audit:list"), "_part=export&format=csv"
    export_queue(actor=actor, title="Audit", file_kind="csv", path=path, query=query)
    assert exports_run_due() == 1
    content = (export_folder() / ExportRun.objects.get().path).read_text("utf-8")
    assert "2026-11-15 20:00:00" in content
    assert "2026-11-16 09:00:00" not in content


def test_what_is_made_later_keeps_the_zone_and_leaves_none_behind(moved: People) -> None:
    with company_time(moved.company.pk):
        texts = in_zone_of_now(day_text(clock.now()) for _turn in range(2))
        assert day_text(clock.now()) == IN_NEW_YORK
    for text in texts:
        assert text == IN_NEW_YORK
        assert day_text(clock.now()) == IN_SHANGHAI
    with company_time(None):
        assert day_text(clock.now()) == IN_SHANGHAI


IT_IS = {"New York": date(2026, 11, 15), "Shanghai": date(2026, 11, 16)}


def test_documents_get_the_date_of_the_place_where_the_company_is(moved: People) -> None:
    assert clock.today() == IT_IS["Shanghai"]
    with company_time(moved.company.pk):
        assert clock.today() == IT_IS["New York"]
        assert clock.today("Asia/Shanghai") == IT_IS["Shanghai"]


def test_a_program_that_calls_gets_the_date_of_its_company(
    client: Client, moved: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []
    aging = reports.selectors.aging_posted

    def note(actor: Actor, day: date) -> Any:
        days.append(day)
        return aging(actor, day)

    monkeypatch.setattr(reports.selectors, "aging_posted", note)
    actor = moved.actor("finance_manager")
    _row, secret = token_issue(actor=actor, name="t", scopes=["billing.*"], days=1)
    for _turn in range(2):
        answer = client.get("/api/v1/billing/aging", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200, answer.content
        assert timezone.get_current_timezone_name() == "Asia/Shanghai"
    assert days == [IT_IS["New York"]] * 2


def test_the_worker_gets_the_date_of_the_company_whose_job_it_is(
    moved: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []

    def job(*_args: object) -> None:
        days.append(clock.today())

    monkeypatch.setitem(handlers._jobs._items, "tests.day", job)
    with write():
        job_enqueue(moved.actor("csr"), "tests.day", {})
    outbox_drain()
    assert days == [IT_IS["New York"]]
    assert clock.today() == IT_IS["Shanghai"]


def test_the_first_administrator_may_work_at_once(moved: People) -> None:
    given = {"admin": "boss", "admin_name": "", "admin_email": "boss@example.com", "language": "en"}
    _administrator(given, moved.company.pk, "long enough to be right")
    grant = Grant.objects.get(user__username="boss")
    assert grant.starts_on == IT_IS["New York"]
