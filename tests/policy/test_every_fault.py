"""Faults of different kinds are told at once, and what only follows from one of them is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from compensation.policy.catalogue import load_policy
from compensation.policy.faults import PolicyFaults
from tests.policy.test_small_policies import HEAD

BASE = '[base]\nvalue = "{}"\n'
RATES = "[rates]\ntiers = [{ rate = 0.5 }]\n"
QUANTITY = '[[{}]]\nid = "loss"\nname = {{ zh = "损失", en = "loss" }}\nvalue = {}\n'
SOUND = '{ minus = ["claims.principal", 1] }'
CAP = '[[caps]]\nid = "most"\nat_most = {}\n'
CONDITION = '[[claim_conditions]]\nid = "asked"\nvalue = "{}"\nat_most = 5\n'
COLUMN = """
[[columns]]
table = "claims"
name = "aid"
heading = "其他补偿"
type = {}
note = {{ zh = "注", en = "note" }}
"""
NAMED = '[[tests]]\nid = "little"\nvalue = "{}"\n{}\n'
BY_NAME = '[[{}]]\nid = "{}"\n{}test = "little"{}\n'
USES = (
    '[[claim_conditions]]\nid = "asked"\ntest = "little"\n'
    '[[caps]]\nid = "most"\nat_most = 5\nwhen = [{ test = "little" }]\n'
)
PAYER = '[[payers]]\nid = "city"\nname = {{ zh = "市", en = "city" }}\nshare = {}\n'
OF_CITY = '[[caps]]\nid = "of_city"\nat_most = 5\npayer = "city"\nrest = "nobody"\n'
PRINCIPAL, LOSS = BASE.format("claims.principal"), BASE.format("quantity.loss")


def keys(folder: Path, *parts: str, head: str = HEAD, series: str | None = None) -> list[str]:
    file = folder / "mine.toml"
    file.write_text("\n".join([head, *parts]), encoding="utf-8")
    given = []
    if series is not None:
        given.append(folder / "series.toml")
        given[0].write_text(series, encoding="utf-8")
    with pytest.raises(PolicyFaults) as raised:
        load_policy(file, given)
    assert "{" not in raised.value.describe("zh") + raised.value.describe("en")
    return sorted(fault.key for fault in raised.value.faults)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # A form, and a sense elsewhere.
        (
            (PRINCIPAL, RATES, CAP.format("true"), CONDITION.format("claims.nothing")),
            ["caps[most].at_most", "claim_conditions[asked].value"],
        ),
        (
            (PRINCIPAL, RATES.replace("0.5", "50"), CAP.format(-1), COLUMN.format('"text"')),
            ["caps[most].at_most", "rates.tiers[1].rate"],
        ),
        ((RATES, CAP.format(-1)), ["base", "caps[most].at_most"]),
        # What is made of itself, a form, and a sense.
        (
            (
                QUANTITY.format("quantities", '{ sum = ["quantity.loss", 1] }'),
                (LOSS + RATES + COLUMN.format('"number"')),
                CONDITION.format("claims.nothing"),
            ),
            ["claim_conditions[asked].value", "columns[1].type", "quantities[loss].value"],
        ),
        # What is named and wrong, misspelt or not, does not make its users wrong.
        (
            (LOSS, RATES, QUANTITY.format("quantitys", SOUND), CAP.format(-1)),
            ["caps[most].at_most", "quantitys"],
        ),
        (
            (LOSS, RATES, QUANTITY.format("quantities", "true"), CAP.format(-1)),
            ["caps[most].at_most", "quantities[loss].value"],
        ),
        (
            (PRINCIPAL, RATES, COLUMN.format('"number"'), CONDITION.format("claims.aid")),
            ["columns[1].type"],
        ),
        ((PRINCIPAL, RATES, PAYER.format("true"), OF_CITY), ["payers[city].share"]),
        # A test with a name stands in several places, and is spoken of in one.
        (
            (PRINCIPAL, RATES, NAMED.format("claims.principal", "is = 5"), USES),
            ["tests[little].is"],
        ),
        (
            (PRINCIPAL, RATES, NAMED.format("claims.nothing", "at_most = 5"), USES, OF_CITY),
            ["caps[of_city].payer", "tests[little].value"],
        ),
        # What the top of the file says would change what else is right.
        ((PRINCIPAL, 'record = "contract"', RATES, CAP.format(-1)), ["base.record"]),
    ],
)
def test_all_that_is_wrong(tmp_path: Path, parts: tuple[str, ...], expected: list[str]) -> None:
    assert keys(tmp_path, *parts) == expected


@pytest.mark.parametrize("day", ['"2022-03-01"', "2022"])
def test_the_days_of_the_policy(tmp_path: Path, day: str) -> None:
    head = HEAD.replace("2022-03-01", day)
    late = CONDITION.format("claims.payout_date").replace("5", "2021-01-01")
    assert keys(tmp_path, PRINCIPAL, RATES, late, CAP.format(-1), head=head) == [
        "caps[most].at_most",
        "effective.from",
    ]


def test_a_file_of_series(tmp_path: Path) -> None:
    reads = '[[quantities]]\nid = "rate"\nname = { zh = "利率", en = "rate" }\n'
    reads += 'value = { series = "mine", on = "claims.payout_date" }\n'
    found = keys(tmp_path, PRINCIPAL, RATES, reads, CAP.format(-1), series="format = 1\n")
    assert found == ["caps[most].at_most", "series"]
