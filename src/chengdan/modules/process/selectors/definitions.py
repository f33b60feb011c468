"""Reading published definitions."""

from __future__ import annotations

import json
from functools import lru_cache

from chengdan.kernel.reference import remembered, remembered_rows
from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.models import Definition, DefinitionVersion
from chengdan.modules.process.rules.definition import Process, Texts
from chengdan.modules.process.rules.reading import definition_read


@lru_cache(maxsize=512)
def _read(digest: str, content: str) -> Process:
    return definition_read(json.loads(content), digest[:8])


def process_of(version: DefinitionVersion) -> Process:
    """Return the typed definition of a version; read once per text and process."""
    return _read(version.digest, version.content)


@remembered("process")
def definition_current(code: str) -> DefinitionVersion:
    """Return the version that new instances run on.

    Raises:
        NotPublishedError: there is none.
    """
    found = Definition.objects.select_related("current").filter(code=code).first()
    if found is None or found.current is None:
        raise NotPublishedError(code=code)
    found.current.definition = found
    return found.current


def process_of_version(version_id: int) -> Process:
    """Return the typed definition of a version that an instance runs on."""
    rows = remembered_rows("process", "version", [version_id], DefinitionVersion.objects.in_bulk)
    return process_of(rows[version_id])


def process_current(code: str) -> Process:
    """Return the typed definition in force; see `definition_current`."""
    return process_of(definition_current(code))


def definitions_all() -> list[tuple[Definition, Process]]:
    """Return the whole library in order of code."""
    rows = Definition.objects.select_related("current").filter(current__isnull=False)
    return [(row, process_of(row.current)) for row in rows if row.current is not None]


def orphans(library: list[tuple[Definition, Process]]) -> list[str]:
    """Return the third-level processes that no interface ties to another one (PRL-02)."""
    tied: set[str] = set()
    for _row, process in library:
        partners = [str(item.get("process", "")) for item in process.interfaces]
        started = [step.process for step in process.steps]
        started += [row.start for step in process.steps for row in step.rows]
        found = [code for code in [*partners, *started] if code]
        if found:
            tied.update([process.code, *found])
    return [row.code for row, process in library if process.level == 3 and row.code not in tied]


def interfaces_of(
    process: Process, library: list[tuple[Definition, Process]]
) -> list[tuple[Texts, str]]:
    """Return (title, code of the other process) of every tie, each partner once.

    What the process says itself stands first, then the processes that name it.
    """
    own = [(item["title"], str(item.get("process", ""))) for item in process.interfaces]
    named = {process.code, *(partner for _title, partner in own)}
    others = [
        (other.title, other.code)
        for _row, other in library
        if other.code not in named
        and any(item.get("process") == process.code for item in other.interfaces)
    ]
    return [*own, *others]
