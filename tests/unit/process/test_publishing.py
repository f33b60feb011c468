"""Publishing names every mistake by step and field, and no mandatory step can be bypassed."""

from typing import Any

import pytest

from chengdan.modules.process.rules.conditions import FactType
from chengdan.modules.process.rules.publishing import CheckInfo, Known, definition_issues
from chengdan.modules.process.rules.reading import DefinitionError, definition_read
from tests.fixtures.process import TOY, toy_definition, toy_step

KNOWN = Known(
    facts={TOY: {"amount": FactType("number"), "band": FactType("text", ("small", "big"))}},
    checks={"toy.check": CheckInfo(("good", "bad"), True), "toy.plain": CheckInfo()},
    actions=frozenset({"toy.paper.done"}),
    mandatory={TOY: (("QC",), ("MA", "ST"))},
    processes=frozenset({"toy.other"}),
    roles=frozenset({"ssg_leader", "csr"}),
    limit_problem=lambda limit: "" if set(limit) <= {"working_minutes", "hours"} else "odd",
)
QC = toy_step("QC", "check", check="toy.check")
MA = toy_step("MA", "approval", assign={"role": "csr"})
ST = toy_step("ST", "approval", assign={"role": "csr"})
BG = toy_step("BG", "task", assign={"role": "csr"})


def issues(*steps: dict[str, Any], **head: Any) -> list[str]:
    data = toy_definition(*steps, **head)
    return [str(issue) for issue in definition_issues(definition_read(data, "toy.yaml"), KNOWN)]


def wrong(*steps: dict[str, Any], **head: Any) -> str:
    with pytest.raises(DefinitionError) as caught:
        definition_read(toy_definition(*steps, **head), "toy.yaml")
    return str(caught.value)


def test_right_definition_has_no_issue() -> None:
    rows = [{"when": "QC.outcome = 'good'"}, {"else": True, "goto": "ST"}]
    band = toy_step("B", "decision", rows=rows)
    assert issues(QC, band, {**MA, "on_pass": {"goto": "BG"}}, ST, BG) == []


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({**MA, "titel": 1}, "toy.yaml: step MA: titel: unknown field"),
        ({**MA, "title": {"en": "x"}}, "step MA: title: has no text in zh-hans"),
        ({**MA, "kind": "magic"}, "step MA: kind: must be one of check"),
        ({**MA, "mode": "some"}, "step MA: mode: must be one of one"),
        ({**MA, "assign": {"boss": 1}}, "step MA: assign"),
        ({**MA, "promise": "yes"}, "step MA: promise: must be true or false"),
        ({"kind": "task"}, "step #1: code: is missing"),
        ({**BG, "timers": [{"do": "remind"}]}, "step BG: timers[1].after: is missing"),
        (toy_step("B", "decision", rows=[{"goto": "MA"}]), "step B: rows[1]: needs either `when`"),
    ],
)
def test_wrong_shapes_name_file_step_and_field(step: dict[str, Any], message: str) -> None:
    assert message in wrong(step)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({**QC, "check": "toy.none"}, "step QC: check: unknown check 'toy.none'"),
        ({**QC, "check": "toy.plain", "reserve": True}, "step QC: reserve: 'toy.plain' can't"),
        ({**QC, "assign": {"role": "csr"}}, "step QC: is no use"),
        ({**MA, "assign": {"role": "king"}}, "step MA: assign: unknown role 'king'"),
        ({**MA, "when": "ammount > 1"}, "step MA: when: unknown fact 'ammount'"),
        ({**MA, "when": "amount >"}, "step MA: when: expected a fact"),
        ({**MA, "when": "QC.outcome = 'fine'"}, "QC.outcome is never 'fine'"),
        ({**MA, "limit": {"moons": 1}}, "step MA: limit: odd"),
        ({**MA, "remind": {"hours": 1}}, "step MA: remind: needs a limit"),
        ({**MA, "promise": True}, "step MA: promise: needs a limit"),
        ({**MA, "on_pass": ["toy.paper.lost"]}, "step MA: actions: unknown action"),
        ({**MA, "on_pass": {"goto": "QC"}}, "step MA: on_pass: may only go forward"),
        ({**MA, "on_refuse": "XX"}, "step MA: on_refuse: there is no step 'XX'"),
        ({**MA, "mandatory": True, "if_initiator": "skip"}, "mandatory step can't be skipped"),
        (toy_step("W", "wait"), "step W: until: is needed by the kind wait"),
        ({**toy_step("T", "task", assign="initiator"), "if_nobody": "wait"},
         "step T: if_nobody: 'wait' has no meaning for the kind task"),
        (toy_step("S", "start", process="toy.none"), "step S: process: unknown process"),
        (toy_step("end", "task", assign="initiator"), "step end: code"),
        (
            toy_step("B", "decision", rows=[{"when": "amount > 1"}]),
            "step B: rows: the last row must be `else: true`",
        ),
        (
            toy_step(
                "B", "decision",
                rows=[{"when": "amount > 1"}, {"when": "amount > 2"}, {"else": True}],
            ),
            "step B: rows[2]: is never reached",
        ),
    ],
)  # fmt: skip
def test_issues_name_step_and_field(step: dict[str, Any], message: str) -> None:
    steps = [step if item["code"] == step["code"] else item for item in (QC, MA)]
    if step["code"] not in ("QC", "MA"):
        steps.append(step)
    found = issues(*steps)
    message = message.replace("is no use", "assign: has no meaning for the kind check")
    assert any(message in issue for issue in found), found


def test_same_code_twice() -> None:
    assert issues(QC, MA, MA) == ["step MA: code: is used twice"]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((QC, BG), "the mandatory step MA / ST is missing"),
        ((MA,), "the mandatory step QC is missing"),
        (({**QC, "when": "amount > 1"}, MA), "QC: mandatory: can be bypassed by QC → MA → end"),
        (
            (
                QC,
                toy_step("B", "decision", rows=[{"when": "amount > 1", "goto": "BG"},
                                                {"else": True}]),
                MA, BG,
            ),
            "MA: mandatory: can be bypassed by QC → B → BG → end",
        ),
        (
            (QC, {**BG, "on_refuse": "end"}, {**MA, "on_refuse": "BG2"}, toy_step(
                "BG2", "task", assign={"role": "csr"}), {**BG, "code": "Z", "mandatory": True,
                "when": "band = 'big'"}),
            "Z: mandatory: can be bypassed",
        ),
    ],
)  # fmt: skip
def test_mandatory_steps_cannot_be_removed_or_bypassed(
    steps: tuple[dict[str, Any], ...], message: str
) -> None:
    assert any(message in issue for issue in issues(*steps))


def test_refusal_to_the_end_is_no_bypass() -> None:
    assert issues({**QC, "on_refuse": "end"}, MA) == []


def test_unknown_subject_and_owner() -> None:
    assert issues(QC, subject="no.such") == ["subject: unknown subject type 'no.such'"]
    assert "owner: unknown role 'king'" in issues(QC, MA, owner="king")
