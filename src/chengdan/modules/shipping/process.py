"""Delivery notes as the process engine sees them, and the check that sets stock aside (SR)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import ConflictError, FieldIssue, NotFoundError
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import row_by_pk
from chengdan.modules.orders.services.progress import band_letters
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import holders_of, superiors_of
from chengdan.modules.process.subjects import (
    Check,
    FactType,
    Figure,
    Place,
    ProcessSubject,
    Verdict,
    action_register,
)
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import NOTES, note_lock
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote
from chengdan.modules.shipping.rules import fit_quantity
from chengdan.modules.shipping.selectors import available_of
from chengdan.modules.shipping.services.bands import bands_tell
from chengdan.modules.shipping.services.cancel import note_end
from chengdan.modules.shipping.services.reserve import (
    Cut,
    note_lines,
    note_reserve,
    picks_free,
)
from chengdan.modules.shipping.services.tell import note_people, note_tell
from chengdan.modules.shipping.vocabulary import NoteStatus

ZERO = Decimal(0)


class NoteSubject(ProcessSubject):
    """A delivery note in SP."""

    fact_types: ClassVar[Mapping[str, FactType]] = {
        "lines": FactType("number", title=gettext_lazy("Number of lines")),
        "gross": FactType("number", title=gettext_lazy("Amount")),
        "received_at": FactType("date", title=gettext_lazy("Handed to storage and transport")),
        "is_direct": FactType("flag", title=gettext_lazy("without an order")),
        "carrier": FactType("text", title=gettext_lazy("Carrier")),
        "warehouse": FactType("text", title=gettext_lazy("Warehouse")),
    }
    role_titles: ClassVar[Mapping[str, Any]] = {
        "csr": gettext_lazy("CSR"),
        "scr": gettext_lazy("SCR"),
        "picker": gettext_lazy("Keepers of the warehouse"),
        "checking_keeper": gettext_lazy("Keeper who did not pick"),
        "inspector": gettext_lazy("Quality inspector who did not pick"),
        "dispatcher": gettext_lazy("SCR or keeper"),
    }
    field_titles: ClassVar[Mapping[str, Any]] = {
        "customer": gettext_lazy("Customer"),
        "ship_to": gettext_lazy("Ship to"),
        "lines": gettext_lazy("Lines"),
        "line": gettext_lazy("Line"),
        "product": gettext_lazy("Product"),
        "quantity": gettext_lazy("Quantity"),
        "unit": gettext_lazy("Unit"),
    }

    def __init__(self, note: DeliveryNote) -> None:
        self.note = note
        self._lines: list[DeliveryLine] | None = None

    @classmethod
    def load(cls, subject_id: int) -> Self:
        """Return the note with what the engine asks for."""
        note = row_by_pk(NOTES, subject_id)
        if note is None:
            raise NotFoundError
        return cls(note)

    @classmethod
    def locked(cls, subject_id: int) -> Self:
        """Lock the customer's account, then the note, and return it."""
        return cls(note_lock(subject_id))

    def renewed(self, subject_id: int) -> Self:
        """Return the locked note itself; its lines are read again."""
        return type(self)(self.note)

    @property
    def lines(self) -> list[DeliveryLine]:
        """Return the lines by number, read once."""
        if self._lines is None:
            self._lines = note_lines(self.note.pk)
            for line in self._lines:
                line.delivery_note = self.note
        return self._lines

    def facts(self) -> dict[str, Any]:
        """Return the facts that conditions and limits of SP may use."""
        note = self.note
        return {
            "lines": len(self.lines),
            "gross": note.gross,
            "received_at": note.received_at,
            "is_direct": note.is_direct,
            "carrier": note.carrier,
            "warehouse": note.warehouse.code,
        }

    def responsible(self, role: str) -> list[int]:
        """Return who answers for the note in a role of SP; see `sp_people`."""
        return sp_people(self.note, role)

    def unit(self) -> int | None:
        """Return the unit that runs the warehouse: its calendar counts the hours (SHP-38)."""
        return self.note.warehouse.unit_id

    def company_id(self) -> int:
        """Return the legal entity."""
        return self.note.company_id

    @classmethod
    def by_number(cls, company_id: int, number: str) -> int | None:
        """Return the note with this number."""
        found = DeliveryNote.objects.filter(company_id=company_id, number__iexact=number)
        return found.values_list("pk", flat=True).first()

    def initiator(self) -> int | None:
        """Return the shipping coordinator, who got the note."""
        return self.note.scr_id or self.note.created_by_id

    def party(self) -> str:
        """Return the customer's name."""
        return self.note.customer.name

    def highlights(self) -> list[tuple[str, str]]:
        """Return how many lines it has, and that some were lowered."""
        count = _("%(count)s lines") % {"count": len(self.lines)}
        short = any(line.quantity < line.asked_quantity for line in self.lines)
        return [(count, ""), (_("short"), "soon")] if short else [(count, "")]

    def covered_content(self) -> dict[str, Any]:
        """Return what leaves and where to."""
        return {
            "customer": self.note.customer.code,
            "ship_to": str(self.note.ship_to or self.note.ship_to_text),
            "lines": [
                {
                    "line": line.number,
                    "product": line.product.code,
                    "quantity": format(line.quantity.normalize(), "f"),
                    "unit": line.unit_of_measure.name,
                }
                for line in self.lines
            ],
        }

    def title(self, language: str) -> str:
        """Return "Delivery note DN2611-0042"."""
        with override(language):
            return _("Delivery note %(number)s") % {"number": self.note.number}

    def url(self) -> str:
        """Return the address of the note's page."""
        return reverse("shipping:show", args=[self.note.pk])

    def may_view(self, actor: Actor) -> bool:
        """True when the note is within the actor's scope."""
        return can(actor, words.VIEW, self.note)

    def may_act(self, actor: Actor, step_code: str) -> bool:
        """True when the actor holds the right of the step's own act."""
        permission = words.STEP_RIGHTS.get(step_code)
        return permission is None or can(actor, permission, self.note)

    def missing_for(self, step_code: str, since: datetime) -> list[FieldIssue]:
        """Return the evidence that the note's own page writes before these steps are done."""
        note = self.note
        is_picked = note.picked_at is not None and note.picked_at >= since
        wanted = {
            "CA": (note.carrier, _("Arrange the carrier on the note's page.")),
            "PK": (is_picked, _("Pick the goods on the note's picking page.")),
            "OQ1": (note.keeper_checked_by_id, _("Compare and sign on the note's page.")),
            "OQ2": (note.inspector_checked_by_id, _("Compare and sign on the note's page.")),
            "DP": (note.dispatched_at, _("Dispatch the goods on the note's page.")),
            "FB": (note.fed_back_at, _("Report the waybill on the note's page.")),
            "CF": (note.confirmed_at, _("Record the signed confirmation on the note's page.")),
        }
        if step_code not in wanted or wanted[step_code][0]:
            return []
        return [FieldIssue("", "evidence", wanted[step_code][1], rule=step_code)]

    def act_url(self, step_code: str) -> str:
        """Return the page on which the step is done."""
        pages = {
            "CA": "carrier", "PK": "pick", "OQ1": "check", "OQ2": "check", "DP": "dispatch",
            "FB": "feedback", "CF": "confirm",
        }  # fmt: skip
        if step_code in pages:
            return reverse(f"shipping:{pages[step_code]}", args=[self.note.pk])
        return self.url()

    def progressed(self, place: Place) -> None:
        """Keep the seven letters of SP and the running step on the note and on its orders."""
        letters = band_letters(place.states)
        self.note.progress, self.note.step = letters, place.step
        self.note.due_at, self.note.due_pace = place.due_at, place.pace
        bands_tell(self.note)


def sp_people(note: DeliveryNote, role: str) -> list[int]:
    """Return who answers in a role of SP.

    `picker` is every keeper; `checking_keeper` every keeper but the picker, and where the picker
    is the only one the coordinator or the next superior; `inspector` every quality inspector who
    neither picked nor signed as keeper; `dispatcher` the coordinator and the keepers.
    """
    if role in {"csr", "scr"}:
        return note_people(note, role)
    keepers = holders_of("warehouse_keeper", note.company_id, note.warehouse.unit_id)
    others = {note.picked_by_id}
    if role == "picker":
        return keepers
    if role == "dispatcher":
        return list(dict.fromkeys([*note_people(note, "scr"), *keepers]))
    if role == "checking_keeper":
        free = [who for who in keepers if who not in others]
        if free:
            return free
        above = superiors_of(note.picked_by_id or 0, note.company_id)
        return [who for who in [*note_people(note, "scr"), *above] if who not in others][:1]
    if role == "inspector":
        others.add(note.keeper_checked_by_id)
        seats = holders_of("quality_inspector", note.company_id, note.warehouse.unit_id)
        return [who for who in seats if who not in others]
    return holders_of(role, note.company_id, note.warehouse.unit_id)


class StockCheck(Check):
    """SR: sets stock aside, first expired first out; lines that are short are lowered."""

    title: ClassVar[Any] = gettext_lazy("Stock check")
    outcomes: ClassVar[tuple[str, ...]] = ("full", "cut", "none", "gone")
    outcome_titles: ClassVar[Mapping[str, Any]] = {
        "full": gettext_lazy("all of it"), "cut": gettext_lazy("a part of it"),
        "none": gettext_lazy("nothing of it"), "gone": gettext_lazy("the goods have left"),
    }  # fmt: skip
    outcome_states: ClassVar[Mapping[str, str]] = {"cut": "soon"}
    figures: ClassVar[Mapping[str, Figure]] = {
        "wanted": Figure(gettext_lazy("wanted")), "kept": Figure(gettext_lazy("reserved")),
    }  # fmt: skip
    can_reserve: ClassVar[bool] = True

    def evaluate(self, subject: NoteSubject) -> Verdict:
        """Return what could be set aside now, without holding it."""
        note, lines = subject.note, subject.lines
        left = available_of(note.warehouse_id, (line.product_id for line in lines))
        cuts = []
        for line in lines:
            have = left.get(line.product_id, ZERO)
            kept = fit_quantity(line.quantity, line.factor, have)
            left[line.product_id] = have - kept * line.factor
            if kept < line.quantity:
                cuts.append(Cut(line.number, line.quantity, kept))
        kept_all = {cut.line: cut.kept for cut in cuts}
        is_any = any(kept_all.get(line.number, line.quantity) > ZERO for line in lines)
        return _verdict(cuts, is_any=is_any)

    def reserve(self, subject: NoteSubject, round_number: int) -> Verdict:
        """Hold what is there; an order's lowered rest goes back to its backlog."""
        note = subject.note
        if note.status != NoteStatus.OPEN:
            return Verdict(True, "shipping.left", gettext_lazy("The goods have left"),
                           rule="SR", outcome="gone")  # fmt: skip
        lines = subject.lines
        freed = picks_free([note])
        cuts = note_reserve(note, lines)
        if cuts:
            note.gross = sum((line.gross for line in lines), ZERO)
            document_save(note, ["gross"])
        verdict = _verdict(cuts, is_any=any(line.quantity > ZERO for line in lines))
        actor = Actor.system("shipping.sp", note.company_id)
        if cuts and verdict.passed:
            DeliveryLine.objects.filter(delivery_note=note, quantity=ZERO).delete()
        audit_record(
            actor,
            words.NOTE_RESERVED,
            note,
            before={"lines": {cut.line: cut.wanted for cut in cuts}} if cuts else None,
            after={
                **({"lines": {cut.line: cut.kept for cut in cuts}} if cuts else {}),
                **({"freed": len(freed)} if freed else {}),
            },
        )
        if cuts:
            note_tell(actor, note, "shipping.cut", ("scr", "csr"))
        crashpoint("shipping.sr.reserved")
        if cuts:
            subject._lines = None
        return verdict

    def release(self, subject: NoteSubject, round_number: int) -> None:
        """Free what an open or cancelled note holds; what has left is held by nobody."""
        note = subject.note
        if note.status not in {NoteStatus.OPEN, NoteStatus.CANCELLED}:
            return
        freed = picks_free([note])
        if freed:
            actor = Actor.system("shipping.sp", note.company_id)
            audit_record(actor, words.NOTE_FREED, note, after={"lots": len(freed)})


def _verdict(cuts: list[Cut], *, is_any: bool) -> Verdict:
    evidence = {
        "lines": [
            {
                "row": cut.line,
                "wanted": format(cut.wanted.normalize(), "f"),
                "kept": format(cut.kept.normalize(), "f"),
            }
            for cut in cuts
        ]
    }
    if not is_any:
        text = gettext_lazy("Nothing of it is in the warehouse")
        return Verdict(False, "shipping.none", text, rule="SR", evidence=evidence, outcome="none")
    if cuts:
        text = gettext_lazy("Set aside what is there; some lines were lowered")
        return Verdict(True, "shipping.cut", text, rule="SR", evidence=evidence, outcome="cut")
    text = gettext_lazy("All of it is set aside")
    return Verdict(True, "shipping.full", text, rule="SR", evidence=evidence, outcome="full")


def ended(actor: Actor, subject: NoteSubject, step: Any) -> None:
    """SP was refused or taken back: the note is given up, unless the goods have left.

    Raises:
        ConflictError: they have; the note must be reversed.
    """
    note = subject.note
    if note.status == NoteStatus.OPEN:
        note_end(actor, note, _("Shipping was refused or taken back."))
    elif note.status in {NoteStatus.DISPATCHED, NoteStatus.CONFIRMED}:
        raise ConflictError(
            _("The goods have left; reverse the note instead."), code="shipping.left"
        )


def register() -> None:
    """Give every action the name that the definition uses."""
    action_register("shipping.sp.ended", ended)
