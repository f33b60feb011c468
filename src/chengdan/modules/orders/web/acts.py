"""Acts on an order: which are offered, and their dialogs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    FormPage,
    PageHead,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
    render_fragment,
)
from chengdan.kernel.ui.formats import party_text
from chengdan.kernel.ui.parts import Text
from chengdan.modules.credit.selectors import credit_prepayment, shortfall_most
from chengdan.modules.credit.vocabulary import SHORTFALL
from chengdan.modules.customers.selectors import mail_address
from chengdan.modules.orders import services
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.rules import remaining
from chengdan.modules.orders.services.fulfil import line_state, order_source
from chengdan.modules.orders.services.shortfall import order_shortfall_release
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.orders.web.common import GET_POST, crumbs_of, shortfall_text, show_url
from chengdan.modules.orders.web.forms import (
    AcceptForm,
    HandOverForm,
    ReasonForm,
    ShortfallForm,
    SpecialForm,
)
from chengdan.modules.orders.web.listing import OrderList
from chengdan.modules.process.selectors import open_task_for

DIALOG = "cd-dialog-body"


def _url(name: str, order: Order) -> str:
    return reverse(f"orders:{name}", args=[order.pk])


def _step_acts(actor: Actor, order: Order) -> list[Act]:
    """Return the act of the step that stands open, when it is the actor's.

    A returned draft waits for its submission, which is an act of its own.
    """
    if ORDER_TRANSITIONS.allows(order.status, "submit"):
        return []
    task = open_task_for(words.ORDER, order.pk, "", actor)
    if task is None:
        return []
    code = task.step_run.code
    by_step = {
        "OA": [Act("accept", _("Accept"), _url("accept", order),
                   dialog=True, icon="check", primary=True,
                   permission=words.ACCEPT, shortcut="G")],
        "WAY": [
            Act("special", _("Apply for special treatment"), _url("special", order), dialog=True,
                icon="hand-stop", permission=words.APPLY_SPECIAL, primary=True),
            Act("pay_first", _("Pay first"), _url("pay_first", order), method="post",
                icon="cash", permission=words.APPLY_SPECIAL),
        ],
        "BG1": [Act("print_bill", _("Print delivery note"), _url("print_bill", order),
                    method="post", icon="printer", primary=True, permission=words.PRINT_BILL,
                    shortcut="G")],
        "BG2": [Act("hand_over", _("Hand to storage"), _url("hand_over", order),
                    dialog=True, icon="truck-delivery",
                    primary=True, permission=words.HAND_OVER, shortcut="G")],
    }  # fmt: skip
    decide = Act("decide", _("Decide"), reverse("process:task", args=[task.pk]),
                 icon="check", primary=True, shortcut="G")  # fmt: skip
    return by_step.get(code, [decide])


def acts_of(actor: Actor, order: Order, lines: Sequence[OrderLine]) -> list[Act]:
    """Return what may be done with the order and its lines, the next step first."""
    return [*_step_acts(actor, order), *_draft_acts(order), *_later_acts(order, lines)]


def _draft_acts(order: Order) -> list[Act]:
    version: dict[str, str | int] = {"expected_version": order.version}
    may = {verb: ORDER_TRANSITIONS.allows(order.status, verb)
           for verb in ("edit", "submit", "amend")}  # fmt: skip
    acts = []
    if may["submit"]:
        acts.append(Act("submit", _("Submit"), _url("submit", order), method="post",
                        icon="player-play", primary=True, permission=words.SUBMIT, values=version,
                        shortcut="Ctrl+Enter"))  # fmt: skip
    if may["edit"]:
        acts.append(Act("edit", _("Change"), _url("edit", order), icon="edit",
                        permission=words.EDIT, shortcut="E"))  # fmt: skip
    if may["amend"]:
        acts.append(Act("amend", _("Amend"), _url("amend", order), icon="edit",
                        permission=words.AMEND))  # fmt: skip
    acts.append(Act("copy", _("Copy"), _url("copy", order), method="post", icon="copy",
                    permission=words.CREATE))  # fmt: skip
    return acts


def _later_acts(order: Order, lines: Sequence[OrderLine]) -> list[Act]:
    version: dict[str, str | int] = {"expected_version": order.version}
    may = {verb: ORDER_TRANSITIONS.allows(order.status, verb) for verb in ("cancel", "close")}
    may["close"] &= any(remaining(line_state(line)) for line in lines if line.is_goods)
    may["cancel"] &= not any(line.delivered or line.invoiced for line in lines)
    acts = []
    if order.number:
        acts.append(Act("paper", _("Print"), _url("paper", order), icon="printer"))
    is_live = order.status not in {OrderStatus.CLOSED, OrderStatus.CANCELLED}
    if order.is_held:
        acts.append(Act("resume", _("Resume"), _url("resume", order), method="post",
                        icon="player-play", permission=words.HOLD, values=version))  # fmt: skip
    elif is_live and order.status != OrderStatus.DRAFT:
        acts.append(Act("hold", _("Put on hold"), _url("hold", order), dialog=True,
                        icon="hand-stop", permission=words.HOLD))  # fmt: skip
    is_awaited = order.pays_first and is_live
    missing = credit_prepayment(order_source(order.pk)).missing if is_awaited else ZERO
    if ZERO < missing <= shortfall_most(order.company_id):
        acts.append(Act("shortfall", _("Release shortfall"), _url("shortfall", order), dialog=True,
                        icon="cash", permission=SHORTFALL))  # fmt: skip
    if may["close"]:
        acts.append(Act("close", _("Close the rest"), _url("close", order), dialog=True, icon="x",
                        permission=words.CLOSE, danger=True))  # fmt: skip
    if order.closed_by_hand and any(line.closed for line in lines):
        acts.append(Act("reopen", _("Reopen"), _url("reopen", order),
                        dialog=True, icon="arrow-back-up",
                        permission=words.CLOSE))  # fmt: skip
    if may["cancel"]:
        acts.append(Act("cancel", _("Cancel order"), _url("cancel", order), dialog=True, icon="x",
                        permission=words.CANCEL, danger=True))  # fmt: skip
    return acts


@page(permission=words.SUBMIT, methods=["POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Submit a draft; what is wrong stands on the order's page."""
    try:
        services.order_submit(
            actor=actor_of(request), order_id=pk, expected_version=version_of(request)
        )
    except services.StoppedError:
        toast = Toast(_("The order cannot be submitted yet; see what stops it."), "late")
        return done(request, show_url(pk), toast)
    return done(request, show_url(pk), Toast(_("Order submitted.")))


@page(permission=words.PRINT_BILL, methods=["POST"])
def print_bill(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Note the print of the delivery note."""
    services.order_print_bill(actor=actor_of(request), order_id=pk)
    toast = Toast(_("Noted. Print it with “Print” and hand it over today."))
    return done(request, show_url(pk), toast)


@page(permission=words.HOLD, methods=["POST"])
def resume(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a held order go on."""
    services.order_resume(
        actor=actor_of(request), order_id=pk, expected_version=version_of(request)
    )
    return done(request, show_url(pk), Toast(_("The order goes on.")))


@page(permission=words.APPLY_SPECIAL, methods=["POST"])
def pay_first(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a stopped order be paid first."""
    services.order_way_pay_first(actor=actor_of(request), order_id=pk)
    return done(request, show_url(pk), Toast(_("The order will be paid first.")))


@page(permission=words.ACCEPT, methods=["POST"])
def accept_many(request: HttpRequest) -> HttpResponseBase:
    """Accept the selected orders, each for itself."""
    ids = list(OrderList().selection(request).values_list("pk", flat=True))
    results = services.orders_accept(actor=actor_of(request), order_ids=ids)
    failed = [result for result in results if result.error is not None]
    text = _("%(done)s accepted, %(failed)s not.") % {
        "done": len(results) - len(failed),
        "failed": len(failed),
    }
    state = "late" if failed else "done"
    return done(request, reverse("orders:list"), Toast(text, state))  # type: ignore[arg-type]


def _answer(
    request: HttpRequest,
    pk: int,
    title: Text,
    form: UiForm,
    act: Callable[..., object],
    toast: Text,
) -> HttpResponseBase:
    """Show a small form about an order, or do the act with what it says and go back to the order.

    Args:
        act: service that takes `actor`, `order_id` and the fields of the form.
    """
    actor = actor_of(request)
    order = access_order_for_view(actor, pk)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            act(actor=actor, order_id=pk, **form.cleaned_data)
            return done(request, show_url(pk), Toast(toast))
    hint = party_text(order.customer.name, order.gross)
    head = PageHead(title, order.title, hint, crumbs=crumbs_of(order))
    if request.headers.get("HX-Target") == DIALOG:
        return _dialog(request, title, form)
    return FormPage(form, head, submit=title, cancel_url=show_url(pk)).render(request)


def _dialog(request: HttpRequest, title: Text, form: UiForm) -> HttpResponseBase:
    """Show the form over the order's page; with errors it is swapped in again."""
    summary = [("", "", text) for text in form.non_field_errors()]
    response = render_fragment(
        request, "orders/dialog.html", title=title, form=form, summary=summary
    )
    if form.is_bound:
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


@page(permission=words.ACCEPT, methods=GET_POST)
def accept(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Accept an order with its memo."""
    form = AcceptForm(request.POST if request.method == "POST" else None)
    order = access_order_for_view(actor_of(request), pk)
    # Without an address nothing tells the customer by itself.
    form.fields["customer_told_how"].required = not mail_address(order.customer_id)
    return _answer(
        request, pk, _("Accept the order"), form, services.order_accept, _("Order accepted.")
    )


@page(permission=words.HAND_OVER, methods=GET_POST)
def hand_over(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand the delivery note to storage/transport."""
    form = HandOverForm(request.POST or None)
    return _answer(
        request,
        pk,
        _("Hand over the delivery note"),
        form,
        services.order_hand_over,
        _("Handed over."),
    )


@page(permission=words.HOLD, methods=GET_POST)
def hold(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hold an order with a reason; one that is held already says so on its page."""
    if access_order_for_view(actor_of(request), pk).is_held:
        toast = Toast(_("The order is on hold already."), "late")
        return done(request, show_url(pk), toast)
    form = ReasonForm(request.POST or None)
    return _answer(
        request,
        pk,
        _("Put the order on hold"),
        form,
        services.order_hold,
        _("The order is on hold."),
    )


@page(permission=words.CANCEL, methods=GET_POST)
def cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Cancel an order with a reason."""
    form = ReasonForm(request.POST or None)
    return _answer(
        request, pk, _("Cancel the order"), form, services.order_cancel, _("Order cancelled.")
    )


@page(permission=words.CLOSE, methods=GET_POST)
def close(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close what is not delivered."""
    form = ReasonForm(request.POST or None)
    return _answer(
        request, pk, _("Close the rest of the order"), form, services.order_close, _("Rest closed.")
    )


@page(permission=words.CLOSE, methods=GET_POST)
def reopen(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a closed rest up again; credit and quota are checked as for a new order."""
    form = ReasonForm(request.POST or None)
    return _answer(
        request, pk, _("Reopen the order"), form, services.order_reopen, _("Order reopened.")
    )


@page(permission=words.APPLY_SPECIAL, methods=GET_POST)
def special(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Apply for special treatment."""
    form = SpecialForm(request.POST or None)
    return _answer(
        request,
        pk,
        _("Apply for special treatment"),
        form,
        services.order_way_special,
        _("Application submitted."),
    )


@page(permission=SHORTFALL, methods=GET_POST)
def shortfall(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Release a small shortfall of an advance payment (CRD-08)."""
    order = access_order_for_view(actor_of(request), pk)
    form = ShortfallForm(request.POST or None)
    form.fields["reason"].help_text = shortfall_text(order, credit_prepayment(order_source(pk)))
    return _answer(
        request,
        pk,
        _("Release the shortfall"),
        form,
        order_shortfall_release,
        _("Shortfall released."),
    )
