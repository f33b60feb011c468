"""Find (or, for CI as root on Debian, install) a Chromium for browser tests, with what reads PDF.

Usage: python tools/browser.py; prints its path, exit 1 and a sentence when there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def browser() -> str | None:
    """Return the path of a Chromium; CHENGDAN_BROWSER goes first."""
    named = os.environ.get("CHENGDAN_BROWSER")
    if named:
        return named
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in _PLACES if Path(place).exists()), None)


def _install() -> None:
    quiet = {"stdout": subprocess.DEVNULL, "check": False}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)  # type: ignore[call-overload]
    packages = ["chromium", "fonts-noto-cjk", "poppler-utils"]
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, **quiet)  # type: ignore[call-overload]


def main() -> int:
    """Print the path; in CI try to install one first."""
    may_install = os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get")
    if browser() is None and may_install:
        _install()
    path = browser()
    if path is None:
        print("Browser tests are skipped: no Chromium here (apt-get install chromium).")
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
