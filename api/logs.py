"""Logs as JSON lines. They hold nothing of the content of a request.

The text of an exception may quote a cell, for example a borrower's name. Only the type of an
exception and its traceback, without source lines, are logged.
"""

from __future__ import annotations

import datetime
import json
import logging
import traceback
from typing import Any

OWN = "said"
"""The ``extra`` of our own events: what they say, by name."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        said: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        said |= getattr(record, OWN, {})
        if record.exc_info and record.exc_info[1] is not None:
            said["exception"] = places(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False)


def places(error: BaseException) -> list[str]:
    """Return the frames of an exception, innermost last, and its type."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames),
        type(error).__name__,
    ]


def log_config(level: str) -> dict[str, Any]:
    """Return the logging configuration: events of ``level`` and above to stderr as JSON."""
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
