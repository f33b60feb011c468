"""Inbox, bell, strip, timeline, dry run."""

from datetime import timedelta

import pytest
from django.utils.translation import gettext, override

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.durations import Duration
from chengdan.modules.process import selectors
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.selectors.definitions import definitions_all, orphans
from chengdan.modules.process.selectors.inbox import look_alikes
from chengdan.modules.process.services import process_hold
from tests.fixtures.process import NOW, TOY, Engine, ToyDocument, toy_step
from tests.toys import ToySubject

pytestmark = pytest.mark.django_db

QC = toy_step("QC", "check", check="toy.quality")
BAND = toy_step("B", "decision", rows=[{"when": "band = 'small'"}, {"else": True, "goto": "end"}])
MA = toy_step(
    "MA", "approval", assign={"responsible": "boss"}, limit={"working_minutes": 60}
)  # fmt: skip
BG = toy_step("BG", "task", assign={"role": "finance_clerk"}, mode="any", limit={"same_day": True})


def working(minutes: int) -> Duration:
    return Duration(minutes, 8 * 60)


def test_inbox_groups_by_due_time_and_bell(engine: Engine) -> None:
    engine.publish(MA, BG)
    engine.three_for_mark()
    mark = engine.town.actor("mark")
    with clock.at(NOW + timedelta(hours=1, minutes=30)):
        found = selectors.inbox(mark)
        bell = selectors.bell(mark)
        sara = engine.town.actor("sara")
        process_hold(actor=sara, subject_type=TOY, subject_id=1, reason="checked")
        held = selectors.bell(mark)
        waiting = selectors.inbox(mark)
    assert [len(group) for group in (found.overdue, found.today, found.later)] == [1, 1, 1]
    assert (found.overdue[0].left, found.today[0].left) == (working(-30), working(30))
    assert bell == (3, working(-30))
    assert held == (3, working(30)), "a held task still waits, its time does not run"
    standing = (waiting.overdue, waiting.today, waiting.later, waiting.held)
    assert [len(group) for group in standing] == [0, 1, 1, 1], "nobody can decide it now"
    assert (waiting.count, waiting.items[-1], waiting.nearest) == (
        3, waiting.held[0], working(30),
    )  # fmt: skip
    assert [len(group) for group in look_alikes(found.items)] == [3]


def test_the_bell_counts_the_nearest_limit_in_its_own_time(engine: Engine) -> None:
    engine.publish({**MA, "limit": {"hours": 120}}, BG)
    engine.start()
    mark = engine.town.actor("mark")
    saturday = NOW + timedelta(days=5)
    with clock.at(saturday + timedelta(hours=1)):
        assert selectors.bell(mark) == (1, Duration(-60))
        assert selectors.inbox(mark).nearest == Duration(-60)
    with clock.at(saturday - timedelta(hours=1)):
        assert selectors.bell(mark) == (1, Duration(60))


def test_highlights_are_said_in_the_language_of_the_reader(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToySubject, "highlights", lambda subject: [(gettext("yes"), "soon")])
    engine.publish(MA, BG)
    engine.start()
    said = {}
    for language in ("zh-hans", "en"):
        with override(language):
            (item,) = selectors.inbox(engine.town.actor("mark")).items
            said[language] = item.highlights
    assert said == {"zh-hans": [("是", "soon")], "en": [("yes", "soon")]}


def test_the_audit_trail_says_outcomes_in_the_language_of_the_reader(engine: Engine) -> None:
    engine.publish({**BAND, "when": "band = 'big'"}, MA)
    instance = engine.start()
    said = {}
    for language in ("zh-hans", "en"):
        with override(language):
            titles = [view.title for view in audit_history(instance)]
            said[language] = [title for title in titles if title.startswith("B")]
    assert said == {"zh-hans": ["B：跳过"], "en": ["B: skipped"]}


def test_strip_shows_state_person_and_time(engine: Engine) -> None:
    engine.publish(QC, MA, BG)
    engine.start()
    with clock.at(NOW + timedelta(minutes=40)):
        band = selectors.strip(TOY, 1)
    assert band is not None
    nodes = [(n.code, n.state, n.who, n.time, n.is_left) for n in band.nodes]
    assert nodes == [
        ("QC", "done", "", working(0), False), ("MA", "soon", "Mark", working(20), True),
        ("BG", "todo", "", None, False),
    ]  # fmt: skip
    with clock.at(NOW + timedelta(minutes=70)):
        engine.decide("mark")
        band = selectors.strip(TOY, 1)
    assert band is not None
    assert [(n.state, n.time) for n in band.nodes][1] == ("done", working(70))
    assert band.done == 2


def test_timeline_newest_first(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(QC, MA)
    instance = engine.start()
    engine.decide("mark", comment="fine")
    entries = selectors.timeline(instance)
    assert [entry.run.code for entry in entries] == ["MA", "QC"]
    assert (entries[1].outcome, entries[1].rule) == ("It is good", "QC-1")
    assert entries[0].tasks[0].comment == "fine"


def test_dry_run_tells_who_and_why_and_writes_nothing(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(QC, BAND, MA, BG)
    subject = __import__("tests.toys", fromlist=["ToySubject"]).ToySubject.load(1)
    steps = selectors.dry_run("toy.flow", subject)
    assert [(s.code, s.effect) for s in steps] == [
        ("QC", "passes"), ("B", "runs"), ("MA", "asks"), ("BG", "asks")
    ]  # fmt: skip
    assert steps[2].people[0][0] == "Mark"
    assert steps[2].people[0][1]["by"] == "responsible"
    assert [name for name, _reason in steps[3].people] == ["Finn", "Fred"]
    paper.band = "big"
    assert [s.code for s in selectors.dry_run("toy.flow", subject)] == ["QC", "B"]
    assert (Instance.objects.count(), Task.objects.count(), paper.held) == (0, 0, [])


def test_open_task_for_the_actor_only(engine: Engine) -> None:
    engine.publish(BG)
    engine.start()
    assert selectors.open_task_for(TOY, 1, "BG", engine.town.actor("finn")) is not None
    assert selectors.open_task_for(TOY, 1, "BG", engine.town.actor("mark")) is None
    assert selectors.step_open(TOY, 1) == "BG"


@pytest.mark.requirement("PRL-02", partly="the page that shows them is tested in web")
def test_orphans_are_processes_without_any_interface(engine: Engine) -> None:
    engine.publish(MA)
    start = toy_step("S", "start", process="toy.flow")
    engine.publish(start, id="toy.start")
    engine.publish(MA, id="toy.alone")
    assert orphans(definitions_all()) == ["toy.alone"]


def test_start_step_starts_the_other_process(engine: Engine) -> None:
    engine.publish(MA)
    engine.publish(toy_step("S", "start", process="toy.flow"), id="toy.start")
    instance = engine.start(code="toy.start")
    assert engine.state(instance) == "done"
    other = Instance.objects.get(definition__code="toy.flow")
    assert (other.state, other.initiator_id) == ("running", engine.town.user["sara"])


def test_notify_step_tells_people_and_goes_on(engine: Engine) -> None:
    from chengdan.kernel.outbox.models import OutboxMessage
    from tests.fixtures.process import toy_texts

    step = toy_step("N", "notify", assign={"role": "csr"}, message=toy_texts("New paper"))
    engine.publish(step, MA)
    instance = engine.start()
    assert engine.states(instance) == [("N", "done"), ("MA", "open")]
    assert OutboxMessage.objects.filter(topic="process.people_told").count() == 1
