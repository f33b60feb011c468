"""The same request twice does its work once (reliability: same key, same answer)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, DomainError, FieldIssue, InvalidError

KEY_LENGTH_MAX = 255
KEEP_DAYS = 7


class KeyReusedError(DomainError):
    """The key came before with another body or path."""

    default_code = "idempotency_key_reused"
    default_message = _("This idempotency key was used for another request.")


class StillRunningError(ConflictError):
    """The first request with this key has not answered yet."""

    default_code = "idempotency_running"
    default_message = _("The first request with this key is still running.")


class IdempotencyKey(models.Model):
    """One key of one caller in one company with the answer it got."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=KEY_LENGTH_MAX)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_unique")]


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return the digest that ties a key to its request."""
    return hashlib.sha256(b"\0".join([method.encode(), path.encode(), body])).hexdigest()


def key_claim(actor: Actor, key: str, mark: str) -> IdempotencyKey:
    """Return the key's row: with `status` None it is ours to run, else replay its answer.

    Must run inside the transaction of the act, so that answer and effect commit together; a
    second request with the key waits for the first on the unique constraint.

    Raises:
        InvalidError: an empty or overlong key.
        KeyReusedError: same key, other request.
        StillRunningError: the first one is not finished.
    """
    if not 0 < len(key) <= KEY_LENGTH_MAX:
        message = _("The idempotency key must have 1 to 255 characters.")
        raise InvalidError(FieldIssue("Idempotency-Key", "length", message))
    scope = f"user:{actor.user_id}:{actor.company_id}"
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                scope=scope, key=key, fingerprint=mark, created_at=clock.now()
            )
    except IntegrityError:
        known = IdempotencyKey.objects.get(scope=scope, key=key)
    if known.fingerprint != mark:
        raise KeyReusedError
    if known.status is None:
        raise StillRunningError
    return known


def key_answer(row: IdempotencyKey, status: int, body: str) -> None:
    """Keep the answer for a repeated request."""
    row.status, row.body = status, body
    row.save(update_fields=["status", "body"])


def keys_expire() -> int:
    """Forget keys older than the published time; return how many."""
    limit = clock.now() - timedelta(days=KEEP_DAYS)
    count: int = IdempotencyKey.objects.filter(created_at__lt=limit).delete()[0]
    return count


__all__: list[Any] = [
    "IdempotencyKey",
    "KeyReusedError",
    "StillRunningError",
    "fingerprint",
    "key_answer",
    "key_claim",
    "keys_expire",
]
