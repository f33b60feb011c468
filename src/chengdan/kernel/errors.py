"""The tree of errors that say "the rule said no"; doors turn them into pages, JSON and rows.

Every error has a stable `code` for programs and a translated message for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

Text = Any  # str or a lazy translation


@dataclass(frozen=True, slots=True)
class FieldIssue:
    """One thing wrong with one value.

    Attributes:
        field: name of the field as the door knows it; "" when it concerns the whole.
        code: stable code.
        message: translated text.
        row: 1-based row or line number, None outside tables.
        rule: id of the rule shown to the user, such as "CC-3".
    """

    field: str
    code: str
    message: Text
    row: int | None = None
    rule: str = ""


def _said(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a message with numbers as people write them: 1,720.39."""
    return {
        name: f"{value.normalize():,f}" if isinstance(value, Decimal) else value
        for name, value in params.items()
    }


class DomainError(Exception):
    """A refusal with a stable code, a message and an HTTP status."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code: ClassVar[str] = "error"
    default_message: ClassVar[Text] = _("This is not possible.")

    def __init__(self, message: Text = None, *, code: str = "", rule: str = "", **params: Any):
        self.code = code or self.default_code
        self.rule = rule
        self.params = params
        template = self.default_message if message is None else message
        self.message = template % _said(params) if params else template
        super().__init__(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotFoundError(DomainError):
    """It does not exist, or the actor may not know that it does."""

    status = HTTPStatus.NOT_FOUND
    default_code = "not_found"
    default_message = _("Not found, or not open to you.")


class ForbiddenError(DomainError):
    """The actor sees it but may not do this with it."""

    status = HTTPStatus.FORBIDDEN
    default_code = "forbidden"
    default_message = _("You do not have the right to do this.")


class ConflictError(DomainError):
    """Somebody was faster, or the state does not allow it now."""

    status = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_message = _("Somebody has changed this meanwhile. Reload it and try again.")


class RuleError(DomainError):
    """A business rule refuses."""

    default_code = "rule"


class InvalidError(DomainError):
    """The input is wrong; `items` says where."""

    default_code = "invalid"
    default_message = _("Some entries are not right.")

    def __init__(
        self, items: list[FieldIssue] | FieldIssue, message: Text = None, *, code: str = ""
    ):
        self.items = [items] if isinstance(items, FieldIssue) else list(items)
        super().__init__(message, code=code)

    def __str__(self) -> str:
        return "; ".join(f"{item.field}: {item.message}" for item in self.items)
