"""From a person's id or login name to an `Actor`, for doors without a request.

Tokens, imports that run later and the command line need it; the room `people`, which knows
people, plugs its function in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model

from chengdan.kernel.actor import Actor, Channel
from chengdan.kernel.errors import NotFoundError

CallerProvider = Callable[[int, int | None], Actor | None]


@dataclass(slots=True)
class _Hook:
    provider: CallerProvider | None = None


_hook = _Hook()


def caller_provider_set(provider: CallerProvider) -> None:
    """Plug in `(user_id, company_id or None) -> Actor`; None for people who may not sign in."""
    _hook.provider = provider


def caller_find(user_id: int, company_id: int | None = None) -> Actor | None:
    """Return the actor of a person, None when they do not exist or may not sign in."""
    if _hook.provider is not None:
        return _hook.provider(user_id, company_id)
    user = get_user_model()._default_manager.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    return Actor(user_id=user.pk, name=str(user), company_id=company_id)


def caller_get(user_id: int, company_id: int | None = None) -> Actor:
    """Return the actor of a person.

    Raises:
        NotFoundError: see `caller_find`.
    """
    actor = caller_find(user_id, company_id)
    if actor is None:
        raise NotFoundError
    return actor


def caller_by_login(login: str, *, channel: Channel = "cli") -> Actor:
    """Return the actor of the person with this login name, coming through `channel`.

    Raises:
        NotFoundError: nobody has it, or they may not sign in.
    """
    model = get_user_model()
    field = model.USERNAME_FIELD
    user = model._default_manager.filter(**{f"{field}__iexact": login}).first()
    if user is None:
        raise NotFoundError
    return caller_get(user.pk).through(channel)
