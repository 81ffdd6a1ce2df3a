"""The imports of the fork server, from which the worker processes are forked.

The fork server ignores SIGTERM and ends with the service: where the whole process group gets the
signal, assessments in progress are still finished.
"""

from __future__ import annotations

import signal

from api.assessing import held_answers, worker
from compensation.policy import checks, validation

__all__ = ["checks", "held_answers", "validation", "worker"]

signal.signal(signal.SIGTERM, signal.SIG_IGN)
