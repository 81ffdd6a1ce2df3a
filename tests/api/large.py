"""A portfolio as a JSON body of any size, made quickly."""

from __future__ import annotations

import json
from typing import Any

from api.examples import PORTFOLIO


def large_body(contracts: int) -> bytes:
    """The example's portfolio with many more contracts, all valid."""
    row: dict[str, Any] = {**PORTFOLIO["contracts"][1], "contract_id": "@", "borrower_id": "@"}
    template = json.dumps(row, ensure_ascii=False)
    rows = [json.dumps(known, ensure_ascii=False) for known in PORTFOLIO["contracts"]]
    rows += [template.replace("@", f"G-{number}") for number in range(contracts)]
    rest = {name: value for name, value in PORTFOLIO.items() if name != "contracts"}
    body = json.dumps(rest, ensure_ascii=False)
    return (body[:-1] + ', "contracts": [' + ",".join(rows) + "]}").encode()
