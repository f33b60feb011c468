"""Refusals of the room."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import ConflictError, RuleError


class LockedPeriodError(RuleError):
    """The posting date lies in a closed period."""

    default_code = "billing_period_locked"
    default_message = _("The books are closed up to %(until)s; nothing posts on %(on)s.")


class BillableError(RuleError):
    """More would be invoiced than was delivered."""

    status = HTTPStatus.CONFLICT
    default_code = "billing_not_billable"
    default_message = _(
        "Line %(line)s of order %(order)s: %(wanted)s were asked for, %(found)s can be invoiced."
    )


class RepricedError(RuleError):
    """The price of the order is another since the invoice was requested."""

    status = HTTPStatus.CONFLICT
    default_code = "billing_repriced"
    default_message = _(
        "Line %(line)s: the order's price has changed since. Drop this request and make a new one."
    )


class NothingToInvoiceError(RuleError):
    """Everything delivered is invoiced or requested already."""

    status = HTTPStatus.CONFLICT
    default_code = "billing_nothing_to_invoice"
    default_message = _("Nothing is left to invoice there.")


class AllocatedError(ConflictError):
    """Money is allocated and must be taken back first."""

    default_code = "billing_allocated"
    default_message = _("Receipts are allocated; take the allocation back first.")


class CreditNoteError(ConflictError):
    """A credit note stands; what it took back is invoiced again."""

    default_code = "billing_credit_note"
    default_message = _("A credit note is not taken back; invoice the goods again instead.")


class AmountError(RuleError):
    """A refusal whose figures are money and are said with their cents."""

    def __init__(self, message: Any = None, *, code: str = "", rule: str = "", **params: Any):
        said = {
            name: f"{value:,.2f}" if isinstance(value, Decimal) else value
            for name, value in params.items()
        }
        super().__init__(message, code=code, rule=rule, **said)
        self.params = params


class ReceiptMoneyError(AmountError):
    """More would be used than is there or owed."""

    status = HTTPStatus.CONFLICT
    default_code = "billing_money"
    default_message = _("%(document)s: only %(found)s left, %(wanted)s were asked for.")


class BackdatedError(AmountError):
    """On a day since, more would have been used than was there or owed."""

    status = HTTPStatus.CONFLICT
    default_code = "billing_backdated"
    default_message = _(
        "%(document)s would have stood at %(balance)s on %(on)s. The first day possible is "
        "%(first)s."
    )


class PostingError(ConflictError):
    """The step was decided but the posting did not come about."""

    default_code = "billing_not_posted"
    default_message = _("The invoice could not be posted. Reload it and look at its step.")
