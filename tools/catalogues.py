"""Reading, writing and filling of gettext catalogues with Babel alone (no system gettext)."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "chengdan"
SOURCE_LANGUAGE = "zh_Hans"
GENERATED_LANGUAGE = "zh_Hant"
_TERMS = Path(__file__).with_name("taiwan_terms.tsv")

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "Mistake": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_HEADER = """\
# {language} texts of {app}.{note}
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"

"""
_PLURALS = {"en": "nplurals=2; plural=(n != 1);"}
Key = tuple[str | None, str]


@dataclass(frozen=True)
class App:
    """One folder that owns a `locale`: a room, the kernel, a kernel part with its own texts."""

    folder: Path

    @property
    def name(self) -> str:
        """Return the dotted path below `chengdan`."""
        return ".".join(self.folder.relative_to(PACKAGE).parts)

    def po(self, language: str) -> Path:
        """Return where the catalogue of a language lies."""
        return self.folder / "locale" / language / "LC_MESSAGES" / "django.po"


def apps() -> list[App]:
    """Return the apps in a stable order; each source file belongs to the nearest one above it."""
    folders = {path.parent for path in PACKAGE.rglob("apps.py")}
    folders |= {path.parent for path in PACKAGE.rglob("locale") if path.is_dir()}
    folders |= {PACKAGE / "config", PACKAGE / "kernel"}
    return [App(folder) for folder in sorted(folders)]


def sources(app: App, others: list[App]) -> Iterator[Path]:
    """Yield the files of an app that may hold texts."""
    inner = [o.folder for o in others if o != app and o.folder.is_relative_to(app.folder)]
    for path in sorted(app.folder.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt", ".js") or not path.is_file():
            continue
        parts = path.relative_to(app.folder).parts
        if {"vendor", "migrations", "locale", "__pycache__"} & set(parts):
            continue
        if path.suffix == ".txt" and "templates" not in parts:
            continue
        if not any(path.is_relative_to(folder) for folder in inner):
            yield path


def _template_as_python(text: str, name: str) -> str:
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    from django.utils.translation.template import templatize

    # What is no text becomes XXX; indentation would only confuse the Python tokenizer.
    code = templatize(text, origin=name)
    return "\n".join(line.strip() for line in code.splitlines())


def _texts_of(path: Path) -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    text = path.read_text("utf-8")
    method = "javascript" if path.suffix == ".js" else "python"
    if path.suffix in (".html", ".txt"):
        text = _template_as_python(text, str(path))
    for _line, ids, _comments, context in extract(
        method, io.BytesIO(text.encode()), keywords=KEYWORDS
    ):
        yield context, ids


def template(app: App, others: list[App]) -> Catalog:
    """Return the catalogue of everything an app says, without translations."""
    catalog = Catalog(charset="utf-8")
    for path in sources(app, others):
        place = path.relative_to(app.folder).as_posix()
        for context, ids in _texts_of(path):
            if ids and ids[0]:
                message = catalog.add(ids, context=context, locations=[(place, 0)])
                message.flags.discard("fuzzy")
    return catalog


def key(message: Message) -> Key:
    """Return what makes a message one: context and (singular) id."""
    ids = message.id
    return message.context, ids if isinstance(ids, str) else ids[0]


def read(path: Path, language: str) -> Catalog:
    """Return a stored catalogue, empty when there is none."""
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8", abort_invalid=True)


def merged(found: Catalog, stored: Catalog, language: str) -> Catalog:
    """Return what was found in the sources with the translations that are stored."""
    old = {key(message): message for message in stored if message.id}
    result = Catalog(locale=language, charset="utf-8")
    for message in found:
        if not message.id:
            continue
        known = old.get(key(message))
        texts = (known.string if known else "") or ""
        if isinstance(message.id, tuple):
            first = texts if isinstance(texts, str) else texts[0]
            texts = tuple([first, *texts[1:]] if isinstance(texts, tuple) else [first])
        elif isinstance(texts, tuple):
            texts = texts[0]
        result.add(
            message.id,
            texts,
            context=message.context,
            locations=message.locations,
            flags=known.flags & {"fuzzy"} if known else (),
            user_comments=known.user_comments if known else (),
        )
    return result


def rendered(catalog: Catalog, app: App, language: str) -> str:
    """Return the text of a .po file: sorted, without dates and line numbers."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, omit_header=True, include_lineno=False)
    note = " Generated from zh_Hans; do not edit." if language == GENERATED_LANGUAGE else ""
    plural = _PLURALS.get(language[:2], "nplurals=1; plural=0;")
    header = _HEADER.format(language=language, app=app.name, note=note, plural=plural)
    body = "\n".join(line.rstrip() for line in buffer.getvalue().decode().splitlines())
    return header + body.strip() + "\n"


@cache
def _taiwan_terms() -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in _TERMS.read_text("utf-8").splitlines())
    return [(row[0], row[1]) for row in rows if len(row) == 2]


def traditional(text: str) -> str:
    """Return a Simplified Chinese text as Taiwan writes it."""
    return _taiwan(text)


@cache
def _converter():  # type: ignore[no-untyped-def]  # opencc ships no types
    import opencc

    return opencc.OpenCC("s2twp")


def _taiwan(text: str) -> str:
    result = str(_converter().convert(text))
    for said, better in _taiwan_terms():
        result = result.replace(said, better)
    return result


def generated(simplified: Catalog) -> Catalog:
    """Return the Traditional Chinese catalogue of a Simplified one."""
    result = Catalog(locale=GENERATED_LANGUAGE, charset="utf-8")
    for message in simplified:
        if not message.id:
            continue
        texts = message.string
        converted = (
            _taiwan(texts)
            if isinstance(texts, str)
            else tuple(_taiwan(text) for text in texts or ())
        )
        result.add(message.id, converted, context=message.context, locations=message.locations)
    return result


_PROTECTED = re.compile(r"%\([^)]+\)[#0\- +]*[\d.]*[a-z]|%[sd%]|\{[^}]*\}|<[^>]+>|&\w+;|\n")
_ACCENTS = str.maketrans("aceinouyACEINOUY", "àçéîñôûýÀÇÉÎÑÔÛÝ")


def pseudo(text: str) -> str:
    """Return an English text with accents inside marks; placeholders and tags stay as they are."""
    parts, last = [], 0
    for match in _PROTECTED.finditer(text):
        parts += [text[last : match.start()].translate(_ACCENTS), match.group()]
        last = match.end()
    inner = "".join([*parts, text[last:].translate(_ACCENTS)])
    return f"⟦{inner}⟧"


def write_compiled(catalog: Catalog, path: Path) -> None:
    """Write the binary catalogue that Django reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalog)
