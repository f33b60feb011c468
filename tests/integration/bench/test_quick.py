"""The bench runs through all its stages on a scratch database; no figure is judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_quick_bench_measures_every_stage(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    found = tmp_path / "figures.json"
    command = [sys.executable, "-m", "chengdan", "bench", "--quick", "--json", str(found)]
    ended = subprocess.run(
        command, env=process_environment, check=False, timeout=500, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads(found.read_text(encoding="utf-8"))
    names = {item["name"] for item in report["figures"]}
    assert {"plain way, services", "full way, services", "import of orders"} <= names
    assert all(item["runs"] for item in report["figures"])
    assert set(report["conditions"]) == {"machine", "system", "database", "versions"}
