"""What else lies about in a living company: remarks, deputies, proposals, money to sort."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from chengdan.config.demo.people import deputies_name
from chengdan.config.demo.world import World, words
from chengdan.kernel import clock
from chengdan.kernel.comments.services import comment_add
from chengdan.kernel.errors import DomainError
from chengdan.kernel.outbox import outbox_drain
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import (
    OpeningRow,
    Part,
    ReceiptDraft,
    collection_act_add,
    receipt_allocate,
    receipt_confirm,
    receipts_register,
    receivables_open,
)
from chengdan.modules.credit.services import credit_limit_propose
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.process.models import ProblemRecord, Task
from chengdan.modules.process.services import (
    deadlines_sweep,
    problem_close,
    problem_explain,
    problem_verify,
    process_start,
    task_urge,
)


def extras_make(world: World) -> None:
    """Add them all, today."""
    with clock.at(world.later(world.now, -90)):
        deputies_name(world)
        _comments(world)
        _problems(world)
        _limits(world)
        _money(world)
        _receivables(world)
        _collection(world)
        _urges(world)
    with clock.at(world.now):
        deadlines_sweep()
        outbox_drain(10_000)


def _comments(world: World) -> None:
    orders = Order.objects.filter(status=OrderStatus.PROCESSING).order_by("-pk")
    texts = words()["comments"]
    for number, order in enumerate(orders[: world.count(30, least=3)]):
        if order.csr_id is None:
            continue
        comment_add(
            actor=world.actor(order.csr_id), target_type="orders.order", target_id=order.pk,
            text=texts[number % len(texts)], mentioned=[order.owner_id],
        )  # fmt: skip


def _problems(world: World) -> None:
    """Some missed promises are explained, some verified and closed; the rest is on the agenda."""
    texts = words()["explanations"]
    leader = world.actor(world.holder("ssg_leader"))
    manager = world.actor(world.holder("general_manager"))
    for number, record in enumerate(ProblemRecord.objects.order_by("pk")[: world.count(12)]):
        explanation, action = texts[number % len(texts)]
        try:
            problem_explain(
                actor=world.actor(record.owner_id), problem_id=record.pk,
                explanation=explanation, action=action,
            )  # fmt: skip
            verifier = leader if record.owner_id != leader.user_id else manager
            if number % 3:
                problem_verify(actor=manager, problem_id=record.pk, verification="已抽查，有效")
            if number % 3 == 2:
                problem_close(actor=verifier, problem_id=record.pk)
        except DomainError:
            continue


def _limits(world: World) -> None:
    """Proposals for higher limits that wait for a decision."""
    found = [item for item in world.buyers if item.limit][:: max(1, len(world.buyers) // 6)]
    for buyer in found[:6]:
        credit_limit_propose(
            actor=world.actor(world.holder("finance_clerk")), customer_id=buyer.id,
            limit=(buyer.limit or Decimal(0)) + 50_000,
            reason=world.pick(words()["reasons"]["special"]),
            evidence=world.pick(words()["reasons"]["records"]),
        )  # fmt: skip


def _money(world: World) -> None:
    """Receipts of today: some to be confirmed, some confirmed and not used, one used in part."""
    clerk = world.actor(world.holder("finance_clerk"))
    buyers = [item for item in world.buyers if not item.pay_first][: world.count(14, least=4)]
    drafts = [
        ReceiptDraft(
            customer_id=buyer.id,
            amount=Decimal(world.rng.randrange(20, 400) * 100),
            received_on=clock.today(),
            account="622000000001",
            bank_reference=f"TODAY{number:05}",
            payer=buyer.name,
            memo="货款",
        )
        for number, buyer in enumerate(buyers)
    ]
    made = receipts_register(actor=clerk, drafts=drafts)
    for receipt in made[::2]:
        receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    owing = Invoice.objects.filter(status="posted", open__gt=Decimal(1000)).order_by("pk").first()
    if owing is not None:
        draft = ReceiptDraft(
            owing.customer_id, Decimal(500), clock.today(), bank_reference="TODAY-PART"
        )
        part = receipts_register(actor=clerk, drafts=[draft])[0]
        receipt_confirm(actor=clerk, receipt_id=part.pk)
        receipt_allocate(actor=clerk, receipt_id=part.pk, parts=[Part(owing.pk, Decimal(300))])


def _receivables(world: World) -> None:
    """What customers owed when the company changed over, part of it long overdue."""
    late = sorted((item for item in world.buyers if item.lateness), key=lambda item: -item.lateness)
    rows = []
    for number, buyer in enumerate(late[: world.count(40, least=3)], 1):
        on = world.today - timedelta(days=buyer.term_days + world.rng.randrange(-4, 75))
        amount = Decimal(world.rng.randrange(15, 220) * 100)
        due = on + timedelta(days=buyer.term_days)
        rows.append(OpeningRow(buyer.id, f"QC{on:%y%m}-{number:04}", on, due, amount))
    for invoice in receivables_open(actor=world.system, rows=rows):
        process_start(
            actor=world.system, code="bc_reopened", subject_type="billing.invoice",
            subject_id=invoice.pk,
        )  # fmt: skip


def _collection(world: World) -> None:
    """Overdue customers were called; some promised a day."""
    leader = world.holder("ssg_leader")
    late = Invoice.objects.filter(status="posted", due_on__lt=clock.today(), open__gt=0)
    for number, invoice in enumerate(late.order_by("pk")[: world.count(10, least=2)]):
        collection_act_add(
            actor=world.actor(invoice.bcr_id or leader), invoice_id=invoice.pk, kind="call",
            result="promised" if number % 2 else "no_answer",
            promise_on=clock.today() + timedelta(days=5) if number % 2 else None,
            note=words()["reasons"]["promise"] if number % 2 else "",
        )  # fmt: skip


def _urges(world: World) -> None:
    """A few submitters ask the leaders to hurry."""
    tasks = Task.objects.filter(
        state="open", step_run__code__in=["MA", "ST"], instance__state="running"
    ).order_by("pk")
    for task in tasks.select_related("instance")[:3]:
        initiator = task.instance.initiator_id
        if initiator in world.people and initiator != task.assignee_id:
            task_urge(actor=world.actor(initiator), task_id=task.pk)
