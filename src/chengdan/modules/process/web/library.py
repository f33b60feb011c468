"""The process library and the page of a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    Crumb,
    PageHead,
    Table,
    page,
    render_page,
)
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import role_titles
from chengdan.modules.process.models import Definition
from chengdan.modules.process.rules.definition import (
    END,
    INITIATOR,
    NEXT,
    REFUSE,
    Assign,
    Process,
    Row,
    Step,
)
from chengdan.modules.process.selectors.definitions import (
    definitions_all,
    interfaces_of,
    orphans,
    process_of,
)
from chengdan.modules.process.selectors.library import Live, live_counts, step_counts, versions_of
from chengdan.modules.process.selectors.wording import Wording, wording_of
from chengdan.modules.process.subjects import check_get, subject_types
from chengdan.modules.process.vocabulary import DEFINITION_PUBLISH, DEFINITION_VIEW
from chengdan.modules.process.web.common import (
    RoleTitles,
    reason_text,
    role_titles_for,
    text,
)


@page(permission=DEFINITION_VIEW)
def library_show(request: HttpRequest) -> HttpResponseBase:
    """List every process with its live figures; processes without interface are marked."""
    found = definitions_all()
    live = live_counts(actor_of(request))
    alone, titles = set(orphans(found)), role_titles()
    known = {row.code: text(process.title) for row, process in found}
    rows = [
        {
            "code": row.code,
            "title": text(process.title),
            "level": process.level,
            "parent": known.get(process.parent, process.parent.upper()),
            "owner": titles.get(process.owner, process.owner),
            "steps": len(process.steps),
            "version": row.current.number if row.current else 0,
            "running": live.get(row.pk, Live()).running,
            "late": _late_chip(live.get(row.pk, Live()).late),
            "marks": _marks(row, process, live.get(row.pk, Live()), is_alone=row.code in alone),
        }
        for row, process in found
    ]
    head = PageHead(_("Process library"), hint=_("How the company sells, as it really runs."))
    table = Table(
        _("Processes in force"), _library_columns(), rows,
        empty=_("No process is published yet."),
    )  # fmt: skip
    return render_page(request, "ui/tables.html", head=head, tables=[table])


def _library_columns() -> list[Column]:
    return [
        Column("title", _("Process"), phone="title", link=_library_url),
        Column("code", _("Code")),
        Column("level", _("Level"), kind="quantity"),
        Column("parent", _("Parent")),
        Column("owner", _("Owner")),
        Column("steps", _("Steps"), kind="quantity"),
        Column("version", _("Version"), kind="quantity"),
        Column("running", _("Running"), kind="quantity"),
        Column("late", _("Late"), kind="chip", phone="side"),
        Column("marks", _("Marks"), kind="chip"),
    ]


def _library_url(row: Mapping[str, Any]) -> str:
    return reverse("process:process", args=[row["code"]])


def _late_chip(count: int) -> Chip | None:
    return Chip(str(count), "late") if count else None


def _marks(row: Definition, process: Process, live: Live, *, is_alone: bool) -> list[Chip]:
    """Return what stands out: faults, no tie to another process, our own design."""
    marks = [Chip(_("fault"), "late")] if live.faults else []
    if is_alone:
        marks.append(Chip(_("no interface"), "soon"))
    return [*marks, *(Chip(title) for title in [*_own(row), *_ours(process)])]


def definition_shown(code: str) -> tuple[Definition, Process]:
    """Return a published definition and its version in force; NotFoundError when there is none."""
    row = Definition.objects.select_related("current").filter(code=code).first()
    if row is None or row.current is None:
        raise NotFoundError
    return row, process_of(row.current)


def assign_text(assign: Assign, titles: RoleTitles) -> str:
    """Return who a step asks, in words."""
    return reason_text({"by": assign.kind, "value": assign.value}, titles)


def mode_text(mode: str) -> str:
    """Return how several people decide."""
    words = {"one": "", "any": _("any of them"), "all": _("all of them"), "in_turn": _("in turn")}
    return words[mode]


def kind_text(kind: str) -> str:
    """Return what kind of step it is."""
    words = {
        "check": _("check"), "decision": _("decision"), "approval": _("approval"),
        "task": _("task"), "wait": _("wait"), "notify": _("message"),
        "start": _("start of a process"),
    }  # fmt: skip
    return words[kind]


def target_text(process: Process, goto: str) -> str:
    """Return where a step leads: another step, or what happens, in words."""
    words = {
        INITIATOR: _("back to the submitter"), NEXT: _("goes on"), END: _("ends"),
        REFUSE: _("ends as refused"),
    }  # fmt: skip
    if goto in words:
        return words[goto]
    step = process.step(goto)
    return f"{step.code} {text(step.short or step.title)}"


def check_title(name: str) -> str:
    """Return what a check is called."""
    return str(check_get(name).title) or name


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the rows of one process's page are written with."""

    process: Process
    titles: RoleTitles
    wording: Wording
    known: Mapping[str, str]

    def grounds(self, step: Step) -> str:
        """Return what decides how the step ends."""
        if step.check:
            return check_title(step.check)
        if step.until:
            return _("until %(condition)s") % {"condition": self.wording.text(step.until)}
        if step.rows:
            return " · ".join(self.row(row) for row in step.rows)
        return self.known.get(step.process, step.process)

    def row(self, row: Row) -> str:
        """Return one row of a decision."""
        when = self.wording.text(row.when) or _("else")
        started = self.known.get(row.start, row.start)
        return f"{when} → {started or target_text(self.process, row.goto)}"


def _steps(process: Process, reader: _Reader, counts: dict[str, tuple[int, int]]) -> Table:
    columns = (
        Column("title", _("Step"), kind="html", template="process/_step.html", phone="title"),
        Column("kind", _("Kind")),
        Column("who", _("Who acts")),
        Column("limit", _("Time limit")),
        Column("condition", _("Condition")),
        Column("refused", _("When refused")),
        Column("standing", _("Unfinished"), kind="quantity"),
        Column("late", _("Late"), kind="chip", phone="side"),
    )
    rows = [_step_row(step, reader, *counts.get(step.code, (0, 0))) for step in process.steps]
    empty = _("A catalogue entry without steps.")
    return Table(_("Steps and time limits"), columns, rows, empty=empty)


def _step_row(step: Step, reader: _Reader, standing: int, late: int) -> dict[str, Any]:
    titles = reader.titles
    who = ", ".join(assign_text(assign, titles) for assign in step.assign)
    when = reader.wording.text(step.when)
    condition = [_("only if %(condition)s") % {"condition": when}] if when else []
    condition.append(reader.grounds(step))
    mode = mode_text(step.mode) if step.is_human else ""
    marks = []
    if step.is_promise:
        marks.append(_("promise"))
    if step.is_mandatory:
        marks.append(_("mandatory"))
    return {
        "code": step.code,
        "title": text(step.title),
        "kind": kind_text(step.kind),
        "who": " ".join(part for part in (who, mode) if part) or _("the system"),
        "limit": reader.wording.limit(step.limit),
        "condition": " · ".join(part for part in condition if part),
        "refused": _refused(reader.process, step),
        "marks": marks,
        "rule": step.rule,
        "standing": standing,
        "late": _late_chip(late),
    }


def _refused(process: Process, step: Step) -> str:
    if step.kind not in ("approval", "check", "task"):
        return ""
    return target_text(process, step.on_refuse.goto)


@page(permission=DEFINITION_VIEW)
def process_show(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show one process: steps with roles and limits, context, versions, live figures."""
    row, process = definition_shown(code)
    library = definitions_all()
    counts = step_counts(actor_of(request), row)
    known = {item.code: text(other.title) for item, other in library}
    chips = [Chip(_("version %(number)s in force") % {"number": row.current.number}, "done")]  # type: ignore[union-attr]
    is_orphan = code in orphans(library)
    if is_orphan:
        chips.append(Chip(_("no interface"), "soon"))
    head = PageHead(
        text(process.title),
        process.code,
        crumbs=[Crumb(_("Process library"), reverse("process:library"))],
        chips=chips,
        labels=[_("level %(level)s") % {"level": process.level}, *_own(row), *_ours(process)],
        acts=[Act("new", _("New version"), reverse("process:definition_edit", args=[code]),
                  icon="pencil", permission=DEFINITION_PUBLISH)],
    )  # fmt: skip
    titles = role_titles_for(process.subject)
    reader = _Reader(process, titles, wording_of(process), known)
    context: dict[str, Any] = {
        "process": process,
        "owner": titles.of(process.owner),
        "purpose": text(process.purpose),
        "scope": text(process.scope),
        "steps": _steps(process, reader, counts),
        "inputs": [text(item) for item in process.inputs],
        "outputs": [text(item) for item in process.outputs],
        "interfaces": _interfaces(process, library, known),
        "is_orphan": is_orphan,
        "registers": _registers(process),
        "versions": _versions(row, may_publish=can(actor_of(request), DEFINITION_PUBLISH)),
        "subject": _subject_title(process),
    }
    return render_page(request, "process/process.html", head=head, **context)


def _interfaces(
    process: Process, library: list[tuple[Definition, Process]], known: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return the ties to other processes, with the addresses of those that the library has."""
    found = []
    for title, partner in interfaces_of(process, library):
        shown = known.get(partner, partner)
        url = reverse("process:process", args=[partner]) if partner in known else ""
        found.append({"title": "" if text(title) == shown else text(title), "partner": shown,
                      "url": url})  # fmt: skip
    return found


def _own(row: Definition) -> list[str]:
    """Return the mark of a text of the company's own, which upgrades keep."""
    return [_("own version")] if row.current is not None and row.current.is_own else []


def _ours(process: Process) -> list[str]:
    return [_("designed by us")] if process.is_ours else []


def _subject_title(process: Process) -> str:
    entry = subject_types().get(process.subject)
    return str(entry.title) if entry is not None else process.subject


def _registers(process: Process) -> list[tuple[str, list[str]]]:
    named = [
        (_("Forms"), process.forms),
        (_("Replaced rules"), process.replaces),
        (_("Assessment"), process.assessment),
    ]
    return [
        (title, [f"{item.get('code', '')} {text(item['title'])}".strip() for item in items])
        for title, items in named
        if items
    ]


def _version_url(row: Mapping[str, Any]) -> str:
    return reverse("process:definition_download", args=[row["code"], row["number"]])


def _again_url(row: Mapping[str, Any]) -> str:
    return f"{reverse('process:definition_edit', args=[row['code']])}?from={row['number']}"


def _versions(row: Definition, *, may_publish: bool) -> Table:
    columns = [
        Column("number", _("Version"), kind="quantity", link=_version_url),
        Column("published_at", _("Published"), kind="day"),
        Column("by", _("Published by")),
        Column("running", _("Runs on it"), kind="quantity"),
        Column("note", _("What changed"), clip=True),
    ]
    if may_publish:
        columns.append(Column("again", _("Again"), link=_again_url))
    rows = [
        {
            "number": version.number,
            "published_at": version.published_at,
            "by": version.published_by.get_full_name() if version.published_by else _("the system"),
            "running": running,
            "note": version.note,
            "code": row.code,
            "again": _("Begin with it"),
        }
        for version, running in versions_of(row)
    ]
    return Table(_("Versions"), columns, rows)
