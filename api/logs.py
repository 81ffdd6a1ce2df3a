"""Logs as JSON, a line for each event. What a request brings is not in them.

The text of an exception may quote a cell, a borrower's name for instance. So of an exception only
its type and the places it came through are logged.
"""

from __future__ import annotations

import datetime
import json
import logging
import traceback
from typing import Any

OWN = (
    "request_id",
    "method",
    "path",
    "status",
    "milliseconds",
    "client",
    "key",
    "places",
)
"""What our own events may carry."""


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        said: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        said |= {name: getattr(record, name) for name in OWN if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            said["exception"] = places(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False)


def places(error: BaseException) -> list[str]:
    """Return the type of an exception and where it came through, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames),
        type(error).__name__,
    ]


def log_config(level: str) -> dict[str, Any]:
    """Return the configuration of logging: everything to stderr as JSON, from ``level`` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {
            "uvicorn": {"level": level.upper()},
            "api": {"level": level.upper()},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
