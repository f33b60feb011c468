"""What people do when a step of OP, SP or BC stands in their inbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from chengdan.config.demo.story import Story
from chengdan.config.demo.world import words
from chengdan.kernel import clock
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import (
    Part,
    ReceiptDraft,
    invoice_deliver,
    invoice_issue,
    invoice_submit,
    receipt_allocate,
    receipt_confirm,
    receipt_earmark,
    receipt_register,
)
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import (
    order_accept,
    order_hand_over,
    order_print_bill,
    order_submit,
    order_way_pay_first,
    order_way_special,
)
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.services import task_decide
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services import (
    note_carrier,
    note_check,
    note_confirm,
    note_dispatch,
    note_feedback,
    note_pick,
)

TIMES_TOLD = ("电话，{name}", "微信，{name}", "短信")


def decide(story: Story, instance: Instance, task: Task | None) -> None:
    """Approve, or refuse once where the plan says so."""
    if task is None:
        return
    plan = story.plan_of(instance)
    decision = plan.refusals.pop(task.step_run.code, "approve")
    comment = "" if decision == "approve" else words()["reasons"]["return"]
    task_decide(
        actor=story.world.actor(task.assignee_id), task_id=task.pk, decision=decision,
        comment=comment,
    )  # fmt: skip


def resubmit(story: Story, instance: Instance, task: Task | None) -> None:
    """Hand a returned order in again."""
    if task is not None:
        order_submit(actor=story.world.actor(task.assignee_id), order_id=instance.subject_id)


def accept(story: Story, instance: Instance, task: Task | None) -> None:
    """OA: accept with a memo."""
    if task is None:
        return
    how = story.world.pick(TIMES_TOLD).format(name=story.world.pick(words()["surnames"]) + "女士")
    order_accept(
        actor=story.world.actor(task.assignee_id), order_id=instance.subject_id,
        customer_told_how=how,
    )  # fmt: skip


def choose_way(story: Story, instance: Instance, task: Task | None) -> None:
    """Pay first, or apply for special treatment."""
    if task is None:
        return
    actor = story.world.actor(task.assignee_id)
    plan = story.plan_of(instance)
    if plan.way == "pay_first":
        order_way_pay_first(actor=actor, order_id=instance.subject_id)
        return
    if plan.way == "refused":
        plan.refusals["ST"] = "refuse"
    reasons = words()["reasons"]
    order_way_special(
        actor=actor,
        order_id=instance.subject_id,
        reason_kind=story.world.pick(("fair", "growth", "other")),
        reason=story.world.pick(reasons["special"]),
        business_record=story.world.pick(reasons["records"]),
    )


def pay_first(story: Story, instance: Instance, task: Task | None) -> None:
    """PAY: money comes in and is set aside for the order."""
    order = Order.objects.get(pk=instance.subject_id)
    if story.plan_of(instance).is_unpaid:
        return
    clerk = story.world.actor(story.world.holder("finance_clerk"))
    receipt = receipt_register(actor=clerk, draft=_receipt(story, order.customer_id, order.gross))
    receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    receipt_earmark(actor=clerk, receipt_id=receipt.pk, order_id=order.pk, amount=order.gross)


def _receipt(story: Story, customer_id: int, amount: Decimal) -> ReceiptDraft:
    return ReceiptDraft(
        customer_id=customer_id,
        amount=amount,
        received_on=clock.today(),
        account="622000000001",
        bank_reference=f"DEMO{story.world.rng.randrange(10**10):010}",
    )


def print_bill(story: Story, instance: Instance, task: Task | None) -> None:
    """BG1: finance prints."""
    if task is not None:
        order_print_bill(actor=story.world.actor(task.assignee_id), order_id=instance.subject_id)


def hand_over(story: Story, instance: Instance, task: Task | None) -> None:
    """BG2: storage and transport sign for the note."""
    if task is None:
        return
    receiver = story.world.people[story.world.holder("shipping_coordinator")].display_name
    order_hand_over(
        actor=story.world.actor(task.assignee_id), order_id=instance.subject_id,
        received_by=receiver,
    )  # fmt: skip


def carrier(story: Story, instance: Instance, task: Task | None) -> None:
    """CA: the customer's designated carrier."""
    if task is None:
        return
    note = DeliveryNote.objects.select_related("customer__shipping").get(pk=instance.subject_id)
    plate = f"粤A{story.world.rng.randrange(10**5):05}"
    note_carrier(
        actor=story.world.actor(task.assignee_id), note_id=note.pk, carrier=note.carrier,
        station=note.station, vehicle=plate,
    )  # fmt: skip


def pick(story: Story, instance: Instance, task: Task | None) -> None:
    """PK: as proposed, first expired first out."""
    if task is not None:
        note_pick(actor=story.world.actor(task.assignee_id), note_id=instance.subject_id)


def check(story: Story, instance: Instance, task: Task | None) -> None:
    """OQ: keeper, then inspector."""
    if task is not None:
        note_check(actor=story.world.actor(task.assignee_id), note_id=instance.subject_id)


def dispatch(story: Story, instance: Instance, task: Task | None) -> None:
    """DP: the goods leave."""
    if task is not None:
        note_dispatch(actor=story.world.actor(task.assignee_id), note_id=instance.subject_id)


def feedback(story: Story, instance: Instance, task: Task | None) -> None:
    """FB: the waybill goes back to CSR and customer."""
    if task is None:
        return
    note_feedback(
        actor=story.world.actor(task.assignee_id), note_id=instance.subject_id,
        waybill=f"NL{story.world.rng.randrange(10**9):09}", customer_told_how="短信",
    )  # fmt: skip


def confirm(story: Story, instance: Instance, task: Task | None) -> None:
    """CF: the signed slip comes back; now and then with a deviation."""
    if task is None:
        return
    rng = story.world.rng
    note_confirm(
        actor=story.world.actor(task.assignee_id),
        note_id=instance.subject_id,
        signer=story.world.pick(words()["surnames"]) + story.world.pick(words()["given"]),
        deviation=words()["reasons"]["deviation"] if rng.random() < 0.04 else "",
        archive=f"签收单 {clock.today():%Y-%m} 第 {rng.randrange(1, 300)} 页",
    )


def request_invoice(story: Story, instance: Instance, task: Task | None) -> None:
    """IR: the billing coordinator asks for it."""
    if task is not None:
        invoice_submit(actor=story.world.actor(task.assignee_id), invoice_id=instance.subject_id)


def issue_invoice(story: Story, instance: Instance, task: Task | None) -> None:
    """IV1: finance posts it."""
    if task is not None:
        invoice_issue(actor=story.world.actor(task.assignee_id), invoice_id=instance.subject_id)


def deliver_invoice(story: Story, instance: Instance, task: Task | None) -> None:
    """IV2: finance brings it, the customer signs for it."""
    if task is not None:
        invoice_deliver(
            actor=story.world.actor(story.world.holder("finance_clerk")),
            invoice_id=instance.subject_id,
            signed_by=story.world.pick(words()["surnames"]) + "会计",
        )  # fmt: skip


def await_money(story: Story, instance: Instance, task: Task | None) -> None:
    """RC: the customer pays about the due date, or later; the look comes back until then."""
    invoice = Invoice.objects.get(pk=instance.subject_id)
    plan = story.plan_of(instance)
    if plan.is_unpaid or invoice.due_on is None or not invoice.open:
        return
    buyer = next(item for item in story.world.buyers if item.id == invoice.customer_id)
    late = max(buyer.lateness, plan.pays_late_by) or story.world.rng.randrange(-4, 3)
    day = max(invoice.due_on + timedelta(days=late), clock.today() + timedelta(days=1))
    story.at(story.world.moment(day), lambda: pay_invoice(story, invoice.pk))


def pay_invoice(story: Story, invoice_id: int) -> None:
    """Register the money, confirm it and use it for the invoice."""
    invoice = Invoice.objects.get(pk=invoice_id)
    if not invoice.open:
        return
    clerk = story.world.actor(story.world.holder("finance_clerk"))
    receipt = receipt_register(
        actor=clerk, draft=_receipt(story, invoice.customer_id, invoice.open)
    )
    receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(invoice.pk, invoice.open)])


HANDLERS: dict[str, Callable[[Story, Instance, Task | None], object]] = {
    "OG2": decide, "OG3": decide, "ACX": decide, "ST": decide, "MA": decide, "AM": decide,
    "AS": decide, "IA": decide, "resubmit": resubmit, "OA": accept, "WAY": choose_way,
    "PAY": pay_first, "BG1": print_bill, "BG2": hand_over, "CA": carrier, "PK": pick,
    "OQ1": check, "OQ2": check, "DP": dispatch, "FB": feedback, "CF": confirm,
    "IR": request_invoice, "IV1": issue_invoice, "IV2": deliver_invoice, "RC": await_money,
}  # fmt: skip
