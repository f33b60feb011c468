"""Special treatment: applying, and what its decision does (ORD-09…11, CRD-06)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, RuleError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import rows_save
from chengdan.kernel.transactions import write
from chengdan.modules.credit.services import Release, credit_evaluate_locked, credit_reserve
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_with_account, order_lock
from chengdan.modules.orders.models import Order, SpecialTreatment
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.vocabulary import CreditBand, SpecialReason, SpecialStatus
from chengdan.modules.people.selectors import slt_members
from chengdan.modules.process.selectors import signers_of
from chengdan.modules.process.services import process_step_complete
from chengdan.modules.process.services.deciding import COMMENT_LENGTH_MAX

WAY_STEP, SIGNED_STEP = "WAY", "ST"


class SignaturesError(RuleError):
    """Fewer members of the leadership team than must sign a special treatment."""

    default_code = "orders.special_signatures"
    default_message = _(
        "A special treatment needs %(needed)s signatures of the leadership team; there are "
        "%(found)s. The order can be paid first."
    )


def order_way_pay_first(
    *, actor: Actor, order_id: int, expected_version: int | None = None
) -> Order:
    """Let an order that the credit check stopped be paid first.

    Raises:
        ConflictError: the order does not wait for this choice.
        ForbiddenError: the choice is somebody else's task.
    """
    with write():
        order = access_order_with_account(actor, order_id, words.APPLY_SPECIAL, expected_version)
        _way_open(order)
        order_pay_first_set(actor, order)
        process_step_complete(
            actor=actor,
            subject_type=words.ORDER,
            subject_id=order.pk,
            step_code=WAY_STEP,
            data={"way": "pay_first"},
        )
        return order_lock(order.pk)


def order_way_special(
    *,
    actor: Actor,
    order_id: int,
    reason_kind: str,
    reason: str,
    business_record: str,
    expected_version: int | None = None,
) -> Order:
    """Apply for special treatment with the business record; all SLT members are to sign.

    Raises:
        InvalidError: a reason of another kind, or no reason or record.
        ConflictError: the order does not wait for this choice.
        SignaturesError: too few seats of the leadership team are held.
    """
    _special_check(reason_kind, reason, business_record)
    with write():
        order = access_order_with_account(actor, order_id, words.APPLY_SPECIAL, expected_version)
        _way_open(order)
        _signatures_check(order, slt_members(order.company_id))
        special = SpecialTreatment.objects.create(
            company_id=order.company_id,
            order=order,
            reason_kind=reason_kind,
            reason=reason.strip(),
            business_record=business_record.strip(),
            gross=order.gross,
            over=order.credit_over,
            applied_by_id=actor.person_id,
            applied_at=clock.now(),
        )
        audit_record(
            actor,
            words.SPECIAL_APPLIED,
            special,
            after={"order": order.number, "kind": reason_kind, "over": order.credit_over},
            reason=reason,
        )
        process_step_complete(
            actor=actor,
            subject_type=words.ORDER,
            subject_id=order.pk,
            step_code=WAY_STEP,
            data={"way": "special"},
            # The history of the run tells why, wherever it is read.
            comment=reason.strip()[:COMMENT_LENGTH_MAX],
        )
        return order_lock(order.pk)


def order_pay_first_set(actor: Actor, order: Order) -> None:
    """Make the order paid first and reserve it as such; the account and the order are locked."""
    order.pays_first = True
    order.version += 1
    order.credit_band = CreditBand.PREPAID
    document_save(order, ["pays_first", "credit_band", "version"])
    credit_reserve(
        actor=actor,
        customer_id=order.customer_id,
        source=order_source(order.pk),
        amount=order.gross,
        pays_first=True,
        round_number=max(order.reserved_round, 1),
    )
    audit_record(actor, words.CHANGED, order, after={"pays_first": True})


def special_approve(actor: Actor, order: Order) -> None:
    """Reserve the order above the limit, released by the leadership team, and tell everybody.

    Raises:
        SignaturesError: too few different members signed.
    """
    signers = signers_of(words.ORDER, order.pk, (SIGNED_STEP,))
    _signatures_check(order, signers)
    # The member in charge of the customer stands first.
    first, *others = sorted(dict.fromkeys(signers), key=lambda pk: pk != order.slt_member_id)
    special = order.specials.get(status=SpecialStatus.OPEN)
    verdict = credit_evaluate_locked(
        order.customer_id, order.gross, order_source(order.pk), pays_first=False
    )
    until = clock.today() + timedelta(days=parameter_value(order.company_id, words.SPECIAL_DAYS))
    credit_reserve(
        actor=actor,
        customer_id=order.customer_id,
        source=order_source(order.pk),
        amount=order.gross,
        release=Release(
            by_id=first, with_ids=tuple(others),
            amount=verdict.over, until=until, reason=special.reason,
        ),
        round_number=max(order.reserved_round, 1),
    )  # fmt: skip
    _special_end(actor, special, SpecialStatus.APPROVED, words.SPECIAL_APPROVED)
    event_publish(actor, words.SpecialDecided(order_id=order.pk, is_approved=True))


def _signatures_check(order: Order, members: Collection[int]) -> None:
    needed, found = parameter_value(order.company_id, words.SPECIAL_SIGNATURES), len(set(members))
    if found < needed:
        raise SignaturesError(rule="ST-1", needed=needed, found=found)


def special_refuse(actor: Actor, order: Order) -> None:
    """Fall back to paying first, and tell everybody."""
    special = order.specials.get(status=SpecialStatus.OPEN)
    _special_end(actor, special, SpecialStatus.REFUSED, words.SPECIAL_REFUSED)
    order_pay_first_set(actor, order)
    event_publish(actor, words.SpecialDecided(order_id=order.pk, is_approved=False))


def special_void(actor: Actor, order: Order) -> None:
    """End applications because the order went back or was cancelled.

    An approval covered the order as it was then; when it is submitted again all is asked anew.
    """
    live = [SpecialStatus.OPEN, SpecialStatus.APPROVED]
    for special in order.specials.filter(status__in=live).order_by("pk"):
        _special_end(actor, special, SpecialStatus.VOID, words.SPECIAL_VOIDED)


def _special_end(actor: Actor, special: SpecialTreatment, status: str, code: str) -> None:
    special.status, special.decided_at = status, clock.now()
    special.version += 1
    rows_save([special], ["status", "decided_at", "version"])
    audit_record(actor, code, special, after={"status": status})


def _way_open(order: Order) -> None:
    if order.credit_band != CreditBand.STOP or order.status != words.OrderStatus.PROCESSING:
        raise ConflictError(
            _("The credit check does not stop this order."), code="orders.not_stopped"
        )
    if order.specials.filter(status__in=[SpecialStatus.OPEN, SpecialStatus.APPROVED]).exists():
        raise ConflictError(
            _("Special treatment is applied for already."), code="orders.special_open"
        )


def _special_check(reason_kind: str, reason: str, business_record: str) -> None:
    issues = []
    if reason_kind not in SpecialReason.values:
        issues.append(FieldIssue("reason_kind", "invalid", _("Choose a kind of reason.")))
    if not reason.strip():
        issues.append(FieldIssue("reason", "required", _("Please give a reason.")))
    if not business_record.strip():
        issues.append(
            FieldIssue(
                "business_record",
                "required",
                _("Attach the business record: sales, payments, what is planned."),
            )
        )
    if issues:
        raise InvalidError(issues)
