"""Doors of comments."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.comments.services import comment_add, comment_remove, comments_of
from chengdan.kernel.requests import actor_of
from chengdan.kernel.targets import target_load
from chengdan.kernel.ui.ids import ids_read
from chengdan.kernel.ui.pages import done_in_place, page, render_fragment
from chengdan.kernel.ui.parts import Toast

REFRESH = "comments-changed"


@page(permission="")
def comment_panel(request: HttpRequest, target_type: str, target_id: int) -> HttpResponseBase:
    """Show the comments of a document with a form; a piece of the document's page."""
    actor = actor_of(request)
    target_load(actor, target_type, target_id)
    return render_fragment(
        request,
        "comments/_panel.html",
        comments=comments_of(target_type, target_id),
        reader_id=actor.user_id,
        add_url=reverse("comments:add", args=[target_type, target_id]),
    )


@page(permission="", methods=["POST"])
def comment_add_do(request: HttpRequest, target_type: str, target_id: int) -> HttpResponseBase:
    """Write the posted comment; `mentioned` may come several times."""
    ids = ids_read(request.POST.getlist("mentioned"))
    comment_add(
        actor=actor_of(request),
        target_type=target_type,
        target_id=target_id,
        text=request.POST.get("text", ""),
        mentioned=[number for number in ids if number < 2**63],
    )
    return done_in_place(Toast(_("Comment written.")), refresh=REFRESH)


@page(permission="", methods=["POST"])
def comment_remove_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hide one's own comment."""
    comment_remove(actor=actor_of(request), comment_id=pk)
    return done_in_place(Toast(_("Removed.")), refresh=REFRESH)
