"""Acts on a customer: states and hand-over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import PageHead, Toast, done, form_answer, page
from chengdan.kernel.ui.parts import Text
from chengdan.modules.customers import services
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import customer_get
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.customers.web.common import GET_POST, crumbs_of, show_url
from chengdan.modules.customers.web.forms import HandOverForm, ReasonForm


@page(permission=rights.CUSTOMER_ACTIVATE, methods=["POST"])
def activate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Activate a draft."""
    services.customer_activate(
        actor=actor_of(request), customer_id=pk, expected_version=version_of(request)
    )
    return done(request, show_url(pk), Toast(_("Customer activated.")))


@page(permission=rights.CUSTOMER_ACTIVATE, methods=["POST"])
def resume(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Resume a suspended customer."""
    services.customer_resume(
        actor=actor_of(request), customer_id=pk, expected_version=version_of(request)
    )
    return done(request, show_url(pk), Toast(_("Customer resumed.")))


def _with_reason(
    request: HttpRequest, pk: int, act: Callable[..., Customer], title: Text, toast: Text
) -> HttpResponseBase:
    actor = actor_of(request)
    customer = customer_get(actor, pk)

    def run(data: dict[str, Any]) -> Customer:
        return act(
            actor=actor, customer_id=pk, reason=data["reason"],
            expected_version=version_of(request),
        )  # fmt: skip

    head = PageHead(title, customer.code, crumbs=crumbs_of(customer))
    form = ReasonForm(request.POST or None)
    return form_answer(
        request,
        form,
        head,
        run,
        url=show_url(pk),
        toast=toast,
        version=customer.version,
        submit=title,
    )


@page(permission=rights.CUSTOMER_SUSPEND, methods=GET_POST)
def suspend(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Suspend with a reason."""
    return _with_reason(
        request, pk, services.customer_suspend, _("Suspend customer"), _("Customer suspended.")
    )


@page(permission=rights.CUSTOMER_SUSPEND, methods=GET_POST)
def close(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close with a reason."""
    return _with_reason(
        request, pk, services.customer_close, _("Close customer"), _("Customer closed.")
    )


@page(permission=rights.CUSTOMER_ACTIVATE, methods=GET_POST)
def reopen(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Reopen with a reason."""
    return _with_reason(
        request, pk, services.customer_reopen, _("Reopen customer"), _("Customer reopened.")
    )


@page(permission=rights.CUSTOMER_HAND_OVER, methods=GET_POST)
def hand_over(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Name another responsible person."""
    actor = actor_of(request)
    customer = customer_get(actor, pk)

    def run(data: dict[str, Any]) -> Customer:
        return services.customer_hand_over(
            actor=actor, customer_id=pk, expected_version=version_of(request), **data
        )

    head = PageHead(
        _("Hand over"), customer.code, hint=customer.owner.display_name,
        crumbs=crumbs_of(customer),
    )  # fmt: skip
    form = HandOverForm(request.POST or None)
    return form_answer(
        request, form, head, run,
        url=show_url(pk), toast=_("Customer handed over."), version=customer.version,
        submit=head.title,
    )  # fmt: skip
