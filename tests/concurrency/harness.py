"""Races: long-lived processes that do one act each per round, released together.

A worker asks the environment for two things: CHENGDAN_RACE_PAUSE (`module:function`, a pause
after the function returns, that is between a check and its write) and CHENGDAN_RACE_LOCKS=off
(the twin of every race: without locks the same race must go wrong).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

PAUSE_SECONDS = 0.02
Act = Callable[..., Any]
Starter = Callable[..., Any]


class Race:
    """Several processes with one act; every round gives each its own arguments."""

    def __init__(
        self, start: Starter, act: str, workers: int, *, pause: str = "", locks: bool = True
    ) -> None:
        """Start the processes and wait until all are ready.

        Args:
            start: the fixture `python_process`.
            act: `module:function` that takes keyword arguments and returns what JSON can say.
            pause: `module:function` after which each process waits a moment.
            locks: False for the twin that must fail.
        """
        code = (
            "import os\n"
            f"os.environ['CHENGDAN_RACE_PAUSE'] = {pause!r}\n"
            f"os.environ['CHENGDAN_RACE_LOCKS'] = {'on' if locks else 'off'!r}\n"
            "from tests.concurrency.harness import worker_serve\n"
            f"worker_serve({act!r})\n"
        )
        self.processes = [start(code) for _number in range(workers)]
        for process in self.processes:
            self._read(process)

    def run(self, arguments: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Let every process act once, all released together; return `{"ok"|"error": …}` each."""
        for process, values in zip(self.processes, arguments, strict=True):
            self._say(process, values)
        for process in self.processes:
            self._read(process)
        for process in self.processes:
            self._say(process, "go")
        return [self._read(process) for process in self.processes]

    def call(self, act: str, **values: Any) -> Any:
        """Run another act alone, in the first process, and return its result."""
        first = self.processes[0]
        self._say(first, {"call": act, **values})
        self._read(first)
        self._say(first, "go")
        found = self._read(first)
        if "error" in found:
            raise AssertionError(found)
        return found["ok"]

    @staticmethod
    def _say(process: Any, value: Any) -> None:
        process.stdin.write(json.dumps(value) + "\n")
        process.stdin.flush()

    @staticmethod
    def _read(process: Any) -> Any:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.stderr.read())
        return json.loads(line)


def find(name: str) -> Act:
    """Return the function that `module:function` names."""
    module, _colon, function = name.partition(":")
    act: Act = getattr(importlib.import_module(module), function)
    return act


def worker_serve(act_name: str) -> None:
    """Serve rounds until the parent closes the pipe; runs inside a worker."""
    act = find(act_name)
    if os.environ.get("CHENGDAN_RACE_PAUSE"):
        _pause_after(os.environ["CHENGDAN_RACE_PAUSE"])
    if os.environ.get("CHENGDAN_RACE_LOCKS") == "off":
        _locks_off()
    _answer("ready")
    while line := sys.stdin.readline():
        values = json.loads(line)
        chosen = find(values.pop("call")) if "call" in values else act
        _answer("armed")
        sys.stdin.readline()
        _answer(_attempt(chosen, values))


def _attempt(act: Act, values: dict[str, Any]) -> dict[str, Any]:
    from chengdan.kernel.errors import DomainError
    from chengdan.kernel.transactions import retry_on_conflict

    # A twin shows the bare act: a door's second try would mend much of what the lock prevents.
    is_twin = os.environ.get("CHENGDAN_RACE_LOCKS") == "off"
    try:
        return {"ok": act(**values) if is_twin else retry_on_conflict(lambda: act(**values))}
    except DomainError as error:
        return {"error": error.code}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _answer(value: Any) -> None:
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


def _pause_after(name: str) -> None:
    module_name, _colon, function = name.partition(":")
    module = importlib.import_module(module_name)
    real = getattr(module, function)

    def paused(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        time.sleep(PAUSE_SECONDS)
        return result

    setattr(module, function, paused)


def _locks_off() -> None:
    """Take the lock away: the row lock on PostgreSQL, the whole transaction on SQLite."""
    from django.db import connection, models, transaction

    models.QuerySet.select_for_update = (  # type: ignore[method-assign]
        lambda self, *args, **kwargs: self.all()
    )
    if connection.vendor == "sqlite":
        transaction.atomic = (  # type: ignore[assignment]
            lambda *args, **kwargs: contextlib.nullcontext()
        )
