"""Whose document it is: the columns that scopes are measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock

if TYPE_CHECKING:
    from chengdan.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class ScopeFields:
    """Lookup paths from a model to its owner, unit and company; "" where it has none.

    A model without owner and unit is a master record: any scope opens all of the company.
    Lines name their parent: `ScopeFields("order__owner_id", "order__unit_id", …)`.
    """

    owner: str = "owner_id"
    unit: str = "unit_id"
    company: str = "company_id"


class Origin(models.TextChoices):
    """How a document came in."""

    ENTERED = "entered", _("entered")
    IMPORTED = "imported", _("imported")
    API = "api", _("API")
    DERIVED = "derived", _("made by the system")


class OwnedDocument(models.Model):
    """Base of every document and of masters that somebody answers for.

    Moving a person does not move documents; a hand-over does (architecture, permissions).
    """

    scope_fields: ClassVar[ScopeFields] = ScopeFields()

    # The indexes of lists begin with these: further ones would only cost every write.
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(
        "people.User", models.PROTECT, related_name="+", verbose_name=_("responsible"),
        db_index=False,
    )  # fmt: skip
    unit = models.ForeignKey(
        "people.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("unit"),
        db_index=False,
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.ENTERED)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True

    def ownership_set(
        self,
        actor: Actor,
        *,
        company_id: int,
        owner_id: int,
        unit_id: int,
        origin: str = Origin.ENTERED,
    ) -> None:
        """Fill the common columns of a new document; the caller saves it."""
        self.company_id = company_id
        self.owner_id = owner_id
        self.unit_id = unit_id
        self.origin = origin
        self.created_at = clock.now()
        self.created_by_id = actor.user_id
