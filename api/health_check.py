"""Ask a running service with the same settings whether it is ready, for supervisors."""

from __future__ import annotations

import http.client
import time

from api.settings import Settings

PAUSE_SECONDS = 0.5
"""Seconds between two attempts."""
ANSWER_SECONDS = 5
"""The timeout of one attempt."""


def is_ready(settings: Settings, seconds: float) -> bool:
    """Return whether /readyz answers 200, asking again until ``seconds`` have passed."""
    deadline = time.monotonic() + seconds
    while not _answers(settings):
        if time.monotonic() + PAUSE_SECONDS > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _answers(settings: Settings) -> bool:
    # On Linux, connecting to 0.0.0.0 or :: reaches this machine.
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=ANSWER_SECONDS)
    host = settings.allowed_hosts[0] if settings.allowed_hosts else "localhost"
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
