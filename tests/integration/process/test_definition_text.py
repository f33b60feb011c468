"""The text of a definition as people write it: anything may stand in it, only mistakes come out."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengdan.config.cli import setup
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, InvalidError
from chengdan.kernel.transactions import unguarded
from chengdan.modules.orders.process import OrderSubject
from chengdan.modules.process.models import Definition, DefinitionVersion
from chengdan.modules.process.rules.publishing import Known
from chengdan.modules.process.rules.reading import DefinitionError
from chengdan.modules.process.rules.source import definition_changes, source_read, source_write
from chengdan.modules.process.services import definitions
from chengdan.modules.process.services.definitions import (
    definition_check,
    definition_publish,
    definitions_own,
    definitions_publish,
    known_now,
    sources_shipped,
)
from chengdan.modules.process.verification import texts_verify
from tests.fixtures.house import House

pytestmark = pytest.mark.django_db

SHIPPED = {name: data for name, data in sources_shipped()}
SYSTEM = Actor.system("test")
WORDS = st.sampled_from(
    [
        "",
        "QC",
        "next",
        "a = 1",
        "not " * 40,
        "(" * 900,
        "x" * 3000,
        "role",
        "zh-hans",
        "12:00",
        "%s",
    ]
)
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value below the top."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in pairs:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


PLACES = {name: places(data) for name, data in SHIPPED.items()}


@pytest.fixture(scope="module")
def known(django_db_blocker: Any, django_db_setup: None) -> Known:
    with django_db_blocker.unblock():
        return known_now(frozenset(data["id"] for data in SHIPPED.values()))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_stands_in_a_definition_is_taken_or_named_as_a_mistake(
    known: Known, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(SHIPPED)))
    changed = deepcopy(SHIPPED[name])
    *way, last = data.draw(st.sampled_from(PLACES[name]))
    inner = changed
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(VALUES)
    mistakes = []
    try:
        definition_check(changed, name, known)
    except DefinitionError as error:
        mistakes = [str(issue) for issue in error.issues]
    assert all(mistakes)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_written_is_read_again(name: str) -> None:
    assert source_read(source_write(SHIPPED[name]), name) == SHIPPED[name]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[ " * 3000, "1: is nested too deeply"),
        ("a: &x [1]\nb: *x", "2: may not refer to another place (*x)"),
        ("a: 2026-01-01", "file: holds something else"),
        ("a: .nan", "file: holds something else"),
        ("a: [", "1:5: is no YAML"),
        ("a: 1\nb: 2\na: 3", "3: 'a' stands here twice"),
        ("x" * 200_001, "file: at most 200000 characters"),
        ("a: \x00", "file: is no YAML"),
        ("a: !!python/object:os.system x", "is no YAML"),
        ("? [a]\n: b", "is no YAML"),
    ],
)
def test_a_text_that_is_no_definition_names_its_line(text: str, told: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        source_read(text, "own.yaml")
    assert told in str(caught.value)


def test_changes_name_the_step_and_what_changed_its_place() -> None:
    before = SHIPPED["orders/op.yaml"]
    after = deepcopy(before)
    step = next(step for step in after["steps"] if step["code"] == "OA")
    step["limit"] = {"working_minutes": 60}
    after["steps"][0], after["steps"][1] = after["steps"][1], after["steps"][0]
    changes = {change.field: change for change in definition_changes(before, after)}
    assert (changes["OA.limit.working_minutes"].before,
            changes["OA.limit.working_minutes"].after) == (30, 60)  # fmt: skip
    assert changes["steps"].after.startswith("OG3 → OG2")
    assert definition_changes(before, before) == []


def with_limit(minutes: int) -> Any:
    """Return the shipped order process with another limit for its acceptance."""
    own = deepcopy(SHIPPED["orders/op.yaml"])
    next(step for step in own["steps"] if step["code"] == "OA")["limit"] = {
        "working_minutes": minutes
    }
    return own


def current(code: str) -> Any:
    return json.loads(Definition.objects.get(code=code).current.content)  # type: ignore[union-attr]


@pytest.mark.requirement("PRL-24", partly="what stays after an upgrade")
def test_the_companys_own_version_outlives_an_upgrade(house: House) -> None:
    assert definitions_own() == []
    administrator = house.actor("administrator")
    definition_publish(actor=administrator, data=with_limit(60), source="op.yaml", note="slower")
    definitions_publish()
    assert current("op") == with_limit(60)
    (own,) = definitions_own()
    assert (own.code, own.number, own.is_shipped, own.mistakes) == ("op", 2, True, ())


def test_who_goes_back_to_the_shipped_text_gets_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = house.actor("administrator")
    definition_publish(actor=administrator, data=with_limit(60), source="op.yaml", note="slower")
    shipped = SHIPPED["orders/op.yaml"]
    again = definition_publish(
        actor=administrator, data=deepcopy(shipped), source="op.yaml", note="as it was"
    )
    assert (again.published_by_id, again.is_own) == (administrator.user_id, False)
    assert definitions_own() == []
    next_one = [("orders/op.yaml", with_limit(90))]
    monkeypatch.setattr(definitions, "sources_shipped", lambda: next_one)
    definitions_publish()
    assert current("op") == with_limit(90)


def test_names_that_a_release_lost_are_found_in_the_versions_that_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(texts_verify()) == []
    known = definitions.actions_known() - {"billing.bc.issued"}
    monkeypatch.setattr(definitions, "actions_known", lambda: known)
    with override("en"):
        (found,) = texts_verify()
    assert found.where == "bc v1"
    assert found.found == "bc v1: step IV1: actions: unknown action 'billing.bc.issued'"


def test_facts_that_a_release_lost_and_texts_it_cannot_read_are_found_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {name: kind for name, kind in OrderSubject.fact_types.items() if name != "is_paid"}
    with monkeypatch.context() as only, override("en"):
        only.setattr(OrderSubject, "fact_types", facts)
        assert any("unknown fact 'is_paid'" in item.found for item in texts_verify())
    with unguarded():
        version = DefinitionVersion.objects.get(definition__code="op")
        content = version.content.replace('"kind":"task"', '"kind":"chore"')
        definition = Definition.objects.get(code="op")
        definition.current = DefinitionVersion.objects.create(
            definition=definition, number=2, digest="-", content=content,
            published_at=version.published_at,
        )  # fmt: skip
        definition.save()
    with override("en"):
        found = [item.found for item in texts_verify()]
    assert any("op v2: " in item and "kind: must be one of" in item for item in found)


def test_a_release_says_what_it_finds_wrong_with_the_companys_text(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = house.actor("administrator")
    definition_publish(actor=administrator, data=with_limit(60), source="op.yaml", note="slower")
    monkeypatch.setattr(definitions, "checks_known", dict)
    with override("en"):
        (own,) = definitions_own()
    assert "op: step QC: check: unknown check 'orders.qc'" in own.mistakes


def test_an_upgrade_says_each_mistake_once(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    administrator = house.actor("administrator")
    definition_publish(actor=administrator, data=with_limit(60), source="op.yaml", note="slower")
    monkeypatch.setattr(definitions, "checks_known", dict)
    monkeypatch.setattr(definitions, "definitions_publish", list)
    with override("en"):
        setup._processes()
    said = capsys.readouterr()
    assert "op: your version 2 stays; this release brings another text." in said.out
    assert said.err.count("unknown check 'orders.qc'") == 1
    assert "bc v1: step AL: check: unknown check 'billing.settled'" in said.err


def test_a_process_keeps_its_kind_of_document() -> None:
    definitions_publish()
    other = deepcopy(SHIPPED["shipping/sp.yaml"]) | {"id": "op"}
    with override("en"), pytest.raises(InvalidError, match=r"subject: stays orders\.order"):
        definition_publish(actor=SYSTEM, data=other, source="op.yaml")


def test_two_who_began_with_the_same_version_do_not_overwrite_each_other() -> None:
    definitions_publish()
    first, second = (deepcopy(SHIPPED["orders/op.yaml"]) for _ in range(2))
    first["ours"], second["level"] = True, 2
    definition_publish(actor=SYSTEM, data=first, source="op.yaml", expected_number=1)
    with pytest.raises(ConflictError):
        definition_publish(actor=SYSTEM, data=second, source="op.yaml", expected_number=1)
    assert current("op") == first
