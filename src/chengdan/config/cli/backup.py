"""`chengdan backup` and `chengdan restore`: one file with everything, checked after it is back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _

FOLDERS = ("attachments", "anchors", "exports")
MANIFEST = "manifest.json"
# What the address of a database may say about its connection.
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")


@click.command(
    help=_(
        "Write database, attachments, exports and audit anchors into FILE (.tar.gz), while the "
        "site runs."
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write everything into one file."""
    django_start()
    from django.conf import settings

    if file.exists():
        raise click.ClickException(_("%(file)s is there already.") % {"file": file})
    if not file.parent.is_dir():
        raise click.ClickException(_("There is no folder %(folder)s.") % {"folder": file.parent})
    # Nobody else reads the pieces either.
    os.umask(0o077)
    partial = file.with_name(f"{file.name}.part")
    with tempfile.TemporaryDirectory(prefix="chengdan-backup-", dir=file.parent) as made:
        dump = _database_dump(Path(made))
        try:
            count = _pack(partial, dump, Path(settings.HOME))
            os.replace(partial, file)
        finally:
            partial.unlink(missing_ok=True)
    click.echo(
        _("%(file)s: %(count)s files, %(size)s bytes")
        % {"file": file, "count": count, "size": f"{file.stat().st_size:,}"}
    )


def _database_dump(folder: Path) -> Path:
    from django.db import connection

    if connection.vendor == "sqlite":
        path = folder / "database.sqlite3"
        with connection.cursor() as cursor:
            # A consistent copy while others write; never a copy of the file itself.
            cursor.execute("VACUUM INTO %s", [str(path)])
        return path
    path = folder / "database.dump"
    _postgres(["pg_dump", "--format=custom", "--no-owner", f"--file={path}"])
    return path


def _postgres(command: list[str]) -> None:
    from django.db import connection

    config: dict[str, Any] = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": str(config["HOST"] or ""),
        "PGPORT": str(config["PORT"] or ""),
        "PGUSER": str(config["USER"] or ""),
        "PGPASSWORD": str(config["PASSWORD"] or ""),
        "PGDATABASE": str(config["NAME"]),
        **{f"PG{name.upper()}": str(config["OPTIONS"].get(name, "")) for name in _TLS},
    }
    environment = {name: value for name, value in environment.items() if value}
    if shutil.which(command[0]) is None:
        raise click.ClickException(
            _("%(program)s is missing: install the PostgreSQL client.") % {"program": command[0]}
        )
    done = subprocess.run(  # noqa: S603  fixed commands, no shell
        command, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise click.ClickException(f"{command[0]}: {done.stderr.strip()[-500:]}")


def _pack(target: Path, dump: Path, home: Path) -> int:
    """Write the archive; return how many files it holds besides the list of them.

    The site goes on writing and deleting files: each is read once, as long as it was when it was
    opened, and its digest is that of what was read. What is gone by then is left out.
    """
    digests = {}
    with tarfile.open(target, "w:gz", compresslevel=6) as archive:
        for path, name in _files(dump, home):
            try:
                with path.open("rb") as file:
                    digests[name] = _add(archive, name, file)
            except FileNotFoundError:
                continue
        manifest = {
            "version": 1,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251  file, not business
            "database": dump.name,
            "files": digests,
        }
        data = json.dumps(manifest).encode()
        facts = tarfile.TarInfo(MANIFEST)
        facts.size = len(data)
        archive.addfile(facts, io.BytesIO(data))
    return len(digests)


def _files(dump: Path, home: Path) -> Iterator[tuple[Path, str]]:
    yield dump, dump.name
    for folder in FOLDERS:
        root = home / folder
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path, str(PurePosixPath(folder, *path.relative_to(root).parts))


def _add(archive: tarfile.TarFile, name: str, file: BinaryIO) -> str:
    """Add a file as it stands now; return the digest of what was added."""
    facts = archive.gettarinfo(arcname=name, fileobj=file)
    reader = _Hashed(file)
    archive.addfile(facts, reader)
    return reader.digest.hexdigest()


class _Hashed:
    """Reads a file and keeps the digest of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        return data


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@click.command(
    help=_(
        "Bring FILE back into an empty database and verify it; stop the site before.\n\n"
        "With --force the present SQLite file and folders are kept beside with the suffix .before."
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help=_("Replace the data that is there."))
def restore_command(file: Path, force: bool) -> None:
    """Bring a backup back and verify it."""
    django_start()
    from django.conf import settings

    home = Path(settings.HOME)
    if not force and _is_used():
        raise click.ClickException(_("The database is not empty; --force replaces it."))
    with tempfile.TemporaryDirectory(prefix="chengdan-restore-", dir=home) as made:
        folder = Path(made)
        manifest = _unpack(file, folder)
        _database_load(folder / manifest["database"])
        for name in FOLDERS:
            _folder_replace(folder / name, home / name)
    sys.exit(_verified())


def _is_used() -> bool:
    from django.db import connection

    tables = connection.introspection.table_names()
    if "people_company" not in tables:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM people_company")
        return bool(cursor.fetchone()[0])


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Unpack and compare every file with its digest.

    Raises:
        click.ClickException: no backup of ours, or a file is missing or altered.
    """
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        digests = {**manifest["files"]}
        digests[manifest["database"]]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(
            _("%(file)s is no complete backup: %(why)s") % {"file": file, "why": error}
        ) from None
    for name, digest in digests.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise click.ClickException(
                _("%(name)s in %(file)s is missing or altered.") % {"name": name, "file": file}
            )
    return manifest


def _database_load(dump: Path) -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        _sqlite_load(dump)
        return
    if dump.suffix != ".dump":
        raise click.ClickException(_("The backup is of SQLite; DATABASE_URL names PostgreSQL."))
    connection.close()
    name = str(connection.settings_dict["NAME"])
    _postgres(
        ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
         f"--dbname={name}", str(dump)]
    )  # fmt: skip


def _sqlite_load(dump: Path) -> None:
    from django.db import connection

    if dump.suffix != ".sqlite3":
        raise click.ClickException(_("The backup is of PostgreSQL; DATABASE_URL names SQLite."))
    target = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    check = sqlite3.connect(dump)
    try:
        if check.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise click.ClickException(_("The database in the backup is damaged."))
    finally:
        check.close()
    _sqlite_replace(dump, target)


def _sqlite_replace(dump: Path, target: Path) -> None:
    """Put the file in its place; what stood there is kept with the suffix .before.

    The log beside it goes with it: it holds what a killed site had committed last.
    """
    before = target.with_name(f"{target.name}.before")
    for suffix in ("", "-wal", "-shm"):
        kept = before.with_name(before.name + suffix)
        kept.unlink(missing_ok=True)
        present = target.with_name(target.name + suffix)
        if present.exists():
            os.replace(present, kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside first: who opens the name in between must not find half a file.
    fresh = target.with_name(f"{target.name}.new")
    shutil.copyfile(dump, fresh)
    os.replace(fresh, target)


def _folder_replace(source: Path, target: Path) -> None:
    if target.exists():
        before = target.with_name(f"{target.name}.before")
        shutil.rmtree(before, ignore_errors=True)
        os.replace(target, before)
    if source.is_dir():
        shutil.move(source, target)


def _verified() -> int:
    from urllib.parse import urlunsplit

    from django.conf import settings

    from chengdan.kernel.verification import verify_all

    count = 0
    for difference in verify_all():
        count += 1
        click.echo(str(difference))
    parts = urlsplit(settings.DATABASE_URL)
    shown = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    text = _("Restored into %(where)s; verify is silent.")
    if count:
        text = _("Restored into %(where)s; see above.")
    click.echo(text % {"where": shown})
    return 1 if count else 0
