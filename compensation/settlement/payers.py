"""How the payers of policies share what is due in a settlement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compensation.columns import Integers, group_sum, running_sum, segment_starts
from compensation.engine.run import Decided
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import payer_names, payers_from_settlements
from compensation.rules import award
from compensation.rules.payers import fixed_shares
from compensation.rules.returns import Payers
from compensation.settlement.in_force import Coverage
from compensation.settlement.returning import ReturnedUnder
from compensation.settlement.settled import Settled

WeightsOfPayers = Sequence[tuple[tuple[str, ...], Integers]]
"""For each policy its payers, and (claims, payers) integers in the proportion of their parts."""


def weights_of_payers(
    policies: Sequence[Policy], covered: Coverage, decided: Sequence[Decided]
) -> WeightsOfPayers:
    """Return the payers of each policy, and (claims, payers) by what they share its claims.

    As the compensation is shared, whatever is divided: each payer has paid its part of every
    payment. All 0 of a claim of another policy, and where it is not known: shares that are not
    fixed are known of claims that are decided, and make 1.
    """
    found = []
    for place, policy in enumerate(policies):
        payers, fixed = tuple(payer_names(policy.rules)), fixed_shares(policy.rules)
        weights = np.zeros((len(covered.policy), len(payers)), dtype=np.int64)
        if fixed is not None:
            weights[covered.policy == place] = fixed
        for year in decided:
            if year.policy.id == policy.id:
                weights[year.claim_rows] = year.decisions.payer_shares
        found.append((payers, weights))
    return found


def named_payers(
    policies: Sequence[Policy], weights: WeightsOfPayers, borne: Integers
) -> tuple[Payers | None, ...]:
    """Return what the payers of each policy bear of what government does, if its returns name them.

    `borne`: (claims,) by government.
    """
    return tuple(
        Payers(
            {id_: name.text for id_, name in payer_names(policy.rules).items()},
            award.among_payers(borne, of),
        )
        if _returns_name_payers(policy)
        else None
        for policy, (_, of) in zip(policies, weights, strict=True)
    )


def _returns_name_payers(policy: Policy) -> bool:
    rules = policy.rules
    named = not payer_names(rules).keys().isdisjoint(rules.returns.named)
    return named and payers_from_settlements(rules)


def recovered_by_nobody(
    ledgers: Ledgers, covered: Coverage, payers: Sequence[Payers | None], borne: Integers
) -> list[FaultGroup]:
    """Return a fault for each claim whose recoveries go to payers of which it isn't known who paid.

    Of a claim that is not decided yet, or comes to nothing under caps on payers.
    """
    recovered = np.zeros(len(borne), dtype=np.bool_)
    recovered[ledgers.links.recovery_claim] = True
    unknown = np.zeros_like(recovered)
    for place, each in enumerate(payers):
        if each is not None:
            unknown |= (covered.policy == place) & ~each.paid.any(axis=1)
    rows = np.flatnonzero(unknown & recovered & (borne > 0)).astype(np.int64)
    if not len(rows):
        return []
    message = Text(
        "已有补偿和追偿，追偿款按出资方返还，但不知道由哪一方支付：该笔代偿尚未核定，"
        "或出资方有上限而补偿为 0",
        "compensation was paid and recoveries go back to payers, but it isn't known which of them "
        "paid: the claim is not decided, or comes to nothing under caps on payers",
    )
    expected = Text("年度终了后清算，或收回已支付的补偿", "settled once its year is over")
    locate = ledgers.unmapped["claims"].locate
    return [FaultGroup("which_payer", message, "claims", "claim_id", expected, rows, None, locate)]


def parts_of_leg(of: Settled, leg: str, amount: Integers) -> WeightsOfPayers:
    """Return each payer's part of what is due in one direction of `rules.pool.LEGS`, by policy.

    What is to be remitted goes to payers that returns name by what comes back to each, less what it
    has got of what was handed over, see `handed_over`.
    """
    found = []
    weights = weights_of_payers(of.policies, of.covered, of.decided)
    for place, (payers, shares) in enumerate(weights):
        parts, under = award.among_payers(amount, shares), of.returned.under[place]
        if leg == "to_remit" and under.recovered.payers is not None:
            due = _by_claim(under, under.recovered.sorted.payers)
            left = due - handed_over(under, of.policies[place], of.remitted)
            parts[under.rows] = np.where(amount[under.rows, None] > 0, left, 0)
        found.append((payers, parts))
    return found


def handed_over(under: ReturnedUnder, policy: Policy, remitted: Integers) -> Integers:
    """Return (claims, payers) what each payer has got of what was ``remitted`` of each claim.

    It is taken to be of the recoveries in the order in which they came in, and of one of them in
    the order in which the returns name the payers.
    """
    returned, claim = under.recovered.sorted, under.recovered.claim
    assert returned.payers is not None
    government, named = returned.parts[:, 0], policy.rules.returns.named
    before = running_sum(government, segment_starts(claim)) - government
    left = np.clip(remitted[under.rows][claim] - before, 0, government)
    payers = list(payer_names(policy.rules))
    got = np.zeros_like(returned.payers)
    for payer in sorted(payers, key=(*named, *payers).index):
        place = payers.index(payer)
        got[:, place] = np.minimum(left, returned.payers[:, place])
        left = left - got[:, place]
    return _by_claim(under, got)


def _by_claim(under: ReturnedUnder, parts: Integers | None) -> Integers:
    """Return (claims, payers) the sums of parts of recoveries, as they are sorted."""
    assert parts is not None
    claim, claims = under.recovered.claim, len(under.rows)
    return np.stack([group_sum(part, claim, claims) for part in parts.T], axis=1)
