"""Example requests of the OpenAPI document; all figures are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))

AMOUNTS: dict[str, Any] = _EXAMPLES["amounts"]
"""An institution's figures of a year as amounts and counts."""
RATIOS: dict[str, Any] = _EXAMPLES["ratios"]
"""The same as ratios."""
CLAIM: dict[str, Any] = _EXAMPLES["claim"]
CLAIM_IN_LUOYANG: dict[str, Any] = _EXAMPLES["claim_in_luoyang"]
"""A whole request under another policy."""
BORROWERS: list[dict[str, Any]] = _EXAMPLES["borrowers"]
RECOVERIES: dict[str, Any] = _EXAMPLES["recoveries"]
PORTFOLIO: dict[str, Any] = _EXAMPLES["portfolio"]
"""A portfolio as small as one can be."""
SETTLEMENT: dict[str, Any] = {
    **_EXAMPLES["settlement"],
    **{name: rows for name, rows in PORTFOLIO.items() if isinstance(rows, list)},
}
"""The same portfolio to be settled on a day, with a payment and the pool."""
