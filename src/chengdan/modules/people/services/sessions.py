"""Sign-in sessions: opened by a login, seen by every request, ended by choice or by time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.transactions import write
from chengdan.modules.people.models import User, UserSession

SEEN_EVERY = timedelta(minutes=1)


def session_open(*, user: User, session_key: str, address: str, device: str) -> UserSession:
    """Note a sign-in that has just happened."""
    at = clock.now()
    values = {
        "user": user, "company_id": user.company_id, "started_at": at, "seen_at": at,
        "ended_at": None, "address": address, "device": device[:200],
    }  # fmt: skip
    with write():
        # Signing in again as the same person keeps the key of the session.
        row, _is_new = UserSession.objects.update_or_create(
            session_key=session_key, defaults=values
        )
        return row


def session_use(session_key: str, user_id: int) -> UserSession | None:
    """Return the live session and note that it was used; None when it is over.

    Source: reliability S6 (idle and absolute limit).
    """
    row = UserSession.objects.filter(session_key=session_key, user_id=user_id).first()
    if row is None or not is_live(row, clock.now()):
        return None
    if clock.now() - row.seen_at >= SEEN_EVERY:
        with write():
            UserSession.objects.filter(pk=row.pk).update(seen_at=clock.now())
    return row


def is_live(row: UserSession, at: datetime) -> bool:
    """True while neither ended nor past its idle or absolute limit."""
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    absolute = timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    return row.ended_at is None and at - row.seen_at < idle and at - row.started_at < absolute


def _end(rows: QuerySet[UserSession]) -> int:
    keys = list(rows.filter(ended_at__isnull=True).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return rows.filter(ended_at__isnull=True).update(ended_at=clock.now())


def session_end(*, actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions.

    Raises:
        NotFoundError: it is not one of them.
    """
    with write():
        rows = UserSession.objects.filter(pk=session_id, user_id=actor.user_id or 0)
        if not rows.exists():
            raise NotFoundError
        _end(rows)


def session_close(session_key: str) -> None:
    """Note that the person signed out."""
    with write():
        _end(UserSession.objects.filter(session_key=session_key))


def sessions_end_all(user_id: int) -> int:
    """End every session of a person; return how many."""
    with write():
        return _end(UserSession.objects.filter(user_id=user_id))


def session_company_set(*, session_key: str, company_id: int) -> None:
    """Let a session work in another company; the caller has checked that it may."""
    with write():
        UserSession.objects.filter(session_key=session_key).update(company_id=company_id)


def sessions_clear() -> int:
    """Delete rows of sessions that ended more than 90 days ago."""
    before = clock.now() - timedelta(days=90)
    with write():
        return UserSession.objects.filter(seen_at__lt=before).delete()[0]
