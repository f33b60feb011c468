"""Rights, audit codes and parameters of the room."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare

_PRODUCT = "catalog.product"

PRODUCT_VIEW = permission_declare("catalog.product:view", _("See products"), model=_PRODUCT)
PRODUCT_EDIT = permission_declare(
    "catalog.product:edit", _("Create and change products, categories, units"), model=_PRODUCT
)
PRODUCT_EXPORT = permission_declare("catalog.product:export", _("Export products"), model=_PRODUCT)
PRODUCT_IMPORT = permission_declare("catalog.product:import", _("Import products"), model=_PRODUCT)
PRICE_VIEW = permission_declare("catalog.price:view", _("See prices"))
PRICE_EDIT = permission_declare("catalog.price:edit", _("Change price lists"))
PRICE_EXPLAIN = permission_declare("catalog.price:explain", _("Have a price explained"))
PRICE_IMPORT = permission_declare("catalog.price:import", _("Import prices"))
AUTHORITY_VIEW = permission_declare("catalog.authority:view", _("See price authority"))
AUTHORITY_EDIT = permission_declare("catalog.authority:edit", _("Change price authority"))
RESTRICTION_EDIT = permission_declare(
    "catalog.restriction:edit", _("Change where and to whom products are sold")
)

PRODUCT_CREATED = audit_declare("catalog.product.created", _("Product created"))
PRODUCT_IMPORTED = audit_declare("catalog.product.imported", _("Product imported"))
PRODUCT_UPDATED = audit_declare("catalog.product.updated", _("Product changed"))
PRODUCT_DISCONTINUED = audit_declare("catalog.product.discontinued", _("Product discontinued"))
PRODUCT_RESUMED = audit_declare("catalog.product.resumed", _("Product back on sale"))
UNITS_CHANGED = audit_declare("catalog.product.units_changed", _("Units of the product changed"))
CATEGORY_CREATED = audit_declare("catalog.category.created", _("Category created"))
CATEGORY_UPDATED = audit_declare("catalog.category.updated", _("Category changed"))
UNIT_CREATED = audit_declare("catalog.unit.created", _("Unit of measure created"))
LIST_CREATED = audit_declare("catalog.pricelist.created", _("Price list created"))
LIST_UPDATED = audit_declare("catalog.pricelist.updated", _("Price list changed"))
PRICES_CHANGED = audit_declare(
    "catalog.pricelist.prices_changed", _("%(count)s prices set, %(removed)s removed")
)
RESTRICTION_ADDED = audit_declare("catalog.restriction.added", _("Sale restriction added"))
RESTRICTION_ENDED = audit_declare("catalog.restriction.ended", _("Sale restriction ended"))
AUTHORITY_SET = audit_declare("catalog.authority.set", _("Price authority set"))
AUTHORITY_REMOVED = audit_declare("catalog.authority.removed", _("Price authority removed"))

TAX_RATE_DEFAULT = parameter_declare(
    "catalog.tax_rate_default",
    kind=Decimal,
    default=Decimal("0.13"),
    minimum=Decimal(0),
    maximum=Decimal(1),
    title=_("Tax rate of new products (0.13 for 13 percent)"),
)
