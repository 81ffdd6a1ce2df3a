"""The laws of compensation, for every claim: `decide` itself, under each shipped policy.

Two claims are decided together, that are alike but for what was paid out. Split and products stand
for what is proven of them, see `contracts`; all else is the package's own code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import z3

from compensation.money import MAX_FEN, MAX_TOTAL_FEN, PRINTED_SCALE
from compensation.policy.catalogue import Policy, load_policy
from compensation.rules import award, compensation, decision, rationals
from compensation.rules.compensation import Decisions
from compensation.rules.decision import Cases
from compensation.schema.choices import APPROVED
from tests.proofs import contracts
from tests.proofs.claims import ROWS, met
from tests.proofs.mutants import mutant
from tests.proofs.policies import POLICIES
from tests.proofs.prover import Refuted, World, worlds
from tests.proofs.symbolic import Cell, column, term, terms, whole

PARTIES = ("institution", "lender", "reguarantor", "national_fund")


def two_claims(policy: Policy, tier: int | None, world: World) -> Cases:
    """Two claims of any amounts: no part of the second payout is below that of the first."""
    given = world.given
    shares = [given(f"share of {party}", 0, PRINTED_SCALE) for party in PARTIES]
    world.assume(z3.Sum(*shares) == PRINTED_SCALE)
    principal = [given(f"principal {row}", 0, MAX_FEN) for row in range(ROWS)]
    interest = [given(f"interest {row}", 0, MAX_FEN) for row in range(ROWS)]
    world.assume(principal[0] <= principal[1], interest[0] <= interest[1])
    paid = given("paid", 0, MAX_FEN)

    def cells(numbers: list[Any]) -> Any:
        return column([Cell(world, number) for number in numbers])

    zeros, places = np.zeros(ROWS, dtype=np.int64), np.arange(ROWS)
    return Cases(
        parties=PARTIES,
        variables=met(
            policy,
            cells([given("institution is eligible", 0, 1)] * ROWS),
            cells([given("exposure", 0, MAX_TOTAL_FEN)] * ROWS),
        ),
        principal=cells(principal),
        interest=cells(interest),
        shares=column([[Cell(world, share) for share in shares]] * ROWS),
        reviews=(np.full(ROWS, APPROVED),) * len(policy.rules.review.required),
        compensation_paid=cells([paid] * ROWS),
        institution=zeros,
        day=zeros,
        rank=places,
        groups={},
        earlier={},
        tier=None if tier is None else np.full(ROWS, tier),
    )


def prove_laws(policy: Policy, tier: int | None, patch: pytest.MonkeyPatch) -> int:
    """Prove the laws in every world; return how many claims were found eligible in all."""
    patch.setattr(compensation, "int", whole, raising=False)
    seen = 0

    def run(world: World) -> tuple[Cases, Decisions]:
        patch.setattr(award, "split", contracts.split(world))
        patch.setattr(compensation, "half_up_of_product", contracts.half_up_of_product(world))
        patch.setattr(rationals, "sign", contracts.sign(world))
        patch.setattr(rationals, "_largest", contracts.widest)
        patch.setattr(award, "floor_of_product", contracts.floor_of_product(world))
        cases = two_claims(policy, tier, world)
        return cases, compensation.decide(policy, cases)

    own = PARTIES.index(policy.rules.beneficiary.party)
    for world, (cases, decided) in worlds(run):
        compensated, payable = terms(decided.compensation), terms(decided.payable)
        paid = terms(cases.compensation_paid)
        for row in range(ROWS):
            rate, base = int(decided.rate[row]), term(decided.base[row])
            bore, at_rate = term(decided.borne[row, own]), 2 * rate * base
            given, due = compensated[row], payable[row]
            twice = 2 * PRINTED_SCALE * given
            world.prove_each(
                {
                    "compensation is not below 0": given >= 0,
                    "compensation is at most rate × base and half a fen": twice
                    <= at_rate + PRINTED_SCALE,
                    "compensation is at most what the beneficiary bore": given <= bore,
                    "payable is part of the compensation": z3.And(due >= 0, due <= given),
                    "what the parties bore is the payout": z3.Sum(*terms(decided.borne[row]))
                    == term(decided.payout[row]),
                }
            )
            if decided.eligible[row]:
                seen += 1
                world.prove_each(
                    {
                        "only the cap makes compensation less": z3.Or(
                            given == bore, twice > at_rate - PRINTED_SCALE
                        ),
                        "payable is what has not been paid": due
                        == z3.If(given > paid[row], given - paid[row], 0),
                    }
                )
            else:
                world.prove(given == 0, "an ineligible claim gets nothing")
        assert decided.eligible[0] == decided.eligible[1]
        world.prove_each(
            {
                "compensation grows with the payout": compensated[0] <= compensated[1],
                "and so does what is payable": payable[0] <= payable[1],
            }
        )
    return seen


def tiers_of(policy: Policy) -> list[int | None]:
    """Each tier where it is the institution's; else the exposure, which is open, decides it."""
    if not decision.rate_is_institutions(policy):
        return [None]
    return list(range(len(policy.rules.rates.tiers)))


CASES = [(id_, tier) for id_ in POLICIES for tier in tiers_of(load_policy(id_))]


@pytest.mark.slow
@pytest.mark.parametrize(("id_", "tier"), CASES)
def test_laws_of_compensation(id_: str, tier: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prove_laws(load_policy(id_), tier, monkeypatch) >= 2


RATE = "half_up_of_product(base, np.maximum(rate.numerator, 0), rate.denominator)"
KNOWN = "np.where(has, fen, base)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "old", "new", "law"),
    [
        (compensation, "at_one_rate", RATE, f"{RATE} + 1", "rate × base and half a fen"),
        (compensation, "at_one_rate", RATE, "base", "rate × base and half a fen"),
        (
            compensation,
            "cap_compensation",
            "np.minimum(compensation, limit)",
            "compensation",
            "bore",
        ),
        (compensation, "base_of", KNOWN, "np.where(fen > 1000, 1, fen)", "grows"),
        (award, "payable", "granted - paid", "granted + paid", "part of"),
    ],
)
def test_wrong_rules_are_refuted(
    module: Any, name: str, old: str, new: str, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: Callable[..., Any] = mutant(getattr(module, name), old, new)
    monkeypatch.setattr(module, name, changed)
    with pytest.raises(Refuted, match=law):
        prove_laws(load_policy("jiyuan-2022"), 0, monkeypatch)
