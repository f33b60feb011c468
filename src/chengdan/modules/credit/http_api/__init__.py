"""The room below /api/v1/credit/: accounts and limits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import (
    Amount,
    Id,
    OutSchema,
    Page,
    StrictSchema,
    Text,
    VersionIn,
    exact,
)
from chengdan.kernel.requests import actor_of
from chengdan.modules.credit import services
from chengdan.modules.credit import vocabulary as words
from chengdan.modules.credit.access import access_account_for_view
from chengdan.modules.credit.models import LimitChange
from chengdan.modules.people.access import visible

router = api_router("credit")
Limit = exact(2, example="100000.00", ge=0)
Remark = Annotated[str, Field(max_length=500)]


class ProposalIn(StrictSchema):
    """A limit proposed by hand; none means “pay first”."""

    limit: Limit | None = None  # type: ignore[valid-type]
    reason: Remark
    evidence: Text = ""


class ApprovalIn(VersionIn):
    """A decision on a proposed limit."""

    comment: Remark = ""


class RefusalIn(VersionIn):
    """Why the limit is refused."""

    comment: Remark


class AccountOut(OutSchema):
    """A credit account: each amount gross, in exactly one bucket."""

    customer_id: Id
    currency: str
    limit: Amount | None = Field(description="None means “pay first”.")
    exposure: Amount
    open: Amount
    to_invoice: Amount
    receivable: Amount
    unapplied: Amount
    earmarked: Amount
    available: Amount | None
    version: int


class ChangeOut(OutSchema):
    """A limit that was proposed, decided or loaded."""

    id: Id
    account_id: int
    status: str
    limit_before: Amount | None
    limit: Amount | None
    reason: str
    proposed_at: datetime
    decided_at: datetime | None
    version: int


@read(router, "/accounts/{customer_id}", permission=words.VIEW, response=AccountOut,
      operation_id="credit_account_get",
      summary=_("Limit and exposure of a customer"))  # fmt: skip
def account_get(request: HttpRequest, customer_id: Id) -> Any:
    """Return the account of one customer."""
    return access_account_for_view(actor_of(request), customer_id)


@read(router, "/limits", permission=words.VIEW, response=Page[ChangeOut],
      operation_id="credit_limit_list", summary=_("Changes of credit limits"))  # fmt: skip
def limit_list(request: HttpRequest, query: Query[PageQuery], customer_id: Id | None = None) -> Any:
    """List limits, newest first."""
    rows = visible(actor_of(request), words.VIEW, LimitChange.objects.all())
    if customer_id is not None:
        rows = rows.filter(account_id=customer_id)
    return keyset_page(rows, query)


act_endpoint(router, "/accounts/{customer_id}/limits", services.credit_limit_propose,
             permission=words.PROPOSE, schema_in=ProposalIn, schema_out=ChangeOut,
             status=201)  # fmt: skip
act_endpoint(router, "/limits/{change_id}/approve", services.credit_limit_approve,
             permission=words.APPROVE, schema_in=ApprovalIn, schema_out=ChangeOut)  # fmt: skip
act_endpoint(router, "/limits/{change_id}/refuse", services.credit_limit_refuse,
             permission=words.APPROVE, schema_in=RefusalIn, schema_out=ChangeOut)  # fmt: skip
act_endpoint(router, "/limits/{change_id}/withdraw", services.credit_limit_withdraw,
             permission=words.PROPOSE, schema_in=None, schema_out=ChangeOut)  # fmt: skip
