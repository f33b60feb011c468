"""The same request twice does its work once and gets the same answer."""

from datetime import timedelta

import pytest

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.idempotency import (
    IdempotencyKey,
    KeyReusedError,
    StillRunningError,
    fingerprint,
    key_answer,
    key_claim,
    keys_expire,
)
from chengdan.kernel.transactions import write

pytestmark = pytest.mark.django_db
CLERK, OTHER = Actor(7, "Clerk", 1), Actor(8, "Other", 1)
MARK = fingerprint("POST", "/api/v1/orders/", b'{"a":1}')


def claim(actor: Actor = CLERK, key: str = "k1", mark: str = MARK) -> IdempotencyKey:
    with write():
        return key_claim(actor, key, mark)


def test_a_repeated_request_gets_the_first_answer() -> None:
    row = claim()
    assert row.status is None
    key_answer(row, 201, '{"id":5}')
    again = claim()
    assert (again.pk, again.status, again.body) == (row.pk, 201, '{"id":5}')


def test_the_first_request_may_still_be_running() -> None:
    claim()
    with pytest.raises(StillRunningError):
        claim()


def test_a_key_belongs_to_one_request_and_one_caller() -> None:
    key_answer(claim(), 201, "x")
    with pytest.raises(KeyReusedError):
        claim(mark=fingerprint("POST", "/api/v1/orders/", b'{"a":2}'))
    assert claim(OTHER).status is None
    assert claim(CLERK.at_company(2)).status is None
    assert claim(key="k2").status is None


def test_method_path_and_body_make_the_fingerprint() -> None:
    marks = {
        fingerprint("POST", "/a", b"b"),
        fingerprint("PUT", "/a", b"b"),
        fingerprint("POST", "/a/b", b""),
        fingerprint("POST", "/a", b"c"),
    }
    assert len(marks) == 4


def test_a_rolled_back_act_frees_its_key() -> None:
    with pytest.raises(KeyError), write():  # noqa: PT012
        key_answer(key_claim(CLERK, "k1", MARK), 201, "x")
        raise KeyError
    assert claim().status is None


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_keys_have_a_length(key: str) -> None:
    with pytest.raises(InvalidError):
        claim(key=key)


def test_keys_are_forgotten_after_the_published_time() -> None:
    claim()
    with clock.at(clock.now() + timedelta(days=6)):
        claim(key="k2")
        assert keys_expire() == 0
    with clock.at(clock.now() + timedelta(days=8)):
        assert keys_expire() == 1
    assert IdempotencyKey.objects.get().key == "k2"
