"""Companies and the figures an administrator may change."""

from __future__ import annotations

import zoneinfo
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.currencies import currency_is_known
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, RuleError
from chengdan.kernel.parameters import (
    parameter_get,
    parameter_set,
    parameter_text,
    parameter_value,
)
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row, authorise, org_lock
from chengdan.modules.people.models import Company
from chengdan.modules.people.services.edits import (
    calendar_check,
    code_required,
    fields_change,
    text_required,
)
from chengdan.modules.people.vocabulary import COMPANY_EDIT, COMPANY_VIEW, PARAMETER_EDIT


def company_create(
    *,
    actor: Actor,
    code: str,
    name: str,
    currency: str = "CNY",
    exponent: int = 2,
    timezone: str = "Asia/Shanghai",
    calendar_code: str = "cn",
    is_tax_inclusive: bool = True,
) -> Company:
    """Add a legal entity.

    Raises:
        ForbiddenError: no right to change companies.
        InvalidError: code taken or empty, no name, unknown currency code or time zone.
    """
    with write():
        org_lock(actor, all_companies=True)
        authorise(actor, COMPANY_EDIT)
        code = code_required(code, _("Give the company a code."))
        name = text_required("name", name, _("Give the company a name."))
        if Company.objects.filter(code=code).exists():
            raise InvalidError(FieldIssue("code", "taken", _("Another company has this code.")))
        _figures_check(currency, exponent, timezone)
        company = Company.objects.create(
            code=code,
            name=name,
            currency=currency,
            exponent=exponent,
            timezone=timezone,
            calendar_code=_calendar(None, calendar_code),
            is_tax_inclusive=is_tax_inclusive,
            created_at=clock.now(),
        )
        after = {"code": code, "name": name, "currency": currency, "timezone": timezone}
        audit_record(actor, codes.COMPANY_CREATED, company, after=after)
        return company


def _calendar(company_id: int | None, code: str) -> str:
    text_required("calendar_code", code, _("Choose a working calendar."))
    return calendar_check(company_id, code)


def _figures_check(currency: str, exponent: int, timezone: str) -> None:
    issues = []
    if not currency_is_known(currency):
        message = _("There is no currency with this code; use its three letters, such as CNY.")
        issues.append(FieldIssue("currency", "unknown", message))
    if not 0 <= exponent <= 4:
        issues.append(FieldIssue("exponent", "range", _("Use 0 to 4 decimal places.")))
    if timezone not in zoneinfo.available_timezones():
        issues.append(FieldIssue("timezone", "unknown", _("There is no such time zone.")))
    if issues:
        raise InvalidError(issues)


def company_edit(
    *,
    actor: Actor,
    company_id: int,
    name: str,
    timezone: str,
    calendar_code: str,
    is_tax_inclusive: bool,
    expected_version: int | None = None,
) -> Company:
    """Change what may change later; code and currency stay as documents carry them.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
        InvalidError: no name, unknown time zone.
    """
    with write():
        company = access_row(
            actor, Company, company_id, view=COMPANY_VIEW, act=COMPANY_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        _figures_check(company.currency, company.exponent, timezone)
        values: dict[str, Any] = {
            "name": text_required("name", name, _("Give the company a name.")),
            "timezone": timezone,
            "calendar_code": _calendar(company.pk, calendar_code),
            "is_tax_inclusive": is_tax_inclusive,
        }
        fields_change(actor, codes.COMPANY_CHANGED, company, values)
        return company


def company_lock(
    *,
    actor: Actor,
    company_id: int,
    lock_date: date | None,
    reason: str,
    expected_version: int | None = None,
) -> Company:
    """Close the period up to `lock_date`; nothing posts on or before it (decisions §17).

    Moving the date back opens a period again and needs its reason like any other change.

    Raises:
        RuleError: the date is not over yet.
        InvalidError: no reason.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write():
        company = access_row(
            actor, Company, company_id, view=COMPANY_VIEW, act=COMPANY_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        reason = text_required("reason", reason, _("Say why the period is closed or opened."))
        if lock_date is not None and lock_date >= clock.today(company.timezone):
            raise RuleError(_("Only days that are over can be closed."), code="people.lock_date")
        values = {"lock_date": lock_date}
        fields_change(actor, codes.COMPANY_CHANGED, company, values, reason=reason)
        return company


def parameter_change(
    *,
    actor: Actor,
    company_id: int,
    code: str,
    text: str,
    reason: str,
    expected: str | None = None,
) -> Any:
    """Set a figure of a company and return its new value.

    Args:
        expected: the value that the person saw, as typed; without it nobody is protected from
            overwriting what another has changed meanwhile.

    Raises:
        ForbiddenError: no right to change settings, or another company.
        InvalidError: no reason; not a value of its kind, out of its bounds or none of its choices.
        ConflictError: another value than `expected` counts by now.
        KeyError: no such parameter; a caller bug.
    """
    parameter_get(code)
    with write():
        org_lock(actor)
        authorise(actor, PARAMETER_EDIT)
        company = access_row(actor, Company, company_id, view=COMPANY_VIEW, act=PARAMETER_EDIT)
        reason = text_required("reason", reason, _("Say why the setting is changed."))
        if expected not in {None, parameter_text(parameter_value(company.pk, code))}:
            raise ConflictError(code="version")
        before, after = parameter_set(actor, company.pk, code, text)
        if before != after:
            audit_record(
                actor, codes.PARAMETER_CHANGED, company, before={code: before},
                after={code: after}, params={"code": code}, reason=reason,
            )  # fmt: skip
        return after
