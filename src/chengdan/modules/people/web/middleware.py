"""From the session cookie to `request.actor`: live session, company, language, time zone."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from chengdan.kernel.actor import Actor, new_request_id
from chengdan.kernel.reference import reference_scope
from chengdan.kernel.requests import actor_put
from chengdan.kernel.zones import company_time
from chengdan.modules.people.models import User
from chengdan.modules.people.services.sessions import session_use


class ActorMiddleware:
    """Give every request an id and, when signed in, the actor of the person.

    A session that was ended elsewhere, stood idle too long or is too old is signed out here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Resolve the actor, answer, and put the request id on the answer."""
        with reference_scope():
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        request_id = getattr(request, "request_id", "") or new_request_id()
        request.request_id = request_id  # type: ignore[attr-defined]
        actor = self._actor(request, request_id)
        actor_put(request, actor)
        with company_time(actor.company_id if actor is not None else None):
            redirect = self._password_redirect(request, actor)
            response = redirect or self.get_response(request)
        response.headers.setdefault("X-Request-ID", request_id)
        return response

    def _actor(self, request: HttpRequest, request_id: str) -> Actor | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not isinstance(user, User):
            return None
        session = session_use(str(request.session.session_key), user.pk)
        if session is None:
            logout(request)
            return None
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return Actor(
            user_id=user.pk,
            name=user.display_name,
            company_id=session.company_id,
            request_id=request_id,
        )

    def _password_redirect(
        self, request: HttpRequest, actor: Actor | None
    ) -> HttpResponseBase | None:
        user = request.user if actor is not None else None
        if not isinstance(user, User) or not user.must_change_password:
            return None
        allowed = {reverse("people_account:password"), reverse("people_account:logout")}
        if request.path in allowed or request.path.startswith(settings.STATIC_URL):
            return None
        return HttpResponseRedirect(reverse("people_account:password"))
