"""Choices. The four classes and the credit grade are five separate fields (note N14)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CustomerStatus(TextChoices):
    """Whether we may sell to the customer."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("In business")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class ValueClass(TextChoices):
    """LED-16: by sales and potential; always shown as “class A”, never as a bare letter."""

    A = "A", _("Class A")
    B = "B", _("Class B")
    C = "C", _("Class C")


class FunnelClass(TextChoices):
    """LED-15: how close the customer is to a deal."""

    POTENTIAL = "potential", _("Potential")
    HOPEFUL = "hopeful", _("Most hopeful")
    CLOSING = "closing", _("About to close")


class ImportanceClass(TextChoices):
    """LED-17: which sales strategy the customer gets."""

    KEY = "key", _("Key customer")
    PROMISING = "promising", _("Potential customer")
    ORDINARY = "ordinary", _("Ordinary customer")


class RelationClass(TextChoices):
    """VIS-07: as the daily report of a salesperson names the customer."""

    DEVELOPMENT = "development", _("Being developed")
    NEW = "new", _("Newly won")
    EXISTING = "existing", _("Existing")


class CreditGrade(TextChoices):
    """Decisions §4; the labels carry the word “credit” because the letters repeat."""

    AAA = "AAA", _("Credit AAA")
    AA = "AA", _("Credit AA")
    A = "A", _("Credit A")
    B = "B", _("Credit B")
    C = "C", _("Credit C")


class TermBasis(TextChoices):
    """From which day the payment term counts (CRD-14)."""

    INVOICE = "invoice", _("From the invoice date")
    MONTH_END = "month_end", _("From the end of the month")


class AddressKind(TextChoices):
    """What an address is for."""

    BILL_TO = "bill_to", _("Bill to")
    SHIP_TO = "ship_to", _("Ship to")


class InvoiceKind(TextChoices):
    """Kind of VAT invoice the customer takes."""

    SPECIAL = "special", _("Special VAT invoice")
    ORDINARY = "ordinary", _("Ordinary VAT invoice")
