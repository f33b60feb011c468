"""Finished runs taken over in bulk: complete along the definition, or refused with the row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError, InvalidError
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.services import RunDone, StepDone, runs_load
from chengdan.modules.process.verification import approvals_verify, states_verify

START = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)
PEOPLE = {
    "OG2": "key_account_manager", "OG3": "market_manager", "OA": "csr", "MA": "sales_director",
    "BG1": "finance_clerk", "BG2": "csr",
}  # fmt: skip
STEPS = ("OG2", "OG3", "OA", "QC", "AC", "CC", "MA", "BG1", "BG2")


def run_done(house: Any, **changes: Any) -> RunDone:
    """A run of OP in which every step took ten minutes."""
    steps = {
        code: StepDone(
            START + timedelta(minutes=10 * place),
            START + timedelta(minutes=10 * place + 10),
            house.actor(PEOPLE[code]) if code in PEOPLE else None,
        )
        for place, code in enumerate(STEPS)
    }
    for code in changes.pop("without", ()):
        del steps[code]
    values: dict[str, Any] = {
        "subject_type": "orders.order", "subject_id": 4711, "company_id": house.company.pk,
        "unit_id": None, "initiator": house.actor("order_clerk"), "titles": {"en": "Order H-1"},
        "party": "Hengshun", "amount": Decimal("128.50"), "steps": steps,
    }  # fmt: skip
    return RunDone(**{**values, **changes})


def test_a_run_is_complete_and_in_its_own_time(house: Any) -> None:
    instance = runs_load(actor=house.system, code="op", rows=[run_done(house)])[0]

    runs = list(StepRun.objects.filter(instance=instance).order_by("sequence"))
    assert {run.state for run in runs} == {"done", "skipped"}
    assert runs[-1].goto == "end"
    assert instance.started_at == START
    assert instance.ended_at == START + timedelta(minutes=90)
    assert Task.objects.filter(instance=instance, state="done").count() == len(PEOPLE)
    entries = list(audit_history(instance))
    assert min(entry.at for entry in entries) == START
    assert list(approvals_verify()) == []
    assert list(states_verify()) == []


def test_a_missing_step_is_refused(house: Any) -> None:
    with pytest.raises(InvalidError) as caught:
        runs_load(
            actor=house.system, code="op",
            rows=[run_done(house), run_done(house, without=["MA"])],
        )  # fmt: skip
    assert [(item.code, item.row) for item in caught.value.items] == [("missing", 2)]
    assert not Instance.objects.exists()


def test_nobody_approves_what_he_began(house: Any) -> None:
    row = run_done(house, initiator=house.actor("market_manager"))
    with pytest.raises(InvalidError) as caught:
        runs_load(actor=house.system, code="op", rows=[row])
    assert [item.code for item in caught.value.items] == ["initiator"]


def test_people_take_nothing_over(house: Any) -> None:
    with pytest.raises(ForbiddenError):
        runs_load(actor=house.actor("administrator"), code="op", rows=[run_done(house)])
