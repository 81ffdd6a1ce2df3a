"""Several lines of a document in one file: what is needed of a row, and what limits it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compensation import Assessment, InputFaults, assess_frames

POLICY = """
format = 2
id = "two-lines"
name = { zh = "两条线", en = "two lines" }
issuer = { zh = "虚构", en = "invented" }
clause = "1"
basis = "summary"
document = { title = { zh = "两条线", en = "two lines" } }
effective = { from = 2024-01-01 }
columns = [
    { table = "contracts", name = "line", heading = "条线", type = "text", note = NOTE },
    { table = "claims", name = "aid", heading = "其他补助", type = "money", note = NOTE },
    { table = "institutions", name = "capital", heading = "资本", type = "money", note = NOTE },
]

[[base]]
value = { minus = ["claims.principal", "claims.aid"] }
when = [{ value = "contracts.line", one_of = ["A"] }]

[[base]]
value = "claims.principal"

[rates]
tiers = [{ rate = 0.5 }]

[[caps]]
id = "by_capital"
per = ["contracts.institution_id"]
at_most = { times = ["institutions.capital", { over = [
    "indicator.closing_balance", "indicator.new_guarantees",
] }] }
when = [{ value = "contracts.line", one_of = ["B"] }]
""".replace("NOTE", '{ zh = "虚构", en = "invented" }')


def assessed(folder: Path, aid: list[str], started: str = "2024-02-01") -> Assessment:
    path = folder / "two-lines.toml"
    path.write_text(POLICY, "utf-8")
    contracts = [
        {
            "contract_id": f"K{line}",
            "institution_id": "I",
            "borrower_id": line,
            "borrower_type": "小型企业",
            "guaranteed_amount": "1000",
            "start_date": started,
            "release_date": "",
            "line": line,
        }
        for line in "AB"
    ]
    claims = [
        {
            "claim_id": line,
            "contract_id": f"K{line}",
            "payout_date": "2024-06-01",
            "principal": "100",
            "aid": given,
        }
        for line, given in zip("AB", aid, strict=True)
    ]
    institutions = [{"institution_id": "I", "government_backed": "是", "capital": "30"}]
    tables = {"institutions": institutions, "contracts": contracts, "claims": claims}
    return assess_frames({n: pd.DataFrame(rows) for n, rows in tables.items()}, path, 2024)


def test_a_column_of_one_line_may_be_blank_on_the_other(tmp_path: Path) -> None:
    claims = assessed(tmp_path, ["40", ""]).tables["claims"].to_pylist()
    assert [str(row["compensation"]) for row in claims] == ["30.00", "30.00"]


def test_a_column_of_a_line_may_not_be_blank_on_it(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as raised:
        assessed(tmp_path, ["", "5"])
    assert [(f.kind, f.column, f.row) for f in raised.value.faults] == [("blank", "aid", 1)]


def test_a_limit_that_is_undefined_is_a_reason(tmp_path: Path) -> None:
    """Nothing was started in the year, so the cap divides by 0: refused, and said, not 0."""
    claims = assessed(tmp_path, ["40", ""], "2023-02-01").tables["claims"].to_pylist()
    assert [row["reasons"] for row in claims] == [None, "by_capital"]
    assert [str(row["compensation"]) for row in claims] == ["30.00", "0.00"]
