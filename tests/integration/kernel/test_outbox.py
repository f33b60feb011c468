"""Deferred work: with its transaction, at least once, in time, and never lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import (
    Event,
    event_publish,
    handlers,
    job_enqueue,
    message_retry,
    outbox_drain,
    periodic,
    services,
)
from chengdan.kernel.outbox.handlers import Periodic
from chengdan.kernel.outbox.models import MessageState, OutboxMessage, PeriodicRun
from chengdan.kernel.outbox.schedule import periodics_run
from chengdan.kernel.transactions import write

pytestmark = pytest.mark.django_db
ACTOR = Actor(7, "Clerk", 1)
START = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
Jobs = Callable[[str, Callable[[Actor, dict[str, Any]], None]], None]


@dataclass(frozen=True, slots=True)
class Happened(Event):
    code: ClassVar[str] = "tests.happened"
    number: int = 0


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    def add(name: str, run: Callable[[Actor, dict[str, Any]], None]) -> None:
        monkeypatch.setitem(handlers._jobs._items, name, run)

    return add


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.at(START):
        yield


def enqueue(name: str = "tests.job", **more: Any) -> None:
    with write():
        job_enqueue(ACTOR, name, {"n": 1}, **more)


def test_an_event_reaches_each_deferred_reaction_once(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int, str]] = []
    for name in ("tests.one", "tests.two"):
        jobs(name, lambda actor, data, name=name: seen.append((name, data["number"], actor.name)))
    monkeypatch.setitem(handlers._events, "tests.happened", ["tests.one", "tests.two"])
    with write():
        event_publish(ACTOR, Happened(5))
    assert seen == []
    assert outbox_drain() == 3
    assert seen == [("tests.one", 5, "tests.one"), ("tests.two", 5, "tests.two")]
    assert outbox_drain() == 0
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.DONE}


def test_a_reaction_in_the_same_transaction_can_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(actor: Actor, event: Happened) -> None:
        raise KeyError(event.number)

    monkeypatch.setitem(handlers._sync, Happened, [refuse])
    with pytest.raises(KeyError), write():
        event_publish(ACTOR, Happened(5))
    assert not OutboxMessage.objects.exists()


def test_what_is_rolled_back_is_not_done(jobs: Jobs) -> None:
    jobs("tests.job", lambda actor, data: None)
    with pytest.raises(KeyError), write():  # noqa: PT012
        job_enqueue(ACTOR, "tests.job", {})
        raise KeyError
    assert outbox_drain() == 0
    with pytest.raises(RuntimeError):
        job_enqueue(ACTOR, "tests.job", {})
    with pytest.raises(KeyError):
        enqueue("tests.nobody")


def test_a_key_makes_a_job_unique(jobs: Jobs) -> None:
    jobs("tests.job", lambda actor, data: None)
    jobs("tests.other", lambda actor, data: None)
    enqueue(key="order 1")
    enqueue(key="order 1")
    enqueue(key="order 2")
    enqueue("tests.other", key="order 1")
    enqueue()
    enqueue()
    assert OutboxMessage.objects.count() == 5
    assert outbox_drain() == 5
    enqueue(key="order 1")
    assert outbox_drain() == 0


def test_a_job_waits_for_its_time(jobs: Jobs) -> None:
    jobs("tests.job", lambda actor, data: None)
    enqueue(run_at=START + timedelta(hours=1))
    assert outbox_drain() == 0
    with clock.at(START + timedelta(hours=1)):
        assert outbox_drain() == 1


def test_a_failure_undoes_its_effect_waits_longer_each_time_and_is_given_up(jobs: Jobs) -> None:
    def fail(actor: Actor, data: dict[str, Any]) -> None:
        PeriodicRun.objects.create(name="half done")
        raise ValueError("no paper")

    jobs("tests.job", fail)
    enqueue()
    at, waits = START, []
    for _attempt in range(services.ATTEMPTS_MAX):
        with clock.at(at):
            assert outbox_drain() == 1
        message = OutboxMessage.objects.get()
        waits.append((message.run_at - at).total_seconds())
        at = message.run_at
    assert waits[:4] == [15, 30, 60, 120]
    assert waits == sorted(waits)
    assert max(waits) <= services.BACKOFF_SECONDS_MAX
    assert (message.state, message.error) == (MessageState.DEAD, "ValueError: no paper")
    assert not PeriodicRun.objects.exists()
    with clock.at(at + timedelta(days=1)):
        assert outbox_drain() == 0
        jobs("tests.job", lambda actor, data: None)
        assert message_retry(message.pk)
        assert outbox_drain() == 1
    assert not message_retry(message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == (MessageState.DONE, "")


def test_a_message_without_a_handler_waits_for_one(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs("tests.job", lambda actor, data: None)
    enqueue()
    monkeypatch.delitem(handlers._jobs._items, "tests.job")
    assert outbox_drain() == 1
    assert "no handler" in OutboxMessage.objects.get().error


def test_a_lease_keeps_others_away_and_runs_out(jobs: Jobs) -> None:
    seen: list[int] = []
    jobs("tests.job", lambda actor, data: seen.append(1))
    enqueue()
    lost = services._lease_next()
    assert lost is not None
    assert outbox_drain() == 0
    with clock.at(START + timedelta(seconds=services.LEASE_SECONDS + 1)):
        assert outbox_drain() == 1
        # The first worker wakes up late: it must neither repeat the work nor undo the state.
        services._run(lost)
        services._postpone(lost, ValueError("late"))
    assert seen == [1]
    assert OutboxMessage.objects.get().state == MessageState.DONE


def test_work_is_done_in_the_order_it_was_due(jobs: Jobs) -> None:
    seen: list[int] = []
    jobs("tests.job", lambda actor, data: seen.append(data["n"]))
    with write():
        for number in range(5):
            job_enqueue(ACTOR, "tests.job", {"n": number})
    outbox_drain(limit=2)
    assert seen == [0, 1]
    outbox_drain()
    assert seen == [0, 1, 2, 3, 4]


def test_periodic_tasks_run_when_due_once_and_note_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[str] = []

    def fail() -> None:
        ran.append("broken")
        raise ValueError("disk")

    tasks = {
        "often": Periodic("often", lambda: ran.append("often"), every_seconds=60),
        "broken": Periodic("broken", fail, every_seconds=60),
        "daily": Periodic("daily", lambda: ran.append("daily"), daily_at="09:30"),
    }
    monkeypatch.setattr(handlers._periodics, "_items", tasks)
    assert periodics_run() == ["often", "broken", "daily"]
    assert periodics_run() == []
    assert PeriodicRun.objects.get(name="broken").error == "ValueError: disk"
    with clock.at(START + timedelta(seconds=59)):
        assert periodics_run() == []
    with clock.at(START + timedelta(minutes=30)):  # 09:30 in Shanghai
        assert periodics_run() == ["often", "broken", "daily"]
    with clock.at(START + timedelta(hours=20)):
        assert periodics_run() == ["often", "broken"]


def test_a_periodic_task_needs_exactly_one_rhythm() -> None:
    with pytest.raises(ValueError, match="every_seconds or daily_at"):
        periodic("tests.none")
