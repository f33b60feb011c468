"""The dry run on the page of a process: who would have to act on a document, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import page, render_fragment
from chengdan.kernel.ui.ids import id_read
from chengdan.modules.process.access import instances_open_for
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.selectors.dry import DryStep, dry_run
from chengdan.modules.process.selectors.wording import Wording, wording_of
from chengdan.modules.process.subjects import ProcessSubject, subject_entry, subject_load
from chengdan.modules.process.vocabulary import DEFINITION_VIEW
from chengdan.modules.process.web.common import (
    RoleTitles,
    policy_texts,
    reason_text,
    role_titles_for,
)
from chengdan.modules.process.web.library import definition_shown

NUMBER_MAX = 40
_STATES = {"refuses": "late", "skipped": "idle", "waits": "soon"}


@page(permission=DEFINITION_VIEW)
def process_dry_run(request: HttpRequest, code: str) -> HttpResponseBase:
    """Answer who would have to act on a document; nothing is written.

    Only for documents that the reader may see, by number or, for drafts, by the internal one.
    """
    _row, process = definition_shown(code)
    number = request.GET.get("document", "").strip()
    if not number:
        return render_fragment(request, "process/_dry_run.html", steps=None)
    actor = actor_of(request)
    pk = _document(process, actor.company_id or 0, number)
    subject = None if pk is None else _subject_open(actor, process.subject, pk)
    if pk is None or subject is None:
        return render_fragment(
            request, "process/_dry_run.html", steps=None, unknown=number[:NUMBER_MAX]
        )
    titles, wording = role_titles_for(process.subject), wording_of(process)
    return render_fragment(
        request,
        "process/_dry_run.html",
        steps=[_row_of(step, titles, wording) for step in dry_run(code, subject)],
        title=subject.title(get_language() or "zh-hans"),
        running=instances_open_for(process.subject, pk),
    )


def _subject_open(actor: Actor, subject_type: str, pk: int) -> ProcessSubject | None:
    """Return a document that is open to the reader."""
    try:
        subject = subject_load(subject_type, pk)
    except NotFoundError:
        return None
    is_own = subject.company_id() == actor.company_id
    return subject if is_own and subject.may_view(actor) else None


def _document(process: Process, company_id: int, number: str) -> int | None:
    kind = subject_entry(process.subject).kind
    return kind.by_number(company_id, number) or id_read(number)


def _row_of(step: DryStep, titles: RoleTitles, wording: Wording) -> dict[str, Any]:
    policies = policy_texts()
    effects = {
        "runs": _("runs"), "skipped": _("skipped"), "passes": _("passes"),
        "refuses": _("stops it"), "waits": _("waits"), "asks": _("asks"),
    }  # fmt: skip
    reasons = {
        "skipped": _("only if %(condition)s"),
        "waits": _("until %(condition)s"),
        "passes": _("until %(condition)s"),
    }
    condition = wording.text(step.condition)
    reason = reasons.get(step.effect, "%(condition)s") % {"condition": condition}
    return {
        "code": step.code,
        "title": step.title,
        "effect": effects[step.effect],
        "state": _STATES.get(step.effect, ""),
        "reason": reason if condition else "",
        "verdict": step.verdict.text() if step.verdict else "",
        "people": [(name, reason_text(reason, titles)) for name, reason in step.people],
        "policies": [policies[name] for name in step.policies],
    }
