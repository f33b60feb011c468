"""The database wrapper; Django looks for it under this name."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import Any

from django.db.backends.sqlite3 import base

# SQLite itself waits up to 100 ms between two looks at the lock; an act takes less than ten.
LOOK_SECONDS = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite, whose writers follow one another closely."""

    transaction_mode: str | None  # set by Django from the options
    _file: tuple[int, int] | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Open the file, and remember which one it is."""
        before = self._identity()
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        self._file = before or self._identity()
        return connection

    def is_usable(self) -> bool:
        """Whether the name still means the file that is open, which a restore may replace."""
        return self._identity() == self._file

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _start_transaction_under_autocommit(self) -> None:
        """Begin to write as soon as whoever writes now has done.

        Raises:
            OperationalError: somebody wrote for longer than the timeout.
        """
        connection: sqlite3.Connection = self.connection
        timeout = float(self.settings_dict["OPTIONS"].get("timeout", 5))
        last = time.monotonic() + timeout
        with self.wrap_database_errors:
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                while not _begun(connection, self.transaction_mode or "DEFERRED", last):
                    time.sleep(LOOK_SECONDS)
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")


def _begun(connection: sqlite3.Connection, mode: str, last: float) -> bool:
    """Begin a transaction; False when somebody else is writing and there is time left."""
    try:
        connection.execute(f"BEGIN {mode}")
    except sqlite3.OperationalError as error:
        # A connection that still reads from before the other's change can wait for ever.
        is_stale = error.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT
        is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY and not is_stale
        if is_busy and time.monotonic() < last:
            return False
        raise
    return True
