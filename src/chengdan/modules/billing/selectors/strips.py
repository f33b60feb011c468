"""The seven steps of BC for an invoice, with the clocks RM and CL beside the wait for RC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.durations import Duration
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.rules import STEP_CODES, band_states
from chengdan.modules.billing.selectors.clocks import clock_day
from chengdan.modules.billing.vocabulary import BC, BC_REOPENED, INVOICE
from chengdan.modules.process.selectors import StripNode, instance_latest, node_words, strip

# The steps are called as the definition calls them; the clocks stand in none.
CLOCK_TITLES = {"RM": _("Remind"), "CL": _("Collect")}


@dataclass(frozen=True, slots=True)
class BandNode:
    """One step of BC as pages show it; `note` is a day or an amount."""

    code: str
    title: Any
    state: str
    who: str = ""
    time: Duration | None = None
    is_left: bool = False
    note: Any = ""


def strip_steps(invoice: Invoice) -> list[BandNode]:
    """Return the seven steps with states done, run, wait, soon, late, skip or todo."""
    states = band_states(
        status=invoice.status,
        step=invoice.step,
        stage=invoice.stage,
        is_overdue=bool(invoice.due_on and invoice.open and invoice.due_on < clock.today()),
    )
    known, titles = _nodes(invoice), _titles()
    found = []
    for code, state in zip(STEP_CODES, states, strict=True):
        node = BandNode(code, titles[code], state)
        engine = known.get(code)
        if engine is not None and state not in ("skip", "todo"):
            late = engine.state if engine.state in ("soon", "late") and state == "run" else state
            node = replace(
                node, state=late, who=engine.who, time=engine.time, is_left=engine.is_left
            )
        found.append(replace(node, note=_note(invoice, code, node.state)))
    return found


def strip_todo() -> list[BandNode]:
    """Return the seven steps of an order without an invoice."""
    titles = _titles()
    return [BandNode(code, titles[code], "todo") for code in STEP_CODES]


def _titles() -> dict[str, Any]:
    words = node_words(BC)
    return {code: CLOCK_TITLES.get(code) or words.get(code, code) for code in STEP_CODES}


def _nodes(invoice: Invoice) -> dict[str, StripNode]:
    shown = strip(INVOICE, invoice.pk, BC)
    nodes = {node.code: node for node in shown.nodes} if shown else {}
    if instance_latest(BC_REOPENED, INVOICE, invoice.pk) is not None:
        again = strip(INVOICE, invoice.pk, BC_REOPENED)
        nodes |= {node.code: node for node in again.nodes} if again else {}
    return nodes


def _note(invoice: Invoice, code: str, state: str) -> Any:
    if invoice.due_on is None or state in ("skip", "done"):
        return ""
    day = clock_day(code, invoice.due_on) if code == "RM" else invoice.due_on
    return f"{day:%m-%d}" if code in ("RM", "RC") and day is not None else ""
