"""Invoice details of a customer."""

from __future__ import annotations

from dataclasses import fields

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.transactions import write
from chengdan.modules.customers.access import access_customer_for
from chengdan.modules.customers.models import TaxTitle
from chengdan.modules.customers.services.cleaning import Cleaner
from chengdan.modules.customers.services.drafts import TaxTitleDraft
from chengdan.modules.customers.services.parts import tax_title_build
from chengdan.modules.customers.vocabulary import rights


def tax_title_save(*, actor: Actor, customer_id: int, draft: TaxTitleDraft) -> TaxTitle:
    """Store the invoice details.

    Raises:
        InvalidError: an unknown kind, a phone or mail that cannot exist, or details of a special
            VAT invoice without tax number or credit code.
    """
    with write():
        customer = access_customer_for(actor, customer_id, rights.CUSTOMER_EDIT)
        cleaner = Cleaner(0)
        title = tax_title_build(cleaner, customer, draft)
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        known = TaxTitle.objects.filter(customer=customer).first()
        names = [item.name for item in fields(TaxTitleDraft)]
        before = {name: getattr(known, name) for name in names} if known else {}
        after = {name: getattr(title, name) for name in names}
        changed = {name: value for name, value in after.items() if before.get(name, "") != value}
        if known is not None and not changed:
            return known
        title.save(force_insert=known is None, force_update=known is not None)
        audit_record(
            actor, rights.INVOICING_CHANGED, customer,
            before={name: before[name] for name in changed if name in before}, after=changed,
        )  # fmt: skip
    return title
