"""Documents that comments, attachments and notices hang on; rooms register them at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.registry import Registry
from chengdan.kernel.rights import right_held

# (actor, id) -> the document; raises NotFoundError when the actor may not see it.
TargetLoader = Callable[[Actor, int], models.Model]


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of document.

    Attributes:
        load: returns a document that the actor may see, else raises NotFoundError.
        view_permission: model-level right to see documents of the kind.
        edit_permission: right to add and remove attachments; "" is the one to view.
        title: what notices call the document.
        url: address of its page.
    """

    code: str
    load: TargetLoader
    view_permission: str
    edit_permission: str = ""
    title: Callable[[models.Model], str] = str
    url: Callable[[models.Model], str] = lambda obj: ""


_targets: Registry[Target] = Registry("documents with comments and attachments")


def target_register(
    code: str,
    load: TargetLoader,
    view_permission: str,
    *,
    edit_permission: str = "",
    title: Callable[[models.Model], str] = str,
    url: Callable[[models.Model], str] = lambda obj: "",
) -> str:
    """Register a kind of document (`orders.order`) and return its code."""
    _targets.add(code, Target(code, load, view_permission, edit_permission, title, url))
    return code


def target_load(actor: Actor, code: str, pk: int) -> tuple[Target, models.Model]:
    """Return the kind and the document.

    Raises:
        NotFoundError: no such kind or document, or not open to the actor.
    """
    target = _targets.find(code)
    if target is None or not right_held(actor, target.view_permission):
        raise NotFoundError
    return target, target.load(actor, pk)
