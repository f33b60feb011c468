"""Publishing processes: validated, then kept as immutable versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.audit.record import canonical
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.transactions import write
from chengdan.kernel.workcalendar import limit_parse
from chengdan.modules.people import access
from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import Definition, DefinitionVersion, Instance
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.rules.mistakes import Mistake
from chengdan.modules.process.rules.publishing import Known, definition_issues, names_issues
from chengdan.modules.process.rules.reading import DefinitionError, Issue, definition_read
from chengdan.modules.process.subjects import actions_known, checks_known, subject_types
from chengdan.modules.process.vocabulary import DEFINITION_PUBLISH, OPEN_STATES

SOURCES = "processes/*.yaml"


def _limit_problem(limit: Mapping[str, Any]) -> str:
    try:
        limit_parse(limit)
    except InvalidError as error:
        return "; ".join(f"{item.field}: {item.message}" for item in error.items)
    return ""


def known_now(codes: frozenset[str] = frozenset()) -> Known:
    """Return every name that definitions may refer to.

    Args:
        codes: processes that are about to be published together.
    """
    entries = subject_types()
    roles = apps.get_model("people", "Role")
    published = dict(Definition.objects.values_list("code", "subject_type"))
    return Known(
        facts={name: entry.kind.fact_types for name, entry in entries.items()},
        checks=checks_known(),
        actions=actions_known(),
        mandatory={name: entry.mandatory for name, entry in entries.items()},
        subjects=published,
        processes=frozenset(published) | codes,
        roles=frozenset(roles._default_manager.values_list("code", flat=True)),
        limit_problem=_limit_problem,
    )


def definition_check(data: Any, source: str, known: Known | None = None) -> Process:
    """Return the definition in `data` if it can be published.

    Raises:
        DefinitionError: everything that is wrong, with file, step and field.
    """
    process = definition_read(data, source)
    known = known or known_now(frozenset([process.code]))
    issues = definition_issues(process, known)
    if issues:
        raise DefinitionError(source, issues)
    return process


def mistakes_told(error: DefinitionError) -> InvalidError:
    """Return the refusal of a definition in the reader's language, one item per mistake."""
    items = [
        FieldIssue(
            f"{error.source}: {_place(issue)}",
            "definition",
            _(issue.mistake.text) % issue.mistake.params,
        )
        for issue in error.issues
    ]
    text = "\n".join(f"{item.field}: {item.message}" for item in items)
    return InvalidError(items, text, code="definition")


def _place(issue: Issue) -> str:
    if not issue.step:
        return issue.field
    return _("step %(step)s: %(field)s") % {"step": issue.step, "field": issue.field}


def definition_publish(
    *,
    actor: Actor,
    data: Any,
    source: str,
    note: str = "",
    known: Known | None = None,
    expected_number: int | None = None,
) -> DefinitionVersion:
    """Publish a definition as the version that new instances take; the same text does nothing.

    Args:
        data: what the YAML holds.
        source: name of the file, for messages.
        expected_number: version in force when the change began; None asks for none.

    Raises:
        InvalidError: the definition is not right; one item per mistake.
        ForbiddenError: without the right to publish.
        ConflictError: another version has come into force since.
    """
    access.authorise(actor, DEFINITION_PUBLISH)
    try:
        process = definition_check(data, source, known)
    except DefinitionError as error:
        raise mistakes_told(error) from error
    content = canonical(data)
    digest = hashlib.sha256(content.encode()).hexdigest()
    with write():
        definition, is_new = Definition.objects.select_for_update().get_or_create(
            code=process.code,
            defaults={"subject_type": process.subject, "level": process.level},
        )
        last = definition.versions.order_by("-number").first()
        if expected_number is not None and expected_number != (last.number if last else 0):
            raise ConflictError
        if last is not None and last.digest == digest and definition.current_id == last.pk:
            return last
        version = DefinitionVersion.objects.create(
            definition=definition,
            number=last.number + 1 if last else 1,
            digest=digest,
            content=content,
            published_at=clock.now(),
            published_by_id=actor.user_id,
            note=note,
            is_as_shipped=content == _content_shipped(process.code),
        )
        before = None if is_new else {"current": definition.current_id}
        definition.current = version
        definition.subject_type, definition.level = process.subject, process.level
        definition.parent = process.parent
        definition.save(update_fields=["current", "subject_type", "level", "parent"])
        audit_record(
            actor,
            audit_codes.DEFINITION_PUBLISHED,
            definition,
            before=before,
            after={"current": version.pk, "digest": digest},
            params={"version": version.number},
            reason=note,
        )
    return version


def sources_shipped() -> list[tuple[str, Any]]:
    """Return (name, data) of every definition beside a room."""
    return [(name, deepcopy(_source(path))) for name, path in _shipped_files()]


def _content_shipped(code: str) -> str:
    found = (canonical(_source(path)) for _name, path in _shipped_files()
             if _source(path)["id"] == code)  # fmt: skip
    return next(found, "")


def shipped_text(code: str) -> str:
    """Return the text that the software brings for a process, "" when it brings none."""
    paths = (path for _name, path in _shipped_files() if _source(path)["id"] == code)
    path = next(paths, None)
    return "" if path is None else path.read_text("utf-8")


def _shipped_files() -> list[tuple[str, Path]]:
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("chengdan.modules."):
            continue
        for path in sorted(Path(config.path).glob(SOURCES)):
            found.append((f"{config.label}/{path.name}", path))
    return found


@cache
def _source(path: Path) -> Any:
    """Return what a file of the software says; reading one takes longer than publishing it."""
    return yaml.safe_load(path.read_text("utf-8"))


def definitions_publish(actor: Actor | None = None) -> list[DefinitionVersion]:
    """Publish every definition that ships with the rooms; unchanged ones stay as they are.

    A text of the company's own stays in force too; see `definitions_own`.

    Raises:
        InvalidError: one of them is not right; nothing is published then.
    """
    actor = actor or Actor.system("definitions-publish")
    sources = sources_shipped()
    for name, data in sources:
        if not isinstance(data, dict):
            wrong = DefinitionError(name, [Issue("", "file", Mistake("must be a mapping"))])
            raise mistakes_told(wrong)
    codes = frozenset(str(data.get("id", "")) for _name, data in sources)
    known = known_now(codes)
    own = {row.code for row in _own_rows()}
    with write():
        return [
            definition_publish(actor=actor, data=data, source=name, known=known)
            for name, data in sources
            if data["id"] not in own
        ]


@dataclass(frozen=True, slots=True)
class OwnDefinition:
    """A process in the company's own version.

    Attributes:
        is_shipped: whether the software brings a text of the same process, and another one.
        mistakes: what this release finds wrong with the company's text.
    """

    code: str
    number: int
    is_shipped: bool
    mistakes: tuple[str, ...]


def definitions_own() -> list[OwnDefinition]:
    """Return the processes whose version in force is the company's own text, in order of code.

    After an upgrade they may lack what the new release brings, or name what it no longer has.
    """
    shipped = {data["id"]: canonical(data) for _name, data in sources_shipped()}
    known = known_now(frozenset(shipped))
    found = []
    for row in _own_rows():
        version = row.current
        if version is None:
            continue
        mistakes: tuple[str, ...] = ()
        try:
            definition_check(json.loads(version.content), row.code, known)
        except DefinitionError as error:
            mistakes = _lines_told(error)
        is_shipped = row.code in shipped and shipped[row.code] != version.content
        found.append(OwnDefinition(row.code, version.number, is_shipped, mistakes))
    return found


def _own_rows() -> QuerySet[Definition]:
    rows = Definition.objects.filter(
        current__published_by__isnull=False, current__is_as_shipped=False
    )
    return rows.select_related("current").order_by("code")


@dataclass(frozen=True, slots=True)
class LackingVersion:
    """A version with names that this release has not.

    Attributes:
        where: code and number of the version.
        mistakes: each with the version, step and field, in the reader's language.
    """

    where: str
    mistakes: tuple[str, ...]


def definitions_lacking() -> Iterator[LackingVersion]:
    """Yield the versions that documents run on, or will, with the names this release has not.

    Names are those of actions, checks, processes, roles and facts; a text that can't be read any
    more is named too.

    A document that comes to such a step stops there, so an upgrade says it at once.
    """
    known = known_now()
    in_force = Q(pk__in=Definition.objects.values("current"))
    running = Q(pk__in=Instance.objects.filter(state__in=OPEN_STATES).values("definition_version"))
    rows = DefinitionVersion.objects.filter(in_force | running).select_related("definition")
    for version in rows.order_by("definition__code", "number"):
        where = str(version)
        try:
            issues = names_issues(definition_read(json.loads(version.content), where), known)
        except DefinitionError as error:
            issues = error.issues
        if issues:
            yield LackingVersion(where, _lines_told(DefinitionError(where, issues)))


def _lines_told(error: DefinitionError) -> tuple[str, ...]:
    return tuple(f"{item.field}: {item.message}" for item in mistakes_told(error).items)
