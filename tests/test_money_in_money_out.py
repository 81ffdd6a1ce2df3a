"""Nothing is lost and nothing made, by claim and in total; and ids decide by their order alone."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.assessing import assessed, results_of
from tests.conftest import DEPTH
from tests.one_claim import CONTRACT, small
from tests.oracle_reading import Row, Tables, money, money_text, read
from tests.portfolios import portfolios, portfolios_with_budgets

slow = settings(max_examples=8 * DEPTH, suppress_health_check=[HealthCheck.too_slow])


def fen(text: str) -> int:
    """A result in fen; it may be more than an input."""
    yuan, _, part = text.partition(".")
    return int(yuan + part)


def by_claim(rows: list[Row]) -> dict[str, list[Row]]:
    ordered = sorted(rows, key=lambda row: row["claim_id"])
    return {id_: list(group) for id_, group in groupby(ordered, key=lambda row: row["claim_id"])}


@pytest.mark.slow
@given(portfolios_with_budgets())
@slow
def test_money_in_is_money_out(case: tuple[Tables, str | None]) -> None:
    tables, budget = case
    assessment = assessed(tables, 2022, budget)
    results, portfolio = results_of(assessment), read(tables)
    claims = {row["claim_id"]: row for row in results["claims"]}
    returns = by_claim(results["returns"])
    own = portfolio.parties.index("institution")
    for claim in portfolio.claims:
        row, rows = claims.get(claim.id), returns.get(claim.id, [])
        government = claim.paid + (fen(row["payable"]) if row else 0)
        bears = [government, *claim.borne]
        bears[1 + own] -= government
        assert sum(bears) == claim.payout, "what the parties and government bear is the payout"
        to = ["to_government", *(f"to_{party}" for party in portfolio.parties)]
        returned = [sum(fen(row[column]) for row in rows) for column in to]
        distributed = sum(fen(row["distributed"]) for row in rows)
        surplus = sum(fen(row["surplus"]) for row in rows)
        assert all(fen(row[column]) >= 0 for row in rows for column in to), "nothing is taken back"
        assert sum(returned) == distributed, "what is distributed goes to the parties"
        assert all(0 <= got <= bore for got, bore in zip(returned, bears, strict=True))
        proceeds = sum(money(row["proceeds"]) for row in rows)
        costs = sum(money(row["cost"]) for row in rows)
        assert proceeds - costs <= distributed + surplus <= proceeds
        assert surplus == 0 or distributed == claim.payout
        if costs == 0:
            assert distributed + surplus == proceeds, "all that came in goes out"
        if distributed == claim.payout:
            assert returned == bears, "who is repaid in full gets what it bore"
    for institution in results["institutions"]:
        mine = [c for c in claims.values() if c["institution_id"] == institution["institution_id"]]
        for total, part in (("payout_amount", "payout"), *[(c, c) for c in AMOUNTS]):
            assert fen(institution[total]) == sum(fen(row[part]) for row in mine)
    totals = assessment.summary["totals"]
    for column in AMOUNTS:
        assert fen(totals[column]) == sum(fen(row[column]) for row in claims.values())
    for column in ("distributed", "surplus", "to_government"):
        assert fen(totals[column]) == sum(fen(row[column]) for row in results["returns"])


AMOUNTS = ("compensation", "payable")


@pytest.mark.slow
@given(portfolios(), st.data())
@slow
def test_instalments_without_costs_change_no_total(tables: Tables, data: st.DataObject) -> None:
    """On whatever days they come, before other recoveries or after them."""
    whole = [{**row, "cost": ""} for row in tables["recoveries"]]
    claims = {row["claim_id"]: row for row in tables["claims"]}
    rows = []
    for number, row in enumerate(whole):
        proceeds = money(row["proceeds"])
        now = data.draw(st.integers(0, proceeds))
        first = date.fromisoformat(claims[row["claim_id"]]["payout_date"])
        for part, amount in enumerate((now, proceeds - now)):
            day = first + timedelta(days=data.draw(st.integers(0, 800)))
            id_ = f"{data.draw(st.integers(0, 9))}-{number}-{part}"
            instalment = {"recovery_date": day.isoformat(), "proceeds": money_text(amount)}
            rows.append({**row, **instalment, "recovery_id": id_})
    at_once = results_of(assessed({**tables, "recoveries": whole}))
    in_parts = results_of(assessed({**tables, "recoveries": rows}))
    assert at_once["claims"] == in_parts["claims"]

    def totals(returns: list[Row]) -> dict[str, list[int]]:
        columns = ["distributed", "surplus", *(c for c in (returns or [{}])[0] if c[:3] == "to_")]
        return {
            id_: [sum(fen(row[column]) for row in rows) for column in columns]
            for id_, rows in by_claim(returns).items()
        }

    assert totals(in_parts["returns"]) == totals(at_once["returns"])


# Ids

ABOUT_SURROGATES = [
    *("\ud7ff", "\ue000", "\uf900", "\uff61", "\uffee", "\U00010000", "𠮷", "\U0001f600")
]
"""Characters on both sides of the surrogates, which UTF-16 sorts the other way round."""
ODD = [
    *("", "0", "00", "1", "10", "9", "A", "a", "B", "b", "Z", "é", "e\u0301", "É", "ß", "ss"),
    *("ﬀ", "ff", "İ", "ı", "i", "K", "Å", "å", "②", "2", "２", "Ω", "济", "濟"),
    *ABOUT_SURROGATES,
]
"""Case, digits, marks that combine, and forms that normalising or casefolding makes one."""


def equals_of_one_day(ids: list[str], proceeds: list[int]) -> Tables:
    """Claims alike but for their ids, and as many recoveries of the first, all of one day."""
    tables = small(
        institutions={"opening_balance": "500000", "opening_borrowers": "1"},
        claims={"principal": "1", "interest": "0"},
    )
    tables["contracts"].append({**CONTRACT, "contract_id": "K2", "borrower_id": "B2"})
    released = {"contract_id": "K2", "release_date": "2022-02-01", "amount": "999999.99"}
    tables["releases"] = [released]
    (claim,), (recovery,) = tables["claims"], tables["recoveries"]
    tables["claims"] = [{**claim, "claim_id": id_} for id_ in ids]
    tables["recoveries"] = [
        {**recovery, "claim_id": ids[0], "recovery_id": id_, "proceeds": money_text(fen)}
        for id_, fen in zip(ids, proceeds, strict=True)
    ]
    return tables


beginnings = st.sampled_from([ODD, ABOUT_SURROGATES]).flatmap(st.sampled_from)
odd_ids = st.tuples(beginnings, st.sampled_from(ODD)).map("x".join)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(odd_ids, st.integers(0, 50)), min_size=2, max_size=6, unique_by=lambda t: t[0]
    ),
    st.integers(0, 100),
)
@settings(max_examples=25 * DEPTH)
def test_ids_decide_by_their_order_of_code_points_alone(
    rows: list[tuple[str, int]], budget: int
) -> None:
    """Who gets a fen left over, and which recovery comes first: as with numbers for ids."""
    odd, proceeds = [id_ for id_, _ in rows], [fen for _, fen in rows]
    plain = [str(sorted(odd).index(id_)) for id_ in odd]
    old = dict(zip(plain, odd, strict=True))
    results, others = (
        results_of(assessed(equals_of_one_day(ids, proceeds), 2022, money_text(budget)))
        for ids in (odd, plain)
    )
    assert results["claims"] == [{**r, "claim_id": old[r["claim_id"]]} for r in others["claims"]]
    assert results["returns"] == [
        {**r, "claim_id": old[r["claim_id"]], "recovery_id": old[r["recovery_id"]]}
        for r in others["returns"]
    ]


def test_the_claims_of_one_day_share_a_budget_that_binds() -> None:
    """Lest equality on them prove little."""
    tables = equals_of_one_day(["a", "b", "c"], [50, 60, 10])
    results = results_of(assessed(tables, 2022, "0.50"))
    assert [row["payable"] for row in results["claims"]] == ["0.17", "0.17", "0.16"]
    assert [row["distributed"] for row in results["returns"]] == ["0.50", "0.50", "0.00"]
