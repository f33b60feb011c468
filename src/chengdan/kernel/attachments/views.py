"""Doors of attachments."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.attachments.services import (
    attachment_add,
    attachment_open,
    attachment_remove,
    attachments_of,
)
from chengdan.kernel.attachments.sniffing import MEDIA_TYPES
from chengdan.kernel.attachments.vocabulary import FileRefusedError
from chengdan.kernel.downloads import disposition
from chengdan.kernel.requests import actor_of
from chengdan.kernel.rights import right_held
from chengdan.kernel.targets import target_load
from chengdan.kernel.ui.pages import done_in_place, page, render_fragment
from chengdan.kernel.ui.parts import Toast

REFRESH = "attachments-changed"


@page(permission="")
def attachment_panel(request: HttpRequest, target_type: str, target_id: int) -> HttpResponseBase:
    """Show the files of a document with a form; a piece of the document's page."""
    actor = actor_of(request)
    target, _obj = target_load(actor, target_type, target_id)
    return render_fragment(
        request,
        "attachments/_panel.html",
        files=attachments_of(target_type, target_id),
        may_edit=right_held(actor, target.edit_permission or target.view_permission),
        add_url=reverse("attachments:add", args=[target_type, target_id]),
    )


@page(permission="", methods=["POST"])
def attachment_add_do(request: HttpRequest, target_type: str, target_id: int) -> HttpResponseBase:
    """Attach the files of a multipart post."""
    files = request.FILES.getlist("file")
    if not files:
        raise FileRefusedError(_("Choose a file."), code="file_missing")
    for file in files:
        attachment_add(
            actor=actor_of(request),
            target_type=target_type,
            target_id=target_id,
            name=file.name or "",
            data=file.read(),
        )
    return done_in_place(Toast(_("Attached.")), refresh=REFRESH)


@page(permission="")
def attachment_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a file to be saved, never to be shown inside the site."""
    row, path = attachment_open(actor_of(request), pk)
    response = FileResponse(
        path.open("rb"), content_type=MEDIA_TYPES.get(row.kind, "application/octet-stream")
    )
    plain = f"attachment-{row.pk}.{row.kind}"
    response["Content-Disposition"] = disposition(row.name, plain=plain)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@page(permission="", methods=["POST"])
def attachment_remove_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hide a file."""
    attachment_remove(actor=actor_of(request), attachment_id=pk)
    return done_in_place(Toast(_("Removed.")), refresh=REFRESH)
