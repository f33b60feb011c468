"""The organisation tree with its closure, and the territories with their four levels."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.modules.people.ownership import ScopeFields
from chengdan.modules.people.vocabulary import TerritoryLevel, UnitKind


@audited()
class OrgUnit(models.Model):
    """A node of the organisation, any depth (ORG-01, ORG-04).

    Attributes:
        seat_count: exact number of seats for bodies of fixed size: SLT and SSG have three
            (ORG-02, ORG-03); None elsewhere.
        calendar_code: own working calendar; "" takes the nearest one above.
        closed_on: last day of the unit; it stays for history.
    """

    scope_fields = ScopeFields(owner="", unit="id", company="company_id")

    company = models.ForeignKey(
        "people.Company", models.PROTECT, related_name="units", db_index=False
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind.choices)
    calendar_code = models.CharField(_("working calendar"), max_length=40, blank=True)
    seat_count = models.PositiveSmallIntegerField(_("fixed seats"), null=True, blank=True)
    sort = models.PositiveIntegerField(_("place in the list"), default=100)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("unit")
        ordering = ["sort", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="people_orgunit_code"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(parent__isnull=True), name="people_orgunit_one_root"
            ),
            models.CheckConstraint(
                name="people_orgunit_not_own_parent", condition=~Q(parent=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited("people.OrgUnit")
class OrgClosure(models.Model):
    """Every pair (unit, unit below it), with itself at depth 0."""

    ancestor = models.ForeignKey(
        "people.OrgUnit", models.CASCADE, related_name="below", db_index=False
    )
    descendant = models.ForeignKey(
        "people.OrgUnit", models.CASCADE, related_name="above", db_index=False
    )
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ancestor", "descendant"], name="people_orgclosure_pair"
            )
        ]
        indexes = [models.Index(fields=["descendant", "depth"], name="people_closure_up")]

    def __str__(self) -> str:
        return f"{self.ancestor_id} > {self.descendant_id}"


@audited()
class Territory(models.Model):
    """Country, market, region or city (ORG-05, ORG-62).

    Attributes:
        unit: the unit of the field force that works the territory.
        slt_position: for markets, the SLT seat that its approvals go to (ORG-06, ORG-07).
        billing_position: for markets, the seat of the billing coordinator (ORG-65).
    """

    scope_fields = ScopeFields(owner="", unit="", company="company_id")

    company = models.ForeignKey(
        "people.Company", models.PROTECT, related_name="territories", db_index=False
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    level = models.CharField(_("level"), max_length=10, choices=TerritoryLevel.choices)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    unit = models.ForeignKey(
        "people.OrgUnit", models.PROTECT, null=True, blank=True, related_name="territories"
    )
    slt_position = models.ForeignKey(
        "people.Position", models.PROTECT, null=True, blank=True, related_name="led_markets"
    )
    billing_position = models.ForeignKey(
        "people.Position", models.PROTECT, null=True, blank=True, related_name="billed_markets"
    )
    sort = models.PositiveIntegerField(_("place in the list"), default=100)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("territory")
        ordering = ["sort", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="people_territory_code"),
            models.CheckConstraint(
                name="people_territory_parent",
                condition=Q(level="country", parent__isnull=True)
                | (~Q(level="country") & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(
                name="people_territory_seats",
                condition=Q(level="market")
                | Q(slt_position__isnull=True, billing_position__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
