"""Order to cash in any sequence of acts, against a model that knows only the decisions."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test as run_machine

from tests.scenarios.both_sides.base import DisagreeError
from tests.scenarios.machine.collecting import CollectingRules
from tests.scenarios.machine.delivering import DeliveringRules
from tests.scenarios.machine.opening import opened
from tests.scenarios.machine.ordering import OrderingRules

IS_NIGHTLY = os.environ.get("CHENGDAN_HYPOTHESIS") == "nightly"
# An act with its comparison takes 40 ms and more. Everyday runs are few, short and always the
# same, beginning in a company where something stands in every stage.
EXAMPLES, STEPS = (200, 60) if IS_NIGHTLY else (15, 30)
PROFILE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    derandomize=not IS_NIGHTLY,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
# For the twins: the first disagreement is enough, nobody reads its shortest form.
FIRST_ONLY = settings(
    PROFILE, max_examples=60, phases=[Phase.generate], derandomize=True, report_multiple_bugs=False
)
DISPATCH = "chengdan.modules.shipping.services.dispatch"
SWITCHED_OFF = {
    "goods that leave stay in the books of stock": f"{DISPATCH}._stock_out",
    "money that pays an invoice does not lower the exposure": (
        "chengdan.modules.billing.services.allocate.credit_post"
    ),
}


class OrderToCash(OrderingRules, DeliveringRules, CollectingRules):
    """The whole way: orders, stock and delivery, invoices and money."""


@pytest.mark.long
@pytest.mark.requirement(
    "CRD-17", partly="a small shortfall of an advance payment is tested in credit"
)
def test_order_to_cash_follows_the_model(house: Any) -> None:
    OrderToCash.opening = opened(house)
    run_machine(OrderToCash, settings=PROFILE)


@pytest.mark.long
def test_the_twins_with_one_effect_switched_off_are_found_out(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    OrderToCash.opening = opened(house)
    for what, effect in SWITCHED_OFF.items():
        with monkeypatch.context() as patch:
            patch.setattr(effect, _nothing)
            assert _is_found_out(), what


def _nothing(*_args: Any, **_values: Any) -> None:
    """Stand for an effect that is switched off."""


def _is_found_out(run: Callable[..., None] = run_machine) -> bool:
    try:
        run(OrderToCash, settings=FIRST_ONLY)
    except DisagreeError:
        return True
    return False
