"""A time as people read it: minutes, and what makes up a day of them."""

from __future__ import annotations

from dataclasses import dataclass

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Duration:
    """A time that was taken, or is left.

    Attributes:
        minutes: whole minutes; negative is over.
        day_minutes: how many of them are one day; fewer than by the clock in working time.
    """

    minutes: int
    day_minutes: int = DAY_MINUTES

    @property
    def days(self) -> int:
        """Whole days, without a sign."""
        return abs(self.minutes) // self.day_minutes

    @property
    def is_working_time(self) -> bool:
        """Whether only working time was counted."""
        return self.day_minutes < DAY_MINUTES
