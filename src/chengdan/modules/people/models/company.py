"""The legal entity that every document, counter and ledger entry belongs to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.modules.people.ownership import ScopeFields


@audited()
class Company(models.Model):
    """One legal entity of the group.

    Attributes:
        exponent: decimal places of the currency.
        lock_date: nothing posts on or before this date.
        calendar_code: working calendar of everybody whose unit names none.
    """

    scope_fields = ScopeFields(owner="", unit="", company="id")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    exponent = models.PositiveSmallIntegerField(_("decimal places"), default=2)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    lock_date = models.DateField(_("lock date"), null=True, blank=True)
    is_tax_inclusive = models.BooleanField(_("prices include tax"), default=True)
    calendar_code = models.CharField(_("working calendar"), max_length=40, default="cn")
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("company")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="people_company_exponent", condition=models.Q(exponent__lte=4)
            )
        ]

    def __str__(self) -> str:
        return self.name
