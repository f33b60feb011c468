"""The header that names a file that is sent: for browsers, and for clients that know ASCII."""

from __future__ import annotations

from urllib.parse import quote


def disposition(name: str, *, plain: str, is_shown: bool = False) -> str:
    """Return the header that makes a browser keep the file under this name.

    Args:
        name: in any language, as people shall see it.
        plain: ASCII that says what the file is, for clients that read nothing else; taken when
            `name` has other characters.
        is_shown: True when the browser opens the file instead of saving it.
    """
    way = "inline" if is_shown else "attachment"
    readable = "".join(
        char if char.isascii() and (char.isalnum() or char in "-._") else "_"
        for char in (name if name.isascii() else plain)
    )
    return f"{way}; filename=\"{readable}\"; filename*=UTF-8''{quote(name, safe='')}"
