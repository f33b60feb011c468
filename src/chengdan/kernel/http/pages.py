"""The page on which a person makes and withdraws own API tokens."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from chengdan.kernel.clock import now
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.tokens import scopes_offered, token_issue, token_list, token_revoke
from chengdan.kernel.http.vocabulary import PERMISSION_TOKEN_OWN
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import PageHead, Toast, done, page, render_page

SHOWN_MAX = 100


@page(permission=PERMISSION_TOKEN_OWN)
def tokens(request: HttpRequest) -> HttpResponseBase:
    """List the person's tokens and offer a new one."""
    return _tokens(request)


def _tokens(
    request: HttpRequest,
    *,
    secret: str = "",
    issues: list[FieldIssue] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    actor = actor_of(request)
    context: dict[str, Any] = {
        "tokens": token_list(actor)[:SHOWN_MAX],
        "scopes": scopes_offered(),
        "secret": secret,
        "issues": issues or [],
        "given": request.POST,
        "moment": now(),
    }
    return render_page(
        request, "http/tokens.html", head=PageHead(_("API tokens")), status=status, **context
    )


@page(permission=PERMISSION_TOKEN_OWN, methods=["POST"])
def issue(request: HttpRequest) -> HttpResponseBase:
    """Make a token and show its secret, this once."""
    days = request.POST.get("days", "")
    try:
        _token, secret = token_issue(
            actor=actor_of(request),
            name=request.POST.get("name", ""),
            scopes=request.POST.getlist("scopes"),
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
        )
    except InvalidError as error:
        return _tokens(request, issues=error.items, status=422)
    return _tokens(request, secret=secret)


@page(permission=PERMISSION_TOKEN_OWN, methods=["POST"])
def revoke(request: HttpRequest, token_id: int) -> HttpResponseBase:
    """Withdraw a token at once."""
    token_revoke(actor=actor_of(request), token_id=token_id)
    return done(request, reverse("tokens:list"), Toast(_("The token no longer works.")))
