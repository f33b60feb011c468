"""Rights given to one person for a time, and deputies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.permissions import permissions_all
from chengdan.kernel.transactions import write
from chengdan.kernel.ui.formats import day_text
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row, authorise, org_lock
from chengdan.modules.people.models import Deputy, Grant, OrgUnit, Role, User
from chengdan.modules.people.selectors.signing import signable_titles
from chengdan.modules.people.services.edits import fields_change, text_required
from chengdan.modules.people.services.guards import administrator_kept, check_for_own_rights
from chengdan.modules.people.vocabulary import (
    DEPUTY_DAYS_MAX,
    DEPUTY_EDIT,
    DEPUTY_NAME,
    GRANT_EDIT,
    GRANT_VIEW,
    Scope,
)


def grant_give(
    *,
    actor: Actor,
    company_id: int,
    user_id: int,
    reason: str,
    starts_on: date,
    ends_on: date | None = None,
    role_id: int | None = None,
    permission: str = "",
    scope: str = "",
    unit_id: int | None = None,
) -> Grant:
    """Give a role or one permission to a person in a company.

    Args:
        scope: needed with `permission`; with a role it replaces the role's own scopes.
        unit_id: where unit scopes start, default the person's home unit.

    Raises:
        OwnRightsError: the person is the actor.
        InvalidError: neither or both of role and permission; unknown ones; no reason; dates.
        ForbiddenError: no right to grant.
    """
    with write():
        org_lock(actor)
        authorise(actor, GRANT_EDIT)
        check_for_own_rights(actor, user_id)
        if company_id != actor.company_id and not actor.is_system:
            raise InvalidError(FieldIssue("company", "other", _("Work in that company first.")))
        reason = text_required("reason", reason, _("Say why the right is given."))
        issues = _grant_issues(role_id, permission, scope, starts_on, ends_on)
        if not User.objects.filter(pk=user_id, is_active=True).exists():
            issues.append(FieldIssue("user", "unknown", _("Choose an active person.")))
        units = OrgUnit.objects.filter(pk=unit_id or 0, company_id=company_id)
        if unit_id is not None and not units.exists():
            issues.append(FieldIssue("unit", "unknown", _("There is no such unit.")))
        if issues:
            raise InvalidError(issues)
        grant = Grant.objects.create(
            company_id=company_id,
            user_id=user_id,
            role_id=role_id,
            permission=permission,
            scope=scope,
            unit_id=unit_id,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            given_by_id=actor.user_id,
            created_at=clock.now(),
        )
        after = {
            "user": user_id, "role": role_id, "permission": permission, "scope": scope,
            "unit": unit_id, "starts_on": starts_on, "ends_on": ends_on,
        }  # fmt: skip
        audit_record(actor, codes.GRANT_GIVEN, grant, after=after, reason=reason)
        return grant


def _grant_issues(
    role_id: int | None, permission: str, scope: str, starts_on: date, ends_on: date | None
) -> list[FieldIssue]:
    issues = []
    if (role_id is None) == (not permission):
        message = _("Choose a role or one permission.")
        issues.append(FieldIssue("role", "one_of", message))
    if role_id is not None and not Role.objects.filter(pk=role_id, is_active=True).exists():
        issues.append(FieldIssue("role", "unknown", _("There is no such role.")))
    if permission and permission not in {item.code for item in permissions_all()}:
        issues.append(FieldIssue("permission", "unknown", _("There is no such permission.")))
    if scope not in Scope.values and (scope or permission):
        issues.append(FieldIssue("scope", "unknown", _("Choose a scope.")))
    if ends_on is not None and ends_on < starts_on:
        issues.append(FieldIssue("ends_on", "order", _("The end lies before the start.")))
    return issues


def grant_end(
    *,
    actor: Actor,
    grant_id: int,
    ends_on: date | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Grant:
    """Take a grant back at once, or let `ends_on` be its last day.

    Raises:
        LastAdministratorError: nobody could grant rights any more.
        OwnRightsError: the end of the actor's own grant would move out.
        InvalidError: the end lies before the start.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    first_without = ends_on + timedelta(days=1) if ends_on else clock.today()
    with write(), administrator_kept(first_without):
        grant = access_row(
            actor, Grant, grant_id, view=GRANT_VIEW, act=GRANT_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        values: dict[str, object] = {"revoked_at": clock.now()}
        if ends_on is not None:
            if ends_on < grant.starts_on:
                message = _("The end lies before the start.")
                raise InvalidError(FieldIssue("ends_on", "order", message))
            if grant.ends_on is not None and ends_on > grant.ends_on:
                check_for_own_rights(actor, grant.user_id)
            values = {"ends_on": ends_on}
        fields_change(actor, codes.GRANT_ENDED, grant, values, reason=reason)
        return grant


def deputy_name(
    *,
    actor: Actor,
    principal_id: int,
    deputy_id: int,
    starts_on: date,
    ends_on: date,
    consent_text: str,
    document_types: Sequence[str] = (),
    max_amount: Decimal | None = None,
) -> Deputy:
    """Let somebody sign for the principal, on recorded consent (ORG-20).

    Args:
        ends_on: last day, at most `people.deputy_days_max` days after the first.
        document_types: labels such as "orders.order"; empty means all.
        max_amount: highest gross amount, company currency; None sets no limit.

    Raises:
        ForbiddenError: naming for somebody else needs its own right.
        OwnRightsError: somebody names himself as the deputy of another.
        InvalidError: same person, dates (also: over, too long, doubled), unknown type of
            documents, disabled person, no consent text.
    """
    with write():
        org_lock(actor)
        if principal_id == actor.user_id:
            authorise(actor, DEPUTY_NAME)
        else:
            authorise(actor, DEPUTY_EDIT)
            check_for_own_rights(actor, deputy_id)
        consent = text_required("consent_text", consent_text, _("Write down the consent."))
        company_id = actor.company_id or _company_of(principal_id)
        issues = _period_issues(company_id, starts_on, ends_on)
        if principal_id == deputy_id:
            message = _("Name somebody else as deputy.")
            issues.append(FieldIssue("deputy", "same_person", message))
        if not set(document_types) <= set(signable_titles()):
            message = _("Choose from the list.")
            issues.append(FieldIssue("document_types", "unknown", message))
        if max_amount is not None and max_amount <= 0:
            issues.append(FieldIssue("max_amount", "positive", _("Give an amount above zero.")))
        people = User.objects.filter(pk__in=[principal_id, deputy_id], is_active=True)
        if not issues and people.count() != 2:
            issues.append(FieldIssue("deputy", "unknown", _("Choose an active person.")))
        if issues:
            raise InvalidError(issues)
        _check_single(principal_id, deputy_id, starts_on, ends_on, set(document_types))
        deputy = Deputy.objects.create(
            company_id=company_id,
            principal_id=principal_id,
            deputy_id=deputy_id,
            starts_on=starts_on,
            ends_on=ends_on,
            document_types=sorted(set(document_types)),
            max_amount=max_amount,
            consent_text=consent,
            consented_at=clock.now(),
            recorded_by_id=actor.user_id,
        )
        after = {
            "principal": principal_id, "deputy": deputy_id, "starts_on": starts_on,
            "ends_on": ends_on, "document_types": deputy.document_types,
            "max_amount": max_amount, "consent": consent,
        }  # fmt: skip
        audit_record(actor, codes.DEPUTY_NAMED, deputy, after=after)
        return deputy


def _company_of(user_id: int) -> int:
    return User.objects.filter(pk=user_id).values_list("company_id", flat=True).first() or 0


def _period_issues(company_id: int, starts_on: date, ends_on: date) -> list[FieldIssue]:
    """Refuse periods that mean nothing any more, or that never end."""
    most = parameter_value(company_id, DEPUTY_DAYS_MAX)
    if ends_on < starts_on:
        return [FieldIssue("ends_on", "order", _("The end lies before the start."))]
    if ends_on < clock.today():
        return [FieldIssue("ends_on", "over", _("This period is over already."))]
    if (ends_on - starts_on).days >= most:
        message = _("One may be signed for during at most %(days)s days at a time.")
        return [FieldIssue("ends_on", "long", message % {"days": most})]
    return []


def _check_single(
    principal_id: int, deputy_id: int, starts_on: date, ends_on: date, types: set[str]
) -> None:
    """Refuse a second consent for the same documents in the same time: which one counted?"""
    rows = Deputy.objects.filter(
        principal_id=principal_id, deputy_id=deputy_id, revoked_at__isnull=True,
        starts_on__lte=ends_on, ends_on__gte=starts_on,
    )  # fmt: skip
    for row in rows:
        if not types or not row.document_types or types & set(row.document_types):
            message = _(
                "This deputy is named from %(first)s to %(last)s already; revoke that first."
            )
            days = {"first": day_text(row.starts_on), "last": day_text(row.ends_on)}
            raise InvalidError(FieldIssue("starts_on", "doubled", message % days))


def deputy_revoke(
    *, actor: Actor, deputy_id: int, reason: str = "", expected_version: int | None = None
) -> Deputy:
    """Take a deputy's power back at once; the principal or an administrator may.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write():
        own = Deputy.objects.filter(pk=deputy_id, principal_id=actor.user_id or 0).exists()
        act = DEPUTY_NAME if own else DEPUTY_EDIT
        deputy = access_row(
            actor, Deputy, deputy_id, view=act, act=act, expected_version=expected_version
        )
        if deputy.revoked_at is None:
            deputy.revoked_at = clock.now()
            deputy.version += 1
            deputy.save(update_fields=["revoked_at", "version"])
            after = {"revoked_at": deputy.revoked_at}
            audit_record(actor, codes.DEPUTY_REVOKED, deputy, after=after, reason=reason)
        return deputy
