"""Sending, mailing and reading notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.utils.translation import gettext, override

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.notices.kinds import notice_kind, notice_text
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.outbox.handlers import job_handler
from chengdan.kernel.outbox.services import job_enqueue
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import current_unit, write

MAIL_JOB = "kernel.notice_mail"


def notices_send(
    actor: Actor,
    kind: str,
    user_ids: Iterable[int],
    *,
    params: dict[str, Any] | None = None,
    url: str = "",
    key: str = "",
) -> int:
    """Tell people something, in the transaction of what happened; return how many are told.

    Args:
        params: values of the kind's text; texts and numbers.
        url: page of the document.
        key: the same kind and key reaches a person once; needed by jobs that may run again.

    Raises:
        KeyError: the kind is not declared.
        RuntimeError: outside `write()`.
    """
    current_unit()
    declared = notice_kind(kind)
    at = clock.now()
    readers = sorted(set(user_ids))
    if key:
        told = Notice.objects.filter(kind=kind, key=key, user_id__in=readers)
        readers = sorted(set(readers) - set(told.values_list("user_id", flat=True)))
    values = {name: str(value) for name, value in (params or {}).items()}
    rows = [
        Notice(
            user_id=user_id,
            company_id=actor.company_id,
            kind=kind,
            params=values,
            url=url[:300],
            key=key[:120],
            created_at=at,
        )
        for user_id in readers
    ]
    if key:
        Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    else:
        rows_insert(rows)
    if declared.is_mailed and readers and _is_mail_set_up():
        payload = {"kind": kind, "params": values, "url": url, "user_ids": readers}
        job_enqueue(actor, MAIL_JOB, payload)
    return len(readers)


def _is_mail_set_up() -> bool:
    return settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend")


@job_handler(MAIL_JOB)
def notice_mail(actor: Actor, payload: dict[str, Any]) -> None:
    """Split one notice into a job per person with an address, so that one failure harms nobody."""
    users = get_user_model()._default_manager.filter(pk__in=payload["user_ids"], is_active=True)
    for user in users:
        address = str(getattr(user, "email", "") or "").strip()
        if address and "\n" not in address and "\r" not in address:
            language = str(getattr(user, "language", "") or settings.LANGUAGE_CODE)
            one = {**payload, "to": address, "language": language}
            one.pop("user_ids")
            job_enqueue(actor, f"{MAIL_JOB}_one", one)


@job_handler(f"{MAIL_JOB}_one")
def notice_mail_one(actor: Actor, payload: dict[str, Any]) -> None:
    """Send one mail; a failure is retried by the outbox."""
    text = notice_text(payload["kind"], payload["params"], payload["language"])
    with override(payload["language"]):
        site = settings.CHENGDAN_SITE_URL
        link = f"{site}{payload['url']}" if site and payload["url"] else ""
        closing = gettext("You get this message because you have an account in Chengdan.")
    subject = " ".join(text.split())[:150]
    body = "\n\n".join(part for part in (text, link, closing) if part)
    EmailMessage(subject, body, to=[payload["to"]]).send()


def notices_read(*, actor: Actor, notice_ids: Sequence[int] | None = None) -> int:
    """Mark the actor's own notices read, all of them when `notice_ids` is None."""
    rows = Notice.objects.filter(user_id=actor.user_id or 0, read_at=None)
    if notice_ids is not None:
        rows = rows.filter(pk__in=notice_ids)
    with write():
        return rows.update(read_at=clock.now())


def notices_unread(actor: Actor) -> int:
    """Return how many notices the actor has not read, counted up to 100."""
    unread = Notice.objects.filter(user_id=actor.user_id or 0, read_at=None)
    return len(unread.values_list("pk")[:100])
