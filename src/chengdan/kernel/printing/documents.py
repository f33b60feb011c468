"""The data of a standard document: what almost every paper of a sale consists of."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import segno
from django.utils.translation import gettext as _

from chengdan.kernel.capital import amount_in_capitals

Pairs = Sequence[tuple[Any, Any]]


def qr_svg(text: str) -> str:
    """Return a QR code as SVG."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", xmldecl=False, border=0, scale=4)
    return out.getvalue().decode()


def standard_data(
    *,
    title: str,
    number: str,
    company: str,
    columns: Sequence[tuple[Any, str]] = (),
    rows: Sequence[Sequence[Any]] = (),
    facts: Pairs = (),
    totals: Pairs = (),
    amount: Decimal | None = None,
    url: str = "",
    copies: Sequence[Any] = (),
    signatures: Sequence[Any] = (),
    notes: str = "",
    is_traditional: bool = False,
) -> dict[str, Any]:
    """Return the data that `standard.typ` and templates built on `base.typ` take.

    Call it with the customer's language active; values are texts already formatted.

    Args:
        columns: (title, "start", "end" or "centre").
        amount: printed in capital numerals under the table.
        url: page of the document, as a QR code.
        copies: labels of the copies, such as 存根联; one set of pages each.
        signatures: who signs.
    """
    capitals = ""
    if amount is not None:
        capitals = amount_in_capitals(amount, is_traditional=is_traditional)
    return {
        "title": title,
        "number": number,
        "company": company,
        "facts": [[str(label), str(value)] for label, value in facts],
        "columns": [{"title": str(name), "align": align} for name, align in columns],
        "rows": [[str(cell) for cell in row] for row in rows],
        "totals": [[str(label), str(value)] for label, value in totals],
        "capitals": capitals,
        "qr": qr_svg(url) if url else "",
        "copies": [str(label) for label in copies],
        "signatures": [str(label) for label in signatures],
        "notes": notes,
        "words": {
            "page_of": _("Page {page} of {pages}"),
            "capitals": _("Amount in words"),
            "notes": _("Notes"),
            "date": _("Date"),
        },
    }
