"""The parent's side of reading: start the reading process, give back rows of exact values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from chengdan.kernel.importing.limits import LIMITS, Limits
from chengdan.kernel.importing.vocabulary import FileRefusedError

_PROCESS = Path(__file__).with_name("table_process.py")
_REFUSED_EXIT = 3


@dataclass(frozen=True, slots=True)
class LostDigits:
    """A number longer than a spreadsheet can keep: its last digits are gone."""

    text: str


@dataclass(frozen=True, slots=True)
class DateCell:
    """A cell that the spreadsheet itself holds as a date (ISO text)."""

    text: str


Cell = str | Decimal | bool | LostDigits | DateCell | None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read one file.

    Attributes:
        header_row: 1-based row that holds the titles; rows above it are left out.
        sheet: name of the sheet, "" for the first visible one.
        delimiter: separator of a text file, "" to find it.
    """

    header_row: int = 1
    sheet: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read: titles and a count; rows come from the kept JSON lines."""

    name: str
    headers: list[str]
    row_count: int
    is_1904: bool
    facts: dict[str, Any]
    path: Path = field(repr=False)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield (row number in the file, cells) of every row below the titles."""
        with self.path.open(encoding="utf-8") as file:
            next(file)
            next(file)
            for line in file:
                number, *cells = json.loads(line)
                yield number, [_value(cell) for cell in cells]


def _value(cell: Any) -> Cell:
    if not isinstance(cell, dict):
        return cell if isinstance(cell, str) else None
    (kind, value), *_rest = cell.items()
    if kind == "n":
        return Decimal(value)
    if kind == "x":
        return LostDigits(value)
    return DateCell(value) if kind == "d" else bool(value)


def table_read(
    source: Path, *, name: str, folder: Path, options: ReadOptions, limits: Limits = LIMITS
) -> Table:
    """Read a file in a process with limits on memory and time.

    Args:
        name: the user's name of the file; only its suffix is used.
        folder: a temporary directory of the caller.

    Raises:
        FileRefusedError: too large, hostile, damaged, of another kind, or empty.
    """
    out = folder / f"{source.name}.rows"
    settings = {
        "name": Path(name.replace("\\", "/")).name[-60:],
        "header_row": options.header_row,
        "sheet": options.sheet,
        "delimiter": options.delimiter,
        "limits": limits.as_dict(),
    }
    command = [sys.executable, str(_PROCESS), str(source), str(out), json.dumps(settings)]
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and file, no shell
            command, capture_output=True, timeout=limits.seconds, check=False, close_fds=True
        )
    except subprocess.TimeoutExpired:
        raise FileRefusedError("heavy") from None
    if done.returncode == _REFUSED_EXIT:
        refusal = json.loads(done.stdout)
        raise FileRefusedError(refusal["code"], **refusal["params"])
    if done.returncode < 0:  # killed by a limit, or the allocator gave up
        raise FileRefusedError("heavy")
    if done.returncode:
        raise FileRefusedError("damaged")
    return _opened(name, out)


def _opened(name: str, out: Path) -> Table:
    with out.open(encoding="utf-8") as file:
        facts = json.loads(next(file))
        _number, *titles = json.loads(next(file))
        count = sum(1 for _line in file)
    headers = [_title(cell) for cell in titles]
    return Table(name, headers, count, bool(facts.get("date1904")), facts, out)


def _title(cell: Any) -> str:
    value = _value(cell)
    text = value.text if isinstance(value, LostDigits | DateCell) else value
    return "" if text is None else str(text).strip().removeprefix("\ufeff")
