"""The list of credit accounts, the account of a customer, its ledger and the what-if box."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    ChoiceFilter,
    Column,
    Crumb,
    Empty,
    ListPage,
    MoneyField,
    PageHead,
    View,
    page,
    render_fragment,
    render_page,
)
from chengdan.kernel.ui.formats import money_text, who_text
from chengdan.modules.credit import figures
from chengdan.modules.credit.access import access_account_for_view
from chengdan.modules.credit.drawing import account_bar, months_chart, narrow_bar
from chengdan.modules.credit.models import Account, CreditEntry
from chengdan.modules.credit.months import month_ends
from chengdan.modules.credit.rules import ZERO, CreditVerdict
from chengdan.modules.credit.selectors import (
    entries,
    limit_history,
    limit_proposal,
    limits_to_decide,
    limits_waiting,
    overdue_amount,
    release_names,
    releases,
)
from chengdan.modules.credit.services import credit_evaluate
from chengdan.modules.credit.vocabulary import (
    APPROVE,
    ENTRY_TITLES,
    OVER_PERCENT,
    PROPOSE,
    VIEW,
    LimitStatus,
)
from chengdan.modules.people.access import visible

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.template.response import TemplateResponse

    from chengdan.kernel.actor import Actor

HISTORY_SHOWN = 6


class AccountList(ListPage[Account]):
    """Every credit account the person may see."""

    code, title, permission = "credit.account", _("Credit accounts"), VIEW
    columns = [
        Column("code", _("Customer no."), value="customer.code", sort="code"),
        Column("name", _("Customer"), value="customer.name", clip=True, phone="title"),
        Column("limit", _("Credit limit"), kind="money"),
        Column("exposure", _("Exposure"), kind="money", phone="side"),
        Column("used", _("Used (%)"), kind="html", template="credit/_used.html",
               value=figures.used_percent),
        Column("available", _("Available"), kind="money"),
        Column("receivable", _("Receivable"), kind="money"),
        Column("open", _("Open orders"), kind="money"),
        Column("proposal", _("Proposed limit"), value=lambda row: _proposed(row),
               link=lambda row: _proposal_url(row)),
    ]  # fmt: skip
    filters = [
        ChoiceFilter(
            name="proposal",
            title=_("Proposed limit"),
            multiple=False,
            choices=[("mine", _("To decide by me")), ("any", _("Waits for a decision"))],
            apply=lambda values, actor: _has_proposal(values, actor),
        )
    ]
    views = [View("to_decide", _("Proposals to decide"), "proposal=mine", permission=APPROVE)]
    sorts = {"code": "customer__code"}
    default_sort = "code"
    search_fields = ["customer__code", "customer__name", "customer__pinyin", "customer__initials"]
    empty = Empty(
        _("No credit accounts yet"),
        _("An account opens with a customer's first limit or first order."),
        "scale",
    )

    def queryset(self, actor: Actor) -> QuerySet[Account]:
        """Return the accounts of the customers open to the actor."""
        return visible(actor, VIEW, Account.objects.select_related("customer"))

    def prepare(self, rows: list[Account], actor: Actor) -> None:
        """Find the proposals of the page with one query."""
        waiting = limits_waiting([row.pk for row in rows])
        for row in rows:
            row.proposal = waiting.get(row.pk)  # type: ignore[attr-defined]

    def row_url(self, row: Account) -> str:
        """Open the account."""
        return reverse("credit:show", args=[row.pk])

    def row_label(self, row: Account) -> str:
        """Name the customer."""
        return str(row.customer)


def _has_proposal(values: list[str], actor: Actor) -> Q:
    """Return the accounts with a waiting proposal: "mine" to decide, or "any"."""
    if "mine" in values:
        return Q(pk__in=limits_to_decide(actor).values("account_id"))
    return Q(limit_changes__status=LimitStatus.PROPOSED)


def _proposed(row: Any) -> Any:
    if row.proposal is None:
        return ""
    return _("pays first") if row.proposal.limit is None else money_text(row.proposal.limit)


def _proposal_url(row: Any) -> str:
    return reverse("credit:change", args=[row.proposal.pk]) if row.proposal else ""


class EntryList(ListPage[CreditEntry]):
    """The ledger of one account, newest first."""

    code, title, permission = "credit.entry", _("Credit ledger"), VIEW
    columns = [
        Column("at", _("At"), kind="day", phone="title"),
        Column("reason", _("Reason"), value=lambda row: ENTRY_TITLES.get(row.reason, row.reason)),
        Column("bucket", _("Bucket"), value="get_bucket_display"),
        Column("document", _("Document"), value=lambda row: row.facts.number,
               link=lambda row: row.facts.url),
        Column("delta", _("Amount"), kind="money", phone="side"),
        Column("exposure_after", _("Exposure after"), kind="money"),
        Column("limit_at", _("Credit limit"), kind="money"),
        Column("release", _("Released by"), value=release_names),
        Column("actor_name", _("By"),
               value=lambda row: who_text(row.actor_id, row.actor_name)),
    ]  # fmt: skip
    sorts = {"id": "id"}
    default_sort = "-id"
    empty = Empty(_("No entries yet"), _("The first reservation or receipt stands here."), "scale")

    def account(self) -> Account:
        """Return the account of the address."""
        return access_account_for_view(self.actor, self.kwargs["customer_id"])

    def queryset(self, actor: Actor) -> QuerySet[CreditEntry]:
        """Return the entries of the account."""
        return entries(self.account().pk).order_by()

    def prepare(self, rows: list[CreditEntry], actor: Actor) -> None:
        """Name the documents with one call per type."""
        from chengdan.modules.credit.providers import describe

        facts = describe(row.source.document for row in rows)
        for row in rows:
            row.facts = facts[row.source.document]  # type: ignore[attr-defined]

    def crumbs(self) -> list[Crumb]:
        """Lead back to the account."""
        account = self.account()
        return [
            Crumb(_("Credit accounts"), reverse("credit:list")),
            Crumb(account.customer.name, reverse("credit:show", args=[account.pk])),
        ]


@page(permission=VIEW)
def account_show(request: HttpRequest, customer_id: int) -> TemplateResponse:
    """Show one account: figures, bar, documents by bucket, limits, releases, what-if."""
    actor = actor_of(request)
    account = access_account_for_view(actor, customer_id)
    on = figures.today()
    overdue = overdue_amount(customer_id, on)
    percent = parameter_value(account.company_id, OVER_PERCENT)
    history = list(limit_history(customer_id)[:HISTORY_SHOWN])
    months = month_ends(account, on)
    return render_page(
        request,
        "credit/account.html",
        head=_head(account, overdue),
        account=account,
        overdue=overdue,
        drawing=account_bar(account.totals, account.limit, percent),
        narrow_drawing=narrow_bar(account.totals, account.limit, percent),
        groups=figures.bucket_groups(account, on),
        proposal=limit_proposal(customer_id),
        history=history,
        releases=releases(customer_id),
        chart=months_chart(months, Decimal(10000), str(_("in 10,000"))),
        months=months,
        entries_url=reverse("credit:entries", args=[customer_id]),
        entry_count=entries(customer_id).count(),
        whatif_url=reverse("credit:whatif", args=[customer_id]),
        **_whatif(account, ZERO, ZERO),
    )


def _head(account: Account, overdue: Decimal) -> PageHead:
    customer = account.customer
    return PageHead(
        _("Credit account"),
        customer.name,
        crumbs=[Crumb(_("Credit accounts"), reverse("credit:list")), Crumb(customer.name)],
        chips=figures.account_chips(account, overdue),
        acts=[
            Act("entries", _("Ledger"), reverse("credit:entries", args=[account.pk]),
                icon="list-check"),
            Act("propose", _("Propose a limit"), reverse("credit:propose", args=[account.pk]),
                permission=PROPOSE, primary=True),
        ],
    )  # fmt: skip


@page(permission=VIEW)
def account_whatif(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Answer the what-if box: the band of an order not yet entered; reserves nothing."""
    actor = actor_of(request)
    account = access_account_for_view(actor, customer_id)
    amount, wrong = _typed(request.GET.get("amount", ""))
    received, wrong_too = _typed(request.GET.get("received", ""))
    return render_fragment(
        request,
        "credit/_whatif.html",
        error=wrong or wrong_too,
        **_whatif(account, amount, received),
    )


def _typed(text: str) -> tuple[Decimal, str]:
    try:
        return MoneyField(minimum=ZERO, required=False).clean(text) or ZERO, ""
    except ValidationError as error:
        return ZERO, " ".join(error.messages)


def _whatif(account: Account, amount: Decimal, received: Decimal) -> dict[str, Any]:
    verdict = credit_evaluate(account.pk, amount)
    if received:
        verdict = _with_receipt(account, verdict, received)
    return {
        "verdict": verdict,
        "band_text": figures.BAND_TEXTS[verdict.band],
        "band_state": figures.BAND_STATES[verdict.band],
        "cause": figures.CAUSES.get(verdict.cause, ""),
        "decider": figures.decider_name(account, verdict),
    }


def _with_receipt(account: Account, verdict: CreditVerdict, received: Decimal) -> CreditVerdict:
    """Return the verdict as if `received` came in unapplied first."""
    from chengdan.modules.credit.rules import Claim, Totals, credit_verdict

    return replace(
        credit_verdict(
            totals=account.totals.plus(Totals(unapplied=received)),
            claim=Claim(),
            amount=verdict.amount,
            limit=account.limit,
            pays_first=account.customer.pay_first,
            overdue=max(ZERO, verdict.overdue - received),
            percent=verdict.percent,
        )
    )
