"""Every page in a made-up language, in which a text that nobody can translate stands out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils.translation import trans_real

from tests.e2e.crawl import pages_of
from tests.e2e.test_crawl import PEOPLE
from tests.fixtures.busy import make_full

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Signs that are the same in every language: numbers, document numbers, codes, keys, addresses,
# names that programs use, fields and values of the audit trail.
SIGNS = re.compile(
    r"^[^A-Za-z]*$|^[\W\d]*[A-Z]{1,5}[-–\d ·/]*[\w-]*$|@|^yx\.|^[a-z]+\.[a-z_.:]+|^[A-Z]{2,}\d"
    r"|^Ctrl |^[a-z_.*]+$|[a-z]\.[a-z_]+\)|^[0-9a-f]{12}$|^[a-z]+ = \d"
    r"|^[A-Z][a-z]+/[A-Z][a-z]+$|§|^pdf, |^tests · "
)
WORDS = re.compile(r"[A-Za-z]{4,}")


def _kept(value: Any) -> Iterator[str]:
    """Yield the English texts among data that is kept in several languages."""
    if isinstance(value, dict):
        if isinstance(value.get("en"), str):
            yield value["en"].strip()
            is_said = WORDS.search(value["en"]) and not SIGNS.search(value["en"])
            assert not is_said or value["en"] != value.get("zh-hans"), value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _kept(part)


def _data_texts() -> set[str]:
    """Return English texts that companies keep as data in several languages."""
    from chengdan.modules.people.models import Role
    from chengdan.modules.process.models import DefinitionVersion, Instance, StepRun

    found: set[str] = set()
    for content in DefinitionVersion.objects.values_list("content", flat=True):
        found |= set(_kept(json.loads(content)))
    for copies in Instance.objects.values_list("titles", "highlights"):
        found |= set(_kept(list(copies)))
    for evidence in StepRun.objects.values_list("evidence", flat=True):
        found |= set(_kept(evidence))
    for row in Role.objects.values():
        found |= set(_kept(list(row.values())))
        found |= {value.strip() for value in row.values() if isinstance(value, str) and value}
    return {text for text in found if WORDS.search(text)}


@pytest.fixture
def pseudo(settings: Any, tmp_path: Path) -> Iterator[str]:
    """Add the pseudo language, whose texts stand in ⟦ ⟧."""
    command = [sys.executable, str(ROOT / "tools" / "translations.py"), "pseudo", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    settings.LANGUAGES = [*settings.LANGUAGES, ("en-x-pseudo", "Pseudo")]
    settings.LOCALE_PATHS = [tmp_path, *settings.LOCALE_PATHS]
    _forget_languages()
    yield "en-x-pseudo"
    _forget_languages()


def _forget_languages() -> None:
    trans_real._translations.clear()  # type: ignore[attr-defined]
    for name in ("get_languages", "check_for_language", "get_supported_language_variant"):
        if (forget := getattr(getattr(trans_real, name), "cache_clear", None)) is not None:
            forget()


def _raw(texts: list[str], data: set[str]) -> set[str]:
    return {
        text
        for text in texts
        if "⟦" not in text
        and "⟧" not in text
        and WORDS.search(text)
        and not SIGNS.search(text)
        and not any(known in text or text in known for known in data)
    }


def test_no_text_escapes_the_translators(pseudo: str) -> None:
    busy = make_full()
    found: dict[str, set[str]] = {}
    faults: list[str] = []
    data = _data_texts()
    for key in PEOPLE:
        client = Client()
        client.force_login(busy.user(key))
        client.cookies[site.LANGUAGE_COOKIE_NAME] = pseudo
        for _kind, path, page in pages_of(client, faults):
            raw = _raw(page.texts, data)
            if raw:
                found.setdefault(path, raw)
    assert not found, "\n".join(f"{path}: {sorted(raw)[:12]}" for path, raw in found.items())
