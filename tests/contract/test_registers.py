"""What rooms declare is documented, and what code names is declared."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from chengdan.config.rooms import ROOMS
from chengdan.kernel.audit.codes import audit_codes
from chengdan.kernel.parameters import parameters_all
from chengdan.kernel.permissions import permissions_all
from tests.contract.tree import ROOT

SOURCES = ROOT / "src" / "chengdan"
# The argument that holds the code, by the function's name.
AUDIT_CALLS = {"audit_record": 1, "audit_record_many": 1}
PARAMETER_CALLS = {"parameter_value": 1}
PERMISSION = re.compile(r"[a-z_]+\.[a-z_]+:[a-z_]+")
AUDIT = re.compile(r"[a-z_]+(\.[a-z_]+){2,}")


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCES.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _literals(calls: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield place and literal code of every call; codes held in constants need no check."""
    for place, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            position = calls.get(node.func.id)
            if position is None or len(node.args) <= position:
                continue
            argument = node.args[position]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield f"{place}:{node.lineno}", argument.value


def test_every_audit_code_that_is_written_is_declared() -> None:
    declared = {code for code, _title in audit_codes()}
    assert [found for found in _literals(AUDIT_CALLS) if found[1] not in declared] == []


def test_every_parameter_that_is_read_is_declared() -> None:
    declared = {one.code for one in parameters_all()}
    assert [found for found in _literals(PARAMETER_CALLS) if found[1] not in declared] == []


def test_every_permission_that_is_named_is_declared() -> None:
    declared = {one.code for one in permissions_all()}
    named = [
        (f"{place}:{node.lineno}", node.value)
        for place, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and PERMISSION.fullmatch(node.value)
    ]
    floors = {"kernel", *ROOMS}
    wrong = [one for one in named if one[1].split(".")[0] in floors and one[1] not in declared]
    assert wrong == []


def test_codes_begin_with_their_room() -> None:
    codes = [one.code for one in permissions_all()] + [code for code, _title in audit_codes()]
    assert [code for code in codes if code.split(".")[0] not in {"kernel", *ROOMS}] == []
    assert [code for code, _title in audit_codes() if not AUDIT.fullmatch(code)] == []


def test_the_reference_pages_say_what_is_declared(tmp_path: Path) -> None:
    """In a process of its own: other tests register probes in this one."""
    settings_of_the_site = {
        "DJANGO_SETTINGS_MODULE": "chengdan.config.settings",
        "CHENGDAN_HOME": str(tmp_path),
    }
    said = subprocess.run(
        [sys.executable, "tools/registers.py", "check"],
        cwd=ROOT,
        env=os.environ | settings_of_the_site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)
