"""Who pays what is payable: the shares of several payers, which make exactly 1 for every case.

A share is a number or a quantity, and a payer may have others under other tests. A case of which
the shares make less or more than 1 is not split in another proportion: nobody pays it.
"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.policy.quantities import payer_names
from compensation.rules import award, rationals
from compensation.rules.decision import holding
from compensation.rules.quantities import Evaluator
from compensation.rules.rationals import Rationals
from compensation.rules.steps import Unit, names_in_formulas
from compensation.rules.variables import Variable

SHARE_OF = Text("{payer}出资份额", "share of the {payer}")
PAID_BY = Text("{payer}应付", "payable by the {payer}")
TOGETHER = Text(
    "出资份额合计（不是 100%，不予补偿）", "the payers' shares together (not 100%, so nothing)"
)


class Paying(NamedTuple):
    """Who pays each case.

    `shares`: by payer. `weights`: (rows, payers) integers in the same proportion. `exact`: whether
    they are the shares in millionths. `total`: of the shares. `complete`: whether they make 1, and
    none is unknown or below 0. `given`: whether one that applies is no fixed number of the policy.
    """

    shares: tuple[Rationals, ...]
    weights: Integers
    exact: bool
    total: Rationals
    complete: Flags
    given: Flags


def paying(evaluator: Evaluator) -> Paying:
    """Return who pays each case by the payers of the policy, of which there is one at least."""
    rules, own = evaluator.policy.rules, evaluator.silent()
    nothing = rationals.constant(0, evaluator.rows)
    by_payer = dict.fromkeys(payer_names(rules), nothing)
    sound = np.ones(evaluator.rows, dtype=np.bool_)
    given = np.zeros(evaluator.rows, dtype=np.bool_)
    for payer in rules.payers:
        share, pays = own.compute(payer.share).values, holding(own, payer.when)
        sound &= ~pays | (share.known & (share.numerator >= 0))
        taken = rationals.chosen(pays & share.known, share, nothing)
        by_payer[payer.id] = rationals.total(by_payer[payer.id], taken)
        if not isinstance(payer.share, Decimal):
            given |= pays
    shares = tuple(by_payer.values())
    total = functools.reduce(rationals.total, shares)
    complete = sound & (rationals.sign(total, rationals.constant(1, evaluator.rows)) == 0)
    return Paying(shares, *_weights(shares), total, complete, given)


def _weights(shares: tuple[Rationals, ...]) -> tuple[Integers, bool]:
    """Return (rows, payers) integers in the proportion of the shares; whether in millionths.

    A share that has more than six decimals is not rounded: the shares are brought to one
    denominator instead.
    """
    millionths = [rationals.half_up(share, PRINTED_SCALE) for share in shares]
    scale = np.full(len(millionths[0]), PRINTED_SCALE, dtype=np.int64)
    if all(
        not rationals.sign(share, Rationals(units, scale, share.known)).any()
        for share, units in zip(shares, millionths, strict=True)
    ):
        return np.stack(millionths, axis=1), True
    bottoms = [share.denominator.astype(object) for share in shares]
    common = functools.reduce(np.lcm, bottoms)
    weights = [
        rationals.narrow(share.numerator.astype(object) * (common // bottom))
        for share, bottom in zip(shares, bottoms, strict=True)
    ]
    return np.stack(weights, axis=1), False


def pay(evaluator: Evaluator, by: Paying, payable: Integers) -> Integers:
    """Return (rows, payers) what each payer pays of what is payable, and record how."""
    names = payer_names(evaluator.policy.rules)
    places = names_in_formulas(tuple(names))
    titles = {
        f"payable_{places[id_]}": PAID_BY.fill(payer=name.text) for id_, name in names.items()
    }
    shares = {f"paid_by_{places[id_]}": SHARE_OF.fill(payer=n.text) for id_, n in names.items()}
    formulas = list(shares)
    if by.exact:
        evaluator.steps.given_each(shares, by.weights, Unit.RATIO)
    else:
        formulas = [
            evaluator.ratio_parts(
                step, title, Variable(share.numerator, share.known, share.denominator)
            )
            for (step, title), share in zip(shares.items(), by.shares, strict=True)
        ]
    if not by.complete.all():
        together = rationals.half_up(by.total, PRINTED_SCALE)
        evaluator.steps.follows(
            "paid_by_all",
            TOGETHER,
            f"ratio({' + '.join(formulas)})",
            together,
            Unit.RATIO,
            said=~by.complete,
        )
    parts = award.among_payers(payable, by.weights)
    evaluator.steps.split("payable", titles, formulas, by.weights, parts)
    return parts
