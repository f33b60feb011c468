"""What middleware and forms put on a request."""

from __future__ import annotations

from django.http import HttpRequest

from chengdan.kernel.actor import Actor

VERSION_DIGITS_MAX = 9


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks; a guarded page and an endpoint of the API always have somebody."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def actor_put(request: HttpRequest, actor: Actor | None) -> None:
    """Say who asks."""
    request.actor = actor  # type: ignore[attr-defined]


def version_of(request: HttpRequest) -> int | None:
    """Return the version that the page was built from, as its form sent it; None without one.

    What is no version is 0, which no row has: such a form is refused as outdated.
    """
    text = request.POST.get("expected_version", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS_MAX
    return int(text) if is_number else 0 if text else None
