"""Refusals of the room."""

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import RuleError


class NoConversionError(RuleError):
    """The unit is not one of the product's."""

    default_code = "no_conversion"
    default_message = _("Product %(product)s cannot be counted in this unit.")


class PriceMissingError(RuleError):
    """No list has a price for this sale."""

    default_code = "price_missing"
    default_message = _("There is no price for product %(product)s.")
