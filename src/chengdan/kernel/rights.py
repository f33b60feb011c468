"""Asking for a right from inside the kernel; who holds it is decided in the room `people`."""

from __future__ import annotations

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ForbiddenError
from chengdan.kernel.ui import hooks


def right_held(actor: Actor, permission: str) -> bool:
    """True when the actor holds the permission anywhere; jobs may do everything."""
    return actor.is_system or hooks.allowed(actor, permission)


def right_require(actor: Actor, permission: str) -> None:
    """Let the act go on only with the permission.

    Raises:
        ForbiddenError: the actor does not hold it.
    """
    if not right_held(actor, permission):
        raise ForbiddenError
