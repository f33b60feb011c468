"""Keep the texts of every app translated.

Usage: python tools/translations.py update [APP…] | generate | compile | check | pseudo FOLDER
(APP is the dotted path below chengdan: kernel.ui, modules.orders; none means all).
`update` also generates zh_Hant.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools import catalogues as cat

_PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|%[sd]|\{[a-z_][\w.]*\}")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_HALF_WIDTH = re.compile(r"[一-鿿][,;:?!][一-鿿]")
_TEMPLATE_COMMENT = re.compile(
    r"\{%\s*comment.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|<!--.*?-->", re.DOTALL
)
_CHINESE_DATA = Path(__file__).with_name("chinese_data.txt")


def update(names: list[str]) -> int:
    """Write every zh_Hans catalogue anew, keeping translations, then its zh_Hant."""
    everything = cat.apps()
    known = {app.name for app in everything}
    if unknown := [name for name in names if name not in known]:
        print(f"no such app: {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        return 2
    for app in everything:
        if names and app.name not in names:
            continue
        found = cat.template(app, everything)
        path = app.po(cat.SOURCE_LANGUAGE)
        if not len(found):
            path.unlink(missing_ok=True)
            app.po(cat.GENERATED_LANGUAGE).unlink(missing_ok=True)
            continue
        catalog = cat.merged(found, cat.read(path, cat.SOURCE_LANGUAGE), cat.SOURCE_LANGUAGE)
        _write(path, cat.rendered(catalog, app, cat.SOURCE_LANGUAGE))
        missing = sum(1 for message in catalog if message.id and not _texts(message)[0])
        print(f"{app.name}: {len(catalog)} texts, {missing} untranslated")
    return generate(names)


def generate(names: list[str]) -> int:
    """Write every zh_Hant catalogue from its zh_Hans one."""
    for app in cat.apps():
        path = app.po(cat.SOURCE_LANGUAGE)
        if path.is_file() and (not names or app.name in names):
            catalog = cat.generated(cat.read(path, cat.SOURCE_LANGUAGE))
            text = cat.rendered(catalog, app, cat.GENERATED_LANGUAGE)
            _write(app.po(cat.GENERATED_LANGUAGE), text)
    return 0


def compile_all(_names: list[str]) -> int:
    """Write the .mo files that are older than their .po."""
    for path in sorted(cat.PACKAGE.rglob("locale/*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            cat.write_compiled(cat.read(path, path.parts[-3]), target)
    return 0


def pseudo(names: list[str]) -> int:
    """Write a catalogue `en_X-pseudo` of all texts, Django's own included, below a folder."""
    import django

    catalog = Catalog(locale="en", charset="utf-8")
    everything = cat.apps()
    own = Path(django.__file__).parent / "conf/locale/en/LC_MESSAGES/django.po"
    for source in [*(cat.template(app, everything) for app in everything), cat.read(own, "en")]:
        for message in source:
            if message.id and _is_text(message):
                ids = message.id
                text = (
                    cat.pseudo(ids)
                    if isinstance(ids, str)
                    else tuple(cat.pseudo(one) for one in ids)
                )
                catalog.add(ids, text, context=message.context)
    target = Path(names[0]) / "en_X-pseudo" / "LC_MESSAGES" / "django.mo"
    cat.write_compiled(catalog, target)
    print(target)
    return 0


def check(_names: list[str]) -> int:
    """Print one line per fault and return 1 when there is any."""
    faults = list(faults_found())
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults; `python tools/translations.py update` mends missing entries")
    return bool(faults)


def faults_found() -> Iterator[str]:
    """Yield what is wrong with the texts of the whole tree."""
    everything = cat.apps()
    said: dict[cat.Key, tuple[str, str]] = {}
    for app in everything:
        stored = cat.read(app.po(cat.SOURCE_LANGUAGE), cat.SOURCE_LANGUAGE)
        yield from _faults_of_app(app, cat.template(app, everything), stored)
        for message in stored:
            if not message.id or not _texts(message)[0]:
                continue
            text, first = said.setdefault(cat.key(message), (_texts(message)[0], app.name))
            if text != _texts(message)[0]:
                yield (
                    f"{app.name}: {_short(message)} is {_texts(message)[0]!r} here and {text!r} "
                    f"in {first}; Django knows one text per id, so use a context (pgettext)"
                )
    yield from chinese_literals()


def _faults_of_app(app: cat.App, found: Catalog, stored: Catalog) -> Iterator[str]:
    wanted = {cat.key(message) for message in found if message.id}
    have = {cat.key(message): message for message in stored if message.id}
    for context, text in sorted(wanted - have.keys(), key=str):
        yield f"{app.name}: not in zh_Hans: {context or ''} {text[:60]!r}"
    for _context, text in sorted(have.keys() - wanted, key=str):
        yield f"{app.name}: no longer in the sources: {text[:60]!r}"
    for message in have.values():
        yield from (f"{app.name}: {_short(message)} {fault}" for fault in _faults_of(message))
    if have:
        path = app.po(cat.GENERATED_LANGUAGE)
        wanted_text = cat.rendered(cat.generated(stored), app, cat.GENERATED_LANGUAGE)
        if not path.is_file() or path.read_text("utf-8") != wanted_text:
            yield f"{app.name}: zh_Hant is not what `generate` writes"


def _faults_of(message: Message) -> Iterator[str]:
    texts = _texts(message)
    if not all(texts):
        yield "is not translated"
        return
    if message.fuzzy:
        yield "is marked fuzzy"
    ids = (message.id,) if isinstance(message.id, str) else message.id
    wanted = set(_PLACEHOLDER.findall(ids[-1]))
    for text in texts:
        if set(_PLACEHOLDER.findall(text)) != wanted:
            yield f"has other placeholders in Chinese: {text!r}"
        if _HALF_WIDTH.search(text):
            yield f"wants full-width punctuation: {text!r}"
        if text.startswith("\n") != ids[0].startswith("\n"):
            yield "must keep the line break at its start"


def chinese_literals() -> Iterator[str]:
    """Yield Chinese text outside catalogues and data: nobody could translate it."""
    allowed = {line.split("#")[0].strip() for line in _CHINESE_DATA.read_text("utf-8").splitlines()}
    for path in sorted(cat.PACKAGE.rglob("*")):
        place = path.relative_to(cat.PACKAGE).as_posix()
        if path.suffix not in (".py", ".html", ".js") or "/vendor/" in place or place in allowed:
            continue
        if any(place.startswith(entry) for entry in allowed if entry.endswith("/")):
            continue
        finder: Callable[[str], Iterator[int]] = (
            _chinese_in_python if path.suffix == ".py" else _chinese_in_text
        )
        for line in finder(path.read_text("utf-8")):
            yield f"src/chengdan/{place}:{line}: Chinese text outside the catalogues"


def _chinese_in_python(text: str) -> Iterator[int]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return  # the linter names it
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str) and _HAN.search(node.value):
            yield node.lineno


def _chinese_in_text(text: str) -> Iterator[int]:
    bare = _TEMPLATE_COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
    bare = re.sub(r"(?m)^\s*(//|\*|/\*).*$", "", bare)
    for number, line in enumerate(bare.splitlines(), 1):
        if _HAN.search(line):
            yield number


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _is_text(message: Message) -> bool:
    """Tell texts from formats such as DATE_FORMAT, which Django keeps in the same catalogue."""
    return not str(cat.key(message)[1]).isupper()


def _short(message: Message) -> str:
    return repr(cat.key(message)[1][:60])


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "update": update,
    "generate": generate,
    "compile": compile_all,
    "check": check,
    "pseudo": pseudo,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in _COMMANDS:
        sys.exit(__doc__)
    sys.exit(_COMMANDS[sys.argv[1]](sys.argv[2:]))
