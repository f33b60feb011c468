"""Problem records: list, page, and the acts on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.errors import DomainError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    ChoiceFilter,
    Column,
    Crumb,
    DocumentPage,
    Empty,
    Fact,
    FormPage,
    ListPage,
    PageHead,
    PickerField,
    Toast,
    UiForm,
    View,
    done,
    page,
    refusals_on,
)
from chengdan.kernel.ui.formats import day_text
from chengdan.modules.people.access import can, visible
from chengdan.modules.people.selectors.choices import active_person_choice
from chengdan.modules.process.access import access_problem_for_view
from chengdan.modules.process.errors import SubjectUnknownError
from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.selectors.titles import problem_chip, problem_title, topic_title
from chengdan.modules.process.selectors.wording import wording_for
from chengdan.modules.process.services import (
    ProblemDraft,
    problem_close,
    problem_explain,
    problem_hand_over,
    problem_open,
    problem_reopen,
    problem_verify,
)
from chengdan.modules.process.subjects import subject_load
from chengdan.modules.process.transitions import PROBLEM
from chengdan.modules.process.vocabulary import (
    PROBLEM_OPEN,
    PROBLEM_VERIFY,
    PROBLEM_VIEW,
    ProblemSource,
    ProblemState,
)
from chengdan.modules.process.web.common import number_of, text

BOTH = ("GET", "HEAD", "POST")


class ProblemList(ListPage[ProblemRecord]):
    """Everything on the agenda of the OSB meeting, and what was closed."""

    code, title, permission = "process.problem", gettext_lazy("Problem records"), PROBLEM_VIEW
    columns = (
        Column("number", gettext_lazy("No."), sort="number", phone="side"),
        Column("title", gettext_lazy("Problem"), value=problem_title, clip=True, phone="title"),
        Column("owner", gettext_lazy("Responsible"), value="owner.display_name", phone="line"),
        Column("opened", gettext_lazy("Opened"), kind="day", value="opened_at", sort="opened"),
        Column("due", gettext_lazy("Explanation due"), kind="day", value="due_at"),
        Column("state", gettext_lazy("State"), kind="chip", value=problem_chip, phone="line"),
    )
    sorts = {"opened": "pk", "number": "number"}
    default_sort = "-opened"
    filters = (
        ChoiceFilter(name="state", title=gettext_lazy("State"), choices=ProblemState.choices),
        ChoiceFilter(name="source", title=gettext_lazy("Came from"), choices=ProblemSource.choices),
    )
    views = (
        View("agenda", gettext_lazy("Agenda"), "state=open&state=explained&state=verified"),
        View("closed", gettext_lazy("Closed"), "state=closed"),
    )
    search_fields = ("number", "title")
    empty = Empty(gettext_lazy("No problem is recorded"),
                  gettext_lazy("Missed promises open a record by themselves."))  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[ProblemRecord]:
        return visible(actor, PROBLEM_VIEW, ProblemRecord.objects.select_related("owner"))

    def row_url(self, row: ProblemRecord) -> str:
        return reverse("process:problem", args=[row.pk])


class ProblemForm(UiForm):
    """A problem entered by hand."""

    title = forms.CharField(label=gettext_lazy("Problem"), max_length=300)
    owner = PickerField(
        label=gettext_lazy("Responsible"),
        url=reverse_lazy("process:person_pick"),
        find=active_person_choice,
    )


class ExplainForm(UiForm):
    """Why it happened and what is done about it."""

    explanation = forms.CharField(label=gettext_lazy("Explanation"), widget=forms.Textarea)
    action = forms.CharField(label=gettext_lazy("Action"), widget=forms.Textarea)


class HandOverForm(UiForm):
    """Who is responsible from now on, and why."""

    owner_id = PickerField(
        label=gettext_lazy("Responsible"),
        url=reverse_lazy("process:person_pick"),
        find=active_person_choice,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea)

    def clean_owner_id(self) -> int:
        """Return the person's id."""
        return int(self.cleaned_data["owner_id"])


class VerifyForm(UiForm):
    """What was seen when the action was checked."""

    verification = forms.CharField(label=gettext_lazy("Verification"), widget=forms.Textarea)


class ReopenForm(UiForm):
    """Why it is not solved."""

    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea)


@page(permission="")
def problem_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one record."""
    actor = actor_of(request)
    problem = access_problem_for_view(actor, pk)
    facts = [
        Fact(_("Responsible"), problem.owner.display_name),
        Fact(_("Came from"), ProblemSource(problem.source).label),
        Fact(_("Subject"), topic_title(problem.topic)),
        Fact(_("Opened"), problem.opened_at, kind="day"),
        Fact(_("Explanation due"), problem.due_at, kind="day"),
        Fact(_("Missed deadline"), _missed(problem)),
        _document(problem),
    ]
    head = PageHead(
        problem_title(problem),
        problem.number,
        crumbs=[Crumb(_("Problem records"), reverse("process:problems"))],
        chips=[problem_chip(problem)],
        acts=_acts(actor, problem),
    )
    return DocumentPage(
        "process.problem", problem, head=head, facts=facts,
        history=history_entries(problem),
        template="process/problem.html",
    ).render(request, problem=problem)  # fmt: skip


def _missed(problem: ProblemRecord) -> str:
    due, limit = problem.facts.get("due_at"), problem.facts.get("limit")
    if not due:
        return "–"
    shown = day_text(datetime.fromisoformat(due))
    return f"{shown} ({wording_for(problem.subject_type).limit(limit)})" if limit else shown


def _document(problem: ProblemRecord) -> Fact:
    """Return the document by the name it had then, else by the one it has, with its address."""
    known = text(problem.facts.get("titles", {}))
    if not problem.subject_type or problem.subject_id is None:
        return Fact(_("Document"), known or "–")
    try:
        subject = subject_load(problem.subject_type, problem.subject_id)
    except (DomainError, SubjectUnknownError):
        return Fact(_("Document"), known or "–")
    title = known or subject.title(get_language() or "zh-hans")
    return Fact(_("Document"), title, url=subject.url())


def _acts(actor: Actor, problem: ProblemRecord) -> list[Act]:
    is_owner = actor.user_id == problem.owner_id
    may_verify = can(actor, PROBLEM_VERIFY, problem) and not is_owner
    place = [problem.pk]
    version: dict[str, str | int] = {"expected_version": problem.version}
    acts = []
    if PROBLEM.allows(problem.state, "explain") and (is_owner or may_verify):
        url = reverse("process:problem_explain", args=place)
        acts.append(Act("explain", _("Write the explanation"), url, icon="pencil",
                        primary=problem.state == "open"))  # fmt: skip
    if PROBLEM.allows(problem.state, "verify") and may_verify:
        acts.append(Act("verify", _("Verify"), reverse("process:problem_verify", args=place),
                        icon="check", primary=True))  # fmt: skip
    if PROBLEM.allows(problem.state, "hand_over") and may_verify:
        url = reverse("process:problem_hand_over", args=place)
        acts.append(Act("hand_over", _("Hand over"), url, icon="users"))
    if PROBLEM.allows(problem.state, "close") and may_verify:
        url = reverse("process:problem_close", args=place)
        acts.append(Act("close", _("Close"), url, method="post", icon="circle-check",
                        primary=True, values=version))  # fmt: skip
    if PROBLEM.allows(problem.state, "reopen") and may_verify:
        acts.append(Act("reopen", _("Open again"), reverse("process:problem_reopen", args=place),
                        icon="refresh"))  # fmt: skip
    return acts


def _form_answer(
    request: HttpRequest,
    form: UiForm,
    head: PageHead,
    run: Any,
    url: str,
    toast: Toast,
    *,
    submit: str = "",
    **kept: str | int,
) -> HttpResponseBase:
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            run(form.cleaned_data)
        if form.is_valid():
            return done(request, url, toast)
    return FormPage(form, head, submit=submit, values=kept).render(request)


@page(permission=PROBLEM_OPEN, methods=BOTH)
def problem_new(request: HttpRequest) -> HttpResponseBase:
    """Open a record by hand."""
    actor = actor_of(request)

    def run(values: dict[str, Any]) -> None:
        draft = ProblemDraft(
            company_id=actor.company_id or 0,
            owner_id=int(values["owner"]),
            source=ProblemSource.MANUAL,
            topic=ProblemSource.MANUAL,
            title=values["title"],
        )
        problem_open(actor=actor, draft=draft)

    form = ProblemForm(request.POST or None)
    url = reverse("process:problems")
    return _form_answer(
        request, form, PageHead(_("New problem record")), run, url, Toast(_("Opened."))
    )


def _act_page(
    request: HttpRequest, pk: int, form: UiForm, title: str, service: Any
) -> HttpResponseBase:
    actor = actor_of(request)
    problem = access_problem_for_view(actor, pk)
    url = reverse("process:problem", args=[pk])
    head = PageHead(title, problem.number, crumbs=[Crumb(problem_title(problem), url)])

    def run(values: dict[str, Any]) -> None:
        version = number_of(request, "expected_version")
        service(actor=actor, problem_id=pk, expected_version=version, **values)

    return _form_answer(
        request, form, head, run, url, Toast(_("Saved.")), submit=title,
        expected_version=problem.version,
    )  # fmt: skip


@page(permission="", methods=BOTH)
def problem_explain_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write the explanation and the action; what somebody else wrote is not put in one's mouth."""
    actor = actor_of(request)
    problem = access_problem_for_view(actor, pk)
    is_own = problem.explained_by_id == actor.user_id
    known = {"explanation": problem.explanation, "action": problem.action} if is_own else None
    form = ExplainForm(request.POST or None, initial=known)
    return _act_page(request, pk, form, _("Write the explanation"), problem_explain)


@page(permission=PROBLEM_VERIFY, methods=BOTH)
def problem_hand_over_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make somebody else responsible."""
    form = HandOverForm(request.POST or None)
    return _act_page(request, pk, form, _("Hand over"), problem_hand_over)


@page(permission=PROBLEM_VERIFY, methods=BOTH)
def problem_verify_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Record the verification."""
    return _act_page(request, pk, VerifyForm(request.POST or None), _("Verify"), problem_verify)


@page(permission=PROBLEM_VERIFY, methods=["POST"])
def problem_close_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a verified record off the agenda."""
    version = number_of(request, "expected_version")
    problem_close(actor=actor_of(request), problem_id=pk, expected_version=version)
    return done(request, reverse("process:problem", args=[pk]), Toast(_("Closed.")))


@page(permission=PROBLEM_VERIFY, methods=BOTH)
def problem_reopen_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put a record back on the agenda."""
    return _act_page(request, pk, ReopenForm(request.POST or None), _("Open again"), problem_reopen)
