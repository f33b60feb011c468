import ast

from tests.contract.tree import tool

MARKED = """
import pytest

@pytest.mark.requirement("ORD-01", "ORD-02")
def test_all(): ...

class TestGroup:
    @pytest.mark.requirement("ORD-03", partly="no page yet")
    def test_part(self): ...

    def test_unmarked(self): ...
"""


def test_the_page_says_what_the_tests_show() -> None:
    trace = tool("traceability")
    known, found = trace.catalogue(), trace.marks()
    assert trace.faults(found, known) == []
    is_current = trace.PAGE.read_text("utf-8") == trace.page(found, known)
    assert is_current, "docs/traceability.md is not what the tests say; run `make docs`"


def test_the_catalogue_is_whole() -> None:
    known = tool("traceability").catalogue()
    assert len(known) == 662
    assert all(len(title.split()) <= 12 for title in known.values())


def test_rows_follow_from_the_markers() -> None:
    trace = tool("traceability")
    found = list(trace._marks_in(ast.parse(MARKED), "tests/test_x.py", ()))
    page = trace.page(found, {"ORD-01": "One", "ORD-03": "Three", "ORD-04": "Four"})
    assert page.splitlines()[-3:] == [
        "| ORD-01 | done | One | `test_x.py::test_all` |",
        "| ORD-03 | partly | Three | no page yet (`test_x.py::TestGroup::test_part`) |",
        "| ORD-04 | open | Four |  |",
    ]
    assert trace.faults(found, {"ORD-01": "", "ORD-03": ""}) == [
        "tests/test_x.py::test_all: no requirement ORD-02 in the catalogue"
    ]
