"""Proposing a limit and deciding on a proposal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.errors import ForbiddenError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Crumb,
    DocumentPage,
    Fact,
    FormPage,
    MoneyField,
    PageHead,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
)
from chengdan.kernel.ui.hooks import allowed
from chengdan.kernel.ui.parts import Chip, State
from chengdan.modules.credit.access import (
    access_account_for_view,
    access_change_for_view,
    limit_signature,
)
from chengdan.modules.credit.models import Account, LimitChange
from chengdan.modules.credit.services import (
    credit_limit_approve,
    credit_limit_propose,
    credit_limit_refuse,
    credit_limit_withdraw,
)
from chengdan.modules.credit.vocabulary import APPROVE, PROPOSE, VIEW, LimitStatus
from chengdan.modules.process.errors import AmountAboveDeputyError
from chengdan.modules.process.selectors.names import deputy_text

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chengdan.kernel.actor import Actor

_STATES: dict[str, State] = {
    LimitStatus.PROPOSED: "run",
    LimitStatus.APPROVED: "done",
    LimitStatus.REFUSED: "late",
    LimitStatus.WITHDRAWN: "idle",
}


class LimitForm(UiForm):
    """A limit with reason and evidence."""

    limit = MoneyField(
        label=_("New limit"),
        minimum=ZERO,
        required=False,
        help_text=_("Gross. Empty means the customer pays first."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What a higher limit rests on: accounts, guarantees, payment history."),
    )


class DecisionForm(UiForm):
    """A decision with a comment."""

    comment = forms.CharField(label=_("Comment"), max_length=500, required=False)


def _crumbs(account: Account) -> list[Crumb]:
    return [
        Crumb(_("Credit accounts"), reverse("credit:list")),
        Crumb(account.customer.name, reverse("credit:show", args=[account.pk])),
    ]


@page(permission=PROPOSE, methods=["GET", "HEAD", "POST"])
def limit_propose(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show the form of a proposal and take it."""
    account = access_account_for_view(actor_of(request), customer_id)
    form = LimitForm(request.POST or None, initial={"limit": account.limit})
    if form.is_valid():
        with refusals_on(form):
            change = credit_limit_propose(
                actor=actor_of(request), customer_id=customer_id, **form.cleaned_data
            )
        if form.is_valid():
            url = reverse("credit:change", args=[change.pk])
            return done(request, url, Toast(_("Proposed; somebody else decides.")))
    return FormPage(
        form,
        PageHead(_("Propose a limit"), account.customer.name, crumbs=_crumbs(account)),
        submit=_("Propose"),
        cancel_url=reverse("credit:show", args=[customer_id]),
    ).render(request)


@page(permission=VIEW)
def change_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a proposal with its history and, while it waits, the acts of a decision."""
    change = access_change_for_view(actor_of(request), pk)
    account = change.account
    return DocumentPage(
        "credit.limitchange",
        change,
        head=PageHead(
            _("Credit limit"),
            account.customer.name,
            crumbs=_crumbs(account),
            chips=[Chip(change.get_status_display(), _STATES[change.status])],
            acts=_acts(actor_of(request), change),
        ),
        facts=[
            Fact(_("Limit before"), change.limit_before, kind="money"),
            Fact(_("New limit"), change.limit, kind="money", big=True),
            Fact(_("Exposure"), account.exposure, kind="money"),
            Fact(_("Proposed by"), change.proposed_by or ""),
            Fact(_("Reason"), change.reason),
            Fact(_("Evidence"), change.evidence),
            Fact(_("Decided by"), _decider(change)),
            Fact(_("Comment"), change.comment),
            *([Fact(_("Consent"), change.consent)] if change.consent else []),
        ],
        history=history_entries(change),
    ).render(request)


def _decider(change: LimitChange) -> str:
    who = str(change.decided_by or "")
    return deputy_text(who, str(change.on_behalf_of)) if change.on_behalf_of else who


def _decision_state(actor: Actor, change: LimitChange) -> tuple[bool, Any]:
    """Return whether the actor decides such proposals, and why not on this one."""
    try:
        limit_signature(actor, change.account, change)
    except AmountAboveDeputyError as error:
        return True, error.message
    except ForbiddenError:
        return False, ""
    own = change.proposed_by_id == actor.user_id
    return True, _("Somebody other than the author decides on a limit.") if own else ""


def _acts(actor: Actor, change: LimitChange) -> list[Act]:
    if change.status != LimitStatus.PROPOSED:
        return []
    own = change.proposed_by_id == actor.user_id
    may, disabled = _decision_state(actor, change)
    lent = "" if allowed(actor, APPROVE) else "_lent"
    acts = [
        Act(
            code,
            title,
            reverse(f"credit:{code}{lent}", args=[change.pk]),
            primary=primary,
            disabled=disabled,
        )
        for code, title, primary in (
            ("approve", _("Approve"), True),
            ("refuse", _("Refuse"), False),
        )
        if may
    ]
    if own:
        url = reverse("credit:withdraw", args=[change.pk])
        acts.append(Act("withdraw", _("Withdraw"), url, method="post", permission=PROPOSE))
    return acts


@page(permission=APPROVE, methods=["GET", "HEAD", "POST"])
def limit_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of an approval and take it."""
    return _decide(request, pk, is_approval=True)


@page(permission=APPROVE, methods=["GET", "HEAD", "POST"])
def limit_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a refusal and take it."""
    return _decide(request, pk, is_approval=False)


# A deputy signs with the principal's right; who it is `limit_signature` says.
@page(permission="", methods=["GET", "HEAD", "POST"])
def limit_approve_lent(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a deputy the form of an approval and take it."""
    return _decide(request, pk, is_approval=True)


@page(permission="", methods=["GET", "HEAD", "POST"])
def limit_refuse_lent(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a deputy the form of a refusal and take it."""
    return _decide(request, pk, is_approval=False)


def _decide(request: HttpRequest, pk: int, *, is_approval: bool) -> HttpResponse:
    change = access_change_for_view(actor_of(request), pk)
    limit_signature(actor_of(request), change.account, change)
    form = DecisionForm(request.POST or None)
    title = _("Approve the limit") if is_approval else _("Refuse the limit")
    if request.method == "POST" and form.is_valid():
        comment = form.cleaned_data["comment"]
        version = version_of(request)
        decide = credit_limit_approve if is_approval else credit_limit_refuse
        with refusals_on(form):
            decide(actor=actor_of(request), change_id=pk, comment=comment, expected_version=version)
        if form.is_valid():
            text = _("The limit is in force.") if is_approval else _("Refused.")
            return done(request, reverse("credit:show", args=[change.account_id]), Toast(text))
    return FormPage(
        form,
        PageHead(title, change.account.customer.name, crumbs=_crumbs(change.account)),
        submit=_("Approve") if is_approval else _("Refuse"),
        cancel_url=reverse("credit:change", args=[pk]),
        values={"expected_version": change.version},
    ).render(request)


@page(permission=PROPOSE, methods=["POST"])
def limit_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own proposal back."""
    change = credit_limit_withdraw(actor=actor_of(request), change_id=pk)
    return done(request, reverse("credit:show", args=[change.account_id]), Toast(_("Withdrawn.")))
