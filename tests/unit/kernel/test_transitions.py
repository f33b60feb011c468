"""State machines as tables."""

import pytest
from django.db.models import Choices
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.transitions import TransitionError, TransitionTable, transition
from chengdan.modules.billing.transitions import INVOICE_TRANSITIONS, RECEIPT_TRANSITIONS
from chengdan.modules.customers.transitions import CUSTOMER
from chengdan.modules.orders.transitions import AMENDMENT_TRANSITIONS, ORDER_TRANSITIONS
from chengdan.modules.process.transitions import INSTANCE, PROBLEM, STEP, TASK
from chengdan.modules.shipping.transitions import NOTE_TRANSITIONS, STOCK_TRANSITIONS

TABLE = TransitionTable(
    [
        transition("draft", "submit", "waiting", "x.y:submit"),
        transition(["draft", "waiting"], "cancel", "cancelled"),
        transition("waiting", "approve", "approved"),
    ]
)
STATES = ["draft", "waiting", "approved", "cancelled", "nonsense"]
VERBS = ["submit", "cancel", "approve", "nonsense"]


def test_arrows_lead_where_the_table_says() -> None:
    assert TABLE.resolve("draft", "submit") == "waiting"
    assert TABLE.resolve("waiting", "cancel") == "cancelled"
    assert sorted(TABLE.verbs("draft")) == ["cancel", "submit"]
    assert TABLE.verbs("approved") == []
    assert TABLE.states() == {"draft", "waiting", "approved", "cancelled"}


@given(st.sampled_from(STATES), st.sampled_from(VERBS))
def test_what_is_not_in_the_table_is_refused(state: str, verb: str) -> None:
    arrows = {
        (source, item.verb): item.target for item in TABLE.transitions for source in item.sources
    }
    assert TABLE.allows(state, verb) is ((state, verb) in arrows)
    if (state, verb) in arrows:
        assert TABLE.resolve(state, verb) == arrows[state, verb]
        return
    with pytest.raises(TransitionError) as caught:
        TABLE.resolve(state, verb)
    assert caught.value.status == 409
    assert caught.value.params == {"verb": verb, "state": state}


def test_two_arrows_for_one_verb_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="share"):
        TransitionTable([transition("a", "go", "b"), transition(["a", "c"], "go", "d")])


def test_a_refusal_speaks_of_states_and_verbs_as_people_call_them() -> None:
    with override("zh-hans"), pytest.raises(TransitionError) as caught:
        NOTE_TRANSITIONS.resolve("open", "feedback")
    assert caught.value.message == "状态为“备货中”时不能执行“反馈运单”。"
    with override("zh-hans"), pytest.raises(TransitionError) as caught:
        CUSTOMER.resolve("closed", "suspend")
    assert caught.value.message == "状态为“已关闭”时不能执行“暂停”。"
    with override("zh-hans"), pytest.raises(TransitionError) as caught:
        PROBLEM.resolve("open", "close")
    assert caught.value.message == "状态为“待说明”时不能执行“关闭”。"


@pytest.mark.parametrize(
    "table",
    [
        ORDER_TRANSITIONS, AMENDMENT_TRANSITIONS, INVOICE_TRANSITIONS, RECEIPT_TRANSITIONS,
        NOTE_TRANSITIONS, STOCK_TRANSITIONS, CUSTOMER, INSTANCE, STEP, TASK, PROBLEM,
    ],
)  # fmt: skip
def test_every_verb_and_state_of_a_document_has_a_title(table: TransitionTable) -> None:
    assert {item.verb for item in table.transitions} == set(table.titles)
    assert all(isinstance(state, Choices) for state in table.states())
