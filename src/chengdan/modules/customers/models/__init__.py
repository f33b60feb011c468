"""Every table of the room, gathered for Django."""

from chengdan.modules.customers.models.customers import Customer, TaxTitle
from chengdan.modules.customers.models.places import Address, Contact, ShippingData

__all__ = ["Address", "Contact", "Customer", "ShippingData", "TaxTitle"]
