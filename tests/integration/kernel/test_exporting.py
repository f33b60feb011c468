"""Prepared exports are personal data in a folder: they go when their time is over."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.exporting.models import ExportRun
from chengdan.kernel.exporting.services import export_folder, exports_clean
from chengdan.kernel.exporting.vocabulary import ExportState

pytestmark = pytest.mark.django_db


def prepared(name: str, *, days: int, path: str = "") -> Path:
    """Make a file that is so many days old, and with `path` its record."""
    at = clock.now() - timedelta(days=days)
    file = export_folder() / name
    file.write_text("secret", "utf-8")
    os.utime(file, (at.timestamp(), at.timestamp()))
    if path:
        ExportRun.objects.create(
            title="Orders", file_kind="csv", language="en", state=ExportState.DONE, path=path,
            created_at=at,
        )  # fmt: skip
    return file


def test_old_files_and_pieces_of_killed_workers_are_deleted(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    old = prepared("old.csv", days=8, path="old.csv")
    piece = prepared("piece.xlsx", days=8)
    new = prepared("new.csv", days=6, path="new.csv")
    running = prepared("running.csv", days=0)
    assert exports_clean() == 2
    assert [file.exists() for file in (old, piece, new, running)] == [False, False, True, True]
    assert list(ExportRun.objects.order_by("pk").values_list("path", flat=True)) == ["", "new.csv"]
    assert exports_clean() == 0
