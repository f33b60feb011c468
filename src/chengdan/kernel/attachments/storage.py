"""The bytes: under random names outside the web root, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

ORPHAN_SECONDS = 24 * 3600


def _path(stored_name: str) -> Path:
    return Path(settings.ATTACHMENT_ROOT) / stored_name[:2] / stored_name


def bytes_put(data: bytes) -> str:
    """Write `data` and return its random name."""
    stored_name = secrets.token_hex(24)
    path = _path(stored_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(0o640)
    part.replace(path)
    return stored_name


def bytes_path(stored_name: str) -> Path:
    """Return where the bytes lie; the name comes from our own table."""
    return _path(stored_name)


def bytes_names() -> Iterable[tuple[str, float]]:
    """Yield (name, age in seconds) of every stored file."""
    root = Path(settings.ATTACHMENT_ROOT)
    for path in root.glob("??/*") if root.is_dir() else ():
        yield path.name, time.time() - path.stat().st_mtime


def bytes_drop(stored_name: str) -> None:
    """Delete a file that no row refers to."""
    _path(stored_name).unlink(missing_ok=True)
