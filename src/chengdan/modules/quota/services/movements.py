"""What leaves with a shipment consumes what was reserved, and comes back with its reversal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.transactions import write
from chengdan.modules.quota import rules
from chengdan.modules.quota.models import Hold
from chengdan.modules.quota.rules import Source
from chengdan.modules.quota.services.ledger import UNASKED, Ledger, OverRelease, ledger_of
from chengdan.modules.quota.vocabulary import OVER_DELIVERY, EntryKind, HoldError, Measure


def quota_consume(*, actor: Actor, source: Source, shipped: Mapping[int, Decimal]) -> None:
    """Turn reserved quota of lines into consumed quota when they are shipped.

    What is shipped beyond the reservation (over-delivery within tolerance) is consumed too and
    stands above the quota where nothing is left. A line that no cell binds changes nothing.

    Args:
        shipped: line → quantity in base units, > 0.

    Raises:
        ValueError: a quantity is not positive; a caller bug.
    """
    _positive(shipped)
    with write():
        ledger = ledger_of(actor, source, shipped)
        person = (actor.user_id,) if actor.user_id else ()
        release = OverRelease(person, OVER_DELIVERY)
        for hold, quantity in ledger.of_lines(shipped):
            if not hold.quantity:
                _pass_by(ledger, hold, quantity)
                continue
            consumed = _consumed_after(hold, hold.shipped + quantity) - hold.consumed
            from_reserved = min(consumed, hold.reserved)
            hold.shipped += quantity
            ledger.change(
                hold,
                EntryKind.CONSUME,
                reserved=-from_reserved,
                consumed=consumed,
                release=release,
            )
        ledger.save()


def _positive(shipped: Mapping[int, Decimal]) -> None:
    if any(quantity <= ZERO for quantity in shipped.values()):
        raise ValueError("a shipped quantity is positive")


def _consumed_after(hold: Hold, shipped: Decimal) -> Decimal:
    """Return what the cell has consumed once `shipped` of the line's quantity is out."""
    return rules.share(hold.reserved + hold.consumed, shipped, hold.quantity)


def _pass_by(ledger: Ledger, hold: Hold, quantity: Decimal) -> None:
    """Note, where the line left something shipped, what goes out elsewhere since."""
    if hold.shipped:
        hold.elsewhere += quantity
        ledger.keep(hold)


def quota_return(*, actor: Actor, source: Source, shipped: Mapping[int, Decimal]) -> None:
    """Reverse a shipment: consumed quota of the lines is reserved again.

    What went out last comes back first. A cell that came to a line after part of it was shipped
    has not consumed that part. When it comes back it is reserved there too, above the quota where
    nothing is left; the cell that the line had left by then gives it back and reserves nothing.

    Args:
        shipped: line → quantity in base units, > 0.

    Raises:
        HoldError: the line has not shipped that much.
        ValueError: a quantity is not positive; a caller bug.
    """
    _positive(shipped)
    with write():
        ledger = ledger_of(actor, source, shipped)
        for line_ref, quantity in shipped.items():
            held = ledger.of_line(line_ref)
            # Only a cell that was there all the time knows all that went out.
            seen = [hold.shipped for hold in held if hold.is_in and not hold.elsewhere]
            found = max(seen, default=quantity)
            if quantity > found:
                raise HoldError(found=found, wanted=quantity)
            given = _give_back(ledger, [hold for hold in held if hold.has_left], quantity)
            for hold in held:
                if hold.is_in:
                    _return(ledger, hold, quantity, given)
        ledger.save()


def _give_back(ledger: Ledger, left: Iterable[Hold], quantity: Decimal) -> dict[str, Decimal]:
    """Give back to cells that the line left what comes back beyond what went out since.

    Returns:
        Measure → the most that a cell got back.
    """
    given: dict[str, Decimal] = {}
    for hold in left:
        out = hold.shipped - min(hold.shipped, max(ZERO, quantity - hold.elsewhere))
        consumed = rules.share(hold.consumed, out, hold.shipped)
        measure = ledger.cells[hold.cell_id].measure
        given[measure] = max(given.get(measure, ZERO), hold.consumed - consumed)
        hold.elsewhere = max(ZERO, hold.elsewhere - quantity)
        hold.shipped = out
        ledger.keep(hold)
        ledger.change(hold, EntryKind.RETURN, consumed=consumed - hold.consumed)
    return given


def _return(ledger: Ledger, hold: Hold, quantity: Decimal, given: Mapping[str, Decimal]) -> None:
    """Reserve again what comes back of a line, also what the cell never saw go out.

    Args:
        given: what came out of cells that the line left: the worth of goods in a cell that has
            nothing of the line itself.
    """
    back = min(quantity, hold.shipped)
    out = hold.shipped - back
    consumed = rules.share(hold.consumed, out, hold.shipped) if back else hold.consumed
    # What went beyond the line's quantity was never reserved and does not become it.
    whole = _whole(hold)
    if hold.quantity:
        unseen = rules.share(whole, quantity - back, hold.quantity)
    elif ledger.cells[hold.cell_id].measure == Measure.QUANTITY:
        unseen = quantity
    else:
        unseen = given.get(Measure.AMOUNT, ZERO)
    hold.quantity += quantity - back
    ledger.keep(hold)
    ledger.change(
        hold,
        EntryKind.RETURN,
        reserved=max(ZERO, whole - consumed) + unseen - hold.reserved,
        consumed=consumed - hold.consumed,
        release=UNASKED if unseen else None,
    )
    hold.shipped = out


def _whole(hold: Hold) -> Decimal:
    """Return what the line's whole quantity takes of the cell."""
    if hold.shipped <= hold.quantity:
        return hold.reserved + hold.consumed
    return rules.share(hold.consumed, hold.quantity, hold.shipped)
