"""Seats in the organisation and who holds them from when to when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.modules.people.ownership import ScopeFields


@audited()
class Position(models.Model):
    """One seat: a unit, a role and at most one holder at a time.

    Attributes:
        seat_number: place in a body of fixed size (1…3 in SLT and SSG).
        is_head: the seat leads its unit; one per unit.
        reports_to: a line beside or across the tree: level skipping, dotted lines (ORG-63).
    """

    scope_fields = ScopeFields(owner="", unit="unit_id", company="company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="positions")
    unit = models.ForeignKey("people.OrgUnit", models.PROTECT, related_name="positions")
    role = models.ForeignKey("people.Role", models.PROTECT, related_name="positions")
    title = models.CharField(_("position title"), max_length=80, blank=True)
    seat_number = models.PositiveSmallIntegerField(_("seat number"), null=True, blank=True)
    is_head = models.BooleanField(_("head of the unit"), default=False)
    reports_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="direct_reports"
    )
    territories = models.ManyToManyField(
        "people.Territory", through="people.PositionTerritory", related_name="positions"
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("position")
        ordering = ["unit", "-is_head", "seat_number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(is_head=True, closed_on__isnull=True),
                name="people_position_one_head",
            ),
            models.UniqueConstraint(
                fields=["unit", "seat_number"],
                condition=Q(closed_on__isnull=True, seat_number__isnull=False),
                name="people_position_seat",
            ),
            models.CheckConstraint(
                name="people_position_not_own_superior", condition=~Q(reports_to=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.role_id}"

    @property
    def shown_title(self) -> str:
        """What readers call the position: its own title, else that of its role."""
        return self.title or self.role.title


@audited("people.Position")
class PositionTerritory(models.Model):
    """A seat answers for a territory: a market manager for the market, a KAM for cities."""

    position = models.ForeignKey(
        "people.Position", models.CASCADE, related_name="+", db_index=False
    )
    territory = models.ForeignKey("people.Territory", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position", "territory"], name="people_positionterritory_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.position_id} {self.territory_id}"


@audited("people.Position")
class Assignment(models.Model):
    """A person holds a seat from `starts_on` to `ends_on`, both included; None is open."""

    scope_fields = ScopeFields(owner="", unit="position__unit_id", company="position__company_id")

    position = models.ForeignKey("people.Position", models.PROTECT, related_name="assignments")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="assignments")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("assignment")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["position"],
                condition=Q(ends_on__isnull=True),
                name="people_assignment_one_open",
            ),
            models.CheckConstraint(
                name="people_assignment_dates",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.position_id}"
