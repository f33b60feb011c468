"""Every address of the site, taken from the resolver."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One pattern with its full name, arguments and view."""

    name: str
    route: str
    arguments: tuple[str, ...]
    view: Any


def _walk(
    patterns: list[URLPattern | URLResolver], route: str, space: str, arguments: tuple[str, ...]
) -> Iterator[Address]:
    for item in patterns:
        here = route + str(item.pattern)
        named = (*arguments, *item.pattern.converters)
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from _walk(item.url_patterns, here, inner, named)
        else:
            yield Address(f"{space}{item.name or here}", here, named, item.callback)


def addresses() -> list[Address]:
    """Return every address of the site."""
    return list(_walk(get_resolver().url_patterns, "", "", ()))
