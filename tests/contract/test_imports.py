"""Who may import what, beyond the layers that import-linter holds (pyproject.toml)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengdan.config.rooms import ROOMS
from tests.contract.tree import ROOT

MODULES = ROOT / "src" / "chengdan" / "modules"
# What a room shows to later rooms; everything else is its own affair.
PUBLIC = {
    "services",
    "selectors",
    "access",
    "events",
    "errors",
    "ownership",
    "vocabulary",
    "registry",
}
# Where a room says what later rooms may register with it: the engine's contract for documents,
# the ledger's providers, the order's page.
PUBLIC_OF_ROOM = {
    "process": {"subjects", "checks", "conditions"},
    "credit": {"providers"},
    "customers": {"importing"},
    "orders": {"extensions"},
}


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield node.lineno, f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name


def foreign_imports(path: Path, text: str) -> list[str]:
    """Return what a file takes from another room beyond that room's public files."""
    room = path.relative_to(MODULES).parts[0]
    found = []
    for line, target in _imports(ast.parse(text)):
        parts = target.split(".")
        if parts[:2] != ["chengdan", "modules"] or len(parts) < 4 or parts[2] == room:
            continue
        if parts[3] not in PUBLIC | PUBLIC_OF_ROOM.get(parts[2], set()):
            found.append(f"{path.relative_to(ROOT)}:{line} takes {target}")
    return found


def test_a_room_takes_only_the_public_files_of_another() -> None:
    files = [path for path in MODULES.rglob("*.py") if "migrations" not in path.parts]
    assert [line for path in files for line in foreign_imports(path, path.read_text("utf-8"))] == []


def test_taking_a_model_of_another_room_is_found() -> None:
    path = MODULES / "orders" / "services" / "place.py"
    text = "from chengdan.modules.customers.models import Customer\n"
    assert foreign_imports(path, text) == [
        "src/chengdan/modules/orders/services/place.py:1 takes "
        "chengdan.modules.customers.models.Customer"
    ]


def test_every_room_is_named_in_the_order_of_rooms() -> None:
    rooms = {path.name for path in MODULES.iterdir() if (path / "apps.py").is_file()}
    assert rooms <= set(ROOMS)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree below a folder with the project's contracts."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


PLANTED = {
    "Floors": ("kernel/bad.py", "import chengdan.modules.people.services\n"),
    "Rooms import only earlier rooms": (
        "modules/people/services.py",
        "import chengdan.modules.orders.services\n",
    ),
    "Files of a room": ("modules/orders/models.py", "import chengdan.modules.orders.services\n"),
    "Rules are plain": ("modules/orders/rules.py", "import django.db\n"),
}


@pytest.mark.parametrize("contract", [*PLANTED, "none"])
def test_a_planted_import_breaks_its_contract(contract: str, tmp_path: Path) -> None:
    package = tmp_path / "chengdan"
    names = ["config/urls", "kernel/clock"]
    names += [
        f"modules/{room}/{file}"
        for room in ("people", "orders")
        for file in ("services", "models", "rules")
    ]
    for name in names:
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    for folder in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").write_text("")
    if contract != "none":
        place, text = PLANTED[contract]
        (package / place).write_text(text)
    result = lint_imports(tmp_path)
    assert (result.returncode == 0) is (contract == "none"), result.stdout + result.stderr
    broken = [line for line in result.stdout.splitlines() if line.endswith("BROKEN")]
    assert contract == "none" or any(line.startswith(contract) for line in broken)
