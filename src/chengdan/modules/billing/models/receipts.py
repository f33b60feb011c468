"""Money that came in, and what it was used for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField
from chengdan.kernel.immutability import immutable_table
from chengdan.modules.billing.models.invoices import Invoice
from chengdan.modules.billing.models.ledger import LedgerBatch
from chengdan.modules.billing.vocabulary import ReceiptMethod, ReceiptStatus
from chengdan.modules.people.ownership import OwnedDocument, ScopeFields

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

ZERO = Decimal(0)
USER = settings.AUTH_USER_MODEL


@audited()
class Receipt(OwnedDocument):
    """Money of one customer; it counts from its confirmation by finance.

    Attributes:
        number: gapless, taken at registration.
        account: the company's bank account or cash desk it came in on.
        bank_reference: of the bank's statement; unique per account.
        memo: what the payer wrote; invoice numbers in it lead the allocation.
        unapplied, earmarked, applied: add up to the amount once confirmed; 0 before.
    """

    number = models.CharField(_("number"), max_length=40)
    status = models.CharField(
        _("state"), max_length=10, choices=ReceiptStatus.choices, default=ReceiptStatus.REGISTERED
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", db_index=False
    )
    amount = AmountField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received"))
    method = models.CharField(
        _("way"), max_length=10, choices=ReceiptMethod.choices, default=ReceiptMethod.TRANSFER
    )
    account = models.CharField(_("account"), max_length=60, blank=True)
    bank_reference = models.CharField(_("bank reference"), max_length=80, blank=True)
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    memo = models.CharField(_("memo"), max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    unapplied = AmountField(_("unapplied"), default=ZERO)
    earmarked = AmountField(_("set aside"), default=ZERO)
    applied = AmountField(_("allocated"), default=ZERO)

    earmarks: RelatedManager[Earmark]
    allocations: RelatedManager[Allocation]

    class Meta:
        verbose_name = _("receipt")
        constraints = [
            models.UniqueConstraint("company", "number", name="receipt_number_unique"),
            models.UniqueConstraint(
                "company",
                "account",
                "bank_reference",
                condition=~Q(bank_reference="") & ~Q(status=ReceiptStatus.REVERSED),
                name="receipt_reference_unique",
            ),
            models.CheckConstraint(name="receipt_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="receipt_parts",
                condition=Q(unapplied__gte=0, earmarked__gte=0, applied__gte=0),
            ),
            models.CheckConstraint(
                name="receipt_used",
                condition=Q(status=ReceiptStatus.CONFIRMED)
                | Q(unapplied=0, earmarked=0, applied=0),
            ),
            # The three columns have one scale, so that the database may add them.
            models.CheckConstraint(
                name="receipt_sum",
                condition=~Q(status=ReceiptStatus.CONFIRMED)
                | Q(amount=F("unapplied") + F("earmarked") + F("applied")),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-received_on", "-id"], name="receipt_by_date"),
            models.Index(fields=["owner", "-id"], name="receipt_by_owner"),
            models.Index(fields=["unit", "-id"], name="receipt_by_unit"),
            models.Index(fields=["customer", "-received_on", "-id"], name="receipt_by_customer"),
            models.Index(fields=["company", "-amount", "-id"], name="receipt_by_amount"),
            models.Index(
                fields=["company", "customer"],
                condition=Q(unapplied__gt=0),
                name="receipt_unapplied",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Earmark(models.Model):
    """Money of a receipt set aside for an order; taken back by a negative row (CRD-08)."""

    scope_fields = ScopeFields("receipt__owner_id", "receipt__unit_id", "receipt__company_id")

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="earmarks")
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="+")
    amount = AmountField()
    batch = models.ForeignKey(LedgerBatch, models.PROTECT, related_name="+")
    effective_on = models.DateField()
    entered_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="earmark_amount", condition=~Q(amount=0)),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {self.amount}"


class Allocation(models.Model):
    """Money of a receipt used for an invoice; never changed, taken back by a negative row.

    Attributes:
        order: whose part of the invoice it pays; None without an order.
        is_earmarked: it came from money set aside for that order.
        effective_on: from when it counts; `entered_at` is when it was made.
    """

    scope_fields = ScopeFields("receipt__owner_id", "receipt__unit_id", "receipt__company_id")

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="+", null=True, blank=True
    )
    amount = AmountField()
    is_earmarked = models.BooleanField(default=False)
    batch = models.ForeignKey(LedgerBatch, models.PROTECT, related_name="allocations")
    effective_on = models.DateField()
    entered_at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True)
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="allocation_amount", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="allocation_reason", condition=Q(amount__gt=0) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} → {self.invoice} {self.amount}"


immutable_table("billing_earmark")
immutable_table("billing_allocation")
