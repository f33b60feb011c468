"""Loading of the programs in tools/ for the tests that hold the tree to its own rules."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str) -> ModuleType:
    """Return the module tools/<name>.py."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        specification = importlib.util.spec_from_file_location(
            f"tools_{name}", ROOT / "tools" / f"{name}.py"
        )
        assert specification
        assert specification.loader
        module = importlib.util.module_from_spec(specification)
        sys.modules[specification.name] = module
        specification.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module
