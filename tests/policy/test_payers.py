"""Several payers: shares that make exactly 1, and cases of which they do not."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from compensation.policy.faults import PolicyFaults
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import assessed, columns, small

COLUMNS = columns(city="ratio", district="ratio", place="text")
PAYER = '[[payers]]\nid = "{id}"\nname = {{ zh = "{id}", en = "{id}" }}\nshare = {share}\n'
EAST = 'when = [{ value = "claims.place", one_of = ["东区"] }]'
ALWAYS = PAYER.format(id="city", share="0.6")
ONLY_EAST = PAYER.format(id="district", share="0.4") + EAST
GIVEN = [PAYER.format(id=id_, share=f'"claims.{id_}"') for id_ in ("city", "district")]
Cell = str


def claim(place: Cell = "东区", city: Cell = "0.6", district: Cell = "0.4") -> dict[str, Cell]:
    return {"place": place, "city": city, "district": district}


@pytest.mark.parametrize(("place", "reasons"), [("东区", None), ("西区", "payer"), ("", "payer")])
def test_a_case_that_its_payers_do_not_pay_whole_is_not_eligible(
    place: str, reasons: str | None
) -> None:
    run = assessed(small(COLUMNS, ALWAYS, ONLY_EAST), claim(place))
    (row,) = run.claims.to_dict("records")
    paid = [row[name] for name in ("payable", "payable_city", "payable_district")]
    assert row["reasons"] == reasons
    assert paid == ([0, 0, 0] if reasons else [500, 300, 200])
    values = recomputed(run.explain("c1").arithmetic)
    assert values.get("paid_by_all") == (Fraction("0.6") if reasons else None)


@pytest.mark.parametrize(
    ("city", "district", "shown"),
    [("0.6", "0.400001", "100.0001%"), ("0.6", "0.399999", "99.9999%"), ("0", "0", "0%")],
)
def test_shares_in_the_ledger_that_do_not_make_one_are_a_fault(
    city: str, district: str, shown: str
) -> None:
    right = claim()
    (fault,) = faults(assessed, small(COLUMNS, *GIVEN), right, claim("", city, district))
    assert (fault.kind, fault.table, fault.row) == ("payers_total", "claims", 2)
    assert fault.value == shown
    assert assessed(small(COLUMNS, *GIVEN), right).claims["payable_city"][0] == 300


def test_lines_name_the_payers_and_say_which_shares_were_added() -> None:
    run = assessed(small(COLUMNS, ALWAYS, ONLY_EAST), claim("东区"), claim("西区"))
    lines = [{each.name: each for each in run.explain(id_).arithmetic} for id_ in ("c1", "c2")]
    titles = {name: line.title.zh for name, line in lines[0].items() if "_city" in name}
    assert titles == {"paid_by_city": "city出资份额", "payable_city": "city应付"}
    assert str(lines[0]["paid_by_city"].value) == "0.600000"
    assert "paid_by_all" not in lines[0]
    total = lines[1]["paid_by_all"]
    assert total.title.zh == "出资份额合计（不是 100%，不予补偿）"
    assert str(total.value) == "0.600000"
    assert total.formula == "ratio(paid_by_city + paid_by_district)"


def test_shares_of_different_denominators_are_exact() -> None:
    parts = {"city": (1, 3), "district": (1, 7), "town": (11, 21)}
    payers = [
        PAYER.format(id=id_, share=f"{{ over = [{part}, {of}] }}")
        for id_, (part, of) in parts.items()
    ]
    run = assessed(small(COLUMNS, *payers), claim() | {"principal": "42"})
    (row,) = run.claims.to_dict("records")
    assert [row[f"payable_{id_}"] for id_ in parts] == [7, 3, 11]
    lines = {each.name: each for each in run.explain("c1").arithmetic}
    for id_, (part, of) in parts.items():
        assert lines[f"paid_by_{id_}"].value == f"{part}/{of}"


def test_shares_of_more_than_six_decimals_are_exact() -> None:
    thirds = [
        PAYER.format(id=id_, share=f"{{ over = [{part}, 3] }}")
        for id_, part in (("city", 1), ("district", 2))
    ]
    run = assessed(small(COLUMNS, *thirds), claim() | {"principal": "20000000000"})
    (row,) = run.claims.to_dict("records")
    # 10,000,000,000 / 3, and not × 0.333333.
    assert row["payable"] == Decimal("10000000000.00")
    assert row["payable_city"] == Decimal("3333333333.33")
    assert row["payable_district"] == Decimal("6666666666.67")
    values = recomputed(run.explain("c1").arithmetic)
    assert values["payable_city"] == Fraction("3333333333.33")


PART = '{ over = ["claims.city", "claims.district"] }'
WEST = f"when = [{{ not = {EAST.removeprefix('when = [').removesuffix(']')} }}]"
PARTS = (
    PAYER.format(id="city", share=PART) + EAST,
    PAYER.format(id="rest", share=f"{{ minus = [1, {PART}] }}") + EAST,
    PAYER.format(id="rest", share="1") + WEST,
)


@pytest.mark.parametrize(
    ("place", "city", "district", "paid"),
    [
        ("东区", "0.3", "0.6", [250, 250]),
        ("东区", "0.6", "0.6", [500, 0]),
        ("东区", "0.600001", "0.6", None),  # the rest is below 0
        ("东区", "0.6", "0", None),  # over 0
        ("西区", "0.6", "0", [0, 500]),  # not asked for the share
    ],
)
def test_a_share_that_applies_is_known_and_not_below_zero(
    place: str, city: str, district: str, paid: list[int] | None
) -> None:
    policy, of = small(COLUMNS, *PARTS), claim(place, city, district)
    if paid is None:
        (fault,) = faults(assessed, policy, of)
        assert fault.kind == "payers_total"
        return
    (row,) = assessed(policy, of).claims.to_dict("records")
    assert [row["payable_city"], row["payable_rest"]] == paid


def test_a_share_in_the_ledger_is_asked_for_though_the_last_payer_does_not_pay() -> None:
    policy = small(COLUMNS, GIVEN[0], GIVEN[1] + EAST)
    (fault,) = faults(assessed, policy, claim("西区", "0.999999"))
    assert fault.kind == "payers_total"
    assert assessed(policy, claim("西区", "1")).claims["payable_city"][0] == 500


THIRDS = ("0.333333", "0.333333", "0.333334")


@pytest.mark.parametrize("principal", ["0.02", "1", "1000", "999999999.99"])
def test_shares_have_six_decimals_as_those_of_a_ledger_do(principal: str) -> None:
    payers = [PAYER.format(id=f"p{n}", share=share) for n, share in enumerate(THIRDS, 1)]
    run = assessed(small(*payers), {"principal": principal})
    (row,) = run.claims.to_dict("records")
    due, left, expected = Fraction(row["payable"]), Fraction(1), []
    rest = due
    for share in map(Fraction, THIRDS):
        part = Fraction(math.floor(rest * share / left * 100 + Fraction(1, 2)), 100)
        expected.append(part)
        rest, left = rest - part, left - share
    assert [Fraction(row[f"payable_p{n}"]) for n in (1, 2, 3)] == expected
    assert sum(expected) == due
    recomputed(run.explain("c1").arithmetic)


def test_so_do_those_of_what_lies_above_a_cap_and_of_a_stage() -> None:
    payers = [
        PAYER.format(id="p1", share="1"),
        *(PAYER.format(id=p, share="0") for p in ("p2", "p3")),
    ]
    rest = ", ".join(
        f'{{ payer = "{payer}", share = {share} }}'
        for payer, share in (("p2", "0.333333"), ("p3", "0.666667"))
    )
    cap = f'[[caps]]\nid = "c"\npayer = "p1"\nat_most = 200\nrest = [{rest}]\n'
    stage = '[[stages]]\nshare = 1\nwhen = [{ value = "claims.place", given = true }]\n'
    stage += "[[stages]]\nshare = 0.333333\n"
    run = assessed(small(COLUMNS, *payers, cap, stage), {"place": "东区"}, {"place": ""})
    found = [
        [row[f"payable_{p}"] for p in ("p1", "p2", "p3")] for row in run.claims.to_dict("records")
    ]
    assert found == [[200, 100, 200], [Decimal("66.67"), Decimal("33.33"), Decimal("66.67")]]


@pytest.mark.parametrize(
    ("share", "kind"), [("0.3333333", "too_many_decimals"), ("1.1", "out_of_range")]
)
def test_no_share_has_more(share: str, kind: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(PAYER.format(id="a", share=share))
    assert kind in [fault.kind for fault in raised.value.faults]
