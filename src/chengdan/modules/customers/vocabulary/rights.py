"""Rights, audit codes and parameters of the room."""

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.numbering import series_declare
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare

_MODEL = "customers.customer"

CUSTOMER_VIEW = permission_declare("customers.customer:view", _("See customers"), model=_MODEL)
CUSTOMER_CREATE = permission_declare(
    "customers.customer:create", _("Create customers"), model=_MODEL
)
CUSTOMER_EDIT = permission_declare("customers.customer:edit", _("Change customers"), model=_MODEL)
CUSTOMER_ACTIVATE = permission_declare(
    "customers.customer:activate", _("Activate, resume and reopen customers"), model=_MODEL
)
CUSTOMER_SUSPEND = permission_declare(
    "customers.customer:suspend", _("Suspend and close customers"), model=_MODEL
)
CUSTOMER_HAND_OVER = permission_declare(
    "customers.customer:hand_over", _("Change the responsible person"), model=_MODEL
)
CUSTOMER_EXPORT = permission_declare(
    "customers.customer:export", _("Export customers"), model=_MODEL
)
CUSTOMER_IMPORT = permission_declare(
    "customers.customer:import", _("Import customers"), model=_MODEL
)
CONTACT_VIEW = permission_declare(
    "customers.contact:view", _("See contacts and addresses (masked)"), model=_MODEL
)
CONTACT_EDIT = permission_declare(
    "customers.contact:edit", _("Change contacts and addresses"), model=_MODEL
)
CONTACT_REVEAL = permission_declare(
    "customers.contact:reveal", _("Open masked phone numbers and addresses"), model=_MODEL
)
SHIPPING_EDIT = permission_declare(
    "customers.shipping:edit", _("Change and confirm shipping data"), model=_MODEL
)

CREATED = audit_declare("customers.customer.created", _("Customer created"))
IMPORTED = audit_declare("customers.customer.imported", _("Customer imported"))
UPDATED = audit_declare("customers.customer.updated", _("Customer changed"))
ACTIVATED = audit_declare("customers.customer.activated", _("Customer activated"))
SUSPENDED = audit_declare("customers.customer.suspended", _("Customer suspended"))
RESUMED = audit_declare("customers.customer.resumed", _("Customer resumed"))
CLOSED = audit_declare("customers.customer.closed", _("Customer closed"))
REOPENED = audit_declare("customers.customer.reopened", _("Customer reopened"))
HANDED_OVER = audit_declare("customers.customer.handed_over", _("Responsible person changed"))
DUPLICATE_OVERRIDDEN = audit_declare(
    "customers.customer.duplicate_overridden", _("Saved in spite of a possible duplicate")
)
CONTACT_ADDED = audit_declare("customers.contact.added", _("Contact added"))
CONTACT_CHANGED = audit_declare("customers.contact.changed", _("Contact changed"))
CONTACT_REMOVED = audit_declare("customers.contact.removed", _("Contact removed"))
PERSONAL_REVEALED = audit_declare("customers.contact.revealed", _("Personal data opened"))
ADDRESS_ADDED = audit_declare("customers.address.added", _("Address added"))
ADDRESS_CHANGED = audit_declare("customers.address.changed", _("Address changed"))
ADDRESS_REMOVED = audit_declare("customers.address.removed", _("Address removed"))
SHIPPING_CHANGED = audit_declare("customers.shipping.changed", _("Shipping data changed"))
SHIPPING_CHECKED = audit_declare("customers.shipping.checked", _("Shipping data confirmed"))
INVOICING_CHANGED = audit_declare("customers.invoicing.changed", _("Invoice details changed"))

SHIPPING_CHECK_MONTHS = parameter_declare(
    "customers.shipping_check_months",
    kind=int,
    default=1,
    minimum=1,
    maximum=24,
    title=_("Shipping data are checked every … months"),
    requirement="SHP-05",
)
PAYMENT_TERM_DAYS_MAX = parameter_declare(
    "customers.payment_term_days_max",
    kind=int,
    default=180,
    minimum=0,
    maximum=3650,
    title=_("Longest payment term in days"),
    requirement="CRD-14",
)

CUSTOMER_SERIES = series_declare(
    "customers.customer", title=_("Customer codes"), pattern="C{n:5}", reset="never"
)
