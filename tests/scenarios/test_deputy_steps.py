"""A deputy without a seat does the steps that stand in the principal's inbox, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.modules.billing.services import invoice_deliver, invoice_issue, invoice_reverse
from chengdan.modules.orders.services import order_accept, order_hand_over, order_print_bill
from chengdan.modules.people.models import Deputy, User
from chengdan.modules.people.services import deputy_name, deputy_revoke, user_create
from chengdan.modules.process.errors import TakerRightError
from chengdan.modules.process.models import Task
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_transfer
from chengdan.modules.shipping.services import (
    note_carrier,
    note_check,
    note_confirm,
    note_dispatch,
    note_feedback,
    note_pick,
)
from tests.fixtures.billing import BillingHouse
from tests.fixtures.house import SEATS
from tests.fixtures.play import Play, differences

ORDER, NOTE, INVOICE = "orders.order", "shipping.deliverynote", "billing.invoice"


class StandIn:
    """Somebody without any seat, who does other people's steps while they travel."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.pk = user_create(
            actor=house.system, company_id=house.company.pk, username="yx.standin",
            display_name="代办人",
        ).pk  # fmt: skip
        house.people["standin"] = self.pk

    @property
    def actor(self) -> Any:
        return self.house.actor("standin")

    def signs_for(self, principal: str, document_type: str) -> Deputy:
        return deputy_name(
            actor=self.house.actor(principal), principal_id=self.house.people[principal],
            deputy_id=self.pk, starts_on=clock.today(), ends_on=clock.today(),
            document_types=[document_type], consent_text="电话同意 09:12",
        )  # fmt: skip

    def does(self, step: str, principal: str, kind: str, service: Any, **given: Any) -> None:
        """See nothing as a stranger; as a deputy, do the step in the principal's name."""
        with pytest.raises(NotFoundError):
            service(actor=self.actor, **given)
        deputy = self.signs_for(principal, kind)
        service(actor=self.actor, **given)
        task = Task.objects.get(step_run__code=step, state="done")
        assert task.decided_by_id == self.pk
        assert task.on_behalf_of_id == self.house.people[principal]
        deputy_revoke(actor=self.house.actor(principal), deputy_id=deputy.pk)


@pytest.mark.requirement("ORG-20")
def test_every_step_from_acceptance_to_the_signed_invoice_is_done_in_the_principals_name(
    depot: Any,
) -> None:
    house = depot.house
    standin = StandIn(house)
    depot.stock("HY-0712", 50)
    play = Play(house).enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager").decides("market_manager")
    order = {"order_id": play.order_id}
    standin.does("OA", "csr", ORDER, order_accept, customer_told_how="电话", **order)
    play.decides("deputy_sales_director")
    standin.does("BG1", "finance_clerk", ORDER, order_print_bill, **order)
    standin.does("BG2", "csr", ORDER, order_hand_over, received_by="刘志强", **order)
    note = {"note_id": depot.note_of(play.order_id).pk}
    standin.does("CA", "shipping_coordinator", NOTE, note_carrier, carrier="顺达物流", **note)
    standin.does("PK", "warehouse_keeper", NOTE, note_pick, **note)
    note_check(actor=depot.second_keeper(), **note)
    note_check(actor=house.actor("quality_inspector"), **note)
    standin.does("DP", "shipping_coordinator", NOTE, note_dispatch, vehicle="粤A·12345", **note)
    standin.does("FB", "shipping_coordinator", NOTE, note_feedback, waybill="SD1", **note)
    standin.does("CF", "csr", NOTE, note_confirm, signer="罗女士", archive="A3", **note)
    books = BillingHouse(house, play.order.customer_id)
    invoice = books.requested(play.order)
    books.approve(invoice)
    own = {"invoice_id": invoice.pk}
    standin.does("IV1", "finance_clerk", INVOICE, invoice_issue, **own)
    standin.does("IV2", "finance_clerk", INVOICE, invoice_deliver, signed_by="罗先生", **own)
    assert differences() == []


@pytest.mark.requirement("ORG-20")
def test_a_deputy_gets_the_pages_of_those_steps_and_no_other_act(billing: BillingHouse) -> None:
    standin = StandIn(billing.house)
    invoice = billing.posted(billing.order(10))
    client = Client()
    client.force_login(User.objects.get(pk=standin.pk))
    url = reverse("billing:deliver", args=[invoice.pk])
    assert client.get(url).status_code == 403
    standin.signs_for("finance_clerk", INVOICE)
    assert client.get(url).status_code == 200
    assert client.get(reverse("billing:reverse", args=[invoice.pk])).status_code == 403
    with pytest.raises(ForbiddenError):
        invoice_reverse(actor=standin.actor, invoice_id=invoice.pk, reason="错开")
    answer = client.post(url, {"signed_by": "罗先生", "delivered_on": clock.today().isoformat()})
    assert answer.status_code == 302
    invoice.refresh_from_db()
    assert invoice.signed_by == "罗先生"
    # The step is done: another's signature is nobody's task any more.
    assert client.post(url, {"signed_by": "别人"}).status_code in (409, 422)


def test_a_step_is_handed_only_to_somebody_who_may_do_it(depot: Any) -> None:
    house = depot.house
    play = Play(house).enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager").decides("market_manager")
    csr = house.actor("csr")
    task = open_task_for(ORDER, play.order_id, "OA", csr)
    assert task is not None
    hand: dict[str, Any] = {"actor": csr, "task_id": task.pk, "comment": "请代办"}
    with pytest.raises(TakerRightError) as refusal:
        task_transfer(to_user_id=house.people["quality_inspector"], **hand)
    assert refusal.value.params["name"] == SEATS["quality_inspector"]
    task_transfer(to_user_id=house.people["csr_billing"], **hand)
    order_accept(actor=house.actor("csr_billing"), order_id=play.order_id, customer_told_how="电话")
    assert play.stands_at == "MA"
