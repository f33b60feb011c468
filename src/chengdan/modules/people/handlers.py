"""Sign-in and sign-out as seen by the session rows; tests' `force_login` comes through here too."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chengdan.modules.people.models import User
from chengdan.modules.people.services.sessions import session_close, session_open


def client_address(request: HttpRequest) -> str:
    """Return the network address of the client as the server saw it."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def signed_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Note the new session; Django has just given it a new key."""
    if request.session.session_key is None:
        request.session.save()
    session_open(
        user=user,
        session_key=str(request.session.session_key),
        address=client_address(request),
        device=request.META.get("HTTP_USER_AGENT", ""),
    )


def signed_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Note that the session is over."""
    if request.session.session_key:
        session_close(request.session.session_key)
