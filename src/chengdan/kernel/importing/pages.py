"""Pages of importing: start, check, run, see what was refused, take the file back."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengdan.kernel.actor import Actor
from chengdan.kernel.downloads import disposition
from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.kernel.exporting.services import TYPES, file_name
from chengdan.kernel.importing.engine import CHANGES_SHOWN
from chengdan.kernel.importing.kinds import CLEAR, ImportKind, import_kind_find
from chengdan.kernel.importing.limits import LIMITS
from chengdan.kernel.importing.mapping import TEXT_LENGTH_MAX, mappings_shipped
from chengdan.kernel.importing.models import ImportJob, ImportRowMark
from chengdan.kernel.importing.report import column_titles, marked_write
from chengdan.kernel.importing.selectors import (
    import_changes,
    import_get,
    import_led_to,
    import_list,
    import_progress,
    import_refusals,
    kinds_open,
)
from chengdan.kernel.importing.services import import_cancel, import_confirm, import_start
from chengdan.kernel.importing.template import template_bytes
from chengdan.kernel.importing.vocabulary import FileRefusedError, ImportState
from chengdan.kernel.requests import actor_of
from chengdan.kernel.rights import right_require
from chengdan.kernel.ui import (
    Act,
    Chip,
    Crumb,
    Empty,
    FormPage,
    PageHead,
    Panel,
    Table,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
    render_page,
)
from chengdan.kernel.ui.listing import Column, ListPage
from chengdan.kernel.ui.pages import render_fragment

_CHIPS = {
    ImportState.QUEUED: "idle",
    ImportState.RUNNING: "run",
    ImportState.DONE: "done",
    ImportState.FAILED: "late",
    ImportState.CANCELLED: "idle",
}
REFUSALS_SHOWN = 100


class FilesInput(forms.FileInput):
    """Takes several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """Return all of them, not the last one."""
        return list(files.getlist(name))


class FilesField(forms.FileField):
    """Several files, the main one first."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Check every file by itself."""
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class StartForm(UiForm):
    """What is imported, from which files, read how."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of data"))
    sources = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(".xlsx or .csv, the main file first; nothing is stored before you "
                               "have seen the result and confirmed it."),
        widget=FilesInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )  # fmt: skip
    mapping = forms.ChoiceField(
        label=gettext_lazy("Mapping"), required=False,
        help_text=gettext_lazy("How the columns of another system become ours."),
    )  # fmt: skip
    mapping_file = forms.FileField(label=gettext_lazy("Own mapping file"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.code, str(kind.title)) for kind in kinds_open(actor)]
        shipped = [(name, name) for name in mappings_shipped()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        none = ("", _("none: the titles are ours"))
        self.fields["mapping"].choices = [none, *shipped]  # type: ignore[attr-defined]


def _chip(job: ImportJob) -> Chip:
    state: Any = _CHIPS[ImportState(job.state)]
    return Chip(job.get_state_display(), state)


def _kind_title(job: ImportJob) -> str:
    kind = import_kind_find(job.kind)
    return str(kind.title) if kind is not None else job.kind


class ImportList(ListPage[ImportJob]):
    """The imports of the actor, or of the company with the right to see them."""

    code = "kernel.import"
    title = gettext_lazy("Imports")
    permission = ""
    columns = [
        Column("source_name", gettext_lazy("File"), phone="title", clip=True),
        Column("kind", gettext_lazy("Kind of data"), value=_kind_title),
        Column(
            "check",
            gettext_lazy("Check only"),
            kind="label",
            value=lambda row: _("Check only") if row.is_dry_run else "",
        ),
        Column("state", gettext_lazy("State"), kind="chip", value=_chip, phone="side"),
        Column("rows_read", gettext_lazy("Rows"), kind="number"),
        Column("rows_rejected", gettext_lazy("Not taken"), kind="number"),
        Column("actor_name", gettext_lazy("By")),
        Column("created_at", gettext_lazy("Started"), kind="day", sort="id"),
    ]
    sorts = {"id": "id"}
    default_sort = "-id"
    empty = Empty(
        gettext_lazy("No imports yet"),
        gettext_lazy("Customers, products, prices, orders and more come in from XLSX and CSV "
                     "files. Every file is checked before anything is stored."),
        "upload",
    )  # fmt: skip

    def queryset(self, actor: Actor) -> Any:
        """Return the imports that the actor may see."""
        return import_list(actor)

    def row_url(self, row: ImportJob) -> str:
        """Open the result."""
        return reverse("importing:show", args=[row.pk])

    def acts(self, actor: Actor) -> list[Act]:
        """Offer a new import to those who may import anything."""
        if not kinds_open(actor):
            return []
        url = reverse("importing:start")
        return [Act("start", _("Import a file"), url, icon="upload", primary=True)]


@page(permission="", methods=["GET", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """Choose kind, file and mapping; the files are checked first (dry run)."""
    actor = actor_of(request)
    kinds = kinds_open(actor)
    if not kinds:
        raise ForbiddenError(_("There is nothing that you may import."))
    form = StartForm(actor, request.POST or None, request.FILES or None,
                     initial={"kind": request.GET.get("kind", "")})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            job = _start(request, actor, form.cleaned_data)
            return done(request, reverse("importing:show", args=[job.pk]))
    templates = Panel(_("Templates"), "importing/_templates.html", {"kinds": kinds, "clear": CLEAR})
    return FormPage(
        form,
        PageHead(_("Import a file"), crumbs=[Crumb(_("Imports"), reverse("importing:list"))]),
        submit=_("Check the file"),
        side_panels=[templates],
        is_multipart=True,
        cancel_url=reverse("importing:list"),
    ).render(request)


def _start(request: HttpRequest, actor: Actor, given: dict[str, Any]) -> ImportJob:
    uploads = given["sources"]
    if sum(file.size or 0 for file in uploads) > LIMITS.file_bytes:
        raise FileRefusedError("file", limit=LIMITS.file_bytes // 1_000_000)
    own = given.get("mapping_file")
    text = own.read(TEXT_LENGTH_MAX + 1).decode("utf-8", "replace") if own else ""
    return import_start(
        actor=actor.through("import"),
        kind_code=given["kind"],
        files=[(file.name or "file", file.read()) for file in uploads],
        mapping_name=own.name[:100] if own else given["mapping"],
        mapping_text=text,
        is_dry_run=True,
    )


@page(permission="")
def show(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Show progress while it runs, then the result with the refused rows."""
    job = _job(request, job_id)
    head = PageHead(
        _("Check of the file") if job.is_dry_run else _("Import"),
        job.source_name,
        crumbs=[Crumb(_("Imports"), reverse("importing:list"))],
        chips=[_chip(job)],
        labels=[_kind_title(job)],
        acts=_acts(actor_of(request), job),
    )
    return render_page(request, "importing/show.html", head=head, **_context(request, job))


def _acts(actor: Actor, job: ImportJob) -> list[Act]:
    kind = import_kind_find(job.kind)
    right = kind.permission if kind is not None else ""
    if job.is_open:
        url = reverse("importing:cancel", args=[job.pk])
        needed = "" if job.actor_id == actor.user_id else right
        return [Act("cancel", _("Stop"), url, method="post", permission=needed)]
    acts = []
    if job.is_dry_run and job.state == ImportState.DONE and kind is not None:
        if (led_to := import_led_to(actor, job)) is not None:
            url = reverse("importing:show", args=[led_to.pk])
            acts.append(Act("imported", _("Open the import"), url, icon="upload", primary=True))
            return [*acts, *_marked_acts(job)]
        url = reverse("importing:confirm", args=[job.pk])
        is_empty = job.rows_rejected >= job.rows_read
        acts.append(
            Act("confirm", _("Import now"), url, method="post", primary=not is_empty,
                permission=right, disabled=_("No row can be taken.") if is_empty else "")
        )  # fmt: skip
    return [*acts, *_marked_acts(job)]


def _marked_acts(job: ImportJob) -> list[Act]:
    if not job.rows_rejected:
        return []
    titles = {"xlsx": _("Refused rows as Excel"), "csv": _("… as CSV")}
    return [
        Act(f"marked_{suffix}", title, reverse("importing:marked", args=[job.pk, suffix]))
        for suffix, title in titles.items()
    ]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows of the file; a thing of several lines has several rows."""

    title: str
    value: int
    is_bad: bool = False


def _counts(job: ImportJob) -> list[Count]:
    """Return what became of the rows or, of a check, what would."""
    titles = [_("Rows created"), _("Rows updated"), _("Rows left as they are"), _("Rows not taken")]
    if job.is_dry_run:
        titles = [_("Rows to create"), _("Rows to update"), _("Rows to leave as they are"),
                  _("Rows not to be taken")]  # fmt: skip
    values = [job.rows_created, job.rows_updated, job.rows_skipped, job.rows_rejected]
    found = [Count(title, value) for title, value in zip(titles, values, strict=True)]
    found[-1] = replace(found[-1], is_bad=bool(job.rows_rejected))
    return [Count(_("Rows read"), job.rows_read), *found]


def _context(request: HttpRequest, job: ImportJob) -> dict[str, Any]:
    after = request.GET.get("after", "-1")
    last = int(after) if after.isdecimal() and len(after) < 10 else -1
    refusals = import_refusals(job, after=last, limit=REFUSALS_SHOWN) if not job.is_open else []
    changed = import_changes(job, limit=CHANGES_SHOWN) if job.is_dry_run else []
    return {
        "job": job,
        "progress": import_progress(job),
        "counts": _counts(job),
        "totals": _totals(job),
        "changes": _changed(job, changed) if changed else None,
        "refusals": _refused(job, refusals) if refusals else None,
        "more_after": refusals[-1].ordinal if len(refusals) == REFUSALS_SHOWN else None,
    }


def _totals(job: ImportJob) -> Table | None:
    """Return the control totals: what the file says and what was taken of it."""
    titles = column_titles(import_kind_find(job.kind))
    taken = _("To be taken") if job.is_dry_run else _("Taken")
    columns = [
        Column("name", _("Control total"), value=lambda row: titles.get(row[0], row[0]),
               phone="title"),
        Column("read", _("In the file"), kind="number", value=lambda row: row[1]["read"]),
        Column("taken", taken, kind="number", value=lambda row: row[1]["taken"]),
    ]  # fmt: skip
    rows = list(job.total_list.items())
    return Table(_("Control totals"), columns, rows) if rows else None


def _refused(job: ImportJob, marks: Sequence[ImportRowMark]) -> Table:
    """Return the rows that were not taken, each with all its reasons."""
    titles = column_titles(import_kind_find(job.kind))

    def reasons(mark: ImportRowMark) -> str:
        return " ".join(_reason(issue, mark.line, titles) for issue in mark.issue_list)

    columns = [
        Column("line", _("Row"), phone="side"),
        Column("key", _("Key"), phone="title"),
        Column("reasons", _("Reasons"), value=reasons),
    ]
    title = _("Rows not to be taken") if job.is_dry_run else _("Rows not taken")
    return Table(title, columns, marks)


def _changed(job: ImportJob, marks: Sequence[ImportRowMark]) -> Table:
    """Return the first rows that would be updated, each with what would change."""
    titles = column_titles(import_kind_find(job.kind))

    def changes(mark: ImportRowMark) -> str:
        return " · ".join(_reason(issue, mark.line, titles) for issue in mark.issue_list)

    columns = [
        Column("line", _("Row"), phone="side"),
        Column("key", _("Key"), phone="title"),
        Column("changes", _("What would change"), value=changes),
    ]
    return Table(_("Rows to update"), columns, marks)


def _reason(issue: dict[str, Any], line: int, titles: Mapping[str, str]) -> str:
    """Return what is wrong, where it is another row of the group, and in which column."""
    place = [str(issue["row"])] if issue["row"] != line else []
    place += [titles.get(issue["field"], issue["field"])] if issue["field"] else []
    return ": ".join([*place, issue["message"]])


def _job(request: HttpRequest, job_id: int) -> ImportJob:
    return import_get(actor_of(request), job_id)


@page(permission="")
def progress(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Answer the bar of a running import; the whole page again when it has ended."""
    job = _job(request, job_id)
    if job.is_open:
        return render_fragment(request, "importing/_progress.html", **_context(request, job))
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


@page(permission="", methods=["POST"])
def confirm(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Import for real what a dry run has checked."""
    job = import_confirm(actor=actor_of(request), job_id=job_id)
    return done(
        request, reverse("importing:show", args=[job.pk]), Toast(_("The import has started."))
    )


@page(permission="", methods=["POST"])
def cancel(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Stop an import; what was taken stays."""
    job = import_cancel(actor=actor_of(request), job_id=job_id)
    return done(
        request, reverse("importing:show", args=[job.pk]), Toast(_("The import was stopped."))
    )


@page(permission="")
def marked(request: HttpRequest, job_id: int, file_kind: str) -> HttpResponseBase:
    """Give back the refused rows with the reasons beside them."""
    job = _job(request, job_id)
    if file_kind not in TYPES:
        raise NotFoundError
    with tempfile.TemporaryDirectory(prefix="chengdan-marked-") as folder:
        path = Path(folder, f"marked.{file_kind}")
        marked_write(job, path, file_kind)
        data = path.read_bytes()
    stem = job.source_name.rpartition(".")[0] or job.source_name
    plain = file_name(f"{job.kind}-refused", file_kind)
    return _file(data, f"{stem}-{_('refused')}.{file_kind}", plain, file_kind)


@page(permission="")
def template(request: HttpRequest, kind_code: str) -> HttpResponseBase:
    """Give the template of a kind in the reader's language."""
    kind: ImportKind | None = import_kind_find(kind_code)
    if kind is None:
        raise NotFoundError
    right_require(actor_of(request), kind.permission)
    return _file(template_bytes(kind), f"{kind.title}.xlsx", f"{kind.code}-template.xlsx", "xlsx")


def _file(data: bytes, name: str, plain: str, file_kind: str) -> HttpResponse:
    response = HttpResponse(data, content_type=TYPES[file_kind])
    response["Content-Disposition"] = disposition(name, plain=plain)
    return response
