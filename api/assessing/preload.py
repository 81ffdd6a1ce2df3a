"""What the server process imports, from which the processes of assessments are forked.

It ends when the service does, and not before: where everything is told to stop at once (a control
group, a terminal's process group), what is under way is to be finished.
"""

from __future__ import annotations

import signal

from api.assessing import worker

__all__ = ["worker"]

signal.signal(signal.SIGTERM, signal.SIG_IGN)
