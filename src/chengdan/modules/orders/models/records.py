"""Evidence that steps of OP leave behind."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField
from chengdan.modules.orders.models.orders import Order
from chengdan.modules.orders.vocabulary import SpecialReason, SpecialStatus
from chengdan.modules.people.ownership import ScopeFields


@audited("orders.Order")
class OrderMemo(models.Model):
    """The order memo of OA: who was told what, and when (ORD-02)."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="memo")
    text = models.TextField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    market_told_at = models.DateTimeField()
    customer_told_at = models.DateTimeField()
    customer_told_how = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.order}: {self.text[:40]}"


@audited("orders.Order")
class Handover(models.Model):
    """The printed delivery note and its way to storage/transport (ORD-07, ORD-29)."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="handover")
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    printed_at = models.DateTimeField()
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    received_by = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.order}: {self.received_by}"


@audited()
class SpecialTreatment(models.Model):
    """An application to ship beyond the credit rules (ORD-09…11); a process subject of its own."""

    scope_fields = ScopeFields("order__owner_id", "order__unit_id", "company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="specials")
    reason_kind = models.CharField(max_length=8, choices=SpecialReason.choices)
    reason = models.TextField()
    business_record = models.TextField()
    gross = AmountField()
    over = AmountField()
    status = models.CharField(
        max_length=8, choices=SpecialStatus.choices, default=SpecialStatus.OPEN
    )
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(status=SpecialStatus.OPEN), name="special_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_status_display()}"
