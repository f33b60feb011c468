"""Log lines as one JSON object each, for machines to read."""

import json
import logging
from datetime import UTC, datetime

_EXTRAS = ("request_id", "actor", "job", "event", "status_code", "milliseconds")


class JsonFormatter(logging.Formatter):
    """Write time (UTC), level, logger, message, known extras and the trace of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; line breaks in a message are escaped, so no entry can be forged."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update({key: getattr(record, key) for key in _EXTRAS if hasattr(record, key)})
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


class ServerFilter(logging.Filter):
    """Leave out the web server's advice on the number of processes, which was measured."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        return not str(record.msg).startswith("Configured number of workers")
