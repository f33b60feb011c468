"""`chengdan worker`: deferred work, sweeps, imports and exports, run by huey's consumer.

The outbox, the schedule and the jobs are rows of the site's database; huey's queue only says
"look now". So a lost queue, a killed worker or a second worker change nothing but the delay.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _

log = logging.getLogger(__name__)
DRAIN_SECONDS = 1.0
SCHEDULE_SECONDS = 20.0
STOP_SECONDS = 30.0


def works() -> list[tuple[str, float, Callable[[], object]]]:
    """Return (name, seconds between two looks, what to run)."""
    from chengdan.kernel.exporting.services import exports_run_due
    from chengdan.kernel.importing.services import imports_run_due
    from chengdan.kernel.outbox import outbox_drain
    from chengdan.kernel.outbox.schedule import periodics_run

    return [
        ("drain", DRAIN_SECONDS, outbox_drain),
        ("schedule", SCHEDULE_SECONDS, periodics_run),
        ("imports", DRAIN_SECONDS, imports_run_due),
        ("exports", DRAIN_SECONDS, exports_run_due),
    ]


def guarded(name: str, run: Callable[[], object]) -> Callable[[], None]:
    """Return a task that logs what fails, so that the next look comes in any case."""

    def task() -> None:
        from django.db import close_old_connections

        close_old_connections()
        try:
            run()
        except Exception:
            log.exception("worker: %s failed", name)
        finally:
            close_old_connections()

    return task


def queue_make() -> Any:
    """Return a queue of this process alone, in the store that the settings name.

    Workers on several machines share the store. A look is meant for the worker that asked for it:
    another one would not know its name, and who asked would wait for ever for its end.
    """
    import huey
    from django.conf import settings

    options = dict(settings.HUEY)
    options["name"] = f"{options['name']}-{socket.gethostname()}-{os.getpid()}"
    chosen = str(options.pop("huey_class")).rpartition(".")[2]
    return getattr(huey, chosen)(**options)


class Ticker(threading.Thread):
    """Puts a look into the queue when its time has come and the last one is over."""

    def __init__(self, entries: list[tuple[str, float, Callable[[], None]]], queue: Any) -> None:
        super().__init__(name="ticker", daemon=True)
        self._stop_asked = threading.Event()
        self._busy: dict[str, threading.Event] = {}
        self._entries = []
        for name, seconds, run in entries:
            idle = threading.Event()
            idle.set()
            self._busy[name] = idle
            task = queue.task(name=f"chengdan_{name}")(self._counted(name, run))
            self._entries.append((name, seconds, task))

    def _counted(self, name: str, run: Callable[[], None]) -> Callable[[], None]:
        def task() -> None:
            try:
                run()
            finally:
                self._busy[name].set()

        return task

    def run(self) -> None:
        """Look every quarter of a second what is due."""
        due = {name: 0.0 for name, _seconds, _task in self._entries}
        passed = 0.0
        while not self._stop_asked.wait(0.25):
            passed += 0.25
            for name, seconds, task in self._entries:
                if passed >= due[name] and self._busy[name].is_set():
                    due[name] = passed + seconds
                    self._busy[name].clear()
                    task()

    def stop(self) -> None:
        """Put nothing more into the queue."""
        self._stop_asked.set()


def once() -> None:
    """Run everything that is due now, in this process, and return."""
    for name, _seconds, run in works():
        guarded(name, run)()


@click.command(help=_("Run deferred work until the process is told to end (SIGTERM, Ctrl-C)."))
@click.option("--once", "is_once", is_flag=True, help=_("Do what is due now and end."))
def worker_command(is_once: bool) -> None:
    """Run deferred work until the process is told to end (SIGTERM, Ctrl-C)."""
    django_start()
    if is_once:
        once()
        return
    run_forever()


def run_forever() -> None:
    """Run huey's consumer with one thread per kind of work; end cleanly on SIGTERM."""
    queue = queue_make()
    # Looks left over from a worker that is gone and had the same number.
    queue.storage.flush_queue()
    entries = [(name, seconds, guarded(name, run)) for name, seconds, run in works()]
    ticker = Ticker(entries, queue)
    consumer = queue.create_consumer(
        workers=len(entries), worker_type="thread", periodic=False, initial_delay=0.05,
        max_delay=0.5, check_worker_health=True,
    )  # fmt: skip
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    consumer.start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ticker.start()
    log.info("worker started")
    while not stopped.wait(0.5):
        pass
    ticker.stop()
    consumer.stop(graceful=True)
    queue.storage.flush_queue()
    log.info("worker stopped")
