"""A new version of a process by page: checked first, published with its reason, never blindly."""

from copy import deepcopy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import User
from chengdan.modules.process.models import Definition, DefinitionVersion
from chengdan.modules.process.rules.source import source_read, source_write
from chengdan.modules.process.services.definitions import sources_shipped
from tests.fixtures.house import House

pytestmark = pytest.mark.django_db

OP = next(data for name, data in sources_shipped() if name == "orders/op.yaml")


@pytest.fixture
def administrator(house: House) -> Client:
    return signed_in(house, "administrator")


def signed_in(house: House, key: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    with unguarded():
        User.objects.filter(pk=house.people[key]).update(language="en")
        client.force_login(User.objects.get(pk=house.people[key]))
    return client


def text(minutes: int = 60, **changes: Any) -> str:
    """Return the order process with another limit for its acceptance."""
    data = deepcopy(OP) | changes
    next(step for step in data["steps"] if step["code"] == "OA")["limit"]["working_minutes"] = (
        minutes
    )
    return source_write(data)


def page() -> str:
    return reverse("process:definition_edit", args=["op"])


def numbers() -> list[int]:
    rows = DefinitionVersion.objects.filter(definition__code="op")
    return sorted(rows.values_list("number", flat=True))


def test_the_page_begins_with_what_is_in_force(administrator: Client) -> None:
    shown = administrator.get(page()).context["form_page"].form["definition"].value()
    assert source_read(shown, "op.yaml") == OP
    shipped = administrator.get(page(), {"from": "shipped"}).context["form_page"].form
    assert source_read(shipped["definition"].value(), "op.yaml") == OP
    assert administrator.get(page(), {"from": "7"}).status_code == 404


def test_a_check_shows_the_differences_and_writes_nothing(administrator: Client) -> None:
    answer = administrator.post(page(), {"definition": text(), "expected_number": 1})
    shown = answer.content.decode()
    assert "Differences from version 1" in shown
    assert "OA.limit.working_minutes" in shown
    assert numbers() == [1]
    data = source_read(text(), "op.yaml")
    next(step for step in data["steps"] if step["code"] == "MA").pop("remind")
    sent = {"definition": source_write(data), "expected_number": 1}
    shown = administrator.post(page(), sent).content.decode()
    assert '<td class="old">{working_minutes: 60}</td>' in shown


def test_a_version_is_published_with_its_reason_and_can_be_taken_back(
    administrator: Client,
) -> None:
    sent = {"definition": text(), "expected_number": 1, "act": "publish", "note": "Half an hour"}
    answer = administrator.post(page(), sent | {"note": ""})
    assert answer.status_code == 422
    assert "Say what changes" in answer.content.decode()
    assert administrator.post(page(), sent).status_code == 302
    row = Definition.objects.select_related("current").get(code="op")
    assert row.current is not None
    assert (row.current.number, row.current.note) == (2, "Half an hour")
    shown = administrator.get(reverse("process:process", args=["op"])).content.decode()
    assert "own version" in shown
    assert f"{page()}?from=1" in shown
    first = administrator.get(page(), {"from": "1"}).context["form_page"].form
    assert source_read(first["definition"].value(), "op.yaml") == OP


def test_who_began_with_an_older_version_is_told(administrator: Client) -> None:
    sent = {"expected_number": 1, "act": "publish", "note": "x"}
    administrator.post(page(), sent | {"definition": text(60)})
    answer = administrator.post(page(), sent | {"definition": text(90)})
    assert answer.status_code == 409
    assert "working_minutes: 90" in answer.context["form_page"].form["definition"].value()
    assert numbers() == [1, 2]


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (text(level=7), "op.yaml: level: must be one of 1, 2, 3"),
        (text(id="other"), "id: this is the page of op."),
        ("a: [", "op.yaml: 1:5: is no YAML"),
        ("", "Write the definition"),
        (source_write(OP | {"steps": OP["steps"][1:3]}), "the mandatory step QC is missing"),
    ],
)
def test_what_is_wrong_stands_beside_the_text(
    administrator: Client, definition: str, told: str
) -> None:
    sent = {"definition": definition, "expected_number": 1, "act": "publish", "note": "x"}
    answer = administrator.post(page(), sent)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert numbers() == [1]


def test_mistakes_speak_the_readers_language(administrator: Client, house: House) -> None:
    with unguarded():
        User.objects.filter(pk=house.people["administrator"]).update(language="zh-hans")
    with override("zh-hans"):
        answer = administrator.post(page(), {"definition": text(level=7), "expected_number": 1})
    assert "op.yaml: level: 只能是 1, 2, 3 之一" in answer.content.decode()


def test_a_file_is_shown_before_it_counts(administrator: Client) -> None:
    file = SimpleUploadedFile("op.yaml", text().encode())
    sent = {"file": file, "expected_number": 1, "act": "publish", "note": "x"}
    answer = administrator.post(page(), sent)
    assert "working_minutes: 60" in answer.context["form_page"].form["definition"].value()
    assert numbers() == [1]
    broken = SimpleUploadedFile("op.yaml", b"\xff\xfe\x00")
    answer = administrator.post(page(), sent | {"file": broken})
    assert answer.status_code == 422
    assert "no text in UTF-8" in answer.content.decode()


def test_versions_are_files_and_only_administrators_write(
    administrator: Client, house: House
) -> None:
    place = reverse("process:definition_download", args=["op", 1])
    answer = administrator.get(place)
    assert answer["Content-Disposition"].startswith('attachment; filename="op-1.yaml"')
    assert source_read(answer.content.decode(), "op.yaml") == OP
    assert administrator.get(reverse("process:definition_download", args=["op", 9])).status_code \
        == 404  # fmt: skip
    csr = signed_in(house, "csr")
    assert csr.get(place).status_code == 200
    assert csr.get(page()).status_code == 403
    assert csr.post(page(), {"definition": text()}).status_code == 403
    assert "?from=1" not in csr.get(reverse("process:process", args=["op"])).content.decode()
