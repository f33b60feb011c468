"""What docs/howto/change-a-process.md shows, done with the shipped definitions."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils.translation import override

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import InvalidError
from chengdan.modules.process.services.definitions import (
    definition_check,
    definition_publish,
    sources_shipped,
)

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[3] / "docs/howto/change-a-process.md"
EXAMPLE = PAGE.read_text("utf-8").split("```yaml\n")[1].split("```")[0]


def shipped(source: str) -> Any:
    return deepcopy(next(data for name, data in sources_shipped() if name == source))


def with_example(text: str = EXAMPLE) -> Any:
    data = shipped("orders/op.yaml")
    place = next(n for n, step in enumerate(data["steps"]) if step["code"] == "PAY")
    data["steps"][place:place] = yaml.safe_load(text)
    return data


def test_the_example_can_be_published() -> None:
    definition_check(with_example(), "orders/op.yaml")


def test_a_mistake_is_named_once_with_file_step_and_field() -> None:
    data = with_example(EXAMPLE.replace("gross >=", "groos >="))
    with override("en"), pytest.raises(InvalidError) as caught:
        definition_publish(actor=Actor.system("test"), data=data, source="orders/op.yaml")
    assert str(caught.value) in PAGE.read_text("utf-8")
    data = shipped("orders/op.yaml")
    next(step for step in data["steps"] if step["code"] == "OA")["on_pass"] = {"goto": "AC"}
    with override("en"), pytest.raises(InvalidError) as caught:
        definition_publish(actor=Actor.system("test"), data=data, source="orders/op.yaml")
    shown = next(
        line.strip() for line in PAGE.read_text("utf-8").splitlines() if "bypassed" in line
    )
    start, end = shown.split(" → … → ")
    assert str(caught.value).startswith(start)
    assert str(caught.value).endswith(f" → {end}")


def test_a_small_company_may_leave_out_what_the_page_names() -> None:
    left_out = {
        "orders/op.yaml": {"OG2", "OG3", "OA", "BG1"},
        "shipping/sp.yaml": {"CA", "FB", "CF"},
        "billing/bc.yaml": {"IV2"},
    }
    text = PAGE.read_text("utf-8")
    for source, codes in left_out.items():
        assert all(code in text for code in codes)
        data = shipped(source)
        data["steps"] = [step for step in data["steps"] if step["code"] not in codes]
        for step in data["steps"]:
            way = step.get("on_refuse")
            if isinstance(way, dict) and way.get("goto") in codes:
                del step["on_refuse"]
        definition_check(data, source)
