"""The list of a person's notices."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.notices.kinds import notice_text
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.notices.services import notices_read
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Act, Chip, Column, Empty, ListPage, Toast, done, page


def _text(row: Notice) -> str:
    return notice_text(row.kind, row.params)


def _when(row: Notice) -> str:
    return date_format(localtime(row.created_at), "SHORT_DATETIME_FORMAT")


def _state(row: Notice) -> Chip:
    return Chip(_("read"), "idle") if row.read_at else Chip(_("new"), "run")


class NoticeList(ListPage[Notice]):
    """The reader's own notices, newest first."""

    code, title, permission = "kernel.notice", _("Notices"), ""
    columns = [
        Column("text", _("Notice"), value=_text, phone="title"),
        Column("created", _("When"), value=_when, sort="created"),
        Column("state", _("State"), kind="chip", value=_state, phone="side"),
    ]
    sorts = {"created": "id"}
    default_sort = "-created"
    empty = Empty(_("No notices"), _("Mentions and news of your documents appear here."), "bell")

    def acts(self, actor: Actor) -> Sequence[Act]:
        """Offer to mark everything read."""
        return [
            Act(
                "read_all",
                _("Mark all as read"),
                reverse("notices:read_all"),
                method="post",
                icon="check",
            )
        ]

    def queryset(self, actor: Actor) -> QuerySet[Notice]:
        """Return the reader's own rows."""
        return Notice.objects.filter(user_id=actor.user_id or 0)

    def row_url(self, row: Notice) -> str:
        """Return the address that marks the notice read and goes to its document."""
        return reverse("notices:open", args=[row.pk])


@page(permission="")
def notice_open(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Mark a notice read and go to its document."""
    actor = actor_of(request)
    row = get_object_or_404(Notice, pk=pk, user_id=actor.user_id or 0)
    notices_read(actor=actor, notice_ids=[row.pk])
    is_own = row.url.startswith("/") and not row.url.startswith("//")
    return HttpResponseRedirect(row.url if is_own else reverse("notices:list"))


@page(permission="", methods=["POST"])
def notices_read_all(request: HttpRequest) -> HttpResponseBase:
    """Mark everything read."""
    notices_read(actor=actor_of(request))
    return done(request, reverse("notices:list"), Toast(_("All notices are marked as read.")))
