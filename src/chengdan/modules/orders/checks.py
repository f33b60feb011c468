"""The three checks of OP that nobody can get round: qualification, quota, credit (QC, AC, CC)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.numbers import ONE, ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.pending import document_save
from chengdan.kernel.texts import filled
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.credit.services import (
    Band,
    CreditVerdict,
    Release,
    credit_evaluate,
    credit_evaluate_locked,
    credit_free,
    credit_reserve,
)
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.process import OrderSubject
from chengdan.modules.orders.rules import LineFigures, line_money, share_of_line, totals
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.services.place import draft_of
from chengdan.modules.orders.services.pricing import PricedOrder, drafts_price
from chengdan.modules.orders.services.reserve import (
    demands_of,
    quota_free_order,
    quota_reserve_order,
    quota_source,
)
from chengdan.modules.orders.services.special import special_void
from chengdan.modules.orders.services.stops import (
    STOP,
    Stop,
    header_stops,
    price_stops,
    product_stops,
)
from chengdan.modules.orders.services.tell import order_tell
from chengdan.modules.orders.vocabulary import CreditBand, LineKind, QuotaChoice
from chengdan.modules.people.selectors import company_get
from chengdan.modules.process.selectors import signers_of
from chengdan.modules.process.subjects import Check, Figure, Verdict
from chengdan.modules.quota.services import QuotaVerdict, quota_evaluate

_RESERVED = ("credit_band", "credit_over", "reserved_round", "version")
# What verdicts say, by code, so that a reader finds them in the own language.
VERDICTS: dict[str, Any] = {
    "orders.qualified": _("On sale, priced and computed rightly"),
    "orders.quota_given": _("After the cut, discounts and free goods are more than was approved"),
    "orders.quota_empty": _("Nothing is left of the quota"),
    "orders.quota_full": _("Within the quota"),
    "orders.quota_free": _("No quota applies"),
    "orders.quota_over": _("%(lines)s lines above the quota, approval asked for"),
    "orders.quota_cut": _("%(lines)s lines cut to the quota"),
    "orders.credit_prepaid": _("Paid first"),
    "orders.credit_within": _("Within the limit, nothing overdue"),
    "orders.credit_over_small": _("Over the limit by %(over)s: the SLT member decides"),
    "orders.credit_stop": _("Over the limit by %(over)s, overdue %(overdue)s: pay first or apply"),
}


def _text(code: str, params: dict[str, Any]) -> str:
    """Return the text of a stored verdict; "" for one that carries its own."""
    message = VERDICTS.get(code)
    return str(message) % params if message is not None else ""


def _system(order: Order) -> Actor:
    return Actor.system("orders.op", order.company_id)


class QualificationCheck(Check):
    """QC: products on sale, prices within authority, amounts recomputed, approvals present."""

    title: ClassVar[Any] = _("Qualification check")
    figures: ClassVar[Mapping[str, Figure]] = {
        "gross": Figure(_("Amount"), "money"), "lines": Figure(_("Number of lines")),
        "title": Figure("", "text"), "text": Figure("", "text"),
    }  # fmt: skip

    def message(self, code: str, params: dict[str, Any]) -> str:
        """Return the text of a stored verdict in the reader's language."""
        return _text(code, params)

    def evaluate(self, subject: OrderSubject) -> Verdict:
        """Return what forbids the order; the approvals of OG are steps the engine proved before."""
        order = subject.order
        priced = drafts_price(_system(order), [draft_of(order, lines=subject.lines)])[0]
        stops = [
            Stop(STOP, "QC-3", issue.message, field=issue.field, row=issue.row)
            for issue in priced.issues
        ]
        stops += header_stops(priced, order.currency)
        stops += product_stops(priced)
        # What a signer of OG may give is allowed now, so only real stops are left of these.
        stops += unapproved_prices(order, priced)
        stops += self._amounts(order, subject.lines)
        blocking = [stop for stop in stops if stop.kind == STOP]
        evidence = {
            "gross": format(order.gross, "f"),
            "lines": len(subject.lines),
            "stops": [
                {
                    "rule": stop.rule,
                    "title": stop.title,
                    "text": stop.text,
                    "row": stop.row,
                }
                for stop in blocking
            ],
        }
        if blocking:
            first = blocking[0]
            return Verdict(
                False, "orders.not_qualified", first.title, rule=first.rule, evidence=evidence
            )
        return Verdict(
            True, "orders.qualified", VERDICTS["orders.qualified"], rule="QC",
            evidence=evidence,
        )  # fmt: skip

    def _amounts(self, order: Order, lines: list[OrderLine]) -> list[Stop]:
        computed = [
            line_money(
                LineFigures(line.kind, line.quantity, line.price, line.discount, line.tax_rate),
                is_tax_inclusive=order.is_tax_inclusive,
                exponent=company_get(order.company_id).exponent,
            )
            for line in lines
        ]
        stops = [
            Stop(STOP, "QC-3", filled(_("Line %(row)s is computed wrongly"), {"row": line.number}),
                 row=line.number)
            for line, amounts in zip(lines, computed, strict=True)
            if amounts.gross != line.gross or amounts.tax != line.tax
        ]  # fmt: skip
        if totals(computed).gross != order.gross:
            stops.append(Stop(STOP, "QC-3", _("The order's total is computed wrongly")))
        return stops


def unapproved_prices(order: Order, priced: PricedOrder) -> list[Stop]:
    """Return prices that none of those who submitted or signed OG may give."""
    own = [order.submitted_by_id] if order.submitted_by_id is not None else []
    stops = price_stops(_system(order), priced, own[0] if own else 0)
    if not stops:
        return []
    people = [*own, *order_signers(order)]
    return price_stops(_system(order), priced, people[0] if people else 0, people[1:])


def order_signers(order: Order) -> list[int]:
    """Return who signed the steps of OG in the running round, for price authority."""
    return signers_of(words.ORDER, order.pk, ("OG2", "OG3"))


class QuotaCheck(Check):
    """AC: reserves quota; what does not fit is cut, or goes to the leadership team."""

    title: ClassVar[Any] = _("Quota check")
    outcomes: ClassVar[tuple[str, ...]] = ("free", "full", "cut", "over")
    outcome_titles: ClassVar[Mapping[str, Any]] = {
        "free": _("no quota applies"), "full": _("within the quota"),
        "cut": _("cut to the quota"), "over": _("above the quota"),
    }  # fmt: skip
    outcome_states: ClassVar[Mapping[str, str]] = {"cut": "soon", "over": "soon"}
    figures: ClassVar[Mapping[str, Figure]] = {
        "wanted": Figure(_("wanted")), "allowed": Figure(_("given")),
    }  # fmt: skip
    can_reserve: ClassVar[bool] = True

    def message(self, code: str, params: dict[str, Any]) -> str:
        """Return the text of a stored verdict in the reader's language."""
        return _text(code, params)

    def evaluate(self, subject: OrderSubject) -> Verdict:
        """Return what would fit, without holding it."""
        order = subject.order
        demands = demands_of(order, subject.lines)
        source = quota_source(order.pk)
        verdicts = quota_evaluate(order.company_id, demands, source) if demands else []
        return self._verdict(order, verdicts)

    def reserve(self, subject: OrderSubject, round_number: int) -> Verdict:
        """Hold the quota; cut lines to what is left when the submitter accepted that."""
        order, lines = subject.order, subject.lines
        actor = _system(order)
        verdicts = self._evaluate_locked(actor, order, lines)
        verdict = self._verdict(order, verdicts)
        if verdict.outcome == "over":
            return verdict
        cuts = _cut_lines(order, lines, verdicts)
        if cuts:
            audit_record(
                actor,
                words.QUOTA_CHECKED,
                order,
                before={"lines": {row["row"]: row["from"] for row in cuts}},
                after={"lines": {row["row"]: row["to"] for row in cuts}, "gross": order.gross},
            )
            order_tell(actor, order, "orders.quota_cut", {"cuts": _cuts_text(cuts)})
        crashpoint("orders.ac.reserved")
        if cuts and (first := self._given_too_much(order, lines)):
            return Verdict(
                False, "orders.quota_given", VERDICTS["orders.quota_given"], rule=first.rule,
                evidence=verdict.evidence, outcome=verdict.outcome,
            )  # fmt: skip
        if any(line.quantity > ZERO for line in lines):
            return verdict
        return Verdict(
            False, "orders.quota_empty", VERDICTS["orders.quota_empty"], rule=verdict.rule,
            evidence=verdict.evidence, outcome=verdict.outcome,
        )  # fmt: skip

    def _given_too_much(self, order: Order, lines: list[OrderLine]) -> Stop | None:
        """Return what is wrong once discount lines and free goods stand beside fewer goods."""
        if all(line.kind == LineKind.GOODS for line in lines):
            return None
        priced = drafts_price(_system(order), [draft_of(order, lines=lines)])[0]
        stops = [*header_stops(priced), *unapproved_prices(order, priced)]
        return next((stop for stop in stops if stop.kind == STOP), None)

    def release(self, subject: OrderSubject, round_number: int) -> None:
        """Free what the round held and take cuts back: the next round asks for all again."""
        order, lines = subject.order, subject.lines
        actor = _system(order)
        quota_free_order(actor, order)
        restored = [line for line in lines if line.quantity != line.asked_quantity]
        if not restored or order.status == words.OrderStatus.CANCELLED:
            return
        products = product_summaries({line.product_id for line in restored if line.product_id})
        for line in restored:
            line.quantity = line.asked_quantity
            product = products.get(line.product_id or 0)
            factor = product.factor_of(line.unit_of_measure_id or 0) if product else None
            line.base_quantity = line.quantity * (factor or ONE)
        _recompute(order, lines)
        audit_record(actor, words.RESERVATIONS_FREED, order, after={"gross": order.gross})

    def _evaluate_locked(
        self, actor: Actor, order: Order, lines: list[OrderLine]
    ) -> list[QuotaVerdict]:
        if order.quota_choice == QuotaChoice.OVER:
            demands = demands_of(order, lines)
            wanted = quota_evaluate(order.company_id, demands) if demands else []
            if any(verdict.cut for verdict in wanted):
                return wanted
        return quota_reserve_order(actor, order, lines)

    def _verdict(self, order: Order, verdicts: list[QuotaVerdict]) -> Verdict:
        short = [verdict for verdict in verdicts if verdict.cut]
        evidence = {
            "lines": [
                {
                    "row": verdict.line_ref,
                    "wanted": format(verdict.wanted.normalize(), "f"),
                    "allowed": format(verdict.allowed.normalize(), "f"),
                    "rule": verdict.rule,
                    "cell": verdict.binding_id,
                }
                for verdict in verdicts
            ]
        }
        if not short:
            outcome = "full" if any(verdict.cells for verdict in verdicts) else "free"
            rule = "AC-2" if outcome == "full" else "AC-1"
            code = f"orders.quota_{outcome}"
            return Verdict(True, code, VERDICTS[code], {}, rule, evidence, outcome)
        outcome, rule = (
            ("over", "AC-4") if order.quota_choice == QuotaChoice.OVER else ("cut", "AC-3")
        )
        code = f"orders.quota_{outcome}"
        params = {"lines": len(short)}
        return Verdict(True, code, VERDICTS[code], params, rule, evidence, outcome)


def _cut_lines(
    order: Order, lines: list[OrderLine], verdicts: list[QuotaVerdict]
) -> list[dict[str, Any]]:
    """Lower the lines to what quota allows; a cut is the step's own result (decisions §5)."""
    allowed = {verdict.line_ref: verdict for verdict in verdicts if verdict.cut}
    cuts = []
    for line in lines:
        verdict = allowed.get(line.number)
        if verdict is None:
            continue
        before = line.quantity
        line.quantity = share_of_line(line.quantity, verdict.wanted, verdict.allowed, 6)
        line.base_quantity = verdict.allowed
        cuts.append({"row": line.number, "from": before, "to": line.quantity})
    if cuts:
        _recompute(order, lines)
    return cuts


def _cuts_text(cuts: list[dict[str, Any]]) -> str:
    """Return the cuts as numbers that need no words: "1: 50 → 20"."""
    return ", ".join(
        f"{row['row']}: {row['from'].normalize():f} → {row['to'].normalize():f}" for row in cuts
    )


def _recompute(order: Order, lines: list[OrderLine]) -> None:
    """Compute and save lines and totals after quantities changed."""
    computed = []
    for line in lines:
        amounts = line_money(
            LineFigures(line.kind, line.quantity, line.price, line.discount, line.tax_rate),
            is_tax_inclusive=order.is_tax_inclusive,
            exponent=company_get(order.company_id).exponent,
        )
        line.gross, line.tax, line.net = amounts.gross, amounts.tax, amounts.net
        computed.append(amounts)
    OrderLine.objects.bulk_update(lines, ["quantity", "base_quantity", "gross", "tax", "net"])
    sums = totals(computed)
    order.gross, order.tax, order.net = sums.gross, sums.tax, sums.net
    order.version += 1
    document_save(order, ["gross", "tax", "net", "version"])


class CreditCheck(Check):
    """CC: reserves the order's gross in the credit account and returns the band; no signature."""

    title: ClassVar[Any] = _("Credit check")
    outcomes: ClassVar[tuple[str, ...]] = ("prepaid", "within", "over_small", "stop")
    outcome_titles: ClassVar[Mapping[str, Any]] = dict(CreditBand.choices)
    outcome_states: ClassVar[Mapping[str, str]] = {"over_small": "soon", "stop": "late"}
    figures: ClassVar[Mapping[str, Figure]] = {
        "limit": Figure(_("Credit limit"), "money"), "before": Figure(_("Used before"), "money"),
        "amount": Figure(_("This order"), "money"), "exposure": Figure(_("Used with it"), "money"),
        "available": Figure(_("Free before it"), "money"),
        "over": Figure(_("Amount over the limit"), "money"),
        "overdue": Figure(_("Overdue amount"), "money"),
        "earmarked": Figure(_("Paid in advance"), "money"),
    }  # fmt: skip
    can_reserve: ClassVar[bool] = True

    def message(self, code: str, params: dict[str, Any]) -> str:
        """Return the text of a stored verdict in the reader's language."""
        return _text(code, params)

    def evaluate(self, subject: OrderSubject) -> Verdict:
        """Return the band, without holding anything."""
        order = subject.order
        verdict = credit_evaluate(
            order.customer_id,
            max(ZERO, order.gross),
            order_source(order.pk),
            pays_first=order.pays_first,
        )
        return _credit_verdict(verdict)

    def reserve(self, subject: OrderSubject, round_number: int) -> Verdict:
        """Hold the amount; an order in the band "stop" holds nothing until a way is chosen."""
        order = subject.order
        actor = _system(order)
        amount = max(ZERO, order.gross)
        verdict = credit_evaluate_locked(
            order.customer_id, amount, order_source(order.pk), pays_first=order.pays_first
        )
        order.credit_band = CreditBand(verdict.band)
        order.credit_over = verdict.over
        order.pays_first = order.pays_first or verdict.band == Band.PREPAID
        order.reserved_round = round_number
        order.version += 1
        document_save(order, [*_RESERVED, "pays_first"])
        if verdict.band != Band.STOP:
            credit_reserve(
                actor=actor,
                customer_id=order.customer_id,
                source=order_source(order.pk),
                amount=amount,
                release=_pending_release(order, verdict),
                pays_first=order.pays_first,
                round_number=round_number,
            )
        crashpoint("orders.cc.reserved")
        audit_record(
            actor,
            words.CREDIT_CHECKED,
            order,
            after={"band": verdict.band, "over": verdict.over, "exposure": verdict.exposure},
        )
        return _credit_verdict(verdict)

    def release(self, subject: OrderSubject, round_number: int) -> None:
        """Free what the order holds and forget the band; an open application lapses."""
        order = subject.order
        actor = _system(order)
        credit_free(actor=actor, customer_id=order.customer_id, source=order_source(order.pk))
        special_void(actor, order)
        order.credit_band, order.credit_over, order.reserved_round = CreditBand.NONE, ZERO, 0
        order.version += 1
        document_save(order, _RESERVED)
        audit_record(actor, words.RESERVATIONS_FREED, order, after={"reserved_round": 0})


def _pending_release(order: Order, verdict: CreditVerdict) -> Release | None:
    """Name the SLT member who has been asked to let the exposure pass the limit (CRD-05)."""
    if verdict.band != Band.OVER_SMALL or order.slt_member_id is None:
        return None
    days = parameter_value(order.company_id, words.SPECIAL_DAYS)
    return Release(
        by_id=order.slt_member_id,
        amount=verdict.over,
        until=clock.today() + timedelta(days=days),
        reason=str(_("Within the overrun that the SLT member decides")),
        is_pending=True,
    )


def _credit_verdict(verdict: CreditVerdict) -> Verdict:
    plain = {
        name: format(getattr(verdict, name), "f")
        for name in ("amount", "exposure", "before", "over", "available", "overdue", "earmarked")
    }
    plain["limit"] = "" if verdict.limit is None else format(verdict.limit, "f")
    return Verdict(
        True,
        f"orders.credit_{verdict.band}",
        VERDICTS[f"orders.credit_{verdict.band}"],
        {"over": f"{verdict.over:,.2f}", "overdue": f"{verdict.overdue:,.2f}"},
        verdict.rule,
        plain,
        verdict.band,
    )
