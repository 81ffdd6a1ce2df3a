"""Caps of a policy in words, and the groups that share them."""

from __future__ import annotations

import functools

from compensation.language import Text, joined, same
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import NOBODY, Cap, Operation
from compensation.policy.party_words import party_title
from compensation.policy.quantities import MONTHS_OF, carries_over, payer_names
from compensation.policy.quantity_words import (
    describe_quantity,
    limit_in_words,
    part_between,
    turns,
    with_tests,
)
from compensation.policy.value_words import (
    PERIOD_NAMES,
    in_whole_units,
    name_title,
    spaced,
    too_little_once_cut,
    what_is_left_over,
)

_GROUPS = {
    "contracts.borrower_id": Text("单个借款人", "each borrower"),
    "contracts.institution_id": Text("单家机构", "each institution"),
}


def group_name(policy: Policy, per: tuple[str, ...] | None) -> Text:
    """Return what is added up by some columns: whose compensation a cap limits."""
    if per is None:
        return CASES[policy.rules.record].each
    if not per:
        return Text("全部", "all claims together")
    if set(per) == {"contracts.institution_id", "contracts.borrower_id"}:
        return Text("单个借款人", "each borrower of an institution")
    parts = []
    for name in per:
        part, _, column = name.rpartition(" ")
        title = name_title(policy, column)
        each = _GROUPS.get(column) or Text(f"每个{title.zh}", f"each {title.en}")
        if part:
            of = PERIOD_NAMES[MONTHS_OF[part]]
            each = Text(f"{title.zh}的每个{of.zh}", f"each {of.en} of {title.en}")
        parts.append(each)
    return joined(parts, "、", " and ")


CAP_BY_SHARE = Text("按{party}承担金额的上限", "cap by what the {party} bore")
CAP_TITLES = {
    "单笔代偿": Text("每笔的上限", "cap on each claim"),
    "单份合同": Text("每份合同的上限", "cap on each contract"),
    "单个借款人": Text("每户的上限", "cap on each borrower"),
    "单家机构": Text("每家机构的上限", "cap on each institution"),
    "全部": Text("全部合计的上限", "cap on all claims together"),
}


@functools.lru_cache(maxsize=1024)
def cap_title(policy: Policy, cap: Cap) -> Text:
    """Return what a cap is called: by what it limits, as its id says nothing to readers."""
    limit = cap.limit
    if isinstance(limit, Operation) and limit.times is not None:
        limit = limit.times[0]
    if isinstance(limit, Operation) and limit.borne_by is not None:
        return CAP_BY_SHARE.fill(party=party_title(policy, limit.borne_by))
    name = group_name(policy, cap.per)
    if cap.sets_off:
        return Text(f"{name.zh}应抵扣的金额", f"to be set off, {name.en}")
    if cap.on == "cases":
        return Text(f"{name.zh}的笔数上限", f"number of cases, {name.en}")
    title = CAP_TITLES.get(name.zh) or Text(f"{name.zh}的上限", f"cap on {name.en}")
    if cap.payer is None:
        return title
    payer = _payers_of(policy, cap)
    return Text(f"{payer.zh}{title.zh}", f"{title.en}, paid by {payer.en}")


def _payers_of(policy: Policy, cap: Cap) -> Text:
    """Return whose part of the compensation a cap is on."""
    names = payer_names(policy.rules)
    named = joined((names[payer].text for payer in cap.payers), "、", " and ")
    return named if len(cap.payers) == 1 else Text(f"{named.zh}合计", f"{named.en} together")


OF_ALL = Text("无论是否补偿，全部计入", "compensated or not")
"""Which cases use a limit or slices that all use."""


def describe_cap(policy: Policy, cap: Cap) -> Text:
    """Return what a cap limits, and to how much."""
    whose = group_name(policy, cap.per)
    if cap.sets_off:
        assert cap.above is not None
        less = limit_in_words(policy, cap.above, Kind.MONEY)
        of = Text(f"从{whose.zh}的应付金额中抵扣", f"from what is payable, {whose.en}:")
        text = spaced(of, less)
        return with_tests(policy, text, cap.when)
    what = Text("的基数", " (base)") if cap.on == "base" else same("")
    if cap.of is not None:
        of = describe_quantity(policy, cap.of, Kind.MONEY)
        what = Text(f"的{of.zh}", f" ({of.en})")
    if cap.payer is not None:
        payer = _payers_of(policy, cap)
        case = CASES[policy.rules.record].case.zh
        of_all = Text(f"{case}合计中", "") if cap.per == () else same("")
        part = Text(f"{of_all.zh}由{payer.zh}承担的部分", f" (part of {payer.en})")
        by = Text(f"，按{what.zh.removeprefix('的')}计", f", by{what.en}")
        what = part if cap.of is None else joined([part, by], "", "")
    several = Text(f"（近 {cap.years} 年合计）", f" over {cap.years} years")
    years = same("") if carries_over(cap) else _YEARS.get(str(cap.years), several)
    if cap.counts_all:
        years = Text(f"{years.zh}（{OF_ALL.zh}）", f"{years.en}, {OF_ALL.en}")
    if cap.net_of_returns:
        less = Text("减去追偿返还政府的", ", less what recoveries returned to government")
        if cap.payer is not None:
            less = Text("减去追偿返还出资方的", ", less what recoveries returned to the payer")
        years = joined([years, less], "", "")
    refuse = cap.refuses
    known = _EXCEEDING if cap.payer is None else _EXCEEDING_OF_PAYERS
    over = known.get("refuse" if cap.on == "cases" else cap.exceeding, same(""))
    if cap.keep == "highest":
        over = _highest(policy, cap)
    if cap.rest is not None:
        over = joined([over, _rest(policy, cap)], "", "")
    passes = Text("超出", "passes") if cap.below is None else Text("达到", "reaches")
    over = over.fill(passes=passes)
    in_part = cap.on == "base" and not refuse
    in_part |= (cap.of is not None and not cap.stops) or cap.above is not None
    in_part &= cap.below is None
    said = _part_that_counts(policy, cap) if in_part else _limit(policy, cap)
    text = Text(
        f"{whose.zh}{what.zh}{years.zh}{said.zh}{over.zh}",
        f"{whose.en}{what.en}{years.en}: {said.en}{over.en}",
    )
    if cap.in_all is not None:
        limit = limit_in_words(policy, cap.in_all, Kind.MONEY)
        whole = spaced(Text("；各组全部资金", "; of"), limit)
        others = Text(
            "，有的组用不完的，由不足的组按不足的金额分配",
            " for all groups, what some leave over is shared by the others in proportion to what "
            "they are short of",
        )
        text = joined([text, whole, others], "", "")
    cut = [*in_whole_units(cap.round_to), *what_is_left_over(cap), *too_little_once_cut(cap)]
    text = joined([text, *turns(policy, cap.first), *cut], "；", "; ")
    return with_tests(policy, text, cap.when)


_YEARS = {"this": same(""), "all": Text("（历年合计）", " over all years")}
_EXCEEDING = {
    "refuse": Text("；超过的不予补偿", "; more is refused"),
    "stop_before": Text(
        "；{passes}的一笔及其后各笔不予补偿", "; what {passes} it is refused, and all after it"
    ),
    "stop_after": Text(
        "；{passes}的一笔照常补偿，其后各笔不予补偿",
        "; what {passes} it is the last that is compensated",
    ),
    "pro_rata": Text("；合计超过的按比例分配", "; more is shared in proportion"),
}


_EXCEEDING_OF_PAYERS = _EXCEEDING | {
    "stop_before": Text(
        "；{passes}的一笔及其后各笔不再承担", "; nothing of what {passes} it, nor of what follows"
    ),
    "stop_after": Text(
        "；{passes}的一笔照常承担，其后各笔不再承担",
        "; what {passes} it is the last of which it is paid",
    ),
}


def _highest(policy: Policy, cap: Cap) -> Text:
    """Return which cases are kept where a cap keeps the highest, and what counts as one."""
    text = Text(
        "；就高：只补偿金额最高的，其余不予补偿",
        "; the highest are compensated, the others refused",
    )
    if not cap.as_one:
        return text
    columns = joined((name_title(policy, name) for name in cap.as_one), "、", " and ")
    return Text(
        f"，{columns.zh}相同的合为一笔{text.zh}",
        f", those with the same {columns.en} counting as one together{text.en}",
    )


def _rest(policy: Policy, cap: Cap) -> Text:
    """Return who pays what lies above a cap on a payer's part, or else outside it."""
    names = payer_names(policy.rules)
    rest = Text("超出的部分", "what lies above")
    if cap.above is not None or cap.stops:
        rest = Text("其余部分", "the rest")
    if isinstance(cap.rest, str):
        if cap.rest == NOBODY:
            return Text(f"；{rest.zh}不再补偿", f"; {rest.en} falls away")
        payer = names[cap.rest]
        return Text(f"；{rest.zh}由{payer.zh}承担", f"; {payer.en} pays {rest.en}")
    parts = []
    for taker in cap.takers:
        share = limit_in_words(policy, taker.share, Kind.RATIO)
        if taker.payer == NOBODY:
            parts.append(Text(f"{share.zh}不再补偿", f"{share.en} falls away"))
        else:
            payer = names[taker.payer]
            parts.append(spaced(Text(f"由{payer.zh}承担", f"{payer.en} pays"), share))
    said = joined(parts, "，", ", ")
    return Text(f"；{rest.zh}{said.zh}", f"; of {rest.en}, {said.en}")


def _limit(policy: Policy, cap: Cap) -> Text:
    assert cap.limit is not None
    if cap.on == "cases":
        number, of = limit_in_words(policy, cap.limit, None), CASES[policy.rules.record].counted
        limit = Text(f"{number.zh} {of.zh}", f"{number.en} {of.en}")
    else:
        limit = limit_in_words(policy, cap.limit, Kind.MONEY)
    word = Text("不超过", "at most") if cap.below is None else Text("低于", "below")
    return spaced(word, limit)


def _part_that_counts(policy: Policy, cap: Cap) -> Text:
    """Return what of a base counts, which is no condition on the case."""
    part = part_between(policy, cap.above, cap.at_most)
    said = spaced(Text("只计", "only"), part)
    return Text(said.zh, f"{said.en} counts")
