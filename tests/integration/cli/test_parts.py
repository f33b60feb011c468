"""Parts of commands that work beside a living site: the backup's files, the worker's queue."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from chengdan.config.cli import backup, worker


def test_files_may_grow_and_go_while_they_are_backed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export is being written, another is being cleaned away: the backup stays a whole one."""
    home = tmp_path / "home"
    (home / "exports").mkdir(parents=True)
    growing = home / "exports" / "growing.csv"
    growing.write_text("line\n" * 10)
    dump = tmp_path / "database.sqlite3"
    dump.write_bytes(b"rows")
    found = [*backup._files(dump, home), (home / "exports" / "gone.csv", "exports/gone.csv")]
    monkeypatch.setattr(backup, "_files", lambda *given: iter(found))
    real = backup._Hashed.read

    def read(self: Any, size: int = -1) -> bytes:
        with growing.open("a") as file:
            file.write("one more line\n")
        return real(self, size)

    monkeypatch.setattr(backup._Hashed, "read", read)
    target, folder = tmp_path / "site.tar.gz", tmp_path / "back"
    assert backup._pack(target, dump, home) == 2
    manifest = backup._unpack(target, folder)
    assert sorted(manifest["files"]) == ["database.sqlite3", "exports/growing.csv"]
    assert (folder / "exports" / "growing.csv").read_text().startswith("line\n" * 10)


@pytest.mark.parametrize("manifest", [{}, [], {"files": {}}, {"files": {}, "database": "x"}])
def test_a_list_that_is_none_is_no_backup(tmp_path: Path, manifest: Any) -> None:
    import tarfile

    from click import ClickException

    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "manifest.json", "manifest.json")
    with pytest.raises(ClickException, match="no complete backup"):
        backup._unpack(tmp_path / "a.tar.gz", tmp_path / "back")


def test_what_was_committed_last_stays_beside_the_restored_file(tmp_path: Path) -> None:
    """A killed site leaves its last commits in the log beside the file."""
    target, dump = tmp_path / "site.sqlite3", tmp_path / "database.sqlite3"
    living = sqlite3.connect(target)
    living.execute("PRAGMA journal_mode=WAL")
    living.execute("CREATE TABLE kept (word TEXT)")
    living.execute("INSERT INTO kept VALUES ('last')")
    living.commit()
    killed = {suffix: Path(f"{target}{suffix}").read_bytes() for suffix in ("", "-wal")}
    living.close()
    for suffix, data in killed.items():
        Path(f"{target}{suffix}").write_bytes(data)
    sqlite3.connect(dump).execute("CREATE TABLE brought (word TEXT)").connection.close()
    backup._sqlite_replace(dump, target)
    before = sqlite3.connect(f"{target}.before")
    assert before.execute("SELECT word FROM kept").fetchone() == ("last",)
    before.close()
    assert not Path(f"{target}-wal").exists()


def test_every_worker_has_a_queue_of_its_own(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one queue two workers took each other's looks, and both stood still."""
    settings.HUEY = {
        "huey_class": "huey.SqliteHuey", "name": "chengdan", "immediate": False,
        "results": False, "filename": str(tmp_path / "jobs.sqlite3"),
    }  # fmt: skip
    queues = []
    for number in (1, 2):
        monkeypatch.setattr(worker.os, "getpid", lambda number=number: number)
        queues.append(worker.queue_make())
    first, second = queues
    first.task(name="look")(lambda: None)()
    assert (first.pending_count(), second.pending_count()) == (1, 0)
    second.storage.flush_queue()
    assert first.dequeue() is not None
