"""Choices of the room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from chengdan.modules.catalog import rules


class ListScope(TextChoices):
    """For whom a price list is; the narrower one wins."""

    GENERAL = rules.GENERAL, _("Everybody")
    REGION = rules.REGION, _("Regions")
    CUSTOMER = rules.CUSTOMER, _("Customers")


class RestrictionKind(TextChoices):
    """Whether the named region or customer is shut out, or the only one let in."""

    FORBIDDEN = rules.FORBIDDEN, _("Not for sale to")
    ONLY = rules.ONLY, _("For sale only to")
