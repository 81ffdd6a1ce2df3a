"""Rates with additions and bounds, and caps on groups over years, against loops over the claims."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from compensation.ledger.dictionary import BORROWER_TYPES, ColumnType
from compensation.policy.catalogue import Policy, load_policy
from compensation.rules import decision
from compensation.rules.conditions import Subject
from compensation.rules.decision import Cases, decide, rates_of
from tests.rules.naive import integers

INVENTED = Path(__file__).parent.parent / "policy" / "invented"
APPROVED, REJECTED, PENDING = 0, 1, 2


def variant(folder: Path, name: str, *changes: tuple[str, str]) -> Policy:
    """An invented policy with some of its text changed."""
    text = (INVENTED / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "variant.toml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def additions() -> dict[str, Subject]:
    """Four contracts: neither addition, the one, the other, both."""
    types = [choice.value for choice in BORROWER_TYPES]
    other, farmer = types.index("other"), types.index("farmer")
    sure = np.ones(4, dtype=np.bool_)
    return {
        "contracts.first_loan": Subject(integers([0, 1, 0, 1]), sure, None, ColumnType.BOOLEAN),
        "contracts.borrower_type": Subject(
            integers([other, other, farmer, farmer]), sure, None, ColumnType.CHOICE, tuple(types)
        ),
    }


@pytest.mark.parametrize(
    ("points", "rates"),
    [
        ("0.05", [200_000, 250_000, 230_000, 280_000]),
        ("0.0699", [200_000, 269_900, 230_000, 299_900]),
        ("0.07", [200_000, 270_000, 230_000, 300_000]),
    ],
)
def test_additions_up_to_the_documents_bound(tmp_path: Path, points: str, rates: list[int]) -> None:
    """A policy whose additions could pass the bound is refused when it is loaded."""
    policy = variant(tmp_path, "additions", ("points = 0.05", f"points = {points}"))
    assert rates_of(policy, integers([0] * 4), additions()).tolist() == rates
    assert rates_of(policy, integers([-1] * 4), additions()).tolist() == [0] * 4, "no tier"


def cases(seed: int, policy: Policy) -> Cases:
    """Forty approved, rejected and pending claims of three borrowers at two institutions."""
    source = np.random.default_rng(seed)
    rows = 40
    borrower = source.integers(0, 3, rows)
    subjects = {
        name: Subject(source.integers(0, 2, rows), np.ones(rows, dtype=np.bool_))
        for name in decision.subjects_needed(policy)
    }
    subjects["institution"] = Subject(
        (source.random(rows) < 0.9).astype(np.int64), np.ones(rows, dtype=np.bool_)
    )
    return Cases(
        parties=("institution",),
        subjects=subjects,
        principal=source.integers(1, 10**8, rows),
        interest=source.integers(0, 10**6, rows),
        shares=np.full((rows, 1), 1_000_000),
        reviews=(source.choice([APPROVED, APPROVED, REJECTED, PENDING], rows),),
        compensation_paid=np.zeros(rows, dtype=np.int64),
        borrower=borrower,
        institution=borrower % 2,
        day=source.integers(100, 104, rows),
        rank=source.permutation(rows),
        paid_earlier={
            per: source.integers(0, 10**7, 3)[group]
            for per, group in (
                ("borrower", borrower),
                ("institution", borrower % 2),
                ("programme", np.zeros(rows, dtype=np.int64)),
            )
        },
    )


@pytest.mark.parametrize("name", ["cap-per-borrower", "cap-per-institution", "cap-per-programme"])
@pytest.mark.parametrize("amount", ["10_000", "400_000", "3_000_000", "90_000_000"])
@pytest.mark.parametrize("over", ["count_up_to", "refuse"])
def test_a_cap_on_a_group(name: str, amount: str, over: Literal["count_up_to", "refuse"]) -> None:
    policy = load_policy(INVENTED / f"{name}.toml")
    (cap,) = [cap for cap in policy.rules.caps if cap.amount is not None]
    changed = replace(cap, amount=Decimal(amount), over=over)
    caps = tuple(changed if own is cap else own for own in policy.rules.caps)
    policy = replace(policy, rules=replace(policy.rules, caps=caps))
    for seed in range(6):
        check_cap(cases(seed, policy), policy, name.rpartition("-")[2], over)


def check_cap(given: Cases, policy: Policy, per: str, over: str) -> None:
    """One claim after another, by day and then by id; rejected ones take nothing of the cap."""
    uncapped = replace(
        policy,
        rules=replace(policy.rules, caps=tuple(c for c in policy.rules.caps if c.amount is None)),
    )
    before, after = decide(uncapped, given), decide(policy, given)
    (cap,) = [c for c in policy.rules.caps if c.amount is not None]
    group = {"borrower": given.borrower, "institution": given.institution}.get(
        per, np.zeros_like(given.institution)
    )
    left: dict[int, int] = {}
    for row, of in enumerate(group.tolist()):
        paid = int(given.paid_earlier[per][row]) if cap.years == "all" else 0
        left[of] = max(0, int(cap.amount or 0) * 100 - paid)
    for row in np.lexsort((given.rank, given.day)).tolist():
        of, wanted = int(group[row]), int(before.compensation[row])
        rejected = given.reviews[0][row] == REJECTED
        if over == "refuse":
            expected = wanted if wanted <= left[of] else 0
        else:
            expected = min(wanted, left[of])
        if not rejected:
            left[of] -= expected
        assert int(after.compensation[row]) == expected, (row, wanted, left)
        refused = over == "refuse" and wanted > expected
        assert bool(after.eligible[row]) == (bool(before.eligible[row]) and not refused)
