"""What a sound policy file says of bases, returns, money and caps that is probably not meant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal

from compensation.language import Text, joined, same
from compensation.policy.catalogue import Policy
from compensation.policy.defaults import PAYOUT
from compensation.policy.faults import base_element, element
from compensation.policy.kinds import Kind
from compensation.policy.model import NOBODY, Cap, Operation, PolicyFile, Quantity
from compensation.policy.party_words import party_title
from compensation.policy.quantities import (
    QUANTITY_PREFIX,
    names_in,
    operands,
    operations_of,
    own_quantities,
    resolved,
)
from compensation.policy.quantity_words import describe_quantity
from compensation.policy.value_words import amount, name_title
from compensation.policy.variables import inferred_kind
from compensation.policy_tools.doubt import Doubt
from compensation.rules.caps import counts_losses
from compensation.schema.parties import GOVERNMENT


def doubts_of_amounts(policy: Policy) -> list[Doubt]:
    """Return what is probably not meant of amounts, in the order of the format."""
    return [
        *_recovered_before(policy),
        *_bases_of_a_part(policy),
        *_differences_below_zero(policy),
        *_losses_too_little(policy),
        *_paid_anew(policy),
        *_left_too_little(policy),
        *_rounded_twice(policy),
        *_parts_off_the_unit(policy),
        *_caps_of_nothing(policy),
    ]


def _recovered_before(policy: Policy) -> Iterator[Doubt]:
    """Yield where a base takes an amount of the claims off and the returns do not, or reversely."""
    rules = policy.rules
    if rules.record != "payout":
        return
    said = rules.returns.recovered_before
    before = set() if said is None else resolved(rules, names_in(said))
    if before and not any(before & resolved(rules, names_in(base.value)) for base in rules.base):
        message = Text(
            "追偿按扣除{columns}后的损失分配，而补偿基数没有扣除它；若补偿也按扣除后的损失计算，"
            "请在基数中用 minus 减去，否则补偿偏多",
            "returns are of the loss less {columns}, which no base takes off; if compensation is "
            "of that loss, too, take it off the base with `minus`, or too much is paid",
        )
        names = joined(name_title(policy, name) for name in sorted(before))
        yield Doubt("returns.recovered_before", message.fill(columns=names))
    if before:
        yield from _parts_less_before(policy, before)
    parts = (part.of for part in rules.returns.parts)
    spoken_of = before.union(*(resolved(rules, names_in(part)) for part in parts))
    named = {f"{QUANTITY_PREFIX}{each.id}": each.value for each in rules.quantities}
    own = {f"claims.{each.name}" for each in rules.columns if each.table == "claims"}
    for place, base in enumerate(rules.base):
        values = (base.value, *(named[name] for name in names_in(base.value) & named.keys()))
        off = {
            name
            for value in values
            for each in operations_of(value)
            for less in (each.minus or ())[1:]
            for name in resolved(rules, names_in(less)) & own - spoken_of
        }
        if off:
            message = Text(
                "基数减去了{columns}，而 [returns] 没有说明，以后的追偿仍按全部代偿金额分配，返还"
                "政府的偏少：如是申报前已追回的金额，请写 recovered_before；如是代偿金额中政府不"
                "分担、由{bearer}等自己承担的部分（如罚息），请写 parts，如 "
                "parts = [{{ of = {part}, borne_by = [{party}] }}]",
                "the base takes off {columns}, and [returns] says nothing of it, so that later "
                "recoveries are shared by the whole payout, and government gets too little: if it "
                "had been recovered before filing, write recovered_before; if it is a part of the "
                "payout, such as penalties, that government does not share and the {bearer} or "
                "others bear, write parts, such as "
                "parts = [{{ of = {part}, borne_by = [{party}] }}]",
            ).fill(
                columns=joined(name_title(policy, name) for name in sorted(off)),
                part=same(_sum_of(sorted(off))),
                **_bearer(policy),
            )
            yield Doubt(base_element(place, len(rules.base)), message)


def _bases_of_a_part(policy: Policy) -> Iterator[Doubt]:
    """Yield each base that leaves out principal or interest where the returns divide by both.

    Not where government gets all it bears before the others, or where the returns rest on an
    assumption, which results show.
    """
    rules, returns = policy.rules, policy.rules.returns
    if rules.record != "payout" or returns.basis in ("assumption", "default"):
        return
    whole = (step for step in returns.steps if step.of is None and step.up_to is None)
    first = {*returns.parties_first, *itertools.chain(*(step.named for step in whole))}
    payers = {payer.id for payer in rules.payers} or {GOVERNMENT}
    if returns.parts or returns.shares or GOVERNMENT in first or payers <= first:
        return
    for place, base in enumerate(rules.base):
        named = resolved(rules, names_in(base.value))
        left_out = PARTS_OF_PAYOUT - named
        if len(left_out) == 1 and PAYOUT not in named:
            (part,), (rest,) = left_out, PARTS_OF_PAYOUT - left_out
            message = BASE_OF_A_PART.fill(
                part=name_title(policy, part),
                name=same(f'"{part}"'),
                rest=same(f'"{rest}"'),
                **_bearer(policy),
            )
            yield Doubt(base_element(place, len(rules.base)), message)


PARTS_OF_PAYOUT = frozenset({"claims.principal", "claims.interest"})


BASE_OF_A_PART = Text(
    "基数不含{part}，而 [returns] 没有写 parts 或 shares：追偿（包括各步的 of）按各方承担的全部代偿"
    "金额分配，其中含{part}。政府不分担{part}的，写 "
    "parts = [{{ of = {name}, borne_by = [{party}] }}]（borne_by 写承担它的各方，如{bearer}），否则"
    "返还政府的偏少；只写 parts 的，追偿也按比例返还{part}，先按各方实际分担金额的比例返还其余部分"
    "的，再加 first = [{{ of = {rest} }}]；文件规定固定比例（如 8 : 2）的，写 shares；"
    "按全部代偿金额分配的，不用改",
    "the base leaves out {part}, and [returns] has no `parts` and no `shares`: recoveries, the "
    "`of` of steps too, are divided by what each bears of the whole payout, {part} included. If "
    "government does not share in {part}, write "
    "parts = [{{ of = {name}, borne_by = [{party}] }}], naming those who bear it, such as the "
    "{bearer}, or government gets too little; with `parts` alone, recoveries repay {part}, too, in "
    "proportion; if they repay the rest first, by what each bears of that, add "
    "first = [{{ of = {rest} }}]; if the document fixes shares, such as 8 : 2, write "
    "`shares`; if the whole payout counts, all is well",
)


def _differences_below_zero(policy: Policy) -> Iterator[Doubt]:
    """Yield each difference of amounts in a sum of a base: below 0 it lowers the rest of it."""
    rules = policy.rules
    own = {f"{QUANTITY_PREFIX}{each.id}": each.value for each in rules.quantities}
    for place, base in enumerate(rules.base):
        values = (base.value, *(value for _, value in own_quantities(rules, names_in(base.value))))
        added = (part for each in operations_of(values) for part in each.sum or ())
        for part in dict.fromkeys(added):
            value = own.get(part, part) if isinstance(part, str) else part
            if not isinstance(value, Operation) or value.minus is None:
                continue
            if inferred_kind(rules, value) is Kind.MONEY:
                message = MAY_BE_BELOW_ZERO.fill(figure=describe_quantity(policy, value))
                yield Doubt(base_element(place, len(rules.base)), message)


MAY_BE_BELOW_ZERO = Text(
    "{figure}可能小于 0，那时基数的其余部分也随之减少；不应减少的，写 "
    "{{ max = [{{ minus = [...] }}, 0] }}",
    "{figure} may be below 0, and then lowers the rest of the base; if it should not, write "
    "{{ max = [{{ minus = [...] }}, 0] }}",
)


def _bearer(policy: Policy) -> dict[str, Text]:
    """Return what a message calls the beneficiary, and the word for it in a policy."""
    party = policy.rules.beneficiary.party
    return {"bearer": party_title(policy, party), "party": same(f'"{party}"')}


def _sum_of(names: Sequence[str]) -> str:
    """Return how a policy writes the sum of columns."""
    written = [f'"{name}"' for name in names]
    return written[0] if len(written) == 1 else f"{{ sum = [{', '.join(written)}] }}"


def _parts_less_before(policy: Policy, before: set[str]) -> Iterator[Doubt]:
    """Yield where no part of the payout is less what was recovered of it before filing."""
    parts = policy.rules.returns.parts_named
    if parts and not any(before & resolved(policy.rules, names_in(part)) for part in parts):
        message = Text(
            "返还中的各部分（of）没有减去{columns}：申报前已追回的属于其中哪一部分，就从哪一部分"
            "减去（minus）；都不属于的，不用改",
            "no part (`of`) of the returns is less {columns}: take it off the part of which it was "
            "recovered (`minus`); if it was of none, all is well",
        )
        names = joined(name_title(policy, name) for name in sorted(before))
        yield Doubt("returns.recovered_before", message.fill(columns=names))


def _losses_too_little(policy: Policy) -> Iterator[Doubt]:
    """Yield where claims below the least amount count for others, which no document says."""
    if counts_losses(policy):
        message = Text(
            "不足这一金额而不予补偿的，其损失仍计入合计的分段和起算点，但不占用补偿额的上限；"
            "文件对此另有规定的，请核对结果",
            "the loss of a case that comes to less still counts along the slices and up to where a "
            "cap begins, but uses nothing of caps on the compensation; if the document says "
            "otherwise, results differ",
        )
        yield Doubt("compensation.at_least", message)


def _paid_anew(policy: Policy) -> Iterator[Doubt]:
    """Yield where each run under a policy may pay its whole budget again."""
    budget = policy.rules.budget.at_most
    if budget is None:
        return
    if not {"pool.paid", "pool.closing"} & resolved(policy.rules, names_in(budget)):
        message = Text(
            '没有减去已支付的，每次核算都可以再支付这么多：可写 { minus = [..., "pool.paid"] }。'
            '预算不够的部分以后仍要支付；当年用完为止、不再补付的，写 unpaid = "lapses"',
            "nothing that was paid is taken off, so each run may pay it anew: "
            '{ minus = [..., "pool.paid"] } is less that. What the budget leaves is owed, and paid '
            'later; where it lapses, write unpaid = "lapses"',
        )
        yield Doubt("budget.at_most", message)


def _left_too_little(policy: Policy) -> Iterator[Doubt]:
    """Yield where what comes after the least amount may leave a case less than that."""
    form = policy.rules.compensation
    if form is None or form.at_least is None:
        return
    after = [
        cap.id
        for cap in policy.rules.caps
        if (cap.exceeding == "pro_rata" and not cap.payers and not cap.at_least) or _falls_away(cap)
    ]
    if after:
        message = Text(
            "按比例分配的资金和出资方的上限（{ids}）在这之后，余下的可以低于 {least}，照样补偿；"
            "文件规定压缩后不足的也不发放的，在按比例分配的资金中写 at_least"
            "（出资方的上限没有写法）",
            "pools and caps on payers ({ids}) come after this, and may leave less than {least}, "
            "which is compensated; if the document says that it is not, write `at_least` in the "
            "pool (of caps on payers it cannot be said)",
        )
        ids = joined(map(same, after), "、", ", ")
        yield Doubt("compensation.at_least", message.fill(ids=ids, least=amount(form.at_least)))


def _falls_away(cap: Cap) -> bool:
    """Return whether what a cap on a payer leaves is not compensated."""
    return any(taker.payer == NOBODY for taker in cap.takers)


def _rounded_twice(policy: Policy) -> Iterator[Doubt]:
    """Yield where a base with parts of a fen is rounded before the amount is."""
    rules = policy.rules
    form = rules.compensation
    if form is None or form.round_to is None or form.per is not None:
        return
    message = Text(
        "基数先四舍五入到分，再乘以比例、以 {unit}为单位取整；文件只取整一次的，把整个算式写进 "
        "base 的 round_to（of），比例写 1",
        "the base is rounded to the fen before the rate and the multiples of {unit}; if the "
        "document rounds once, write all of it in a round_to (of) of base, and 1 as the rate",
    ).fill(unit=amount(form.round_to))
    for place, base in enumerate(rules.base):
        if _has_parts_of_a_fen(rules, base.value):
            yield Doubt(base_element(place, len(rules.base)), message)


def _has_parts_of_a_fen(rules: PolicyFile, quantity: Quantity) -> bool:
    """Return whether a quantity may come to parts of a fen: it divides, or takes a part."""
    if isinstance(quantity, str):
        own = (each.value for each in rules.quantities if QUANTITY_PREFIX + each.id == quantity)
        return any(_has_parts_of_a_fen(rules, value) for value in own)
    if not isinstance(quantity, Operation) or quantity.round_to is not None:
        return False
    ratios = (
        each % 1 != 0 if isinstance(each, Decimal) else inferred_kind(rules, each) is Kind.RATIO
        for each in quantity.times or ()
    )
    return (
        quantity.over is not None
        or any(ratios)
        or any(_has_parts_of_a_fen(rules, each) for each in operands(quantity))
    )


def _parts_off_the_unit(policy: Policy) -> Iterator[Doubt]:
    """Yield where a cap on a payer may leave an amount that is in no whole units."""
    rules = policy.rules
    form = rules.compensation
    if form is None or form.round_to is None or form.per is not None:
        return
    for place, cap in enumerate(rules.caps):
        if _falls_away(cap) and not (len(rules.payers) == 1 and _in_units(cap, form.round_to)):
            message = Text(
                "各出资方的份额到分，这一上限以外的不再补偿，核准的金额因此可以不是 {unit}的"
                "整数倍；要取整的，各方的份额先用 round_to 取整（parts-in-units）",
                "parts of payers are to the fen, and what lies above this cap falls away, so that "
                "what is granted may be no multiple of {unit}; if it must be, first round the parts"
                " with round_to (parts-in-units)",
            )
            key = f"{element('caps', place, cap.id)}.rest"
            yield Doubt(key, message.fill(unit=amount(form.round_to)))


def _in_units(cap: Cap, unit: Decimal) -> bool:
    """Return whether a cap leaves whole units of a part in whole units."""
    if len(cap.takers) > 1 or cap.of is not None or cap.above is not None:
        return False
    if cap.exceeding == "pro_rata":
        return cap.round_to is None or cap.round_to % unit == 0
    limit = cap.at_most
    if isinstance(limit, Operation):
        limit = limit.round_to
    return isinstance(limit, Decimal) and limit % unit == 0


def _caps_of_nothing(policy: Policy) -> Iterator[Doubt]:
    """Yield where a cap is 0, whatever the case: nothing gets through it.

    One that hands all of a payer's part to others takes nothing off.
    """
    for place, cap in enumerate(policy.rules.caps):
        handed = cap.takers and NOBODY not in {taker.payer for taker in cap.takers}
        if cap.at_most == 0 and not handed:
            message = Text(
                "上限固定为 0：适用这一上限的，什么都不予补偿（出资方的上限，该方什么都不支付）；"
                "有另外金额的请改正",
                "the cap is 0 whatever the case: nothing is compensated where it applies (under a "
                "cap on a payer, that payer pays nothing); correct it if there is another amount",
            )
            yield Doubt(f"{element('caps', place, cap.id)}.at_most", message)
