"""What the evidence of an order's checks shows: figures by their titles, never names or JSON."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from chengdan.modules.process.models import StepRun
from tests.fixtures.busy import Busy


@pytest.fixture
def leader(busy: Busy) -> Client:
    client = Client()
    client.force_login(busy.user("ssg_leader"))
    return client


def shown(client: Client, run: StepRun) -> str:
    answer = client.get(reverse("process:step_evidence", args=[run.pk]))
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.content.decode()).split())


def step_of(code: str, kept: Callable[[StepRun], bool]) -> StepRun:
    return next(run for run in StepRun.objects.filter(code=code).order_by("pk") if kept(run))


def test_the_credit_check_shows_its_figures_by_title(leader: Client) -> None:
    run = step_of("CC", lambda run: run.evidence.get("evidence", {}).get("limit"))
    text = shown(leader, run)
    for title in ("信用额度", "本单前占用", "含本单占用", "超额", "逾期金额"):
        assert title in text
    assert re.search(r"\d\.\d\d", text)
    assert "earmarked" not in text
    assert "0.0000" not in text


def test_the_quota_check_shows_a_row_per_line(leader: Client) -> None:
    text = shown(leader, step_of("AC", lambda run: run.evidence.get("evidence", {}).get("lines")))
    assert re.search(r"第 ?1 ?行", text)
    assert "需要" in text
    assert "wanted" not in text
    assert "{" not in text
