"""Who pays what is payable: the shares of several payers, which make exactly 1 for every case.

A share is a number or a quantity, and a payer may have others under other tests. A case of which
the shares make less or more than 1 is not split in another proportion: nobody pays it. Caps on what
a payer pays are in `payer_caps`.
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
from compensation.money import PRINTED_SCALE
from compensation.policy.kinds import Kind
from compensation.policy.model import Definition, Note, PolicyFile
from compensation.policy.quantities import payer_names
from compensation.rules import award, rationals
from compensation.rules.conditions import holding
from compensation.rules.deciding import Deciding, deciding
from compensation.rules.quantities import Computed, Evaluator, exactly
from compensation.rules.rationals import Rationals
from compensation.rules.steps import Step, Steps, Unit, names_in_formulas

SHARE_OF = Text("{payer}出资份额", "share of the {payer}")
PAID_BY = Text("{payer}应付", "payable by the {payer}")
DUE_OF_PAYERS = Text("由出资方支付的金额", "what payers pay in all so far")
DUE_OF = Text("{payer}累计应付", "due of the {payer} so far")
HAS_PAID = Text("{payer}已支付", "paid by the {payer} so far")
REST_OF = Text("{payer}尚应支付", "what the {payer} still has to pay")
TOGETHER = Text(
    "出资份额合计（不是 100%，不予补偿）", "the payers' shares together (not 100%, so nothing)"
)


SHARED_ALIKE = Definition(
    id="payers_share_alike",
    clause="—",
    basis="assumption",
    note=Note(
        zh="台账没有各出资方分别支付和收到的金额：各出资方视为按该笔补偿现核定的分担比例分担了以前的每笔拨付，"
        "应收回、应上缴、应退回的金额也按同一比例分给各出资方",
        en="the ledger does not say what each payer paid and got: each is taken to have paid its "
        "part of every payment in the proportion in which the case is shared as it is decided now, "
        "and what is recalled, remitted and refunded is divided in the same proportion",
    ),
)
"""How settlements divide what comes back, as results list it among what they assume."""


RETURNED_IN_ORDER = Definition(
    id="handed_over_in_order",
    clause="—",
    basis="assumption",
    note=Note(
        zh="返还单列出资方的，追偿款应上缴的部分按返还的规定分给各出资方；台账没有写明已上缴的归哪一方，"
        "视为按追偿的先后、"
        "同一笔追偿按返还所列的次序上缴",
        en="where the returns name payers, what is to be remitted goes to each by them; the ledger "
        "does not say which payer got what was handed over, which is taken to be of the recoveries "
        "in the order in which they came in, and of one in the order in which the returns name the "
        "payers",
    ),
)
"""How settlements know what named payers have got, as results list it among what they assume."""


class Paying(NamedTuple):
    """Who pays each case.

    `shares`: by payer. `weights`: (rows, payers) integers in the same proportion. `exact`: whether
    they are the shares in millionths. `total`: of the shares. `complete`: whether they make 1, and
    none is unknown or below 0. `given`: whether one that applies is no fixed number of the policy.
    `how`: by the payers that have a computed one, how their shares come about. `parts`: what
    they pay where it is not by the shares of the case.
    """

    shares: tuple[Rationals, ...]
    weights: Integers
    exact: bool
    total: Rationals
    complete: Flags
    given: Flags
    how: Mapping[str, How]
    parts: Parts | None = None

    @property
    def divides(self) -> Integers:
        """(rows, payers) integers in the proportion of what each pays."""
        if self.parts is None:
            return self.weights
        return np.where(self.parts.said[:, np.newaxis], self.parts.fen, self.weights)

    @property
    def known(self) -> Integers:
        """(rows, payers) `divides`, and 0 for all payers of a case whose division is unknown.

        The shares miss 1, or a cap on a payer found nothing to limit.
        """
        known = self.complete if self.parts is None else self.complete & self.parts.known
        return np.where(known[:, np.newaxis], self.divides, 0)


class How(NamedTuple):
    """The formulas of a payer's share, and the place among them of that of each row."""

    place: Integers
    formulas: Sequence[str]


class Parts(NamedTuple):
    """(rows, payers) what each payer pays of the compensation, where not by the shares of the case.

    Caps on payers have cut it, or a total in whole units is shared. `said`: the rows of which that
    changed anything. `known`: the rows of which it is
    known how payers share what was paid: where nothing is left to share, caps do not tell what they
    would leave of more. `names`: the steps of the parts.
    """

    fen: Integers
    said: Flags
    known: Flags
    names: Sequence[str]


def paying(evaluator: Evaluator) -> Paying:
    """Return who pays each case by the payers of the policy, of which there is one at least.

    What shares are computed from is recorded for who shows them.
    """
    rules, own, since = evaluator.policy.rules, evaluator.silent(), len(evaluator.steps)
    computed = {each.id for each in rules.payers if not isinstance(each.share, Decimal)}
    terms: dict[str, list[tuple[Flags, str]]] = {id_: [] for id_ in computed}
    nothing = rationals.constant(0, evaluator.rows)
    by_payer = dict.fromkeys(payer_names(rules), nothing)
    sound = np.ones(evaluator.rows, dtype=np.bool_)
    given = np.zeros(evaluator.rows, dtype=np.bool_)
    for payer in rules.payers:
        pays, steps = holding(payer.when, own), Steps()
        share, formula, *_ = evaluator.with_steps(steps).compute(payer.share)
        if payer.id in computed:
            evaluator.steps.add(steps, pays)
            terms[payer.id].append((pays & share.known, formula))
        sound &= ~pays | (share.known & (share.numerator >= 0))
        taken = rationals.chosen(pays & share.known, share, nothing)
        by_payer[payer.id] = rationals.total(by_payer[payer.id], taken)
        if not isinstance(payer.share, Decimal):
            given |= pays
    shares = tuple(by_payer.values())
    total = functools.reduce(rationals.total, shares)
    complete = sound & (rationals.sign(total, rationals.constant(1, evaluator.rows)) == 0)
    evaluator.steps.set_aside(since)
    how = {id_: _sums(each) for id_, each in terms.items()}
    return Paying(shares, *weights_of(shares), total, complete, given, how)


def _sums(terms: Sequence[tuple[Flags, str]]) -> How:
    """Return the formula of the sum of those terms that are of a row."""
    of = np.sum([rows.astype(np.int64) << n for n, (rows, _) in enumerate(terms)], axis=0)
    found, place = np.unique(of, return_inverse=True)
    formulas = [
        " + ".join(formula for n, (_, formula) in enumerate(terms) if each >> n & 1) or "0"
        for each in found.tolist()
    ]
    return How(place.reshape(-1), formulas)


def weights_of(shares: Sequence[Rationals]) -> tuple[Integers, bool]:
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


def pay(
    evaluator: Evaluator,
    by: Paying,
    payable: Integers,
    to_date: Integers,
    paid: Integers | None = None,
) -> Integers:
    """Return (rows, payers) what each payer pays of what is payable, and record how.

    `to_date`: what can be paid so far in all. `paid`: (rows, payers) what each has paid of it,
    where that is known; what is payable is then divided by what each still has to pay.
    """
    titles, formulas = (
        titles_by_payer(evaluator.policy.rules, "payable", PAID_BY),
        record_shares_of(evaluator, by),
    )
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
    if paid is not None:
        return _pay_the_rest(evaluator, by, payable, to_date, paid, formulas)
    parts = award.among_payers(payable, by.divides)
    _record_division(evaluator, by, "payable", titles, formulas, parts)
    return parts


def _record_division(
    evaluator: Evaluator,
    by: Paying,
    amount: str,
    titles: Mapping[str, Text],
    formulas: Sequence[str],
    parts: Integers,
) -> None:
    """Record how an amount is divided among the payers, by their shares or what caps left."""
    if by.parts is not None:
        own = Steps()
        own.split(amount, titles, by.parts.names, by.divides, parts)
        evaluator.steps.add(own, by.parts.said)
    evaluator.steps.split(amount, titles, formulas, by.weights, parts)


def _pay_the_rest(
    evaluator: Evaluator,
    by: Paying,
    payable: Integers,
    to_date: Integers,
    paid: Integers,
    formulas: Sequence[str],
) -> Integers:
    """Return what each payer pays of what is payable, by what it still has to pay."""
    steps, due = evaluator.steps, award.among_payers(to_date, by.divides)
    bears, has_paid, rest = (
        titles_by_payer(evaluator.policy.rules, prefix, title)
        for prefix, title in (("due", DUE_OF), ("has_paid", HAS_PAID), ("rest", REST_OF))
    )
    left = np.maximum(due - paid, 0)
    steps.given("due_of_payers", DUE_OF_PAYERS, to_date)
    _record_division(evaluator, by, "due_of_payers", bears, formulas, due)
    steps.given_each(has_paid, paid, Unit.YUAN)
    for place, (name, title) in enumerate(rest.items()):
        formula = f"max({list(bears)[place]} − {list(has_paid)[place]}, 0)"
        steps.follows(name, title, formula, left[:, place])
    parts = award.among_payers(payable, left)
    steps.split(
        "payable", titles_by_payer(evaluator.policy.rules, "payable", PAID_BY), rest, left, parts
    )
    return parts


def record_shares_of(evaluator: Evaluator, by: Paying) -> list[str]:
    """Record the payers' shares; return how formulas name them."""
    rules = evaluator.policy.rules
    titles, why, how = titles_by_payer(rules, "paid_by", SHARE_OF), {}, {}
    for id_, step in zip(payer_names(rules), titles, strict=True):
        if id_ in by.how:
            how[step] = by.how[id_]
        when = [payer.when for payer in rules.payers if payer.id == id_]
        if (tests := deciding(evaluator.silent(), when, taken="each")) is not None:
            why[step] = tests
    return record_shares(evaluator, titles, by.shares, by.weights, exact=by.exact, why=why, how=how)


def record_shares(
    evaluator: Evaluator,
    titles: Mapping[str, Text],
    shares: Sequence[Rationals],
    weights: Integers,
    *,
    exact: bool,
    why: Mapping[str, Deciding] = MappingProxyType({}),
    how: Mapping[str, How] = MappingProxyType({}),
) -> list[str]:
    """Record shares by their names; return the names. `weights`, `exact`: see `Paying`.

    `why`: the tests by which they were chosen, by name; `how`: what they are computed by.
    """
    if exact and not how:
        evaluator.steps.given_each(titles, weights, Unit.RATIO, why)
        return list(titles)
    everywhere = np.zeros(evaluator.rows, dtype=np.int64)
    for column, ((name, title), of) in enumerate(zip(titles.items(), shares, strict=True)):
        if exact:
            step = Step(name, title, weights[:, column], Unit.RATIO, deciding=why.get(name))
        else:
            step = exactly(name, title, Computed(of, "", Kind.RATIO), None, why.get(name))
        place, formulas = how.get(name, How(everywhere, [""]))
        evaluator.steps.one_of(place, [step._replace(formula=formula) for formula in formulas])
    return list(titles)


def titles_by_payer(rules: PolicyFile, prefix: str, title: Text) -> dict[str, Text]:
    """Return the names and titles of steps of which each payer has one."""
    names = payer_names(rules)
    places = names_in_formulas(tuple(names))
    return {f"{prefix}_{places[id_]}": title.fill(payer=n.text) for id_, n in names.items()}


def fixed_shares(rules: PolicyFile) -> Integers | None:
    """Return (payers,) the shares in millionths where every case has the same; else None."""
    millionths = dict.fromkeys(payer_names(rules), 0)
    for payer in rules.payers:
        if payer.when or not isinstance(payer.share, Decimal):
            return None
        millionths[payer.id] += int(payer.share * PRINTED_SCALE)
    if any(cap.payer is not None for cap in rules.caps):
        return None
    return np.array(list(millionths.values()), dtype=np.int64)


def steps_of_fixed(rules: PolicyFile, amount: Integers, shares: Integers) -> Steps:
    """Return how `fixed_shares` divide what is payable, a step of that name, as `pay` says it."""
    steps, weights = Steps(), np.tile(shares, (len(amount), 1))
    of = titles_by_payer(rules, "paid_by", SHARE_OF)
    steps.given_each(of, weights, Unit.RATIO)
    parts = award.among_payers(amount, weights)
    steps.split("payable", titles_by_payer(rules, "payable", PAID_BY), list(of), weights, parts)
    return steps


def left_to_remit(payer: str, recoveries: int, handed_over: str) -> str:
    """Return what remains to be remitted to a payer after so many recoveries, as a formula."""
    return f"r{recoveries}_payer_{payer}_to_date − {handed_over}"
