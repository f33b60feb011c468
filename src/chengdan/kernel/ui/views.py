"""Small pages of the components themselves: what a person sets up for lists, the language."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui.pages import done, page, public_page
from chengdan.kernel.ui.parts import Toast
from chengdan.kernel.ui.preferences import (
    preference_save,
    saved_view_delete,
    saved_view_save,
)

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

MAX_COLUMNS = 100
MAX_CODE = 80


def back(request: HttpRequest) -> str:
    """The page a form says it came from, if it is ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"


@page(permission="", methods=["POST"])
def columns_save(request: HttpRequest) -> HttpResponse:
    """Keep the chosen columns of a list."""
    columns = [code[:MAX_CODE] for code in request.POST.getlist("columns")[:MAX_COLUMNS]]
    if request.POST.get("reset") == "1":
        columns = []
    preference_save(
        actor=actor_of(request),
        page=request.POST.get("page", "")[:MAX_CODE],
        columns=columns,
    )
    return done(request, back(request))


@page(permission="", methods=["POST"])
def density_save(request: HttpRequest) -> HttpResponse:
    """Keep the row density of a list."""
    preference_save(
        actor=actor_of(request),
        page=request.POST.get("page", "")[:MAX_CODE],
        is_tight=request.POST.get("tight") == "1",
    )
    return done(request, back(request))


@page(permission="", methods=["POST"])
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the current filter of a list under a name."""
    view = saved_view_save(
        actor=actor_of(request),
        page=request.POST.get("page", "")[:MAX_CODE],
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        is_shared=request.POST.get("shared") == "1",
    )
    path = urlsplit(back(request)).path
    return done(request, f"{path}?view=s{view.pk}&{view.query}", Toast(_("View saved.")))


@page(permission="", methods=["POST"])
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one of the person's own views."""
    saved_view_delete(actor=actor_of(request), view_id=pk)
    return done(request, urlsplit(back(request)).path, Toast(_("View deleted.")))


@public_page(reason="the language of the sign-in page can be chosen, too", methods=["POST"])
def language_set(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the interface and stay on the page."""
    response = set_language(request)
    if isinstance(response, HttpResponse) and response.status_code == 204:
        return HttpResponseRedirect(back(request))
    return response
