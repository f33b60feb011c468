"""The documentation points at what exists and names every command."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Context

from chengdan.config.cli.group import COMMANDS, group
from chengdan.config.environment import secret_key
from tests.contract.tree import ROOT

LINK = re.compile(r"!?\[[^\]\[]*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
IMAGE_BYTES = 200 * 1024
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _links(text: str) -> Iterator[str]:
    plain = CODE.sub("", FENCE.sub("", text))
    yield from (found for found in LINK.findall(plain) if "://" not in found)


def _anchors(page: Path) -> set[str]:
    """Return the anchors that headings of a page get on the usual hosts."""
    text = FENCE.sub("", page.read_text("utf-8"))
    titles = re.findall(r"^#{1,6} +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _links(page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_known = target.exists() and target.is_relative_to(ROOT)
        if not is_known or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def test_a_broken_link_is_found() -> None:
    assert list(_links("[a](gone.md) `[b](code.md)` [c](https://example.com)")) == ["gone.md"]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_names_both_commands(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text


def test_every_command_has_its_section() -> None:
    text = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    sections = re.findall(r"^## chengdan (\S+)$", text, re.MULTILINE)
    assert sections == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_section_of_its_command(name: str) -> None:
    text = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    section = text.partition(f"## chengdan {name}\n")[2].partition("\n## ")[0]
    command = group.get_command(Context(group), name)
    assert command is not None
    options = [opt for item in command.params for opt in item.opts if opt.startswith("--")]
    if "Options as for `serve`" not in section:
        assert [option for option in options if option not in section] == []
    known = {*options, "--help"}
    assert set(re.findall(r"(?<!\S)`?(--[a-z-]+)", section)) <= known


def test_every_variable_of_the_environment_has_its_row() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    documented = set(re.findall(r"`([A-Z_]{6,})`", text))
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src/chengdan/config").glob("*.py"))
    read = set(re.findall(r'env_[a-z]+\(\s*"([A-Z_]+)"', code))
    assert documented == read
    # The tests set or drop each of them: the shell they are started from changes nothing.
    steady = (ROOT / "tests/settings.py").read_text("utf-8")
    assert [name for name in read if f'"{name.removeprefix("CHENGDAN_")}"' not in steady
            and f'"{name}"' not in steady] == []  # fmt: skip
    deployed = "".join(path.read_text("utf-8") for path in (ROOT / "deploy").iterdir())
    own = {"CHENGDAN_SITE", "CHENGDAN_UPSTREAM", "CHENGDAN_DATABASE_PASSWORD"}
    assert set(re.findall(r"\b(CHENGDAN_[A-Z_]+|DATABASE_URL)\b", deployed)) <= read | own


def test_the_image_can_be_built_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collecting files is done as in production, which refuses a short key."""
    text = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    (key,) = re.findall(r"CHENGDAN_SECRET_KEY=(\S+)", text)
    monkeypatch.setenv("CHENGDAN_SECRET_KEY", key)
    assert secret_key(tmp_path, production=True) == key


def test_pages_are_found_from_the_index() -> None:
    docs = ROOT / "docs"
    links = _links((docs / "README.md").read_text("utf-8"))
    linked = {(docs / link.partition("#")[0]).resolve() for link in links}
    folders = ("tutorial", "howto", "explanation", "reference", "development")
    pages = {page.resolve() for folder in folders for page in (docs / folder).glob("*.md")}
    assert pages - linked == set()


def test_pictures_are_small_and_used() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert [one.name for one in pictures if one.stat().st_size > IMAGE_BYTES] == []
    assert [one.name for one in pictures if one.name not in text] == []
