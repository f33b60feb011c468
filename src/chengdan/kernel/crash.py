"""Named places where a test may kill the process, to prove that nothing is half done."""

from __future__ import annotations

import os
import signal

_wanted = os.environ.get("CHENGDAN_CRASH_AT", "")
_countdown = int(os.environ.get("CHENGDAN_CRASH_AFTER", "0"))


def crashpoint(name: str) -> None:
    """Kill this process when the environment asks for a crash at `name`; else do nothing."""
    global _countdown
    if _wanted != name:
        return
    if _countdown > 0:
        _countdown -= 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
