"""What the room plugs in while the applications start."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.numbering import numbers_provider_register
from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables_in_act
from chengdan.kernel.search import SearchSource, search_kind_register
from chengdan.kernel.ui.hooks import NavItem, NewItem, nav_register, new_register
from chengdan.modules.billing import handlers, histories, importing, jobs, process, verification
from chengdan.modules.billing.models import Invoice, InvoiceLine, Receipt
from chengdan.modules.billing.process import InvoiceSubject
from chengdan.modules.billing.selectors import providers
from chengdan.modules.billing.services.finding import invoice_fields, receipt_fields
from chengdan.modules.billing.services.progress import place_of_order
from chengdan.modules.billing.vocabulary import INVOICE, RECEIPT, rights
from chengdan.modules.credit.providers import (
    document_describer_register,
    exposure_provider_register,
    overdue_provider_register,
)
from chengdan.modules.credit.services import Bucket
from chengdan.modules.orders.services.progress import band_places_register
from chengdan.modules.people.access import visible
from chengdan.modules.process.subjects import subject_register

process.register()
reference_tables_in_act("invoice lines", InvoiceLine)
reference_tables_in_act(providers.INVOICES_TOPIC, Invoice)
subject_register(INVOICE, InvoiceSubject, title=_("Invoice"), mandatory=("AL",))
exposure_provider_register(Bucket.RECEIVABLE, providers.receivable_provide)
exposure_provider_register(Bucket.UNAPPLIED, providers.unapplied_provide)
exposure_provider_register(Bucket.EARMARKED, providers.earmarked_provide)
overdue_provider_register(providers.overdue_of)
document_describer_register(INVOICE, providers.invoices_describe)
document_describer_register(RECEIPT, providers.receipts_describe)
numbers_provider_register(rights.INVOICE_SERIES, providers.invoice_numbers)
numbers_provider_register(rights.CREDIT_SERIES, providers.credit_numbers)
numbers_provider_register(rights.RECEIPT_SERIES, providers.receipt_numbers)
search_kind_register(
    INVOICE,
    title=_("Invoices"),
    permission=rights.VIEW,
    scope_filter=lambda actor: visible(actor, rights.VIEW, Invoice.objects.all()),
    # What is not issued has no number to be found by.
    source=SearchSource(
        lambda: Invoice.objects.exclude(number="").select_related("customer"), invoice_fields
    ),
    icon="receipt",
    order=500,
)
search_kind_register(
    RECEIPT,
    title=_("Receipts"),
    permission=rights.RECEIPT_VIEW,
    scope_filter=lambda actor: visible(actor, rights.RECEIPT_VIEW, Receipt.objects.all()),
    source=SearchSource(
        lambda: Receipt.objects.select_related("customer"),
        lambda receipt: receipt_fields(receipt, receipt.customer.name),
    ),
    icon="coin",
    order=510,
)
work_titles_register(
    {
        "billing.collection_started": _("An invoice is overdue"),
        "billing.posted": _("An invoice was issued"),
        "billing.receipt_confirmed": _("A receipt was confirmed"),
        "billing.reversed": _("An invoice was reversed"),
        "billing.set_aside": _("Money was set aside for an order"),
        "billing.settled": _("An invoice is paid in full"),
        "billing.prepare_dispatched": _("Prepare invoices of dispatched goods"),
        "billing.prepare_confirmed": _("Prepare invoices of confirmed deliveries"),
        "billing.earmarks_apply": _("Use money paid in advance"),
        "billing.earmarks_apply_posted": _("Use money set aside for what is invoiced"),
        "billing.earmarks_release_settled": _("Give back money that a paid order left over"),
        "billing.earmarks_release_cancelled": _("Give back money of a cancelled order"),
        "billing.earmarks_release_amended": _("Give back money of a closed order"),
        "billing.ratio_sweep": _("Compare the collection rate with its goal"),
    }
)
nav_register(
    NavItem("billing", _("Billing"), "receipt", "billing:invoices", rights.VIEW, order=90),
    NavItem("receipts", _("Receipts"), "coin", "billing:receipts", rights.RECEIPT_VIEW,
            order=91, parent="billing"),
    NavItem("aging", _("Aging"), "chart-bar", "billing:aging", rights.LEDGER, order=92,
            parent="billing"),
    NavItem("remittances", _("Order to remittance"), "hourglass", "billing:remittances",
            rights.LEDGER, order=92, parent="billing"),
)  # fmt: skip
new_register(
    NewItem("receipt", _("Receipt"), "coin", "billing:register", rights.REGISTER, order=90),
    NewItem("invoice", _("Invoice request"), "receipt", "billing:request", rights.REQUEST,
            order=91),
)  # fmt: skip

__all__ = ["handlers", "histories", "importing", "jobs", "verification"]
band_places_register("bc", place_of_order)
