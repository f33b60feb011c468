"""Mapping files from strangers: whatever they hold, they are a mapping or a named refusal."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chengdan.kernel.importing.mapping import TEXT_LENGTH_MAX, mapping_load, mapping_parse
from chengdan.kernel.importing.vocabulary import FileRefusedError
from tests.fixtures.importing import WARES

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


def text_of(**section: Any) -> str:
    section = {"columns": {"code": "id"}} | section
    return yaml.safe_dump({"version": 1, "kinds": {"wares": section}}, allow_unicode=True)


@pytest.mark.parametrize(
    "text",
    [
        text_of(joins=5), text_of(joins={"a": 1}), text_of(joins=["x"]), text_of(nested=[1]),
        text_of(nested="lines"), text_of(columns=[]), text_of(columns={"code": {"first": 3}}),
        text_of(header_row=0), text_of(where=3), "version: 1\nkinds: [wares]\n", "- 1\n", "x: [",
        f"version: 1\n{BOMB}kinds: {{wares: {{columns: {{code: {{constant: *a8}}}}}}}}\n",
        "version: 1\nkinds: &k {wares: *k}\n", "version: 1\nkinds: " + "{a: " * 90 + "1" + "}" * 90,
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        mapping_parse(text, WARES)
    assert refused.value.code == "file_mapping"


def test_a_mapping_file_that_is_too_long_is_refused_for_that(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text("# long\n" * TEXT_LENGTH_MAX)
    with pytest.raises(FileRefusedError, match=r"long.yaml: the text is too long"):
        mapping_load(str(path), WARES)


def test_codes_may_be_numbers_days_and_texts_in_one_list() -> None:
    """YAML reads `1:` as a number and `2026-01-01:` as a day; a file has texts."""
    values = "{1: one, 2026-01-01: new year, x: other}"
    spec = f"version: 1\nkinds: {{wares: {{columns: {{code: {{from: id, values: {values}}}}}}}}}\n"
    mapping = mapping_parse(spec, WARES)
    made = {cell: mapping.columns["code"]({"id": cell}) for cell in ("1", "2026-01-01", "x")}
    assert made == {"1": "one", "2026-01-01": "new year", "x": "other"}
    assert mapping_parse(mapping.text, WARES).digest == mapping.digest
