"""The serving process: start-up, memory, and what four clients get out of it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chengdan.config.bench.figures import Figure, Report
from chengdan.config.bench.world import BenchWorld
from chengdan.config.cli.serve import web_command_line, workers_usual

CLIENTS = 4
START_SECONDS = 60
HEALTH = "/healthz"
LOGIN = "/login/"
OK = 200


@contextmanager
def served() -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """Serve the scratch database on a free loopback port; yield port, process, seconds to answer.

    The process and its workers are ended afterwards, whatever happens.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [*web_command_line("127.0.0.1", port, workers_usual()), "--log-level", "critical"]
    start = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
    try:
        while answer(port, HEALTH) != OK:
            if process.poll() is not None or time.perf_counter() - start > START_SECONDS:
                raise RuntimeError("the server does not answer")
            time.sleep(0.02)
        yield port, process, time.perf_counter() - start
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def answer(port: int, path: str) -> int:
    """Return the status of a GET, 0 when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process and all its children."""
    total = 0
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        folder = Path(f"/proc/{current}")
        try:
            lines = (folder / "status").read_text(encoding="utf-8").splitlines()
            children = (folder / f"task/{current}/children").read_text(encoding="utf-8")
        except OSError:
            continue
        waiting += map(int, children.split())
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total / 1024


def measure_serving(report: Report, world: BenchWorld, quick: bool) -> None:
    """Time the start until the first answer, and weigh the process after some pages."""
    with served() as (port, process, seconds):
        report.figures.append(Figure("start-up to the first answer", [seconds], unit="s"))
        for _page in range(5 if quick else 50):
            answer(port, LOGIN)
        name = f"memory, {workers_usual()} workers with their parent"
        figure = Figure(name, [memory_mib(process.pid)], "MiB")
        report.figures.append(figure)
        report.figures.append(_throughput(port, 20 if quick else 400))


def _throughput(port: int, requests: int) -> Figure:
    def client() -> None:
        for _request in range(requests // CLIENTS):
            answer(port, HEALTH)

    threads = [threading.Thread(target=client) for _number in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = requests / (time.perf_counter() - start)
    return Figure(f"HTTP, {CLIENTS} clients, smallest page", [rate], unit="answers/s")
