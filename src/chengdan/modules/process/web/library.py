"""The process library and the page of a process."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Chip,
    Column,
    Crumb,
    PageHead,
    Table,
    page,
    render_fragment,
    render_page,
)
from chengdan.kernel.ui.ids import id_read
from chengdan.kernel.workcalendar import describe
from chengdan.modules.people.selectors import role_titles
from chengdan.modules.process.access import instances_open_for
from chengdan.modules.process.models import Definition
from chengdan.modules.process.rules.definition import (
    END,
    INITIATOR,
    NEXT,
    REFUSE,
    Assign,
    Process,
    Step,
)
from chengdan.modules.process.selectors.definitions import (
    definitions_all,
    interfaces_into,
    orphans,
    process_of,
)
from chengdan.modules.process.selectors.dry import dry_run
from chengdan.modules.process.selectors.library import Live, live_counts, step_counts, versions_of
from chengdan.modules.process.subjects import check_get, subject_load, subject_types
from chengdan.modules.process.vocabulary import DEFINITION_VIEW
from chengdan.modules.process.web.common import (
    RoleTitles,
    policy_texts,
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
    rows = [
        {
            "code": row.code,
            "title": text(process.title),
            "level": process.level,
            "parent": process.parent,
            "owner": titles.get(process.owner, process.owner),
            "steps": len(process.steps),
            "version": row.current.number if row.current else 0,
            "live": live.get(row.pk, Live()),
            "is_orphan": row.code in alone,
            "is_ours": process.is_ours,
            "url": reverse("process:process", args=[row.code]),
        }
        for row, process in found
    ]
    head = PageHead(_("Process library"), hint=_("How the company sells, as it really runs."))
    return render_page(request, "process/library.html", head=head, rows=rows)


def _definition(code: str) -> tuple[Definition, Process]:
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


def target_text(goto: str) -> str:
    """Return where a refusal leads: the code of a step, or what happens, in words."""
    words = {
        INITIATOR: _("back to the submitter"), NEXT: _("goes on"), END: _("ends"),
        REFUSE: _("ends as refused"),
    }  # fmt: skip
    return words.get(goto, goto)


def check_title(name: str) -> str:
    """Return what a check is called."""
    return str(check_get(name).title) or name


def _step_row(step: Step, titles: RoleTitles, counts: dict[str, tuple[int, int]]) -> dict[str, Any]:
    standing, late = counts.get(step.code, (0, 0))
    who = ", ".join(assign_text(assign, titles) for assign in step.assign)
    mode = mode_text(step.mode) if step.is_human else ""
    marks = []
    if step.is_promise:
        marks.append(_("promise"))
    if step.is_mandatory:
        marks.append(_("mandatory"))
    grounds = check_title(step.check) if step.check else step.until or step.process
    if step.rows:
        grounds = " · ".join(
            f"{row.when or _('else')} → {row.start or row.goto}" for row in step.rows
        )
    return {
        "code": step.code,
        "title": text(step.title),
        "kind": kind_text(step.kind),
        "who": " ".join(part for part in (who, mode) if part) or _("the system"),
        "limit": describe(step.limit) if step.limit else "–",
        "grounds": grounds,
        "when": step.when,
        "refused": _refused(step),
        "marks": marks,
        "rule": step.rule,
        "standing": standing,
        "late": late,
    }


def _refused(step: Step) -> str:
    if step.kind not in ("approval", "check", "task"):
        return ""
    return target_text(step.on_refuse.goto)


@page(permission=DEFINITION_VIEW)
def process_show(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show one process: steps with roles and limits, context, versions, live figures."""
    row, process = _definition(code)
    library = definitions_all()
    counts = step_counts(actor_of(request), row)
    known = {item.code for item, _process in library}
    interfaces = [
        {"title": text(item["title"]), "process": item.get("process", ""),
         "is_known": item.get("process") in known}
        for item in [*process.interfaces, *interfaces_into(code, library)]
    ]  # fmt: skip
    chips = [Chip(_("version %(number)s in force") % {"number": row.current.number}, "done")]  # type: ignore[union-attr]
    is_orphan = code in orphans(library)
    if is_orphan:
        chips.append(Chip(_("no interface"), "soon"))
    head = PageHead(
        text(process.title),
        process.code,
        crumbs=[Crumb(_("Process library"), reverse("process:library"))],
        chips=chips,
        labels=[_("level %(level)s") % {"level": process.level}, *_ours(process)],
    )
    titles = role_titles_for(process.subject)
    context: dict[str, Any] = {
        "process": process,
        "owner": titles.of(process.owner),
        "purpose": text(process.purpose),
        "scope": text(process.scope),
        "steps": [_step_row(step, titles, counts) for step in process.steps],
        "inputs": [text(item) for item in process.inputs],
        "outputs": [text(item) for item in process.outputs],
        "interfaces": interfaces,
        "is_orphan": is_orphan,
        "registers": _registers(process),
        "versions": _versions(row),
        "subject": _subject_title(process),
    }
    return render_page(request, "process/process.html", head=head, **context)


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


def _versions(row: Definition) -> Table:
    columns = (
        Column("number", _("Version"), kind="quantity"),
        Column("published_at", _("Published"), kind="day"),
        Column("by", _("Published by")),
        Column("running", _("Runs on it"), kind="quantity"),
        Column("note", _("What changed"), clip=True),
    )
    rows = [
        {
            "number": version.number,
            "published_at": version.published_at,
            "by": version.published_by.get_full_name() if version.published_by else _("the system"),
            "running": running,
            "note": version.note,
        }
        for version, running in versions_of(row)
    ]
    return Table(_("Versions"), columns, rows)


@page(permission=DEFINITION_VIEW)
def process_dry_run(request: HttpRequest, code: str) -> HttpResponseBase:
    """Answer who would have to act on a document, and why; nothing is written.

    Only for documents that the reader may see.
    """
    _row, process = _definition(code)
    number = request.GET.get("document", "").strip()
    if id_read(number) is None:
        return render_fragment(request, "process/_dry_run.html", steps=None, title="")
    subject = subject_load(process.subject, int(number))
    actor = actor_of(request)
    if subject.company_id() != actor.company_id or not subject.may_view(actor):
        raise NotFoundError
    policies, titles = policy_texts(), role_titles_for(process.subject)
    effects = {
        "runs": _("runs"), "skipped": _("skipped"), "passes": _("passes"),
        "refuses": _("stops it"), "waits": _("waits"), "asks": _("asks"),
    }  # fmt: skip
    steps = [
        {
            "code": step.code,
            "title": step.title,
            "effect": effects[step.effect],
            "state": {"refuses": "late", "skipped": "idle", "waits": "soon"}.get(step.effect, ""),
            "verdict": step.verdict.text() if step.verdict else "",
            "people": [(name, reason_text(reason, titles)) for name, reason in step.people],
            "policies": [policies[name] for name in step.policies],
        }
        for step in dry_run(code, subject)
    ]
    title = subject.title(get_language() or "zh-hans")
    running = instances_open_for(process.subject, int(number))
    return render_fragment(
        request, "process/_dry_run.html", steps=steps, title=title, running=running
    )
