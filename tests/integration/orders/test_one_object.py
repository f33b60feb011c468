"""An act works on one object per locked document, and forgets it when it goes back (ADR 0020)."""

from __future__ import annotations

import pytest

from chengdan.kernel.locking import LockOrderError, LockRank, behind_save, is_held
from chengdan.kernel.prepared import rows_save
from chengdan.kernel.transactions import savepoint, unguarded, write
from chengdan.modules.credit.models import Account, LimitChange
from chengdan.modules.credit.services import accounts_require_held, credit_account_lock
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.orders.access import order_lock, order_lock_with_account
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.selectors import (
    HANDOVERS_TOPIC,
    handovers_of,
    lines_by_number,
    lines_of,
)
from tests.fixtures.play import Play


class GoneBackError(Exception):
    """What undoes a savepoint here."""


def test_whoever_locks_an_order_again_gets_the_object_of_the_act(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with write():
        order = order_lock_with_account(play.order_id)
        order.note = "not saved yet"
        assert order_lock(play.order_id) is order
        lines = lines_by_number(play.order_id)
        assert lines_by_number(play.order_id)[0] is lines[0]
    with write():
        assert order_lock(play.order_id) is not order


def test_lines_are_read_again_once_the_act_has_changed_some(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with unguarded(), write():
        order_lock_with_account(play.order_id)
        line = lines_by_number(play.order_id)[0]
        line.closed = line.quantity
        rows_save([line], ["closed"])
        again = lines_by_number(play.order_id)[0]
        assert again is not line
        assert (again.closed, lines_of([play.order_id])[play.order_id][0].rest) == (line.closed, 0)


def test_lines_saved_as_the_act_knows_them_are_not_read_again(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with unguarded(), write():
        order_lock_with_account(play.order_id)
        line = lines_by_number(play.order_id)[0]
        line.closed = line.quantity
        behind_save("order lines", [line], ["closed"])
        assert lines_by_number(play.order_id)[0] is line
        other = OrderLine.objects.get(pk=line.pk)
        behind_save("order lines", [other], ["closed"])
        assert lines_by_number(play.order_id)[0] is not line
    assert OrderLine.objects.get(pk=line.pk).closed == line.quantity


def test_an_account_is_opened_for_the_document_that_needs_it(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    customer_id = play.order.customer_id
    with unguarded():
        LimitChange.objects.filter(account_id=customer_id).delete()
        Account.objects.filter(pk=customer_id).delete()
        with write():
            order = order_lock_with_account(play.order_id)
            assert is_held(LockRank.ACCOUNT, customer_id)
            assert order_lock_with_account(play.order_id) is order
    assert Account.objects.filter(pk=customer_id).exists()


def test_rows_that_need_the_account_are_not_locked_without_it(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with write():
        with pytest.raises(LockOrderError):
            accounts_require_held([play.order.customer_id])
        order = order_lock_with_account(play.order_id)
        accounts_require_held([order.customer_id])


def test_how_the_note_went_to_storage_is_read_once(play: Play) -> None:
    play.goes_out("和兴", 10)
    with unguarded(), write():
        order_lock_with_account(play.order_id)
        (handover,) = handovers_of(play.order_id)
        handover.received_by = "刘志强"
        behind_save(HANDOVERS_TOPIC, [handover], ["received_by"])
        assert handovers_of(play.order_id)[0] is handover
        rows_save([handover], ["received_by"])
        assert handovers_of(play.order_id)[0] is not handover
    assert handovers_of(play.order_id)[0].received_by == "刘志强"


def _change_and_fail(order: Order, line: OrderLine) -> None:
    with savepoint():
        order.note, line.quantity = "undone", line.quantity + 1
        rows_save([order], ["note"])
        rows_save([line], ["quantity"])
        raise GoneBackError


def test_what_a_savepoint_undid_is_known_to_nobody(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with unguarded(), write():
        order = order_lock_with_account(play.order_id)
        line = lines_by_number(play.order_id)[0]
        before = (order.note, line.quantity)
        with pytest.raises(GoneBackError):
            _change_and_fail(order, line)
        found = order_lock(play.order_id)
        assert (found.note, lines_by_number(play.order_id)[0].quantity) == before


def test_a_customer_changed_in_the_act_is_not_known_as_it_was(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with unguarded(), write():
        order = order_lock_with_account(play.order_id)
        term = customer_summary(order.customer_id).payment_term_days
        other = Customer.objects.get(pk=order.customer_id)
        other.payment_term_days = (term or 0) + 7
        rows_save([other], ["payment_term_days"])
        credit_account_lock(order.customer_id)
        assert customer_summary(order.customer_id).payment_term_days == (term or 0) + 7
