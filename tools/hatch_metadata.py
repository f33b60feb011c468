"""Fill the package's dependencies from requirements/runtime.in, the one place that lists them."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RuntimeRequirements(MetadataHookInterface):
    """Read one requirement a line; a comment says why the library is there."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = Path(self.root, "requirements", "runtime.in").read_text("utf-8").splitlines()
        names = (line.split("#", 1)[0].strip() for line in lines)
        metadata["dependencies"] = [name for name in names if name]
