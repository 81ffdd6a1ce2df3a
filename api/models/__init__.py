"""What goes in and out of the calls, as pydantic models; all amounts and ratios exact."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Received(BaseModel):
    """A part of a request: an unknown member is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)
