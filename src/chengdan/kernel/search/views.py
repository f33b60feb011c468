"""The search page, its fragment for the top bar, and its JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.requests import actor_of
from chengdan.kernel.search.commands import commands_find
from chengdan.kernel.search.selectors import search
from chengdan.kernel.ui.pages import page, render_fragment, render_page
from chengdan.kernel.ui.parts import PageHead

BAR_LIMIT = 8
PAGE_LIMIT = 50


@page(permission="")
def search_show(request: HttpRequest) -> HttpResponseBase:
    """Answer `?q=`: a page, `_found.html` for htmx, JSON when asked for."""
    text = request.GET.get("q", "")[:200]
    is_fragment = request.headers.get("HX-Request") == "true"
    actor = actor_of(request)
    hits = search(actor, text, BAR_LIMIT if is_fragment else PAGE_LIMIT)
    context: dict[str, Any] = {"text": text, "hits": hits, "commands": commands_find(actor, text)}
    if is_fragment:
        return render_fragment(request, "search/_found.html", **context)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"hits": [_json(hit) for hit in hits]})
    return render_page(request, "search/page.html", head=PageHead(_("Search")), **context)


def _json(hit: Any) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "kind_title": str(hit.kind_title),
        "id": hit.object_id,
        "code": hit.code,
        "title": hit.title,
        "subtitle": hit.subtitle,
        "url": hit.url,
    }
