"""`chengdan serve` and `chengdan web`: granian, and beside it the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click

from chengdan.config.cli.texts import gettext as _

STOP_SECONDS = 35


# Two requests in one process share one interpreter and slow each other down, so there are
# processes enough for every core to have work while others wait for the database. The second
# thread keeps a process from being blocked by one long answer.
_THREADS = 2
_LOG_CONFIG = Path(__file__).parents[1] / "server_log.json"
_PER_CORE, _FEWEST, _MOST = 2, 2, 16


def workers_usual() -> int:
    """Return how many web processes serve this machine when nobody says a number."""
    return min(max(_PER_CORE * _cores(), _FEWEST), _MOST)


def _cores() -> int:
    """Return the cores that this process may use; it may be bound to some of the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def web_command_line(host: str, port: int, workers: int) -> list[str]:
    """Return the server's command; WSGI, because the database does the work."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi",
        "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", str(_THREADS), "--backlog", "512", "--no-ws",
        "--workers-kill-timeout", "20", "--respawn-failed-workers",
        "--log-config", str(_LOG_CONFIG),
        "chengdan.config.wsgi:application",
    ]  # fmt: skip


_HOST = click.option("--host", default="127.0.0.1", show_default=True)
_PORT = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
_WORKERS = click.option(
    "--workers",
    default=workers_usual,
    show_default=_("two per core"),
    type=click.IntRange(1, 64),
    help=_("Web processes."),
)


@click.command(help=_("Serve the site without a worker (run `chengdan worker` on some machine)."))
@_HOST
@_PORT
@_WORKERS
def web_command(host: str, port: int, workers: int) -> None:
    """Serve the site without a worker."""
    line = web_command_line(host, port, workers)
    os.execv(line[0], line)  # noqa: S606  our own interpreter, no shell


@click.command(
    help=_("Serve the site: web and worker as two processes that start and end together.")
)
@_HOST
@_PORT
@_WORKERS
def serve_command(host: str, port: int, workers: int) -> None:
    """Serve the site: web and worker as two processes that start and end together."""
    lines = [
        web_command_line(host, port, workers),
        [sys.executable, "-m", "chengdan", "worker"],
    ]
    # Each child leads a session of its own: a terminal's Ctrl-C and its closing reach only this
    # process, which then ends the children one by one.
    children = [
        subprocess.Popen(line, start_new_session=True)  # noqa: S603  our own commands
        for line in lines
    ]
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    click.echo(f"Chengdan: http://{host}:{port}/", err=True)
    while not stopping and all(child.poll() is None for child in children):
        time.sleep(0.3)
    failed = [child.poll() for child in children if child.poll() not in (None, 0)]
    _end(children)
    sys.exit(1 if failed and not stopping else 0)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(timeout=max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
