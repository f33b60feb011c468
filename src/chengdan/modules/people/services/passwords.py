"""Passwords: rules, change, reset by mail, first one by invitation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.outbox import job_enqueue
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import org_lock
from chengdan.modules.people.errors import LinkExpiredError
from chengdan.modules.people.models import Company, User
from chengdan.modules.people.rules import PASSWORD_MAX, PASSWORD_MIN, password_faults
from chengdan.modules.people.services.login import reset_allowed
from chengdan.modules.people.services.sessions import sessions_end_all
from chengdan.modules.people.services.users import MAIL_JOB, search_columns

LIFETIMES = {
    "invite": timedelta(hours=72),
    "reset": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
}
FAULTS: dict[str, Any] = {
    "short": gettext_lazy("Use at least %(count)s characters."),
    "long": gettext_lazy("Use at most %(count)s characters."),
    "common": gettext_lazy("Many people use this password; it is guessed first."),
    "word": gettext_lazy("Leave out names of the company and of yourself."),
    "repeated": gettext_lazy("Use more different characters."),
}
_PRODUCT_WORDS = ("chengdan", "password", "mima", "welcome", "admin")


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _words(user: User) -> Iterable[str]:
    yield from _PRODUCT_WORDS
    for company in Company.objects.filter(is_active=True):
        yield from (company.name, company.code, search_columns(company.name)["pinyin"])
    yield from (user.username, user.display_name, user.pinyin, user.email.split("@")[0])


def password_check(user: User, password: str, field: str = "password") -> None:
    """Pass when the password may be used.

    Raises:
        InvalidError: every rule that it breaks.

    Source: reliability S8.
    """
    limits = {"short": PASSWORD_MIN, "long": PASSWORD_MAX}
    issues = [
        FieldIssue(field, fault, str(FAULTS[fault]) % {"count": limits.get(fault, 0)})
        for fault in password_faults(password, _words(user), _common())
    ]
    if issues:
        raise InvalidError(issues)


def _password_store(user: User, password: str) -> None:
    user.set_password(password)
    user.password_changed_at = clock.now()
    user.must_change_password = False
    user.version += 1
    user.save(update_fields=["password", "password_changed_at", "must_change_password", "version"])


def password_change(*, actor: Actor, current: str, new: str) -> User:
    """Change one's own password; all sessions end, and the door signs this one in anew.

    Raises:
        InvalidError: the current one is wrong, or the new one breaks a rule.
    """
    with write():
        org_lock(actor)
        user = User.objects.get(pk=actor.user_id or 0)
        if len(current) > PASSWORD_MAX or not check_password(current, user.password):
            message = _("The current password is not right.")
            raise InvalidError(FieldIssue("current", "wrong", message))
        password_check(user, new, "new")
        _password_store(user, new)
        sessions_end_all(user.pk)
        audit_record(actor, codes.PASSWORD_CHANGED, user)
        return user


def passwords_give(*, actor: Actor, user_ids: Sequence[int], password: str) -> None:
    """Give many new accounts one and the same password: demo companies and training sites.

    The slow hash is computed once; no rule is asked, since everybody is told the password.

    Raises:
        ForbiddenError: a person asks; only a command of the installation may.
    """
    if not actor.is_system:
        raise ForbiddenError
    with write():
        org_lock(actor)
        users = list(User.objects.filter(pk__in=user_ids).order_by("pk"))
        User.objects.filter(pk__in=user_ids).update(
            password=make_password(password), password_changed_at=clock.now()
        )
        audit_record_many(actor, codes.PASSWORD_CHANGED, [AuditRow(user) for user in users])


def _state_digest(user: User, purpose: str) -> str:
    state = f"{user.pk}:{user.password}:{user.email}:{user.is_active}"
    return salted_hmac(f"people.{purpose}", state, algorithm="sha256").hexdigest()


def token_make(user: User, purpose: str) -> str:
    """Return a signed link token; it dies with the password that it was made for."""
    content = {
        "user": user.pk,
        "state": _state_digest(user, purpose),
        "at": clock.now().isoformat(),
    }
    return signing.dumps(content, salt=f"people.{purpose}")


def token_user(token: str, purpose: str) -> User:
    """Return whose token it is.

    Raises:
        LinkExpiredError: altered, used, too old, or the account is closed.
    """
    try:
        content = signing.loads(token, salt=f"people.{purpose}")
        made_at = datetime.fromisoformat(content["at"])
    except (signing.BadSignature, KeyError, ValueError, TypeError):
        raise LinkExpiredError from None
    user = User.objects.filter(pk=content["user"], is_active=True).first()
    is_old = clock.now() - made_at > LIFETIMES[purpose]
    if user is None or is_old:
        raise LinkExpiredError
    if not constant_time_compare(content["state"], _state_digest(user, purpose)):
        raise LinkExpiredError
    return user


def password_reset_request(*, login: str, address: str, base_url: str) -> None:
    """Send a reset link when the name or mail address belongs to somebody; never tell whether."""
    if not reset_allowed(login=login, address=address):
        return
    payload = {"login": login.strip()[:254], "purpose": "reset", "base_url": base_url}
    with write():
        job_enqueue(Actor.system("password reset"), MAIL_JOB, payload)


def password_set_by_link(*, token: str, purpose: str, new: str) -> User:
    """Set the password with a link from a mail; every session of the person ends.

    Raises:
        LinkExpiredError: see `token_user`.
        InvalidError: the password breaks a rule.
    """
    with write():
        user = token_user(token, purpose)
        actor = Actor(user_id=user.pk, name=user.display_name, company_id=user.company_id)
        org_lock(actor)
        user = token_user(token, purpose)
        password_check(user, new, "new")
        _password_store(user, new)
        sessions_end_all(user.pk)
        audit_record(actor, codes.PASSWORD_RESET, user)
        return user
