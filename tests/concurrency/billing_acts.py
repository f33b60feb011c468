"""What the processes of the billing races do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.verification import verify_all
from tests.fixtures.house import make_house

START = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
CODES = frozenset({"I1", "I2", "I3", "I5", "I8", "I15"})


def prepare(rounds: int) -> dict[str, Any]:
    """Make an invoice of 100 and two confirmed receipts of 70 per round."""
    from chengdan.modules.billing.services import (
        OpeningRow,
        ReceiptDraft,
        receipt_confirm,
        receipts_register,
        receivables_open,
    )

    with clock.at(START):
        house = make_house()
        customer = house.customer("C1", limit=1_000_000)
        day = date(2026, 11, 1)
        rows = [
            OpeningRow(customer, f"OLD-{number}", day, day, Decimal(100))
            for number in range(rounds)
        ]
        invoices = receivables_open(actor=house.system, rows=rows)
        drafts = [ReceiptDraft(customer, Decimal(70), day) for _number in range(2 * rounds)]
        receipts = receipts_register(actor=house.system, drafts=drafts)
        for receipt in receipts:
            receipt_confirm(actor=house.system, receipt_id=receipt.pk)
        return {
            "company": house.company.pk,
            "invoices": [row.pk for row in invoices],
            "receipts": [row.pk for row in receipts],
        }


def act(verb: str, world: dict[str, Any], number: int) -> str:
    """Pay the round's invoice with the first or second receipt, or reverse it."""
    from chengdan.modules.billing.services import Part, invoice_reverse, receipt_allocate

    actor = Actor.system("race", world["company"])
    invoice = world["invoices"][number]
    with clock.at(START):
        if verb == "reverse":
            invoice_reverse(actor=actor, invoice_id=invoice, reason="race")
        else:
            receipt = world["receipts"][2 * number + (verb == "second")]
            parts = [Part(invoice, Decimal(70))]
            receipt_allocate(actor=actor, receipt_id=receipt, parts=parts)
    return verb


def state() -> dict[str, Any]:
    """Return what is open on each invoice and what does not add up."""
    from chengdan.modules.billing.models import Invoice

    rows = Invoice.objects.filter(kind="opening").order_by("pk")
    found = [(status, str(amount)) for status, amount in rows.values_list("status", "open")]
    differences = [str(item) for item in verify_all() if item.invariant in CODES]
    return {"invoices": found, "differences": differences}
