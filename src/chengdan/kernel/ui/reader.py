"""Who reads the page that is being made: labels of chosen rows are looked up for this person only.

Forms are declared once, without a request, so a picker's `find` learns here whose page it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chengdan.kernel.actor import Actor

_reader: ContextVar[Actor | None] = ContextVar("reader", default=None)


def reader() -> Actor | None:
    """Return the person whose page is being made, None outside pages and for strangers."""
    return _reader.get()


@contextmanager
def reading(actor: Actor | None) -> Iterator[None]:
    """Let `reader()` return the actor inside the block."""
    token = _reader.set(actor)
    try:
        yield
    finally:
        _reader.reset(token)
