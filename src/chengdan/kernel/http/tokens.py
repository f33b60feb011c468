"""Issuing, checking and withdrawing API tokens."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Case, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.callers import caller_find
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.http.models import ApiToken
from chengdan.kernel.http.vocabulary import (
    AUDIT_TOKEN_ISSUED,
    AUDIT_TOKEN_REVOKED,
    PERMISSION_TOKEN_OWN,
    TOKEN_DAYS_MAX,
)
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.permissions import permissions_all
from chengdan.kernel.prepared import prepared
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import unguarded, write

MARK = "cd_"
PREFIX_LENGTH = 11
USED_EVERY_SECONDS = 60


def scopes_expand(scopes: Iterable[str]) -> frozenset[str]:
    """Return the permission codes that scopes open; `*` is everything, `orders.*` a room."""
    wanted = set(scopes)
    codes = [permission.code for permission in permissions_all()]
    return frozenset(code for code in codes if wanted & {"*", code, f"{code.partition('.')[0]}.*"})


def scopes_offered() -> list[str]:
    """Return every scope a token can have: rooms first, then single rights."""
    codes = [permission.code for permission in permissions_all()]
    rooms = dict.fromkeys(f"{code.partition('.')[0]}.*" for code in codes)
    return ["*", *rooms, *codes]


def token_issue(
    *, actor: Actor, name: str, scopes: Iterable[str], days: int
) -> tuple[ApiToken, str]:
    """Make a token of the actor's own; return it with the secret, which is shown only now.

    Args:
        days: life of the token.

    Raises:
        ForbiddenError: the actor may not have tokens, or is no person.
        InvalidError: no name, an unknown scope, none at all, or too long a life.
    """
    right_require(actor, PERMISSION_TOKEN_OWN)
    listed = list(dict.fromkeys(scopes))
    issues = _issues(actor, name.strip(), listed, days)
    if issues:
        raise InvalidError(issues)
    secret = MARK + secrets.token_urlsafe(32)
    token = ApiToken(
        user_id=_person(actor),
        company_id=actor.company_id,
        name=name.strip(),
        prefix=secret[:PREFIX_LENGTH],
        digest=_digest(secret),
        scopes=json.dumps(listed),
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    with write():
        token.save(force_insert=True)
        after = {"scopes": listed, "expires_at": token.expires_at}
        audit_record(actor, AUDIT_TOKEN_ISSUED, token, after=after, params={"name": token.name})
    return token, secret


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise ForbiddenError
    return actor.user_id


def _issues(actor: Actor, name: str, scopes: list[str], days: int) -> list[FieldIssue]:
    issues = []
    if not 0 < len(name) <= 100 or not name.isprintable():
        issues.append(FieldIssue("name", "length", _("Enter a name of 1 to 100 characters.")))
    unknown = set(scopes) - set(scopes_offered())
    if unknown or not scopes:
        issues.append(FieldIssue("scopes", "unknown", _("Choose at least one of the rights.")))
    limit = int(parameter_value(actor.company_id, TOKEN_DAYS_MAX))
    if not 1 <= days <= limit:
        message = _("A token lives between 1 and %(limit)s days.") % {"limit": limit}
        issues.append(FieldIssue("days", "range", message))
    return issues


def token_revoke(*, actor: Actor, token_id: int) -> ApiToken:
    """Withdraw a token of the actor's own at once.

    Raises:
        NotFoundError: there is no such token of this person.
    """
    with write():
        token = token_list(actor).filter(pk=token_id).first()
        if token is None:
            raise NotFoundError
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            params = {"name": token.name}
            audit_record(
                actor, AUDIT_TOKEN_REVOKED, token, after={"revoked_at": clock.now()}, params=params
            )
    return token


def token_list(actor: Actor) -> QuerySet[ApiToken]:
    """Return the person's tokens: those that work first, each newest first."""
    works = When(revoked_at__isnull=True, expires_at__gt=clock.now(), then=0)
    own = ApiToken.objects.filter(user_id=actor.user_id or 0)
    return own.order_by(Case(works, default=1), "-pk")


def token_actor(secret: str) -> tuple[Actor, ApiToken] | None:
    """Return who calls with this secret and the token, None when it is not valid now."""
    if not secret.startswith(MARK) or len(secret) > 100 or not secret.isascii():
        return None
    at = clock.now()
    token = next(iter(_tokens_valid(_digest(secret), at)), None)
    actor = caller_find(token.user_id, token.company_id) if token is not None else None
    if token is None or actor is None:
        return None
    stale = at - timedelta(seconds=USED_EVERY_SECONDS)
    if token.last_used_at is None or token.last_used_at < stale:
        with unguarded():  # a time stamp of use, not a change that anybody made
            ApiToken.objects.filter(
                Q(last_used_at__isnull=True) | Q(last_used_at__lt=stale), pk=token.pk
            ).update(last_used_at=at)
    abilities = scopes_expand(token.scope_list)
    return replace(actor, channel="api", abilities=abilities, memo={}), token


@prepared
def _tokens_valid(digest: str, at: datetime) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(digest=digest, revoked_at__isnull=True, expires_at__gt=at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
