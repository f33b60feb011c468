"""The page on which a person makes and withdraws own API tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengdan.kernel.actor import Actor
from chengdan.kernel.clock import now
from chengdan.kernel.http.models import ApiToken
from chengdan.kernel.http.tokens import scopes_offered, token_issue, token_list, token_revoke
from chengdan.kernel.http.vocabulary import PERMISSION_TOKEN_OWN
from chengdan.kernel.permissions import permission_title, room_title
from chengdan.kernel.requests import actor_of
from chengdan.kernel.rights import right_held
from chengdan.kernel.ui import (
    PageHead,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
    render_page,
)

SHOWN_MAX = 100
DAYS = 90
ROWS_SHOWN = 12


class TokenForm(UiForm):
    """A new token: what for, how long, and what it may do."""

    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=100)
    days = forms.IntegerField(label=gettext_lazy("Days it lives"), initial=DAYS, min_value=1)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do (never more than you)"),
        help_text=gettext_lazy("Several with Ctrl or Shift."),
        widget=forms.SelectMultiple(attrs={"size": ROWS_SHOWN, "wide": True}),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = _choices(actor)  # type: ignore[attr-defined]


def _choices(actor: Actor) -> list[tuple[str, Any]]:
    """Return what the person may do, by room."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for code in scopes_offered():
        if code.endswith("*"):
            continue
        if right_held(actor, code):
            rooms.setdefault(code.partition(".")[0], []).append((code, permission_title(code)))
    grouped = [
        (room_title(room), [(f"{room}.*", scope_title(f"{room}.*")), *rights])
        for room, rights in rooms.items()
    ]
    return [("*", scope_title("*")), *grouped]


def scope_title(scope: str) -> str:
    """Return what a scope of a token opens."""
    if scope == "*":
        return _("Everything that I may do")
    if scope.endswith(".*"):
        return _("%(room)s: everything") % {"room": room_title(scope)}
    return permission_title(scope) or scope


@page(permission=PERMISSION_TOKEN_OWN)
def tokens(request: HttpRequest) -> HttpResponseBase:
    """List the person's tokens and offer a new one."""
    return _tokens(request, TokenForm(actor_of(request)))


def _tokens(request: HttpRequest, form: TokenForm, secret: str = "") -> HttpResponseBase:
    status = 422 if form.is_bound and form.errors else 200
    found = list(token_list(actor_of(request))[:SHOWN_MAX])
    head = PageHead(_("API tokens"), is_shown_once=bool(secret))
    return render_page(
        request, "http/tokens.html", head=head, status=status,
        tokens=[(token, _state(token)) for token in found], secret=secret, form=form,
    )  # fmt: skip


def _state(token: ApiToken) -> dict[str, Any]:
    ended = _("withdrawn") if token.revoked_at else _("ended") if token.expires_at < now() else ""
    return {"ended": ended, "scopes": [scope_title(scope) for scope in token.scope_list]}


@page(permission=PERMISSION_TOKEN_OWN, methods=["POST"])
def issue(request: HttpRequest) -> HttpResponseBase:
    """Make a token and show its secret, this once."""
    actor = actor_of(request)
    form = TokenForm(actor, request.POST)
    if form.is_valid():
        with refusals_on(form):
            _token, secret = token_issue(actor=actor, **form.cleaned_data)
            return _tokens(request, TokenForm(actor), secret)
    return _tokens(request, form)


@page(permission=PERMISSION_TOKEN_OWN, methods=["POST"])
def revoke(request: HttpRequest, token_id: int) -> HttpResponseBase:
    """Withdraw a token at once."""
    token_revoke(actor=actor_of(request), token_id=token_id)
    return done(request, reverse("tokens:list"), Toast(_("The token no longer works.")))
