"""What the command line says, in the language of the terminal.

The catalogues are Django's, read with the standard library: help and refusals must come without
settings and without a database.
"""

from __future__ import annotations

import gettext as catalogues
import os
import sys
import unicodedata
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "locale"
DOMAIN = "django"
# language -> (folder of the catalogue, what other programs call it)
_NAMES = {"zh-hans": ("zh_Hans", "zh_CN"), "zh-hant": ("zh_Hant", "zh_TW")}
# A letter that every Chinese encoding has.
_LETTER = chr(0x4E2D)


def terminal_language() -> str:
    """Return the language of the terminal: Chinese where it is set so, otherwise English.

    English as well where the terminal could not show Chinese letters.
    """
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    found = next((name for name in names if name), "").lower()
    if not found.startswith("zh") or not _shows_chinese():
        return "en"
    return "zh-hant" if found.startswith(("zh_tw", "zh_hk", "zh_mo")) else "zh-hans"


def _shows_chinese() -> bool:
    try:
        _LETTER.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@cache
def _catalogue() -> catalogues.NullTranslations:
    """Return the texts of this terminal, which stays the same as long as the process runs."""
    folder, _name = _NAMES.get(terminal_language(), ("en", ""))
    return catalogues.translation(DOMAIN, LOCALE, languages=[folder], fallback=True)


def gettext(message: str) -> str:
    """Return the text in the language of the terminal; English where nothing is compiled."""
    return _catalogue().gettext(message)


def click_speaks() -> None:
    """Let click's own words ("Usage:", "Error: …") come from our catalogue; see click_words.

    click asks the standard library for the domain of the process, and that looks in the
    environment for the language. Programs that are started by us go on seeing theirs behind ours.
    """
    language = terminal_language()
    if language not in _NAMES:
        return
    catalogues.bindtextdomain(DOMAIN, LOCALE)
    catalogues.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = ":".join(_NAMES[language])


def streams_forgive() -> None:
    """Write a sign that the terminal cannot show as a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def padded(text: str, width: int) -> str:
    """Return the text filled up to so many columns; a Chinese letter takes two."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "FW" else 1 for sign in text)
    return text + " " * (width - taken)
