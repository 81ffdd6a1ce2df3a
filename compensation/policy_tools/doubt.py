"""What `policies check` asks about: one thing that may not be meant."""

from __future__ import annotations

from typing import NamedTuple

from compensation.language import Text


class Doubt(NamedTuple):
    """One thing that may not be meant: where it stands in the file, and what follows from it."""

    key: str
    message: Text
