"""Changes of released orders: the approved version stays in force until they are approved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField
from chengdan.modules.orders.models.orders import Order
from chengdan.modules.orders.vocabulary import AmendmentStatus
from chengdan.modules.people.ownership import ScopeFields


@audited()
class Amendment(models.Model):
    """One requested change.

    Attributes:
        base_version: the order's version it was made from.
        content: canonical JSON of the wanted header fields and lines.
        before: the same of the order when the change was asked for.
        difference: what the amendment adds to (or takes from) the order's gross.
    """

    scope_fields = ScopeFields("order__owner_id", "order__unit_id", "company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="amendments", db_index=False)
    sequence = models.PositiveSmallIntegerField()
    base_version = models.PositiveIntegerField()
    status = models.CharField(
        max_length=10, choices=AmendmentStatus.choices, default=AmendmentStatus.PROCESSING
    )
    reason = models.TextField()
    content = models.JSONField()
    before = models.JSONField(null=True)
    gross = AmountField()
    difference = AmountField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "sequence"], name="amendment_sequence"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status=AmendmentStatus.PROCESSING),
                name="amendment_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} / {self.sequence}"
