"""A digest is of what a policy says, not of how the file is laid out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from compensation.policy.catalogue import Policy, list_policies, load_policy
from tests.policy.texts import BASE

Load = Callable[..., Policy]

LPR = """format = 1
[[series]]
id = "lpr"
name = { zh = "LPR", en = "LPR" }
source = { zh = "虚构", en = "invented" }
clause = "1"
basis = "text"
note = { zh = "虚构", en = "invented" }
terms = [60, 0]
checked_until = 2030-12-31
points = [{ from = 2019-08-20, values = [0.0425, 0.0485] }]
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(text: str | bytes, *series: str) -> Policy:
        path = tmp_path / "mine.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths = []
        for number, one in enumerate(series):
            paths.append(tmp_path / f"{number}.toml")
            paths[-1].write_text(one, encoding="utf-8")
        return load_policy(path, paths)

    return load_text


def test_layout_makes_no_difference(load: Load) -> None:
    digest = load(BASE).digest
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest)
    lines = BASE.splitlines()
    keys = [line for line in lines if line.startswith(("id =", "name =", "issuer ="))]
    moved = [line for line in lines if line not in keys]
    start = moved.index("format = 2")
    for same in (
        BASE.replace(" = ", "="),
        BASE.replace("\n", "\r\n"),
        "# a comment\n\n" + BASE + "\n# another\n",
        "\n".join([*moved[:start], *reversed(keys), *moved[start:]]) + "\n",
        BASE.replace("at_least = 0.8,", "at_least = 0.80,"),
        BASE.replace("5_000_000", "5000000.00"),
        BASE.replace("5_000_000", "5e6"),
        BASE.replace(
            'base = { value = "claims.payout",', 'base = { value = "claims.payout", when = [],'
        ),
        BASE.replace("base = {", "base = [{", 1).replace('" } }\nbenef', '" } }]\nbenef'),
        BASE.replace('measure = "payout_amount"', 'measure = "payout_amount", years = 1'),
        b"\xef\xbb\xbf" + BASE.encode(),
    ):
        assert same != BASE
        assert load(same).digest == digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "invented"', 'id = "invented-2"'),
        ("2024-12-31", "2024-12-30"),
        ("at_least = 0.8,", "at_least = 0.8001,"),
        ("at_least = 0.8,", "above = 0.8,"),
        ("5_000_000", "5_000_000.01"),
        ("rate = 0.2,", "rate = 0.3,"),
        ('costs = "net"', 'costs = "gross"'),
        ('basis = "text"', 'basis = "summary"'),
        ('en = "invented"', 'en = "invented!"'),
        ('clause = "1"', 'clause = "2"'),
        ('heading = "期限"', 'heading = "月数"'),
        (
            '{ borne_by = "institution", of = "claims.payout" }',
            '{ times = [{ borne_by = "institution", of = "claims.payout" }, 0.9] }',
        ),
        (", excludes = false", ""),
        ('["finance_review"]', '["industry_review"]'),
    ],
)
def test_a_changed_fact_makes_a_difference(load: Load, old: str, new: str) -> None:
    assert old in BASE
    assert load(BASE.replace(old, new, 1)).digest != load(BASE).digest


def without(name: str) -> str:
    """Return the base without one of its tables, which then takes the default."""
    return "".join(line for line in BASE.splitlines(True) if not line.startswith(f"{name} = "))


@pytest.mark.parametrize("name", ["trigger", "beneficiary", "review", "budget", "returns", "caps"])
def test_a_default_counts_as_what_it_says(load: Load, name: str) -> None:
    """It is another policy than one that says the same of its own: it rests on something else."""
    short = load(without(name))
    assert getattr(short.rules, name) != getattr(load(BASE).rules, name)
    assert {c.id for c in short.cited() if c.cited.basis == "default"} == {
        "borne" if name == "caps" else name
    }
    assert short.digest != load(BASE).digest


def test_the_values_of_a_series_that_is_used_count(load: Load) -> None:
    text = load_policy("luoyang-2025").text
    shipped = load_policy("luoyang-2025").digest
    assert load(text).digest == shipped
    assert load(text, LPR).digest not in (
        shipped,
        load(text, LPR.replace("0.0425", "0.0426")).digest,
    )
    assert (
        load(text, LPR).digest == load(text, "# newer\n" + LPR.replace("0.0425", "0.04250")).digest
    )


def test_shipped_digests_differ_and_are_stable_within_a_run() -> None:
    digests = {load_policy(policy).digest for policy in list_policies()}
    assert len(digests) == len(list_policies())
    assert digests == {load_policy(policy).digest for policy in list_policies()}
