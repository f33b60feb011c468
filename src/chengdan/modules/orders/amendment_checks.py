"""The check of a change: everything an order is checked for, and credit for what it adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
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
from chengdan.modules.orders.models import Amendment
from chengdan.modules.orders.process import AmendmentSubject
from chengdan.modules.orders.services.amend import amendment_draft
from chengdan.modules.orders.services.amend_stops import CREDIT_SHORT, amendment_stops
from chengdan.modules.orders.services.pricing import drafts_price
from chengdan.modules.orders.services.reserve import (
    amendment_source,
)
from chengdan.modules.orders.services.stops import (
    STOP,
)
from chengdan.modules.orders.vocabulary import CreditBand
from chengdan.modules.process.subjects import Check, Figure, Verdict


class AmendmentCheck(Check):
    """Products, prices, and credit for the difference; what lowers the order always passes CC."""

    title: ClassVar[Any] = _("Check of the amendment")
    outcomes: ClassVar[tuple[str, ...]] = ("fits", "over_small", "stop")
    outcome_titles: ClassVar[Mapping[str, Any]] = {
        "fits": _("fits"), "over_small": CreditBand.OVER_SMALL.label,
        "stop": CreditBand.STOP.label,
    }  # fmt: skip
    outcome_states: ClassVar[Mapping[str, str]] = {"over_small": "soon", "stop": "late"}
    figures: ClassVar[Mapping[str, Figure]] = {
        "over": Figure(_("Amount over the limit"), "money"),
        "exposure": Figure(_("Used with it"), "money"),
        "stops": Figure(_("Why it is stopped"), "text"),
        "title": Figure("", "text"), "text": Figure("", "text"),
    }  # fmt: skip
    can_reserve: ClassVar[bool] = True

    def evaluate(self, subject: AmendmentSubject) -> Verdict:
        """Return what the check says, without holding anything."""
        amendment = subject.amendment
        return self._stopped(amendment) or self._credit(
            credit_evaluate(
                amendment.order.customer_id,
                max(ZERO, amendment.difference),
                amendment_source(amendment.pk),
                pays_first=amendment.order.pays_first,
            )
        )

    def reserve(self, subject: AmendmentSubject, round_number: int) -> Verdict:
        """Hold credit for what the change adds until it is in force or refused."""
        amendment = subject.amendment
        stopped = self._stopped(amendment)
        if stopped is not None or amendment.difference <= ZERO:
            return stopped or Verdict(True, "orders.amendment_fits", _("Adds nothing"), rule="AM-1",
                                      outcome="fits")  # fmt: skip
        order = amendment.order
        verdict = credit_evaluate_locked(
            order.customer_id,
            amendment.difference,
            amendment_source(amendment.pk),
            pays_first=order.pays_first,
        )
        if verdict.band != Band.STOP:
            credit_reserve(
                actor=Actor.system("orders.amendment", order.company_id),
                customer_id=order.customer_id,
                source=amendment_source(amendment.pk),
                amount=amendment.difference,
                release=self._release(amendment, verdict),
                pays_first=order.pays_first,
                round_number=round_number,
            )
        return self._credit(verdict)

    def release(self, subject: AmendmentSubject, round_number: int) -> None:
        """Free what the change held."""
        order = subject.order
        credit_free(
            actor=Actor.system("orders.amendment", order.company_id),
            customer_id=order.customer_id,
            source=amendment_source(subject.amendment.pk),
        )

    def _stopped(self, amendment: Amendment) -> Verdict | None:
        actor = Actor.system("orders.amendment", amendment.company_id)
        priced = drafts_price(actor, [amendment_draft(amendment)])[0]
        stops = amendment_stops(actor, amendment.order, priced, amendment.asked_by_id)
        blocking = [stop for stop in stops if stop.kind == STOP]
        if not blocking:
            return None
        evidence = {
            "stops": [
                {
                    "rule": stop.rule,
                    "title": stop.title,
                    "text": stop.text,
                    "row": stop.row,
                }
                for stop in blocking
            ]
        }
        first = blocking[0]
        return Verdict(False, "orders.amendment_stopped", first.title, {}, first.rule, evidence)

    def _release(self, amendment: Amendment, verdict: CreditVerdict) -> Release | None:
        order = amendment.order
        if verdict.band != Band.OVER_SMALL or order.slt_member_id is None:
            return None
        days = parameter_value(order.company_id, words.SPECIAL_DAYS)
        return Release(
            by_id=order.slt_member_id,
            amount=verdict.over,
            until=clock.today() + timedelta(days=days),
            reason=amendment.reason,
            is_pending=True,
        )

    def _credit(self, verdict: CreditVerdict) -> Verdict:
        evidence = {"over": format(verdict.over, "f"), "exposure": format(verdict.exposure, "f")}
        if verdict.band == Band.STOP:
            return Verdict(
                False, "orders.amendment_credit", CREDIT_SHORT,
                {"over": f"{verdict.over:,.2f}"}, verdict.rule, evidence, "stop",
            )  # fmt: skip
        outcome = "over_small" if verdict.band == Band.OVER_SMALL else "fits"
        return Verdict(
            True, "orders.amendment_fits", _("Credit suffices for the change"), {}, verdict.rule,
            evidence, outcome,
        )  # fmt: skip
