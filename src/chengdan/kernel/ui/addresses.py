"""Addresses that a browser names: only those of this site may be offered again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest


def local_path(request: HttpRequest, url: str) -> str:
    """Return path and query of an address of this site, "" for any other address."""
    hosts, is_secure = {request.get_host()}, request.is_secure()
    if not url_has_allowed_host_and_scheme(url, allowed_hosts=hosts, require_https=is_secure):
        return ""
    parts = urlsplit(url)
    path = urlunsplit(("", "", parts.path, parts.query, ""))
    # What begins with // would be another host where it is used as an address.
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""
