"""How large a file may be; figures of the reliability catalogue B5, fixed for safety."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one imported file.

    Attributes:
        ratio: unzipped bytes per stored byte.
        cell_bytes: UTF-8 bytes of one cell.
        seconds: processor time of the reading process; its wall clock gets the same.
        memory_bytes: address space of the reading process.
    """

    file_bytes: int = 20_000_000
    unzipped_bytes: int = 200_000_000
    ratio: int = 100
    entries: int = 200
    rows: int = 200_000
    columns: int = 200
    cell_bytes: int = 32_768
    seconds: int = 120
    memory_bytes: int = 1_000_000_000

    def as_dict(self) -> dict[str, int]:
        """Return the ceilings for the reading process."""
        return asdict(self)


LIMITS = Limits()
