"""Pages of the engine: success and refusal from one set-up."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.kernel.durations import Duration
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import Role, RolePermission, User
from chengdan.modules.process.models import Task
from chengdan.modules.process.rules.differences import Change
from chengdan.modules.process.selectors import bell, strips
from chengdan.modules.process.services import ProblemDraft, problem_explain, problem_open
from chengdan.modules.process.subjects import ProcessSubject, check_get, checks_known, subject_types
from chengdan.modules.process.web import inbox
from chengdan.modules.process.web.common import change_shown
from tests.fixtures.house import House
from tests.fixtures.process import NOW, TOY, Engine, ToyDocument, toy_step, toy_texts
from tests.toys import ToySubject

pytestmark = pytest.mark.django_db

QC = toy_step("QC", "check", check="toy.quality")
MA = toy_step("MA", "approval", assign={"responsible": "boss"}, limit={"working_minutes": 60},
              rule="MA-1")  # fmt: skip
BG = toy_step("BG", "task", assign={"role": "csr"})
RIGHTS = {
    "lena": ("process.definition:view", "process.problem:view", "process.problem:open",
             "process.problem:verify", "process.instance:view", "process.instance:manage"),
}  # fmt: skip


@pytest.fixture
def browser(engine: Engine) -> Callable[[str], Client]:
    with unguarded():
        for permission in RIGHTS["lena"]:
            RolePermission.objects.create(
                role=Role.objects.get(code="ssg_leader"), permission=permission, scope="all"
            )

    def sign_in(name: str) -> Client:
        client = Client()
        with unguarded():
            client.force_login(User.objects.get(username=name))
        return client

    return sign_in


def get(client: Client, name: str, *args: Any, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"process:{name}", args=args), query)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def post(client: Client, name: str, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"process:{name}", args=args), data)


def test_inbox_shows_list_document_and_decision(
    engine: Engine, browser: Callable[[str], Client]
) -> None:
    engine.publish(QC, MA)
    engine.start()
    mark = browser("mark")
    page = get(mark, "inbox")
    assert "Party 1" in page
    task = engine.task("mark")
    page = get(mark, "task", task.pk)
    for words in ("Paper 1", "QC-1", 'value="approve"', 'data-cd-key="a"', "It is good"):
        assert words in page


def test_decision_opens_the_next_task(engine: Engine, browser: Callable[[str], Client]) -> None:
    engine.publish(MA)
    first = engine.start()
    document = ToyDocument(engine.town.company_id, engine.town.unit_id, engine.town.user["sara"])
    document.people = {"boss": [engine.town.user["mark"]]}
    engine.toy.add(2, document)
    second = engine.start(2)
    mark = browser("mark")
    tasks = {task.instance_id: task.pk for task in Task.objects.all()}
    answer = post(mark, "task_decide", tasks[first.pk], decision="approve", expected_version="1")
    assert answer.status_code == 302
    assert answer.url == reverse("process:task", args=[tasks[second.pk]])
    answer = post(mark, "task_decide", tasks[first.pk], decision="approve")
    assert answer.status_code == 409
    assert "Mark" in answer.content.decode()


def test_the_second_half_of_a_double_click_decides_nothing(
    engine: Engine, browser: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.publish(MA)
    engine.start()
    mark, task = browser("mark"), engine.task("mark")
    shown = int(re.findall(r'name="shown_at" value="(\d+)"', get(mark, "task", task.pk))[0])
    given = {"decision": "approve", "shown_at": shown}
    monkeypatch.setattr(inbox, "_now_ms", lambda: shown + inbox.PAUSE_MS - 1)
    answer = post(mark, "task_decide", task.pk, **given)
    assert (answer.status_code, answer.url) == (302, reverse("process:task", args=[task.pk]))
    assert engine.task("mark").state == "open"
    monkeypatch.setattr(inbox, "_now_ms", lambda: shown + inbox.PAUSE_MS)
    assert post(mark, "task_decide", task.pk, **given).status_code == 302
    task.refresh_from_db()
    assert task.state == "done"


def test_refusal_without_remark_is_422_and_strangers_get_404(
    engine: Engine, browser: Callable[[str], Client]
) -> None:
    engine.publish(MA)
    engine.start()
    task = engine.task("mark")
    assert post(browser("mark"), "task_decide", task.pk, decision="refuse").status_code == 422
    assert post(browser("fred"), "task_decide", task.pk, decision="approve").status_code == 404
    get(browser("fred"), "task", task.pk, status=404)
    assert Client().get(reverse("process:inbox")).status_code == 302


def test_changes_since_the_last_round_are_shown(
    engine: Engine,
    paper: ToyDocument,
    browser: Callable[[str], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ToySubject, "field_titles", {"price": "Price of the paper"})
    engine.publish(MA)
    engine.start()
    engine.decide("mark", "return", comment="price")
    sara = browser("sara")
    assert 'value="done"' in get(sara, "task", engine.task("sara").pk)
    paper.price = "12"
    engine.decide("sara", "done")
    page = get(browser("mark"), "task", engine.task("mark").pk)
    assert 'class="old">10<' in page
    assert 'class="new">12<' in page
    assert "Line 1 · Price of the paper" in page


def test_a_whole_line_that_is_new_is_shown_in_words() -> None:
    row = {"line": 2, "product": "JY-1205", "quantity": "5", "is_gift": True, "gross": ""}
    change = Change(("lines", "2"), None, row, "added")
    titles = {"line": "Line", "product": "Product", "quantity": "Quantity", "is_gift": "Gift"}
    with override("zh-hans"):
        shown = change_shown(change, titles)
    assert shown["field"] == "第 2 行"
    assert shown["after"] == "Line 2 · Product JY-1205 · Quantity 5 · Gift 是"


def test_every_field_that_approvals_cover_has_a_title() -> None:
    """What the rooms put into `covered_content` is called by words in the inbox's comparison."""
    lacking = {
        (subject_type, name)
        for subject_type, entry in subject_types().items()
        for name in _covered_names(entry.kind)
        if name not in entry.kind.field_titles
    }
    assert lacking == set()


def _covered_names(kind: type[ProcessSubject]) -> set[str]:
    """Return the keys of the dictionaries that `covered_content` of a kind writes."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind.covered_content)))
    return {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def test_batch_approves_look_alikes(
    engine: Engine, browser: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.publish(MA)
    engine.start()
    document = ToyDocument(engine.town.company_id, engine.town.unit_id, engine.town.user["sara"])
    document.people = {"boss": [engine.town.user["mark"]]}
    engine.toy.add(2, document)
    engine.start(2)
    mark = browser("mark")
    ids = list(Task.objects.values_list("pk", flat=True))
    assert get(mark, "inbox_batch", ids=str(ids[0])).count('name="ids"') == 2
    answer = post(mark, "inbox_batch", comment="none of them")
    assert answer.status_code == 422
    assert "Choose what to approve." in answer.content.decode()
    assert post(mark, "inbox_batch", ids=range(1, 52)).status_code == 422
    assert Task.objects.filter(state="open").count() == 2
    with monkeypatch.context() as only:
        only.setattr(inbox, "BATCH_MAX", 1)
        page = get(mark, "inbox_batch", ids=str(ids[0]))
    assert (page.count('name="ids"'), "1 more follows" in page) == (1, True)
    assert post(mark, "inbox_batch", ids=ids).status_code == 302
    assert not Task.objects.filter(state="open").exists()


def test_transfer_urge_comment_withdraw(engine: Engine, browser: Callable[[str], Client]) -> None:
    engine.publish(MA)
    instance = engine.start()
    mark, sara = browser("mark"), browser("sara")
    task, gina = engine.task("mark").pk, engine.town.user["gina"]
    offered = mark.get(reverse("process:taker_pick", args=[task])).json()["rows"]
    assert [row["id"] for row in offered] == [gina]
    assert post(mark, "task_transfer", task, to_user=gina).status_code == 422
    answer = post(mark, "task_transfer", task, to_user=gina, comment="away")
    assert answer.status_code == 302
    task = engine.task("gina")
    assert post(sara, "task_urge", task.pk).status_code == 302
    assert post(sara, "task_urge", task.pk).status_code == 422
    assert post(sara, "instance_comment", instance.pk, text="hello").status_code == 302
    assert "Paper 1" in get(sara, "inbox_started")
    assert post(sara, "instance_withdraw", instance.pk).status_code == 302
    assert engine.state(instance) == "withdrawn"
    assert "gina" in mark.get(reverse("process:person_pick"), {"q": "gi"}).content.decode()


@pytest.mark.requirement("PRL-02")
@pytest.mark.requirement(
    "PRL-06", partly="the two forms of limits; others are tested in the kernel"
)
def test_library_and_process_page(engine: Engine, browser: Callable[[str], Client]) -> None:
    days = toy_step("D", "task", assign={"role": "csr"}, limit={"working_days": 3})
    before = toy_step("E", "task", assign={"role": "csr"}, limit={"before_day": 5, "of": "month"})
    engine.publish(
        QC, MA, days, before, inputs=[toy_texts("Plan")], outputs=[toy_texts("Bill")],
        scope=toy_texts("Everywhere"), forms=[{"code": "F1", "title": toy_texts("Memo")}],
        interfaces=[{"process": "toy.other", "title": toy_texts("Goods go on")}],
    )  # fmt: skip
    engine.publish(MA, id="toy.alone")
    engine.start()
    lena = browser("lena")
    page = get(lena, "library")
    assert page.count("no interface") == 1
    page = get(lena, "process", "toy.flow")
    for words in ("Plan", "Bill", "Everywhere", "F1 Memo", "Goods go on", "toy.quality"):
        assert words in page
    assert "No other process is tied to this one" in get(lena, "process", "toy.alone")
    get(lena, "process", "toy.nothing", status=404)
    get(browser("fred"), "library", status=403)


def test_dry_run_needs_the_right_to_see_the_document(
    engine: Engine, browser: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.toys import ToySubject

    engine.publish(QC, MA)
    lena = browser("lena")
    assert "Mark" not in get(lena, "process_dry_run", "toy.flow", document="1")
    monkeypatch.setattr(ToySubject, "may_view", lambda self, actor: True)
    page = get(lena, "process_dry_run", "toy.flow", document="1")
    assert "Mark" in page
    monkeypatch.setattr(ToySubject, "by_number", lambda company_id, number: 1)
    assert "Mark" in get(lena, "process_dry_run", "toy.flow", document="TOY-1")
    get(lena, "process_dry_run", "toy.flow")
    assert not Task.objects.exists()


def test_instance_page_with_fault_and_retry(
    engine: Engine, browser: Callable[[str], Client]
) -> None:
    engine.toy.broken.add("quality")
    engine.publish(QC, MA)
    instance = engine.start()
    lena = browser("lena")
    assert "quality is broken" in get(lena, "instance", instance.pk)
    engine.toy.broken.clear()
    assert post(lena, "instance_retry", instance.pk).status_code == 302
    assert engine.state(instance) == "running"
    page = get(lena, "instance", instance.pk)
    assert reverse("process:step_evidence", args=[instance.steps.last().pk]) in page
    assert "QC-1" in get(lena, "step_evidence", instance.steps.get(state="done").pk)
    assert "Paper 1" in get(lena, "instances")
    assert post(lena, "instance_hold", instance.pk, reason="x").status_code == 302
    assert post(lena, "instance_resume", instance.pk).status_code == 302
    get(browser("fred"), "instance", instance.pk, status=404)


def test_a_run_names_outcomes_and_says_over_as_soon_as_it_is_late(
    engine: Engine, browser: Callable[[str], Client]
) -> None:
    left_out = toy_step("BG", "task", assign={"role": "csr"}, when="band = 'big'")
    engine.publish(QC, left_out, {**MA, "strip": "MA"})
    instance = engine.start()
    assert "1:00 left" in get(browser("lena"), "instance", instance.pk)
    with clock.at(NOW + timedelta(minutes=60, seconds=20)):
        page = get(browser("lena"), "instance", instance.pk)
    assert "0:01 over" in page
    assert "skipped" in page
    assert ">skip<" not in page


def test_problem_pages(engine: Engine, browser: Callable[[str], Client]) -> None:
    from chengdan.modules.process.models import ProblemRecord
    from chengdan.modules.process.services import deadlines_sweep

    engine.publish({**BG, "limit": {"working_minutes": 30}, "promise": True})
    engine.start()
    with clock.at(NOW + timedelta(hours=1)):
        deadlines_sweep()
    problem = ProblemRecord.objects.get()
    lena, dora = browser("lena"), browser("dora")
    assert "OSB26-0001" in get(lena, "problems")
    assert "Paper 1" in get(dora, "problem", problem.pk)
    get(dora, "problem_explain", problem.pk)
    over = {"owner_id": engine.town.user["fred"], "reason": "He was there"}
    assert post(dora, "problem_hand_over", problem.pk, **over).status_code == 403
    get(lena, "problem_hand_over", problem.pk)
    assert post(lena, "problem_hand_over", problem.pk, **over).status_code == 302
    over["owner_id"] = engine.town.user["dora"]
    # A form from before the hand-over.
    assert post(lena, "problem_hand_over", problem.pk, expected_version=1, **over).status_code < 500
    problem.refresh_from_db()
    assert problem.owner_id == engine.town.user["fred"]
    assert 'name="expected_version" value="2"' in get(lena, "problem_hand_over", problem.pk)
    assert post(lena, "problem_hand_over", problem.pk, **over).status_code == 302
    texts = {"explanation": "Rain", "action": "Cover"}
    assert post(dora, "problem_explain", problem.pk, **texts).status_code == 302
    assert "Rain" in get(dora, "problem_explain", problem.pk)
    assert "Rain" not in get(lena, "problem_explain", problem.pk)
    assert post(dora, "problem_verify", problem.pk, verification="ok").status_code == 403
    assert post(lena, "problem_verify", problem.pk, verification="ok").status_code == 302
    assert post(lena, "problem_close", problem.pk).status_code == 302
    problem.refresh_from_db()
    assert problem.state == "closed"
    answer = post(lena, "problem_new", title="Wet boxes", owner=engine.town.user["dora"])
    assert answer.status_code == 302
    get(browser("fred"), "problem", problem.pk, status=404)


def test_deputy_sees_the_task_and_signs_with_consent(
    engine: Engine, browser: Callable[[str], Client]
) -> None:
    from tests.integration.process.test_acts import deputy

    engine.publish(MA)
    engine.start()
    deputy(engine)
    dora = browser("dora")
    assert "Party 1" in get(dora, "inbox")
    task = engine.task("mark")
    assert "by phone 08:40" in get(dora, "task", task.pk)
    answer = post(dora, "task_decide", task.pk, decision="approve", consent=" ")
    assert answer.status_code == 422
    answer = post(dora, "task_decide", task.pk, decision="approve", consent="phone 09:10")
    assert answer.status_code == 302
    task.refresh_from_db()
    assert task.consent == "phone 09:10"
    assert "Paper 1" in get(dora, "inbox_decided")
    outbox_drain(50)
    # Who was signed for sees and hears it, and every page names both (ORG-20).
    assert "Paper 1" in get(mark := browser("mark"), "inbox_decided")
    assert Notice.objects.filter(kind="process.signed", user_id=engine.town.user["mark"]).exists()
    assert "Dora on behalf of Mark" in get(mark, "instance", task.instance_id)
    assert "phone 09:10" in get(mark, "step_evidence", task.step_run_id)
    strip = strips(TOY, 1)[0]
    assert "Dora on behalf of Mark" in [node.who for node in strip.nodes]


def test_a_principals_task_is_not_listed_beside_the_own_one_of_the_step(
    engine: Engine, paper: ToyDocument, browser: Callable[[str], Client]
) -> None:
    from tests.integration.process.test_acts import deputy

    user = engine.town.user
    paper.people = {"boss": [user["mark"], user["dora"]]}
    engine.publish(toy_step("MA", "approval", assign={"responsible": "boss"}, mode="all"))
    engine.start()
    deputy(engine)
    dora = browser("dora")
    own, lent = engine.task("dora"), engine.task("mark")
    page = get(dora, "inbox")
    assert reverse("process:task", args=[own.pk]) in page
    assert reverse("process:task", args=[lent.pk]) not in page
    assert "for Mark" not in page
    engine.decide("dora", task=own)
    assert reverse("process:task", args=[lent.pk]) in get(dora, "inbox")


def test_a_task_that_its_document_has_to_finish_offers_no_done(
    engine: Engine, browser: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.publish(toy_step("BG", "task", assign={"responsible": "boss"}))
    engine.start()
    task, mark = engine.task("mark"), browser("mark")
    assert 'value="done"' in get(mark, "task", task.pk)
    issue = FieldIssue("", "evidence", "Print it there.")
    monkeypatch.setattr(ToySubject, "missing_for", lambda *given: [issue])
    page = get(mark, "task", task.pk)
    assert 'value="done"' not in page
    assert "Print it there." in page
    assert 'btn-primary btn-tall btn-block" href="/toys/1/"' in page
    assert 'value="return"' in page


@pytest.mark.parametrize("code", ["op", "order_amendment", "sp", "bc", "bc_reopened"])
def test_the_page_of_a_process_speaks_in_titles_alone(house: House, code: str) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=house.people["administrator"]))
    context = client.get(reverse("process:process", args=[code])).context
    raw = re.compile(r"[a-z]")
    shown = [(context["owner"],)]
    shown += [
        (row["who"], row["limit"], row["condition"], row["refused"])
        for row in context["steps"].rows
    ]
    shown += [(item["title"], item["partner"]) for item in context["interfaces"]]
    assert [text for row in shown for text in row if raw.search(text)] == []
    rows = client.get(reverse("process:library")).context["tables"][0].rows
    assert [row["owner"] for row in rows if raw.search(row["owner"])] == []
    assert [row["code"] for row in rows if len(row["marks"]) > 1] == []


def test_every_fact_and_outcome_has_a_title(house: House) -> None:
    named = [(entry.kind.fact_types, f"{code}:") for code, entry in subject_types().items()
             if not code.startswith("toys.")]  # fmt: skip
    bare = [label + name for facts, label in named for name, fact in facts.items()
            if not fact.title]  # fmt: skip
    assert bare == []
    checks = [check_get(name) for name in checks_known() if not name.startswith("toy.")]
    assert [check for check in checks if set(check.outcomes) - set(check.outcome_titles)] == []


def test_a_record_waits_on_the_workbench_and_in_the_inbox_of_its_owner(
    browser: Callable[[str], Client], engine: Engine
) -> None:
    """Only the owner is asked, until the explanation is given; every figure counts the record."""
    town = engine.town
    draft = ProblemDraft(
        town.company_id, town.user["dora"], "manual", "manual", title="Boxes were wet"
    )
    with clock.at(NOW):
        problem = problem_open(actor=town.actor("lena"), draft=draft)
        assert problem is not None
        assert problem.due_at is not None
    url = reverse("process:problem", args=[problem.pk])
    with clock.at(problem.due_at + timedelta(minutes=1)):
        dora = browser("dora")
        home = dora.get("/")
        assert [tile.value for tile in home.context["tiles"][:3]] == ["1", "1", "0"]
        assert (home.context["count"], bell(town.actor("dora"))) == (1, (1, Duration(-1, 480)))
        late, today = (tile.url for tile in home.context["tiles"][1:3])
        for answer in (home, dora.get(reverse("process:inbox")), dora.get(late)):
            assert f'href="{url}"' in answer.content.decode()
        assert f'href="{url}"' not in dora.get(today).content.decode()
        assert dora.get(url).status_code == 200
        for other in ("mark", "lena"):
            assert f'href="{url}"' not in browser(other).get("/").content.decode()
        problem_explain(
            actor=town.actor("dora"), problem_id=problem.pk, explanation="Rain", action="Cover"
        )
        assert f'href="{url}"' not in dora.get("/").content.decode()
        assert bell(town.actor("dora")) == (0, None)


def test_the_figures_of_the_workbench_open_the_tasks_that_they_count(
    browser: Callable[[str], Client], engine: Engine
) -> None:
    engine.publish(MA)
    engine.three_for_mark()
    with clock.at(NOW + timedelta(hours=1, minutes=30)):
        mark = browser("mark")
        tiles = mark.get("/").context["tiles"][:3]
        assert [tile.value for tile in tiles] == ["3", "1", "1"]
        for tile in tiles:
            opened = mark.get(tile.url).context
            assert opened["total"] == int(tile.value)
            assert sum(len(items) for _state, _title, items in opened["groups"]) == int(tile.value)
