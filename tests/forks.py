"""Processes that begin as copies of one that has Django and the acts loaded.

Loading takes two seconds, a copy some milliseconds; races start hundreds. A copy is a process
like any other: it has its own connections and its own environment, and can be killed.
"""

from __future__ import annotations

import functools
import importlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import TextIO

# Processes run with the settings of a real site; those of the tests name the tests' database.
SETTINGS = "chengdan.config.settings"


@functools.cache
def _copies() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__name__}_loaded"])
    return context


class Fork:
    """Python code in a process of its own, with the surface of `subprocess.Popen`."""

    def __init__(self, code: str, arguments: tuple[str, ...], environment: Mapping[str, str]):
        """Start `code` with `sys.argv[1:]` = `arguments`; `environment` replaces the parent's."""
        context = _copies()
        asked, asks = context.Pipe(duplex=False)
        hears, said = context.Pipe(duplex=False)
        self.stderr = tempfile.NamedTemporaryFile("r+", encoding="utf-8")  # noqa: SIM115
        self._process = context.Process(
            target=_run,
            args=(code, arguments, dict(environment), asked, said, self.stderr.name),
            daemon=True,
        )
        self._process.start()
        asked.close()
        said.close()
        self.stdin: TextIO = _text(asks, "w")
        self.stdout: TextIO = _text(hears, "r")

    @property
    def returncode(self) -> int | None:
        """How it ended: 0, a positive code, or the negative number of the signal."""
        return self._process.exitcode

    def close(self) -> None:
        """End it at once, if it still runs, and let go of its files."""
        self._process.kill()
        self._process.join()
        for file in (self.stdin, self.stdout, self.stderr):
            file.close()

    def wait(self, timeout: float) -> None:
        """Wait until it has ended.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("python", timeout)

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """Let it end and return what is left of its output, and its errors.

        What it says has to fit in a pipe.
        """
        self.stdin.close()
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()


def _text(pipe: Connection, mode: str) -> TextIO:
    file: TextIO = os.fdopen(os.dup(pipe.fileno()), mode, encoding="utf-8")
    pipe.close()
    return file


def _run(
    code: str,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    asked: Connection,
    said: Connection,
    errors: str,
) -> None:
    """Become a process with this environment, then run the code; called in the copy."""
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout = _text(asked, "r"), _text(said, "w")
    sys.stderr = open(errors, "w", encoding="utf-8")  # noqa: SIM115
    sys.argv = ["-c", *arguments]
    _read_environment()
    exec(compile(code, "<process>", "exec"), {"__name__": "__main__"})  # noqa: S102


def _read_environment() -> None:
    """Read anew what the copied process had read from its own environment."""
    from django import conf
    from django.db import connections
    from django.utils.functional import empty

    from chengdan.kernel import crash

    sys.modules.pop(SETTINGS, None)
    conf.settings._wrapped = empty
    connections._settings = None
    connections.__dict__.pop("settings", None)
    for connection in connections.all(initialized_only=True):
        del connections[connection.alias]
    importlib.reload(crash)
