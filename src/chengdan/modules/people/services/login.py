"""Signing in: growing delays, one answer for every failure, the same work for unknown names."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.parameters import parameter_values
from chengdan.kernel.transactions import write
from chengdan.modules.people.errors import LoginRefusedError
from chengdan.modules.people.models import Company, LoginAttempt, User
from chengdan.modules.people.rules import (
    LONGEST_DELAY_SECONDS,
    PASSWORD_MAX,
    login_wait_seconds,
)
from chengdan.modules.people.vocabulary import (
    LOGIN_FAILURES_ADDRESS,
    LOGIN_FAILURES_PAIR,
    LOGIN_FAILURES_SITE,
)

WINDOW = timedelta(minutes=15)
REMEMBERED = timedelta(hours=24)
RESETS_PER_HOUR = 5
# A hash of nothing in particular: checking against it takes as long as for a real account.
_dummies: dict[str, str] = {}


def name_key(name: str) -> str:
    """Return what attempts are counted by, so that names never typed right are not stored."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    return hashlib.sha256(folded.encode()).hexdigest()


def login_check(*, username: str, password: str, address: str) -> User:
    """Return the person when name and password are right.

    Args:
        address: network address of the client.

    Raises:
        LoginRefusedError: wrong, unknown, disabled (one answer for all), or too many attempts.

    Source: reliability S7.
    """
    key = name_key(username)
    _wait_check(key, address)
    user = User.objects.filter(username__iexact=username.strip()).first()
    encoded = user.password if user is not None else _dummy()
    is_right = len(password) <= PASSWORD_MAX and check_password(password, encoded)
    is_success = user is not None and is_right and user.is_active
    with write():
        LoginAttempt.objects.create(
            at=clock.now(), name_key=key, address=address, is_success=is_success
        )
    if user is None or not is_success:
        raise LoginRefusedError
    return user


def _dummy() -> str:
    if "hash" not in _dummies:
        _dummies["hash"] = make_password("nobody has this password")
    return _dummies["hash"]


def _wait_check(key: str, address: str) -> None:
    company = Company.objects.order_by("pk").values_list("pk", flat=True).first()
    figures = parameter_values(
        company, [LOGIN_FAILURES_PAIR, LOGIN_FAILURES_ADDRESS, LOGIN_FAILURES_SITE]
    )
    at = clock.now()
    wait = _pair_wait(key, address, figures[LOGIN_FAILURES_PAIR])
    recent = LoginAttempt.objects.filter(at__gt=at - WINDOW, is_success=False)
    if recent.filter(address=address).count() >= figures[LOGIN_FAILURES_ADDRESS]:
        wait = max(wait, LONGEST_DELAY_SECONDS)
    known = LoginAttempt.objects.filter(address=address, is_success=True, at__gt=at - REMEMBERED)
    site_full = recent.count() >= figures[LOGIN_FAILURES_SITE]
    if site_full and not known.exists():
        wait = max(wait, LONGEST_DELAY_SECONDS)
    if wait > 0:
        minutes = -(-wait // 60)
        message = _("Too many attempts. Try again in %(minutes)s minutes.")
        raise LoginRefusedError(message, code="people.login_wait", minutes=minutes)


def _pair_wait(key: str, address: str, allowed: int) -> int:
    """Return the seconds that this name must still wait at this address."""
    at = clock.now()
    pair = LoginAttempt.objects.filter(name_key=key, address=address, at__gt=at - REMEMBERED)
    success = pair.filter(is_success=True).order_by("-at").values_list("at", flat=True).first()
    failed = pair.filter(is_success=False)
    if success is not None:
        failed = failed.filter(at__gt=success)
    last = failed.order_by("-at").values_list("at", flat=True).first()
    if last is None:
        return 0
    wait = login_wait_seconds(failures=failed.count(), allowed=allowed)
    return max(0, wait - int((at - last).total_seconds()))


def reset_allowed(*, login: str, address: str) -> bool:
    """Count a request for a reset mail; False when there were too many in the last hour."""
    key = name_key(f"reset:{login}")
    with write():
        LoginAttempt.objects.create(at=clock.now(), name_key=key, address=address, is_success=True)
    hour = LoginAttempt.objects.filter(name_key=key, at__gt=clock.now() - timedelta(hours=1))
    return hour.count() <= RESETS_PER_HOUR


def attempts_clear() -> int:
    """Delete attempts that no delay counts any more."""
    with write():
        return LoginAttempt.objects.filter(at__lt=clock.now() - REMEMBERED).delete()[0]
