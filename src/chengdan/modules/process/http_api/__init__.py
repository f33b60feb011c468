"""The room below /api/v1/process/: the caller's tasks and deciding them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Line, OutSchema, Page, StrictSchema, Text, VersionIn
from chengdan.kernel.requests import actor_of
from chengdan.modules.process.http_api import problems
from chengdan.modules.process.models import Task
from chengdan.modules.process.selectors.inbox import tasks_open
from chengdan.modules.process.services import (
    process_withdraw,
    task_comment,
    task_decide,
    task_transfer,
    task_urge,
)

router = api_router("process")
__all__ = ["problems"]


class DecisionIn(VersionIn):
    """A decision: approve, refuse or return for approvals; done, refuse or return for tasks."""

    decision: Literal["approve", "refuse", "return", "done"]
    comment: Text = ""
    return_to: Line | None = Field(None, description="Code of an earlier step.")


class TransferIn(StrictSchema):
    """Who shall decide instead."""

    to_user_id: Id
    comment: Annotated[Text, Field(min_length=1, examples=["On leave until Monday."])]


class CommentIn(StrictSchema):
    """A remark on a running process."""

    text: Text


class WithdrawIn(StrictSchema):
    """Why the initiator takes a document back."""

    reason: Text = ""


class CommentOut(OutSchema):
    """A remark."""

    id: Id
    instance_id: int
    text: str


class InstanceOut(OutSchema):
    """A run of a process on a document."""

    id: Id
    subject_type: str
    subject_id: int
    state: str


class TaskOut(OutSchema):
    """A task of the caller."""

    id: Id
    instance_id: int
    step: str
    subject_type: str
    subject_id: int
    assignee_id: int
    state: str
    decision: str
    comment: str
    opened_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    version: int


@read(router, "/tasks", permission="", response=Page[TaskOut], operation_id="task_list",
      summary=_("The caller's open tasks"))  # fmt: skip
def task_list(request: HttpRequest, query: Query[PageQuery], subject_id: Id | None = None) -> Any:
    """List what waits for the caller, also as a deputy."""
    rows = tasks_open(actor_of(request)).select_related("step_run", "instance")
    if subject_id is not None:
        rows = rows.filter(instance__subject_id=subject_id)
    page = keyset_page(rows, query)
    return {**page, "items": [_shown(task) for task in page["items"]]}


def _shown(task: Task) -> dict[str, Any]:
    values = {name: getattr(task, name) for name in TaskOut.model_fields
              if name not in ("step", "subject_id")}  # fmt: skip
    return {**values, "step": task.step_run.code, "subject_id": task.instance.subject_id}


for _path, _service, _schema in (
    ("decide", task_decide, DecisionIn),
    ("transfer", task_transfer, TransferIn),
    ("urge", task_urge, None),
):
    act_endpoint(
        router, f"/tasks/{{task_id}}/{_path}", _service, permission="", schema_in=_schema,
        schema_out=TaskOut, present=_shown,
    )  # fmt: skip
act_endpoint(router, "/instances/{instance_id}/comments", task_comment, permission="",
             schema_in=CommentIn, schema_out=CommentOut, status=201)  # fmt: skip
act_endpoint(router, "/instances/{instance_id}/withdraw", process_withdraw, permission="",
             schema_in=WithdrawIn, schema_out=InstanceOut)  # fmt: skip
