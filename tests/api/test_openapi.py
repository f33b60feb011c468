"""The API's description is committed: a change of it is a change somebody has seen.

`CHENGDAN_WRITE_SNAPSHOTS=1 pytest tests/api/test_openapi.py` writes it anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    from chengdan.config.api import api

    # The site answers in the reader's language; the committed one is in English.
    with translation.override("en"):
        found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return found


def _operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]


def test_the_description_is_the_committed_one(description: dict[str, Any]) -> None:
    text = json.dumps(description, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("CHENGDAN_WRITE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, "utf-8")
    assert SNAPSHOT.read_text("utf-8") == text, "CHENGDAN_WRITE_SNAPSHOTS=1 writes it anew"


def test_every_operation_is_named_and_refuses_as_a_problem(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    names = []
    for path, method, operation in _operations(description):
        where = f"{method} {path}"
        names.append(operation["operationId"])
        assert operation.get("tags"), where
        assert "422" in operation["responses"], where
        content = operation["responses"]["422"]["content"]
        assert list(content) == ["application/problem+json"], where
        if method in {"post", "patch"}:
            headers = [item["name"] for item in operation["parameters"] if item["in"] == "header"]
            assert "Idempotency-Key" in headers, where
    assert len(names) == len(set(names))


def test_summaries_are_in_the_readers_language() -> None:
    from chengdan.config.api import api

    found = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            schema = json.loads(json.dumps(api.get_openapi_schema(), default=str))
            found[language] = schema["paths"]["/api/v1/orders/orders"]["get"]["summary"]
    assert found == {"en": "Orders, newest first", "zh-hans": "订单，新的在前"}


def test_every_operation_names_its_permission() -> None:
    from chengdan.config.api import api

    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                assert hasattr(operation.view_func, "permission"), operation.operation_id
