"""Keeping a draft while it is typed: the form posts itself here every now and then."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from chengdan.kernel.errors import InvalidError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import page
from chengdan.modules.orders import services
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.web.common import draft_id_of, draft_key
from chengdan.modules.orders.web.forms import OrderForm


@page(permission=words.CREATE, methods=["POST"])
def autosave(request: HttpRequest) -> HttpResponseBase:
    """Save what stands in the form as far as it can be saved, and say where it is kept.

    The first call makes the draft; the answer turns the form into that draft's own.
    """
    actor = actor_of(request)
    form = OrderForm(actor, request.POST)
    if not form.is_valid():
        return _answer(saved=False, text=_("Not saved yet: some entries are not right."))
    order_id = draft_id_of(request)
    try:
        if order_id is None:
            order = services.order_place(actor=actor, draft=form.draft())
        else:
            order = services.order_update(
                actor=actor,
                order_id=order_id,
                draft=form.draft(),
                expected_version=version_of(request),
            )
    except InvalidError as refusal:
        first = next((str(item.message) for item in refusal.items), "")
        return _answer(saved=False, text=_("Not saved yet: %(why)s") % {"why": first})
    return _kept(order)


def _kept(order: Order) -> JsonResponse:
    return _answer(
        saved=True,
        values={"draft_id": order.pk, "expected_version": order.version},
        action=reverse("orders:edit", args=[order.pk]),
        draft_key=draft_key(order),
    )


def _answer(**content: Any) -> JsonResponse:
    return JsonResponse(content)
