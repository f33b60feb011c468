"""What is installed is pinned, hashed and named without addresses."""

import json
import re

import pytest

from tests.contract.tree import ROOT

REQUIREMENTS = ROOT / "requirements"
LISTS = sorted(path.stem for path in REQUIREMENTS.glob("*.in"))


def _names(text: str) -> set[str]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    names = (re.split(r"[\[~=<>; ]", line)[0] for line in lines if line)
    return {name.lower().replace("_", "-") for name in names if name and not name.startswith("-")}


@pytest.mark.parametrize("name", LISTS)
def test_every_library_is_in_its_lock_with_hashes(name: str) -> None:
    wanted = _names((REQUIREMENTS / f"{name}.in").read_text("utf-8"))
    lock = (REQUIREMENTS / f"{name}.txt").read_text("utf-8")
    pinned = re.findall(r"^([\w.-]+)==[^\n]*\\\n    --hash=sha256:", lock, re.MULTILINE)
    assert wanted - set(pinned) == set(), "run `make lock`"
    assert len(pinned) == len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE))
    assert "://" not in lock


def test_the_runtime_is_the_same_in_both_lists() -> None:
    def pins(name: str) -> set[str]:
        text = (REQUIREMENTS / f"{name}.txt").read_text("utf-8")
        return set(re.findall(r"^[\w.-]+==[\w.]+", text, re.MULTILINE))

    assert pins("runtime") <= pins("dev")
    assert pins("build") <= pins("dev")


def test_front_end_packages_are_locked_by_hash_without_addresses() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert "://" not in text
