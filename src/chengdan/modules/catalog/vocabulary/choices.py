"""Choices of the room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ListScope(TextChoices):
    """For whom a price list is; the narrower one wins."""

    GENERAL = "general", _("Everybody")
    REGION = "region", _("Regions")
    CUSTOMER = "customer", _("Customers")


class RestrictionKind(TextChoices):
    """Whether the named region or customer is shut out, or the only one let in."""

    FORBIDDEN = "forbidden", _("Not for sale to")
    ONLY = "only", _("For sale only to")
