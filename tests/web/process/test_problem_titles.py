"""A record that a sweep opened keeps a topic and its facts; every reader gets it in his words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.modules.billing.jobs import ratio_sweep
from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.selectors.titles import problem_title
from chengdan.modules.shipping.jobs import explain_sweep
from tests.fixtures.billing import BillingHouse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def month_missed(request: pytest.FixtureRequest) -> tuple[Any, int, dict[str, str]]:
    billing: BillingHouse = request.getfixturevalue("billing")
    billing.posted(billing.order(50))
    with clock.at(clock.now() + timedelta(days=51)):
        opened = ratio_sweep()
    return billing.house, opened, {
        "zh-hans": "2026-12 到期货款回款率 0.0%，目标 90%",
        "zh-hant": "2026-12 到期貨款回款率 0.0%，目標 90%",
        "en": "Collected 0.0% of what fell due in 2026-12, goal 90%",
    }  # fmt: skip


def note_stayed(request: pytest.FixtureRequest) -> tuple[Any, int, dict[str, str]]:
    depot = request.getfixturevalue("depot")
    depot.stock("HY-0712", 50)
    note = depot.note_of(depot.released("和兴", {"HY-0712": 5}))
    with clock.at(note.received_at + timedelta(hours=49)):
        opened = explain_sweep()
    return depot.house, opened, {
        "zh-hans": f"送货单 {note.number} 超过 48 小时未发货，请书面说明原因。",
        "en": f"Delivery note {note.number} did not leave within 48 hours: explain why.",
    }  # fmt: skip


@pytest.mark.parametrize("miss", [month_missed, note_stayed])
def test_a_record_reads_in_the_language_of_its_reader(
    miss: Callable[[pytest.FixtureRequest], tuple[Any, int, dict[str, str]]],
    request: pytest.FixtureRequest,
) -> None:
    with override("zh-hans"):
        house, opened, texts = miss(request)
    assert opened == 1
    record = ProblemRecord.objects.get()
    assert record.title == ""
    client = Client()
    client.force_login(get_user_model().objects.get(pk=house.people["general_manager"]))
    for language, text in texts.items():
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for page in (reverse("process:problems"), reverse("process:problem", args=[record.pk])):
            assert text in client.get(page).content.decode(), (page, language)
        told = client.get(f"/api/v1/process/problems/{record.pk}").json()
        assert (told["title"], told["topic"]) == (text, record.topic)


def test_a_record_entered_by_hand_keeps_its_words() -> None:
    with override("zh-hans"):
        assert problem_title(ProblemRecord(topic="manual", title="Boxes were wet")) == (
            "Boxes were wet"
        )


def test_the_record_of_a_note_that_stayed_leads_to_the_note(
    request: pytest.FixtureRequest,
) -> None:
    house, _opened, _texts = note_stayed(request)
    record = ProblemRecord.objects.get()
    client = Client()
    client.force_login(get_user_model().objects.get(pk=house.people["general_manager"]))
    page = client.get(reverse("process:problem", args=[record.pk])).content.decode()
    assert f'href="/shipping/notes/{record.subject_id}/"' in page
