"""Accounts: create, invite, change, disable, enable."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError, RuleError
from chengdan.kernel.outbox import event_publish, job_enqueue
from chengdan.kernel.pinyin import pinyin_columns
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row, authorise, org_lock
from chengdan.modules.people.models import OrgUnit, User
from chengdan.modules.people.services.edits import fields_change, text_required
from chengdan.modules.people.services.guards import administrator_kept, check_for_own_rights
from chengdan.modules.people.services.sessions import sessions_end_all
from chengdan.modules.people.vocabulary import (
    USER_DISABLE,
    USER_EDIT,
    USER_VIEW,
    UserDisabled,
)

_USERNAME = re.compile(r"^[\w.@+-]{2,60}$")
PERSONAL = frozenset({"email", "phone"})
MAIL_JOB = "people.mail_link"


def search_columns(name: str) -> dict[str, str]:
    """Return the pinyin and the initials of a name, for search."""
    pinyin, initials = pinyin_columns(name)
    return {"pinyin": pinyin[:240], "initials": initials[:60]}


def user_create(
    *,
    actor: Actor,
    company_id: int,
    username: str,
    display_name: str,
    email: str = "",
    phone: str = "",
    language: str = "zh-hans",
    unit_id: int | None = None,
    password: str = "",
) -> User:
    """Open an account; without password the person gets in by invitation only.

    Raises:
        ForbiddenError: no right to change people there.
        InvalidError: name taken or badly formed, mail address, unknown unit or language.
    """
    with write():
        org_lock(actor)
        authorise(actor, USER_EDIT)
        if company_id != actor.company_id and not actor.is_system:
            raise InvalidError(FieldIssue("company", "other", _("Work in that company first.")))
        username = username.strip()
        issues = _user_issues(email, language, company_id, unit_id)
        if not _USERNAME.match(username):
            message = _("Use 2 to 60 letters, digits or . @ + - _")
            issues.append(FieldIssue("username", "form", message))
        if User.objects.filter(username__iexact=username).exists():
            issues.append(FieldIssue("username", "taken", _("This user name is taken.")))
        if not display_name.strip():
            issues.append(FieldIssue("display_name", "required", _("Give a name.")))
        if issues:
            raise InvalidError(issues)
        user = User(
            username=username,
            display_name=display_name.strip(),
            email=email.strip(),
            phone=phone.strip(),
            language=language,
            company_id=company_id,
            unit_id=unit_id,
            created_at=clock.now(),
            **search_columns(display_name),
        )
        authorise(actor, USER_EDIT, user)
        if password:
            user.set_password(password)
            user.password_changed_at = clock.now()
        else:
            user.set_unusable_password()
        user.save(force_insert=True)
        after = {"username": username, "display_name": user.display_name, "unit": unit_id}
        personal = {"email": user.email, "phone": user.phone}
        audit_record(
            actor, codes.USER_CREATED, user, after=after,
            personal={name: value for name, value in personal.items() if value},
        )  # fmt: skip
        return user


def _user_issues(
    email: str, language: str, company_id: int, unit_id: int | None
) -> list[FieldIssue]:
    issues = []
    if email.strip():
        try:
            validate_email(email.strip())
        except ValidationError:
            issues.append(FieldIssue("email", "form", _("This is not a mail address.")))
    if language not in dict(settings.LANGUAGES):
        issues.append(FieldIssue("language", "unknown", _("Choose a language.")))
    units = OrgUnit.objects.filter(pk=unit_id or 0, company_id=company_id, closed_on__isnull=True)
    if unit_id is not None and not units.exists():
        issues.append(FieldIssue("unit", "unknown", _("There is no such unit.")))
    return issues


def user_edit(
    *,
    actor: Actor,
    user_id: int,
    display_name: str,
    email: str,
    phone: str,
    unit_id: int | None,
    expected_version: int | None = None,
) -> User:
    """Change name, mail, phone and home unit.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
        OwnRightsError: moving oneself would move the reach of one's grants.
        InvalidError: name empty, mail address, unknown unit.
    """
    with write():
        user = access_row(
            actor, User, user_id, view=USER_VIEW, act=USER_EDIT, expected_version=expected_version
        )
        if unit_id != user.unit_id:
            check_for_own_rights(actor, user.pk)
        name = text_required("display_name", display_name, _("Give a name."))
        issues = _user_issues(email, user.language, user.company_id, unit_id)
        if issues:
            raise InvalidError(issues)
        values = {
            "display_name": name,
            "email": email.strip(),
            "phone": phone.strip(),
            "unit_id": unit_id,
            **search_columns(name),
        }
        fields_change(actor, codes.USER_CHANGED, user, values, personal=PERSONAL)
        return user


def profile_edit(*, actor: Actor, email: str, phone: str, language: str) -> User:
    """Change one's own mail, phone and language.

    Raises:
        InvalidError: mail address, unknown language.
    """
    with write():
        org_lock(actor)
        user = User.objects.get(pk=actor.user_id or 0)
        issues = _user_issues(email, language, user.company_id, None)
        if issues:
            raise InvalidError(issues)
        values = {"email": email.strip(), "phone": phone.strip(), "language": language}
        fields_change(actor, codes.USER_CHANGED, user, values, personal=PERSONAL)
        return user


def user_set_language(*, actor: Actor, language: str) -> User:
    """Choose the language of one's pages and mails.

    Raises:
        InvalidError: unknown language.
    """
    with write():
        org_lock(actor)
        user = User.objects.get(pk=actor.user_id or 0)
        issues = _user_issues("", language, user.company_id, None)
        if issues:
            raise InvalidError(issues)
        fields_change(actor, codes.USER_LANGUAGE, user, {"language": language})
        return user


def user_invite(*, actor: Actor, user_id: int, base_url: str) -> User:
    """Send the link with which the person chooses the first password.

    Args:
        base_url: scheme and host of the site as the inviter sees it.

    Raises:
        RuleError: disabled, or without mail address.
        NotFoundError, ForbiddenError: see `access_row`.
    """
    with write():
        user = access_row(actor, User, user_id, view=USER_VIEW, act=USER_EDIT)
        if not user.is_active or not user.email:
            message = _("An invitation needs an active account with a mail address.")
            raise RuleError(message, code="people.no_mail")
        payload = {"login": user.username, "purpose": "invite", "base_url": base_url}
        job_enqueue(actor, MAIL_JOB, payload)
        audit_record(actor, codes.USER_INVITED, user)
        return user


def user_disable(
    *, actor: Actor, user_id: int, reason: str, expected_version: int | None = None
) -> User:
    """Close an account: all its sessions end at once.

    `open_work_of` tells what somebody else must take over.

    Raises:
        OwnRightsError: nobody closes the own account.
        LastAdministratorError: nobody could grant rights any more.
        InvalidError: no reason given.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write(), administrator_kept():
        user = access_row(
            actor, User, user_id, view=USER_VIEW, act=USER_DISABLE,
            expected_version=expected_version,
        )  # fmt: skip
        check_for_own_rights(actor, user.pk)
        reason = text_required("reason", reason, _("Say why the account is closed."))
        if fields_change(actor, codes.USER_DISABLED, user, {"is_active": False}, reason=reason):
            sessions_end_all(user.pk)
            event_publish(actor, UserDisabled(user.pk, user.company_id))
        return user


def user_enable(
    *, actor: Actor, user_id: int, reason: str, expected_version: int | None = None
) -> User:
    """Open a closed account again; its rights are what its seats and grants give today.

    Raises:
        InvalidError: no reason given.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write():
        user = access_row(
            actor, User, user_id, view=USER_VIEW, act=USER_DISABLE,
            expected_version=expected_version,
        )  # fmt: skip
        reason = text_required("reason", reason, _("Say why the account is opened."))
        fields_change(actor, codes.USER_ENABLED, user, {"is_active": True}, reason=reason)
        return user
