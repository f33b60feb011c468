"""What is stored: the account, its append-only entries, the balance of each source, limits."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField
from chengdan.kernel.immutability import immutable_table
from chengdan.kernel.numbers import ZERO
from chengdan.modules.credit import rules
from chengdan.modules.credit.vocabulary import (
    POSTABLE,
    Bucket,
    LimitOrigin,
    LimitStatus,
)
from chengdan.modules.people.ownership import ScopeFields


class Account(models.Model):
    """The one credit account of a customer, and the lock for everything that occupies credit.

    Totals are moved only together with entries; the verifier recomputes them.

    Attributes:
        limit: gross, in `currency`; None means "pay first", never "unlimited".
        covered: see `rules.covered_amount`, added up over the customer's orders.
        posting: number of the last posting; entries of one posting share it.
    """

    scope_fields = ScopeFields("customer__owner_id", "customer__unit_id", "company_id")

    customer = models.OneToOneField(
        "customers.Customer", models.PROTECT, primary_key=True, related_name="credit_account"
    )
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    limit = AmountField(_("credit limit"), null=True, blank=True)
    open = AmountField(Bucket.OPEN.label, default=ZERO)
    to_invoice = AmountField(Bucket.TO_INVOICE.label, default=ZERO)
    receivable = AmountField(Bucket.RECEIVABLE.label, default=ZERO)
    unapplied = AmountField(Bucket.UNAPPLIED.label, default=ZERO)
    earmarked = AmountField(Bucket.EARMARKED.label, default=ZERO)
    promised = AmountField(Bucket.PROMISED.label, default=ZERO)
    covered = AmountField(Bucket.COVERED.label, default=ZERO)
    posting = models.PositiveBigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("credit account")
        constraints = [
            models.CheckConstraint(
                name="credit_account_not_negative",
                condition=Q(
                    open__gte=0, to_invoice__gte=0, unapplied__gte=0, earmarked__gte=0,
                    promised__gte=0, covered__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="credit_account_limit", condition=Q(limit__isnull=True) | Q(limit__gte=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def totals(self) -> rules.Totals:
        """The totals as a value."""
        return rules.Totals(
            open=self.open,
            to_invoice=self.to_invoice,
            receivable=self.receivable,
            unapplied=self.unapplied,
            earmarked=self.earmarked,
            promised=self.promised,
            covered=self.covered,
        )

    @property
    def exposure(self) -> Decimal:
        """What the customer occupies."""
        return self.totals.exposure

    @property
    def available(self) -> Decimal | None:
        """Limit − exposure; None without a limit."""
        return None if self.limit is None else self.limit - self.exposure


class _Posted(models.Model):
    """Columns shared by entries and balances: which bucket, for what, for which order."""

    account = models.ForeignKey("credit.Account", models.PROTECT, related_name="+", db_index=False)
    bucket = models.CharField(_("bucket"), max_length=12, choices=Bucket.choices)
    source_type = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    source_line = models.BigIntegerField(default=0)
    serves_type = models.CharField(max_length=60)
    serves_id = models.BigIntegerField()

    class Meta:
        abstract = True

    @property
    def source(self) -> rules.Source:
        """The document (and line) the amount stands for."""
        return rules.Source(self.source_type, self.source_id, self.source_line)

    @property
    def serves(self) -> tuple[str, int]:
        """The order the amount belongs to; the source itself where no order is known."""
        return self.serves_type, self.serves_id


class CreditEntry(_Posted):
    """One movement of one bucket; never changed, never deleted.

    Attributes:
        posting: number within the account; entries of one act share it.
        round: round of the process that reserved, 0 outside.
        exposure_after, limit_at: of the account once the whole posting was done (I5).
        released_by: who let the exposure pass the limit, with amount, date and reason.
        released_with: ids of the others who signed for it, in the order of their signatures.
        is_release_pending: the named person has been asked and has not yet decided.
    """

    posting = models.PositiveBigIntegerField()
    delta = AmountField(_("amount"))
    reason = models.CharField(_("reason"), max_length=60)
    round = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("by"), max_length=60)
    exposure_after = AmountField(_("exposure after"))
    limit_at = AmountField(_("credit limit"), null=True)
    released_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    released_with = models.JSONField(default=list, blank=True)
    release_amount = AmountField(_("released above the limit"), default=ZERO)
    release_until = models.DateField(_("released until"), null=True)
    release_reason = models.CharField(_("reason of the release"), max_length=300, blank=True)
    is_release_pending = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("credit entry")
        constraints = [
            models.CheckConstraint(
                name="credit_entry_bucket", condition=Q(bucket__in=[b.value for b in POSTABLE])
            ),
            models.CheckConstraint(
                name="credit_entry_release",
                condition=Q(released_by__isnull=True, release_amount=0)
                | (
                    Q(released_by__isnull=False, release_until__isnull=False, release_amount__gt=0)
                    & ~Q(release_reason="")
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="credit_entry_account"),
            models.Index("source_type", "source_id", name="credit_entry_source"),
            models.Index(
                fields=["account", "-id"],
                condition=Q(released_by__isnull=False),
                name="credit_entry_released",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.bucket} {self.delta}"


class SourceBalance(_Posted):
    """What stands in a bucket for one source now, so that it can be freed exactly.

    Attributes:
        since: when the first amount came in.
    """

    amount = AmountField(_("amount"), default=ZERO)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("balance of a source")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "account", "bucket", "source_type", "source_id", "source_line",
                    "serves_type", "serves_id",
                ],
                name="credit_balance_key",
            ),
            models.CheckConstraint(
                name="credit_balance_bucket", condition=Q(bucket__in=[b.value for b in POSTABLE])
            ),
            models.CheckConstraint(
                name="credit_balance_not_negative",
                condition=Q(bucket=Bucket.RECEIVABLE) | Q(amount__gte=0),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index("serves_type", "serves_id", name="credit_balance_serves"),
            models.Index(
                "account", "bucket", condition=~Q(amount=0), name="credit_balance_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.bucket} {self.amount}"


@audited()
class LimitChange(models.Model):
    """A proposed limit with reason and evidence, decided by somebody else than its author.

    Attributes:
        on_behalf_of, consent: in whose name a deputy decided, and how that person agreed.
    """

    scope_fields = ScopeFields(
        "account__customer__owner_id", "account__customer__unit_id", "company_id"
    )

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    account = models.ForeignKey("credit.Account", models.PROTECT, related_name="limit_changes")
    limit_before = AmountField(_("limit before"), null=True, blank=True)
    limit = AmountField(_("limit"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    evidence = models.TextField(_("evidence"), blank=True)
    origin = models.CharField(max_length=10, choices=LimitOrigin.choices)
    status = models.CharField(_("state"), max_length=10, choices=LimitStatus.choices)
    proposed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    on_behalf_of = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    consent = models.CharField(_("consent"), max_length=500, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("limit change")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "account",
                condition=Q(status=LimitStatus.PROPOSED),
                name="credit_limit_one_proposal",
            ),
            models.CheckConstraint(
                name="credit_limit_amount", condition=Q(limit__isnull=True) | Q(limit__gte=0)
            ),
            models.CheckConstraint(name="credit_limit_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="credit_limit_two_persons",
                condition=~Q(status=LimitStatus.APPROVED, origin=LimitOrigin.MANUAL)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.limit}"


immutable_table("credit_creditentry")
