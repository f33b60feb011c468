"""Refusals of the room."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import FieldIssue, InvalidError, RuleError
from chengdan.modules.customers.vocabulary.checks import Missing


@dataclass(frozen=True, slots=True)
class DuplicateHint:
    """One record that may be the same company.

    Attributes:
        grounds: any of name, uscc, phone, domain.
        responsible: name of the responsible person; the only thing told about a record out of
            the reader's scope.
        customer_id, code, name: filled only when the reader may see the record.
    """

    grounds: tuple[str, ...]
    responsible: str
    customer_id: int | None = None
    code: str = ""
    name: str = ""

    @property
    def is_open(self) -> bool:
        """True when the reader may see the record."""
        return self.customer_id is not None


class DuplicateError(RuleError):
    """The record may exist already; save again with a reason to override."""

    status = HTTPStatus.CONFLICT
    default_code = "duplicate"
    default_message = _(
        "This customer may exist already. Check the list, or give a reason to save it anyway."
    )

    def __init__(self, hints: dict[int, list[DuplicateHint]]) -> None:
        super().__init__()
        self.hints = hints


class ActivationError(InvalidError):
    """The customer lacks what it must carry; `missing` is the list."""

    default_code = "activation_missing"
    default_message = _("The customer cannot be activated yet: something is missing.")

    def __init__(self, missing: list[Missing]) -> None:
        items = [FieldIssue(m.code, m.code, m.message, rule=m.rule) for m in missing]
        super().__init__(items)
        self.missing = missing


class CustomerNotActiveError(RuleError):
    """Nothing is sold to a customer that is not active."""

    default_code: ClassVar[str] = "customer_not_active"
    default_message = _("Customer %(customer)s is not active: its state is “%(state)s”.")
