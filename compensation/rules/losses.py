"""What recoveries of a claim are returned of, and what each party bears of it and of its parts.

Amounts are columns of fen. What a policy computes for each claim stands in `Lost`, so that the
rules of returns need no ledger.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE, split
from compensation.policy.model import Quantity, Returns, ReturnShare
from compensation.policy.quantities import payer_names
from compensation.policy.quantity_words import describe_quantity
from compensation.rules import award, rationals
from compensation.rules.compensation import PAYOUT
from compensation.rules.payers import record_shares, weights_of
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Steps, by_party
from compensation.schema.parties import GOVERNMENT

RECOVERED_BEFORE = Text("申报前已追回", "recovered before filing")
LOSS = Text("扣除申报前追回后的代偿损失", "the payout less what was recovered before filing")
SHARE_RETURNED = Text("返还{party}的份额", "share returned to the {party}")
COST_SHARE = Text("追偿费用占追偿所得的最高比例", "costs at most, as a share of the proceeds")

Listed = tuple[ReturnShare, ...]
"""A list of shares as the policy writes it."""


class Shares(NamedTuple):
    """(claims, parties named) whole numbers by which those that the rule names share recoveries.

    `said`: how formulas write each, a number or the name of a step. `sound`: the claims whose
    shares are known, not below 0, and make 1.
    """

    weights: Integers
    said: Sequence[str]
    sound: Flags

    def take(self, claims: Integers) -> Shares:
        """Return the shares of some of the claims."""
        return Shares(self.weights[claims], self.said, self.sound[claims])


class Amount(NamedTuple):
    """(claims,) fen of an amount that the rule speaks of; `step`: its step."""

    fen: Integers
    step: str
    title: Text


class CostShare(NamedTuple):
    """(claims,) the share of the proceeds that costs come to at most; `said`: in formulas."""

    numerator: Integers
    denominator: Integers
    said: str


class Lost(NamedTuple):
    """(claims,) what recoveries are returned of, in fen: the payout, less what came before.

    `step`: the name of its step; `steps`: how it came about. What else depends on the claim:
    `shares`, by which those that the rule names share recoveries; `amounts` of parts and limits;
    `cost_share`. `sound`: the claims of which all of this is known and not below 0.
    """

    amount: Integers
    step: str
    steps: Steps
    shares: Mapping[Listed, Shares] = MappingProxyType({})
    amounts: Mapping[Quantity, Amount] = MappingProxyType({})
    cost_share: CostShare | None = None
    sound: Flags | None = None

    def take(self, claims: Integers) -> Lost:
        """Return the same of some of the claims, without its steps."""
        share = self.cost_share
        return Lost(
            self.amount[claims],
            self.step,
            Steps(),
            {listed: each.take(claims) for listed, each in self.shares.items()},
            {name: each._replace(fen=each.fen[claims]) for name, each in self.amounts.items()},
            None
            if share is None
            else CostShare(share.numerator[claims], share.denominator[claims], share.said),
        )

    def shares_of(self, listed: Listed) -> Shares:
        """Return the shares of a list, whether they depend on the claim or are fixed."""
        return self.shares.get(listed) or fixed_shares(listed, len(self.amount))

    def fen_of(self, quantity: Quantity) -> Integers:
        """Return an amount that the rule speaks of, computed or fixed."""
        if isinstance(quantity, Decimal):
            return np.full(len(self.amount), int(quantity * FEN_PER_YUAN), dtype=np.int64)
        return self.amounts[quantity].fen


def fixed_shares(listed: Listed, claims: int) -> Shares:
    """Return the fixed shares of a list: 0.4, 0.3, 0.2 and 0.1 come to 4 : 3 : 2 : 1."""
    shares = [each.share for each in listed if isinstance(each.share, Decimal)]
    millionths = [int(share * PRINTED_SCALE) for share in shares]
    unit = int(np.gcd.reduce(millionths)) if millionths else 1
    whole = [share // unit for share in millionths]
    weights = np.tile(np.array(whole, dtype=np.int64), (claims, 1))
    return Shares(weights, [str(share) for share in whole], np.ones(claims, dtype=np.bool_))


def computed_shares(evaluator: Evaluator, listed: Listed, name: str = "returned_share") -> Shares:
    """Return the shares of each claim, where one of them depends on it; they are recorded."""
    parties = tuple(each.party for each in listed)
    payers = payer_names(evaluator.policy.rules)
    called = tuple((id_, name.text) for id_, name in payers.items())
    shares = [evaluator.compute(each.share).values for each in listed]
    titles = by_party(name, SHARE_RETURNED, parties, called)
    nothing = rationals.constant(0, evaluator.rows)
    known = [rationals.chosen(share.known, share, nothing) for share in shares]
    weights, exact = weights_of(known)
    said = record_shares(evaluator, titles, known, weights, exact=exact)
    whole = functools.reduce(rationals.total, shares)
    sound = whole.known & (rationals.sign(whole, rationals.constant(1, evaluator.rows)) == 0)
    return Shares(np.maximum(weights, 0), said, sound & (weights >= 0).all(axis=1))


def lost(payout: Integers, evaluator: Evaluator | None = None) -> Lost:
    """Return what recoveries are returned of, and what depends on the claim, by the policy.

    A claim whose figure is blank counts as one of which nothing was recovered: `blank_figures`
    refuses it where money depends on it.
    """
    steps = Steps()
    steps.given("payout", PAYOUT, payout)
    if evaluator is None:
        return Lost(payout, "payout", steps)
    evaluator, rule = evaluator.with_steps(steps), evaluator.policy.rules.returns
    of = Lost(payout, "payout", steps)
    if rule.recovered_before is not None:
        before, _ = _amount(evaluator, rule, rule.recovered_before, "recovered_before")
        of = lost_less(payout, before.fen, steps, rule)
    sound = np.ones(len(payout), dtype=np.bool_)
    shares: dict[Listed, Shares] = {}
    for number, listed in enumerate(rule.computed_shares):
        name = "returned_share" if listed == rule.shares else f"returned_share{number + 1}"
        shares[listed] = computed_shares(evaluator, listed, name)
        sound &= shares[listed].sound
    amounts: dict[Quantity, Amount] = {}
    for number, quantity in enumerate(rule.amounts, 1):
        amounts[quantity], known = _amount(evaluator, rule, quantity, f"amount{number}")
        sound &= known
    share, known = _cost_share(evaluator, rule)
    return of._replace(shares=shares, amounts=amounts, cost_share=share, sound=sound & known)


def _amount(
    evaluator: Evaluator, rule: Returns, quantity: Quantity, name: str
) -> tuple[Amount, Flags]:
    """Return an amount of the rule, at least 0, recorded by its name; and of which claims it is."""
    computed = evaluator.amount(quantity)
    values = computed.values
    fen = rationals.half_up(values, FEN_PER_YUAN)
    sound = values.known & (fen >= 0)
    fen = np.maximum(fen, 0)
    formula = computed.formula if computed.whole else f"half_up({computed.formula})"
    formula = f"max({formula}, 0)" if computed.signed else formula
    before = quantity == rule.recovered_before and name == "recovered_before"
    title = RECOVERED_BEFORE if before else describe_quantity(evaluator.policy, quantity)
    if formula.isidentifier() and not before:
        return Amount(fen, formula, title), sound
    evaluator.steps.follows(name, title, formula, fen, cited=rule)
    return Amount(fen, name, title), sound


def _cost_share(evaluator: Evaluator, rule: Returns) -> tuple[CostShare | None, Flags]:
    """Return the share of the proceeds that costs come to at most, where the policy says one."""
    sound = np.ones(evaluator.rows, dtype=np.bool_)
    if rule.cost_share is None or isinstance(rule.cost_share, Decimal):
        return None, sound
    computed = evaluator.compute(rule.cost_share)
    said = evaluator.record("cost_share", COST_SHARE, computed, cited=rule)
    values, nothing = computed.values, rationals.constant(0, evaluator.rows)
    sound = values.known & (rationals.sign(values, nothing) >= 0)
    values = rationals.chosen(sound, values, nothing)
    formula = said.formula if said.formula.isidentifier() else f"({said.formula})"
    return CostShare(values.numerator, values.denominator, formula), sound


def lost_less(payout: Integers, before: Integers, steps: Steps, rule: Returns) -> Lost:
    """Return what is left of the payout; `steps`: with those of both amounts."""
    amount = np.maximum(payout - before, 0)
    steps.follows("loss", LOSS, "max(payout − recovered_before, 0)", amount, cited=rule)
    return Lost(amount, "loss", steps)


class Borne(NamedTuple):
    """(claims, parties) what each party bore of what was lost, and of each part of it.

    `parts`: those that the rule says not all bear, and the rest last.
    """

    total: Integers
    parts: tuple[Integers, ...]

    def take(self, claims: Integers) -> Borne:
        """Return the same of some of the claims."""
        return Borne(self.total[claims], tuple(part[claims] for part in self.parts))


def borne_of(of: Lost, shares: Integers, rule: Returns, parties: Sequence[str]) -> Borne:
    """Return what each party bore, by its `shares` (claims, parties) of the contract.

    A part that some do not bear is divided among the others by their shares; where none of them has
    one, it is of the rest, which all bear.
    """
    left, parts = of.amount, []
    for part in rule.parts:
        bearing = np.array([party in part.borne_by for party in parties], dtype=np.bool_)
        own = shares * bearing
        amount = np.where(own.any(axis=1), np.minimum(of.fen_of(part.of), left), 0)
        parts.append(split(amount, own))
        left = left - amount
    rest = award.borne(left, shares)
    return Borne(sum(parts, start=rest), (*parts, rest))


def parts_after_payment(
    borne: Borne, beneficiary: int, paid: Integers, rule: Returns
) -> tuple[Integers, ...]:
    """Return (claims, 1 + parties) what government and each party bears of each part.

    None where the rule has no parts: all bear the whole. What government has `paid` is divided, by
    what the beneficiary bore of them, among the parts that government bears; what is more is of the
    others.
    """
    if not rule.parts:
        return ()
    own = np.stack([part[:, beneficiary] for part in borne.parts], axis=1)
    governments = [*(GOVERNMENT in part.borne_by for part in rule.parts), True]
    shared = own * np.array(governments, dtype=np.int64)
    first = np.minimum(paid, shared.sum(axis=1))
    more = np.minimum(paid - first, (own - shared).sum(axis=1))
    by_part = split(first, shared) + split(more, own - shared)
    found = []
    for place, part in enumerate(borne.parts):
        left = part.copy()
        left[:, beneficiary] -= by_part[:, place]
        found.append(np.column_stack([by_part[:, place], left]))
    return tuple(found)
