"""Small things every page of the room uses."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.http import HttpRequest

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.modules.people.access import visible

M = TypeVar("M", bound=models.Model)


def company_of(request: HttpRequest) -> int:
    """Return the company that the reader works in."""
    return actor_of(request).company_id or 0


def row_get(actor: Actor, rows: models.QuerySet[M], pk: int, permission: str) -> M:
    """Return a row that the permission opens to the actor.

    Raises:
        NotFoundError: missing or invisible.
    """
    found = visible(actor, permission, rows.filter(pk=pk)).first()
    if found is None:
        raise NotFoundError
    return found
