"""How recoveries go back, in words: of what, to whom first and up to what, who shares the rest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from compensation.language import Text, joined, same
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import CostLimits, Late, ReturnPart, Returns, ReturnShare, ReturnStep
from compensation.policy.party_words import party_title
from compensation.policy.quantities import payer_names
from compensation.policy.quantity_words import all_of, describe_quantity, limit_in_words, with_tests
from compensation.policy.value_words import spaced
from compensation.values.printing import percent

Named = Callable[[str], Text]
"""What a party or a payer is called."""
_AT_MOST = Text("不超过", "at most")
_ALL_THEY_BEAR = Text("各自承担的金额", "what each bears")
_REWARD = Text("其中 {share} 奖励追偿方", "less {share} of it that whoever recovers keeps")
_GOES_BACK = Text("只返还符合条件的追偿", "only recoveries that meet this go back")
_COSTS = {
    "net": Text("扣除追偿费用后", "net of the costs of recovery"),
    "gross": Text("不扣除追偿费用", "gross"),
}


def describe_returns(policy: Policy, returns: Returns) -> Text:
    """Return what a policy does with recoveries."""
    to = [*_before_others(policy, returns), _by_what_each_bears(policy, returns)]
    if returns.late is not None:
        to.append(_late(policy, returns.late))
    net = [_costs(policy, returns)]
    if returns.reward is not None:
        net.append(_REWARD.fill(share=percent(returns.reward)))
    said = joined([*net, joined(to, "；", "; ")], "，", ", ")
    some = [with_tests(policy, _GOES_BACK, returns.when)] if returns.when else []
    return joined([*some, said], "；", "; ")


def _late(policy: Policy, late: Late) -> Text:
    """Return until when returns are handed over, and what is charged for a day."""
    said = Text(
        "返还政府的款项最迟于{due}缴回，逾期的按日加收 {rate}",
        "what goes to government is handed over no later than {due}; {rate} of it is charged for "
        "each day that it is late",
    )
    due = describe_quantity(policy, late.due, Kind.DATE, inner=True)
    return said.fill(due=due, rate=limit_in_words(policy, late.rate, Kind.RATIO))


def _costs(policy: Policy, returns: Returns) -> Text:
    """Return whether the costs of recovery are taken off, and up to what."""
    if not isinstance(returns.costs, CostLimits):
        return _COSTS[returns.costs]
    limits = []
    if returns.costs.of_proceeds is not None:
        share = limit_in_words(policy, returns.costs.of_proceeds, Kind.RATIO)
        of_proceeds = Text("累计追偿所得的 {share}", "{share} of the proceeds to date")
        limits.append(spaced(_AT_MOST, of_proceeds.fill(share=share)))
    if returns.costs.at_most is not None:
        most = limit_in_words(policy, returns.costs.at_most, Kind.MONEY)
        limits.append(spaced(_AT_MOST, most))
    text = Text("扣除追偿费用（累计{limits}）后", "net of the costs of recovery, {limits}")
    return text.fill(limits=joined(limits, "，也", " and "))


def _before_others(policy: Policy, returns: Returns) -> list[Text]:
    """Return who bears what alone, and who gets back before the others, if anybody does."""
    payers = payer_names(policy.rules)

    def named(party: str) -> Text:
        return payers[party].text if party in payers else party_title(policy, party)

    said = [_part_borne(policy, part) for part in returns.parts]
    if returns.steps:
        numbered = (
            Text("第 {number} 步{of}{step}", "step {number}{of}: {step}").fill(
                number=number, of=_of_some(policy, step), step=_step(policy, step, named)
            )
            for number, step in enumerate(returns.steps, 1)
        )
        said.append(joined(numbered, "；", "; "))
    elif returns.first:
        names = joined(map(named, returns.parties_first), "、", ", ")
        first = Text(
            "先返还{names}，以各自承担的金额为限", "first to the {names}, up to what each bears"
        )
        said.append(first.fill(names=names))
    if returns.shares:
        said.append(_by_shares(policy, returns.shares, named, _ALL_THEY_BEAR))
    return said


def _part_borne(policy: Policy, part: ReturnPart) -> Text:
    """Return by whom alone a part of the payout is borne."""
    names = joined([party_title(policy, each) for each in part.borne_by], "、", " and the ")
    said = Text("{part}只由{names}承担", "{part} is borne by the {names} alone")
    return said.fill(part=describe_quantity(policy, part.of, Kind.MONEY, inner=True), names=names)


def _of_some(policy: Policy, step: ReturnStep) -> Text:
    """Return which recoveries a step is of, where it is not of all."""
    if not step.when:
        return same("")
    when = all_of(policy, step.when)
    return Text(f"（限{when.zh}的追偿）", f" (recoveries of which {when.en})")


def _step(policy: Policy, step: ReturnStep, named: Named) -> Text:
    """Return who gets back in a step of returns, and up to what."""
    up_to = []
    if step.of is not None:
        part = describe_quantity(policy, step.of, Kind.MONEY, inner=True)
        up_to.append(Text("各自承担的{part}", "what each bears of {part}").fill(part=part))
    if step.up_to is not None:
        most = limit_in_words(policy, step.up_to, Kind.MONEY)
        up_to.append(Text("每方 {most}", "{most} each").fill(most=most))
    limit = joined(up_to or [_ALL_THEY_BEAR], "和", " and ")
    if step.shares:
        return _by_shares(policy, step.shares, named, limit)
    if not step.to:
        said = Text("返还各方，以{limit}为限", "to all by what each bears, up to {limit}")
        return said.fill(limit=limit)
    names = joined(map(named, step.to), "、", " and the ")
    said = Text("返还{names}，以{limit}为限", "to the {names}, up to {limit}")
    return said.fill(names=names, limit=limit)


def _by_shares(policy: Policy, listed: tuple[ReturnShare, ...], named: Named, up_to: Text) -> Text:
    """Return by which shares some get back, each up to what."""
    if not all(isinstance(each.share, Decimal) for each in listed):
        each_gets = [
            spaced(named(each.party), limit_in_words(policy, each.share, Kind.RATIO))
            for each in listed
        ]
        text = Text(
            "按份额返还（{shares}），以{up_to}为限，超出的由其余各方按份额分得",
            "by shares ({shares}), up to {up_to}; what is more goes to the others by their shares",
        )
        return text.fill(shares=joined(each_gets, "，", ", "), up_to=up_to)
    shares = Text(
        "按 {shares} 返还{names}，以{up_to}为限，超出的由其余各方按份额分得",
        "to the {names} by {shares}, up to {up_to}; what is more goes to the others by their "
        "shares",
    )
    names = joined([named(each.party) for each in listed], "、", ", ")
    parts = [each.share for each in listed if isinstance(each.share, Decimal)]
    said_as = percent if sum(parts) == 1 else "{:f}".format
    return shares.fill(names=names, shares=" : ".join(map(said_as, parts)), up_to=up_to)


def _by_what_each_bears(policy: Policy, returns: Returns) -> Text:
    """Return how parties share what is left for them; of what, where something came before."""
    of, others = same(""), same("")
    if returns.recovered_before is not None:
        before = describe_quantity(policy, returns.recovered_before, Kind.MONEY, inner=True)
        of = Text(f"代偿金额减去{before.zh}后的金额中", f" of the payout less {before.en}")
    if returns.first or returns.shares:
        others = Text("其余", "the rest ")
    said = Text(
        "{others}按{of}政府补偿后各方承担的部分返还",
        "{others}by what each bears{of} once government has paid",
    )
    return said.fill(others=others, of=of)
