"""Roles with their permissions and scopes, grants to persons, deputies."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField
from chengdan.modules.people.ownership import ScopeFields
from chengdan.modules.people.vocabulary import Scope


@audited()
class Role(models.Model):
    """A role card: what a seat of this kind may do, the same in every company.

    Attributes:
        is_shipped: comes with the software; it can be changed but not closed.
        is_central: its seats serve the whole company, so they are found from any unit.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    title_zh_hans = models.CharField(_("title in Simplified Chinese"), max_length=60)
    title_zh_hant = models.CharField(_("title in Traditional Chinese"), max_length=60)
    title_en = models.CharField(_("title in English"), max_length=60)
    duties = models.JSONField(_("duties"), default=dict, blank=True)
    is_shipped = models.BooleanField(default=False)
    is_central = models.BooleanField(_("serves the whole company"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    sort = models.PositiveIntegerField(default=100)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("role")
        ordering = ["sort", "code"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        language = (get_language() or "zh-hans").replace("-", "_").lower()
        return str(getattr(self, f"title_{language}", "") or self.title_en)

    @property
    def duty_text(self) -> str:
        """The duties of the role card in the reader's language."""
        language = get_language() or "zh-hans"
        return str(self.duties.get(language) or self.duties.get("en", ""))


@audited("people.Role")
class RolePermission(models.Model):
    """A role may do something over the rows of a scope."""

    role = models.ForeignKey(
        "people.Role", models.CASCADE, related_name="permissions", db_index=False
    )
    permission = models.CharField(max_length=100)
    scope = models.CharField(max_length=20, choices=Scope.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "permission"], name="people_rolepermission_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role_id} {self.permission} {self.scope}"


@audited()
class Grant(models.Model):
    """A role or one permission given to a person for a time, with a reason.

    Attributes:
        scope: replaces the scope of the role's permissions; needed with `permission`.
        unit: where unit scopes start; None takes the person's home unit.
        revoked_at: taken back at once, whatever the dates say.
    """

    scope_fields = ScopeFields(owner="", unit="", company="company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="grants")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="grants")
    role = models.ForeignKey(
        "people.Role", models.PROTECT, null=True, blank=True, related_name="grants"
    )
    permission = models.CharField(_("permission"), max_length=100, blank=True)
    scope = models.CharField(_("scope"), max_length=20, choices=Scope.choices, blank=True)
    unit = models.ForeignKey(
        "people.OrgUnit", models.PROTECT, null=True, blank=True, related_name="grants"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    revoked_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("grant")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="people_grant_role_or_permission",
                condition=Q(role__isnull=False, permission="")
                | (Q(role__isnull=True) & ~Q(permission="") & ~Q(scope="")),
            ),
            models.CheckConstraint(
                name="people_grant_dates",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(name="people_grant_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.permission or self.role_id}"


@audited()
class Deputy(models.Model):
    """Somebody signs for somebody else, on recorded consent (ORG-20).

    Attributes:
        document_types: labels such as "orders.order"; empty means all.
        max_amount: highest gross amount the deputy may decide, in the company's currency;
            None sets no limit.
        consent_text: how the principal agreed, for instance by phone.
    """

    scope_fields = ScopeFields(owner="principal_id", unit="", company="company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="deputies")
    principal = models.ForeignKey("people.User", models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey("people.User", models.PROTECT, related_name="deputy_for")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    document_types = models.JSONField(_("document types"), default=list, blank=True)
    max_amount = AmountField(  # fixed fields have no nullable type
        _("highest amount"), null=True, blank=True
    )
    consent_text = models.CharField(_("consent"), max_length=500)
    consented_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("deputy")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(name="people_deputy_other", condition=~Q(principal=F("deputy"))),
            models.CheckConstraint(
                name="people_deputy_dates", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(name="people_deputy_consent", condition=~Q(consent_text="")),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.principal_id}"
