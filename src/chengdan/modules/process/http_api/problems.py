"""OSB problem records over the API: opened by hand, explained, verified, closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, read
from chengdan.kernel.http.schemas import (
    Id,
    Line,
    OutSchema,
    Page,
    Reason,
    StrictSchema,
    Text,
    VersionIn,
)
from chengdan.kernel.requests import actor_of
from chengdan.modules.people.access import visible
from chengdan.modules.people.selectors import users_by_ids
from chengdan.modules.process import services
from chengdan.modules.process.access import access_problem_for_view
from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.selectors.titles import problem_title
from chengdan.modules.process.services import ProblemDraft
from chengdan.modules.process.vocabulary import (
    PROBLEM_OPEN,
    PROBLEM_VERIFY,
    PROBLEM_VIEW,
    ProblemSource,
)

router = api_router("process")


class ProblemIn(StrictSchema):
    """A problem entered by hand."""

    title: Line
    owner_id: Id


class ExplainIn(VersionIn):
    """Why it happened and what is done about it."""

    explanation: Text
    action: Text


class HandOverIn(VersionIn):
    """Who is responsible from now on, and why."""

    owner_id: Id
    reason: Reason


class VerifyIn(VersionIn):
    """That the action works."""

    verification: Text


class ReopenIn(VersionIn):
    """Why it is not solved."""

    reason: Text


class ProblemOut(OutSchema):
    """A problem record."""

    id: Id
    number: str
    source: str
    topic: str
    title: str
    state: str
    owner_id: int
    subject_type: str
    subject_id: int | None
    opened_at: datetime
    due_at: datetime | None
    explanation: str
    action: str
    verification: str
    version: int

    @staticmethod
    def resolve_title(problem: ProblemRecord) -> str:
        """Return what it is about, in the caller's language."""
        return problem_title(problem)


@read(router, "/problems", permission=PROBLEM_VIEW, response=Page[ProblemOut],
      operation_id="problem_list", summary=_("Problem records, newest first"))  # fmt: skip
def problem_list(request: HttpRequest, query: Query[PageQuery], state: str = "") -> Any:
    """List the records that the caller may see."""
    rows = visible(actor_of(request), PROBLEM_VIEW, ProblemRecord.objects.all())
    return keyset_page(rows.filter(state=state) if state else rows, query)


@read(router, "/problems/{problem_id}", permission="", response=ProblemOut,
      operation_id="problem_get", summary=_("A problem record"))  # fmt: skip
def problem_get(request: HttpRequest, problem_id: Id) -> Any:
    """Return one record to its owner or a viewer."""
    return access_problem_for_view(actor_of(request), problem_id)


@act(router, "/problems", permission=PROBLEM_OPEN, response=ProblemOut,
     operation_id="problem_open", status=201, summary=_("Open a problem record"))  # fmt: skip
def problem_open(request: HttpRequest, payload: ProblemIn) -> Any:
    """Open a record by hand."""
    actor = actor_of(request)
    owner = users_by_ids([payload.owner_id]).get(payload.owner_id)
    if owner is None or not owner.is_active or owner.company_id != actor.company_id:
        raise InvalidError(FieldIssue("owner_id", "not_found", _("There is no such person.")))
    draft = ProblemDraft(
        company_id=actor.company_id or 0,
        owner_id=payload.owner_id,
        source=ProblemSource.MANUAL,
        topic=ProblemSource.MANUAL,
        title=payload.title,
    )
    return services.problem_open(actor=actor, draft=draft)


for _path, _service, _permission, _schema in (
    ("explain", services.problem_explain, "", ExplainIn),
    ("hand-over", services.problem_hand_over, PROBLEM_VERIFY, HandOverIn),
    ("verify", services.problem_verify, PROBLEM_VERIFY, VerifyIn),
    ("close", services.problem_close, PROBLEM_VERIFY, VersionIn),
    ("reopen", services.problem_reopen, PROBLEM_VERIFY, ReopenIn),
):
    act_endpoint(
        router, f"/problems/{{problem_id}}/{_path}", _service, permission=_permission,
        schema_in=_schema, schema_out=ProblemOut,
    )  # fmt: skip
