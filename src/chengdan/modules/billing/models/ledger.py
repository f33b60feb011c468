"""The AR ledger: append-only, double entry."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from chengdan.kernel.fields import AmountField
from chengdan.kernel.immutability import immutable_table
from chengdan.modules.billing.vocabulary import BatchKind, LedgerAccount
from chengdan.modules.people.ownership import ScopeFields


class LedgerBatch(models.Model):
    """One posting: its entries add up to 0.

    Attributes:
        on: day it counts for; after the company's lock date.
        entered_at: when it was made.
        source_type, source_id: the document that was posted.
    """

    scope_fields = ScopeFields("", "", "company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=BatchKind.choices)
    currency = models.CharField(max_length=3)
    on = models.DateField()
    entered_at = models.DateTimeField()
    source_type = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["source_type", "source_id"], name="ledger_batch_source")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class LedgerEntry(models.Model):
    """One side of a posting; debit is positive.

    Attributes:
        invoice: whose receivable moves; receipt and order: whose money.
        on: of the batch, kept here for sums as of a day.
    """

    scope_fields = ScopeFields("customer__owner_id", "customer__unit_id", "company_id")

    batch = models.ForeignKey(LedgerBatch, models.PROTECT, related_name="entries")
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+", db_index=False)
    account = models.CharField(max_length=12, choices=LedgerAccount.choices)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", db_index=False
    )
    invoice = models.ForeignKey(
        "billing.Invoice", models.PROTECT, related_name="+", null=True, blank=True
    )
    receipt = models.ForeignKey(
        "billing.Receipt", models.PROTECT, related_name="+", null=True, blank=True
    )
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="+", null=True, blank=True
    )
    amount = AmountField()
    on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ledger_entry_amount", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="ledger_entry_invoice",
                condition=~Q(account=LedgerAccount.RECEIVABLE) | Q(invoice__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "account", "on"], name="ledger_entry_account"),
            models.Index(fields=["customer", "account", "on"], name="ledger_entry_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


immutable_table("billing_ledgerbatch")
immutable_table("billing_ledgerentry")
