from pathlib import Path

import pytest

from tests.contract.tree import tool


def test_nothing_is_larger_than_its_ceiling() -> None:
    assert tool("check_sizes").faults() == []


def test_a_function_of_71_lines_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = tool("check_sizes")
    (tmp_path / "src").mkdir()
    body = "\n".join("    x = 1" for _ in range(70))
    (tmp_path / "src" / "long.py").write_text(f"def long():\n{body}\n")
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    monkeypatch.setattr(sizes, "EXCEPTIONS", tmp_path / "none")
    assert sizes.faults() == ["src/long.py::long: 71 lines of function, ceiling 70"]


def test_an_exception_that_is_larger_than_needed_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = tool("check_sizes")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "many.py").write_text("x = 1\n" * 510)
    listed = tmp_path / "exceptions.tsv"
    listed.write_text("src/many.py\t520\ttable of constants\nsrc/gone.py\t600\tno longer there\n")
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    monkeypatch.setattr(sizes, "EXCEPTIONS", listed)
    assert sizes.faults() == [
        "src/many.py: exception says 520, needed 510; lower it",
        "src/gone.py: exception no longer needed",
    ]


def test_code_written_twice_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = tool("check_duplicates")
    (tmp_path / "src").mkdir()
    body = ("{b} = {a} + 1", "{b} += 2", "{b} *= 3", "print({b})", "return {b}")
    one = "def {f}({a}):\n" + "".join(f"    {line}\n" for line in body)
    first, second = one.format(f="f", a="a", b="b"), one.format(f="g", a="x", b="y")
    (tmp_path / "src" / "twins.py").write_text(first + second + one.format(f="h", a="q", b="q"))
    monkeypatch.setattr(twins, "ROOT", tmp_path)
    assert twins.duplicates() == [["src/twins.py:1 f", "src/twins.py:7 g"]]
