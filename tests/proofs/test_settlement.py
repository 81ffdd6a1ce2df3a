"""The laws of a settlement, for every claim: the shipped `grant` and `due`.

A claim of any amounts is settled in every situation there is: each status, closed or not, with an
approved amount or without. What is due is then carried out, and the claim is settled again. Split
stands for what is proven of it, see `contracts`.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest
import z3

from compensation.money import MAX_FEN, MAX_TOTAL_FEN
from compensation.policy.model import Budget, Note
from compensation.rules import award, compensation, returns, settlement
from compensation.rules.compensation import Shared
from compensation.rules.settlement import STATUSES, Claims, Due, Granted
from tests.proofs import contracts
from tests.proofs.mutants import mutant
from tests.proofs.prover import Refuted, World, worlds
from tests.proofs.symbolic import Cell, column, term, terms, whole

UNDECIDED = {"pending", "not_covered", "year_open"}
PARTIES, BENEFICIARY = 4, 1
NOTE = Note(zh="先到先得", en="first come, first paid")


@pytest.fixture(autouse=True)
def _open_numbers_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (compensation, settlement):
        monkeypatch.setattr(module, "int", whole, raising=False)


class Situation(NamedTuple):
    """What is not an amount: the rest of a claim is open."""

    status: str
    closed: bool
    approved_given: bool


SITUATIONS = list(itertools.starmap(Situation, itertools.product(STATUSES, *[(False, True)] * 2)))


class Settled(NamedTuple):
    """A claim, what is due of it, and what is due once that is carried out."""

    compensation: z3.ArithRef
    approved: z3.ArithRef
    paid: z3.ArithRef
    share: z3.ArithRef
    granted: Granted
    due: Due
    again: tuple[Granted, Due]


def open_column(world: World, number: z3.ArithRef) -> Any:
    return column([Cell(world, number)])


def settled(world: World, situation: Situation, *, by_split: bool = False) -> Settled:
    """Settle any claim in the situation, and once more after it was carried out.

    `by_split`: what government gets of recoveries is its part of their split, else any amount.
    """
    compensation = world.given("compensation", 0, 2 * MAX_FEN)
    approved = world.given("approved amount", 0, MAX_FEN)
    paid = world.given("paid", 0, MAX_TOTAL_FEN)
    remitted = open_column(world, world.given("remitted", 0, MAX_TOTAL_FEN))
    claims = Claims(
        np.array([STATUSES.index(situation.status)]),
        np.array([situation.closed]),
        open_column(world, compensation),
        open_column(world, approved),
        np.array([situation.approved_given]),
        open_column(world, paid),
    )
    granted = settlement.grant(claims)
    if by_split:
        share = split_with_government(world, compensation, paid, granted.borne)
    else:
        share = open_column(world, world.given("government share", 0, MAX_TOTAL_FEN))
    due = settlement.due(granted, share, remitted)
    after = settlement.grant(claims._replace(paid=granted.borne))
    again = after, settlement.due(after, share, share)
    return Settled(compensation, approved, paid, term(share[0]), granted, due, again)


def split_with_government(
    world: World, compensation: z3.ArithRef, paid: z3.ArithRef, by_government: Any
) -> Any:
    """Government's part of what recoveries distribute: never more than the payout.

    The beneficiary bore at least the compensation (see `test_award`) and what was paid: a ledger in
    which it was paid more is refused.
    """
    bore = [world.given(f"borne by party {party}", 0, 2 * MAX_FEN) for party in range(PARTIES)]
    world.assume(compensation <= bore[BENEFICIARY], paid <= bore[BENEFICIARY])
    distributable = world.given("distributable", 0, MAX_TOTAL_FEN)
    world.assume(distributable <= z3.Sum(*bore))
    borne = column([[Cell(world, each) for each in bore]])
    weights = returns.borne_after_payment(borne, BENEFICIARY, by_government)
    return contracts.split(world)(open_column(world, distributable), weights)[:, 0]


def legs_of(granted: Granted, due: Due) -> list[Any]:
    columns = granted.to_pay, granted.to_recall, due.to_remit, due.to_refund
    return [term(each[0]) for each in columns]


def prove_legs(*situations: Situation) -> None:
    """Prove the laws of what is due, and in which direction."""
    for situation in situations:
        for world, it in worlds(functools.partial(settled, situation=situation)):
            world.prove_each(laws_of_any(it) | laws_of_granted(it, situation))


def laws_of_any(it: Settled) -> dict[str, Any]:
    """The laws that hold in every situation."""
    pay, recall, remit, refund = legs_of(it.granted, it.due)
    borne, again = term(it.granted.borne[0]), it.again
    granted, outstanding = term(it.granted.granted[0]), term(it.granted.outstanding[0])
    return {
        "no leg is below 0": z3.And(pay >= 0, recall >= 0, remit >= 0, refund >= 0),
        "nothing is both paid and recalled": z3.Or(pay == 0, recall == 0),
        "nothing is both remitted and refunded": z3.Or(remit == 0, refund == 0),
        "nothing is outstanding without a budget": outstanding == 0,
        "borne is what was paid, and is to be paid, less what is to be recalled": borne
        == it.paid + pay - recall,
        "what is granted is borne": z3.And(borne == granted, borne >= 0),
        "net due is what comes in less what goes out": term(it.due.net_due[0])
        == recall + remit - pay - refund,
        "the cost is what is borne less government's share": term(it.due.government_cost[0])
        == borne - it.share,
        "carried out, nothing is due": z3.And(*(leg == 0 for leg in legs_of(*again))),
        "carried out, nothing else changes": z3.And(
            term(again[0].borne[0]) == borne, term(again[1].net_due[0]) == 0
        ),
    }


def laws_of_granted(it: Settled, situation: Situation) -> dict[str, Any]:
    """What a claim is granted by its status, by the review, and once it is closed."""
    status, closed, given = situation
    granted = term(it.granted.granted[0])
    most = z3.If(it.compensation > it.paid, it.compensation, it.paid)
    laws = {"granted is at most the compensation, or what was paid": granted <= most}
    if closed:
        laws["closed, no more than was paid is granted"] = granted <= it.paid
        laws["closed, nothing is paid"] = term(it.granted.to_pay[0]) == 0
    if status in UNDECIDED:
        laws["undecided, what was paid stands"] = granted == it.paid
    if status in {"ineligible", "rejected"}:
        laws["not approved, nothing is granted"] = granted == 0
    if status == "approved":
        limits = [it.compensation, *[it.approved] * given, *[it.paid] * closed]
        laws["approved, no limit is passed"] = z3.And(*(granted <= limit for limit in limits))
        laws["approved, a limit is reached"] = z3.Or(*(granted == limit for limit in limits))
    return laws


def prove_cost(situation: Situation) -> None:
    """Prove that recoveries never return more to government than it bears."""
    for world, it in worlds(functools.partial(settled, situation=situation, by_split=True)):
        borne, cost = term(it.granted.borne[0]), term(it.due.government_cost[0])
        world.prove_each(
            {
                "government gets no more than it bears": it.share <= borne,
                "the cost is not below 0": z3.And(cost >= 0, cost <= borne),
            }
        )


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS)
def test_laws_of_what_is_due(situation: Situation) -> None:
    prove_legs(situation)


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS)
def test_recoveries_return_no_more_than_is_borne(situation: Situation) -> None:
    prove_cost(situation)


def prove_first_come(claims: int = 3) -> None:
    """Prove the laws of a budget that goes to who comes first, for claims of any amounts."""

    def run(world: World) -> tuple[Any, Granted, Granted]:
        def amounts(name: str) -> Any:
            numbers = [world.given(f"{name} {row}", 0, MAX_FEN) for row in range(claims)]
            return column([Cell(world, number) for number in numbers])

        budget = Cell(world, world.given("budget", 0, MAX_TOTAL_FEN))
        rule = Budget(clause="—", basis="assumption", note=NOTE, method="first_come")
        order = np.arange(claims)
        shared = Shared(budget, rule, order[::-1], np.zeros_like(order))  # type: ignore[arg-type]
        approved = np.full(claims, STATUSES.index("approved"))
        no = np.zeros(claims, dtype=np.bool_)
        given = Claims(approved, no, amounts("compensation"), order, no, amounts("paid"))
        granted = settlement.grant(given, shared)
        left = shared._replace(amount=budget - granted.to_pay.sum())
        return budget.term, granted, settlement.grant(given._replace(paid=granted.borne), left)

    for world, (budget, granted, again) in worlds(run):
        pay, outstanding = terms(granted.to_pay), terms(granted.outstanding)
        due = z3.Sum(*pay, *outstanding)
        firsts = itertools.combinations(range(claims)[::-1], 2)
        world.prove_each(
            {
                "nothing is below 0": z3.And(*(each >= 0 for each in (*pay, *outstanding))),
                "the budget is used, and no more": z3.Sum(*pay) == z3.If(due < budget, due, budget),
                "who comes first is paid first": z3.And(
                    *(z3.Or(outstanding[one] == 0, pay[other] == 0) for one, other in firsts)
                ),
                "what is granted is borne, or outstanding": z3.And(
                    *(
                        term(granted.borne[row]) + outstanding[row] == term(granted.granted[row])
                        for row in range(claims)
                    )
                ),
                "carried out, nothing is due": z3.And(
                    *(each == 0 for each in (*terms(again.to_pay), *terms(again.to_recall)))
                ),
            }
        )


@pytest.mark.slow
def test_laws_of_a_budget_for_who_comes_first() -> None:
    prove_first_come()


# That it can fail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "old", "new", "law"),
    [
        (award, "what_is_left", "before + payable", "payable", "below 0"),
        (compensation, "_share_budget", "((rank, turn))", "((-rank, turn))", "comes first"),
        (settlement, "grant", "total > budget.amount", "total < 0", "the budget is used"),
    ],
)
def test_wrong_budgets_are_refuted(
    module: Any, name: str, old: str, new: str, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, mutant(getattr(module, name), old, new))
    with pytest.raises(Refuted, match=law):
        prove_first_come()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "law"),
    [
        ("grant", "np.maximum(claims.paid - granted, 0)", "claims.paid - granted", "below 0"),
        ("grant", "due = np.maximum(to_date - claims.paid, 0)", "due = to_date", "both paid"),
        ("grant", "borne + to_pay - to_recall", "borne + to_pay", "borne is"),
        ("grant", "due - to_pay", "due", "outstanding"),
        ("granted_to", "np.where(decided, reviewed, claims.paid)", "reviewed", "stands"),
        ("granted_to", "np.minimum(granted, claims.paid)", "granted", "closed"),
        ("granted_to", "np.minimum(granted, claims.paid)", "claims.paid", "nothing is granted"),
        (
            "granted_to",
            "claims.approved_given, claims.status",
            "~claims.approved_given, claims.status",
            "limit",
        ),
        ("due", "np.maximum(government_share - remitted, 0)", "government_share", "both remitted"),
        ("due", "np.maximum(remitted - government_share, 0)", "remitted * 0 - 1", "below 0"),
        ("due", "granted.to_recall + to_remit", "granted.to_recall - to_remit", "net due"),
        ("due", "granted.borne - government_share", "granted.borne", "the cost is"),
    ],
)
def test_wrong_settlements_are_refuted(
    name: str, old: str, new: str, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, name, mutant(getattr(settlement, name), old, new))
    with pytest.raises(Refuted, match=law):
        prove_legs(*SITUATIONS)


def test_government_that_bears_more_than_it_says_is_refuted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = mutant(returns.borne_after_payment, "[paid, left]", "[paid + 1, left]")
    monkeypatch.setattr(returns, "borne_after_payment", wrong)
    with pytest.raises(Refuted, match="no more than it bears"):
        prove_cost(SITUATIONS[0])
