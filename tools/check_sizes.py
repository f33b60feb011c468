"""Hold files, functions and templates below their ceilings; ceilings, never targets.

Usage: python tools/check_sizes.py. Exceptions stand in tools/size_exceptions.tsv with a reason
(`place<TAB>size<TAB>reason`); an exception that is no longer needed, or larger than needed, is a
fault, so the list can only shrink.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXCEPTIONS = Path(__file__).with_name("size_exceptions.tsv")

FILE_LINES = 500
TEST_FILE_LINES = 600
FUNCTION_LINES = 70
PARAMETERS = 6
TEMPLATE_LINES = 100


@dataclass(frozen=True)
class Finding:
    """One thing larger than its ceiling."""

    place: str
    size: int
    ceiling: int
    what: str


def findings() -> Iterator[Finding]:
    """Yield everything above a ceiling."""
    for folder in ("src", "tests", "tools"):
        for path in sorted((ROOT / folder).rglob("*")):
            place = path.relative_to(ROOT).as_posix()
            if "/migrations/" in place or "/vendor/" in place:
                continue
            if path.suffix == ".py":
                yield from _python(path, place)
            elif path.suffix == ".html" and "/templates/" in place:
                yield from _over(place, _lines(path), TEMPLATE_LINES, "lines of template")
            elif path.suffix in (".js", ".css") and folder == "src":
                yield from _over(place, _lines(path), FILE_LINES, "lines")


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def _over(place: str, size: int, ceiling: int, what: str) -> Iterator[Finding]:
    if size > ceiling:
        yield Finding(place, size, ceiling, what)


def _python(path: Path, place: str) -> Iterator[Finding]:
    text = path.read_text("utf-8")
    ceiling = TEST_FILE_LINES if place.startswith("tests/") else FILE_LINES
    yield from _over(place, len(text.splitlines()), ceiling, "lines")
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return  # the linter names it
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{place}::{node.name}"
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield from _over(name, length, FUNCTION_LINES, "lines of function")
            given = [*node.args.posonlyargs, *node.args.args]
            count = len([one for one in given if one.arg not in ("self", "cls")])
            yield from _over(f"{name}()", count, PARAMETERS, "positional parameters")


def exceptions() -> dict[str, int]:
    """Return the allowed size by place."""
    if not EXCEPTIONS.is_file():
        return {}
    rows = [line.split("\t") for line in EXCEPTIONS.read_text("utf-8").splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 3 and not row[0].startswith("#")}


def faults() -> list[str]:
    """Return one line per fault."""
    allowed, said = exceptions(), []
    for finding in findings():
        limit = allowed.pop(finding.place, finding.ceiling)
        if finding.size > limit:
            said.append(f"{finding.place}: {finding.size} {finding.what}, ceiling {limit}")
        elif finding.size < limit:
            said.append(f"{finding.place}: exception says {limit}, needed {finding.size}; lower it")
    return [*said, *(f"{place}: exception no longer needed" for place in allowed)]


if __name__ == "__main__":
    wrong = faults()
    print("\n".join(wrong), end="\n" if wrong else "")
    sys.exit(bool(wrong))
