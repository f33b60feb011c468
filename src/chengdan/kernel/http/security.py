"""Who calls: a token in the Authorization header, or the browser's own session with CSRF."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.http.tokens import token_actor
from chengdan.kernel.http.vocabulary import RATE_PER_MINUTE, TooManyRequestsError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.requests import actor_put
from chengdan.kernel.zones import company_time_begin


class TokenAuth(HttpBearer):
    """`Authorization: Bearer cd_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the caller and put them on the request.

        Raises:
            TooManyRequestsError: the token's requests of this minute are used up.
        """
        found = token_actor(token)
        if found is None:
            return None
        actor, row = found
        actor = replace(actor, request_id=getattr(request, "request_id", actor.request_id))
        rate_check(f"token:{row.pk}", actor)
        actor_put(request, actor)
        # The middleware did not know yet who asks; its block ends with the request.
        company_time_begin(actor.company_id)
        return actor


class SessionAuth(APIKeyCookie):
    """The signed-in browser of our own pages; unsafe methods need the CSRF token."""

    def __init__(self) -> None:
        from django.conf import settings

        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__(csrf=True)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return the session's actor, None for strangers."""
        actor = getattr(request, "actor", None)
        if not isinstance(actor, Actor) or actor.user_id is None:
            return None
        actor_put(request, actor.through("api"))
        return actor


def rate_check(caller: str, actor: Actor) -> None:
    """Count a request of this minute; the count is kept per serving process.

    Raises:
        TooManyRequestsError: the minute's requests are used up.
    """
    limit = _limit(actor.company_id)
    minute = int(clock.now().timestamp()) // 60
    key = f"api-rate:{caller}:{minute}"
    cache.add(key, 0, timeout=120)
    if cache.incr(key) > limit:
        raise TooManyRequestsError


def _limit(company_id: int | None) -> int:
    key = f"api-rate-limit:{company_id}"
    limit: int | None = cache.get(key)
    if limit is None:
        limit = int(parameter_value(company_id, RATE_PER_MINUTE))
        cache.set(key, limit, timeout=30)
    return limit
