"""One claim explained: its conditions, its arithmetic to the last fen, and its recoveries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.compute as pc

from compensation.arrays import arrow
from compensation.columns import Integers
from compensation.explanation.conditions import condition_lines
from compensation.explanation.lines import (
    ConditionLine,
    Line,
    Lines,
    names_in_formulas,
    of_party,
    ratio,
    yuan,
)
from compensation.explanation.recoveries import recoveries_of, recovery_lines
from compensation.language import Language, Text, same
from compensation.ledger.dictionary import party_name
from compensation.policy.catalogue import Policy
from compensation.policy.model import Cap, Cited, PolicyFile
from compensation.policy.subjects import column_info
from compensation.rules import award
from compensation.rules.decision import Capped, Cases, Decisions, holding

if TYPE_CHECKING:
    from compensation.assessment import Assessment

SHARE_OF = Text("{party}分担比例", "share of the {party}")
BORNE_BY = Text("{party}承担", "borne by the {party}")
STATUS_NAMES = {
    "ineligible": Text("不符合条件", "ineligible"),
    "rejected": Text("审核不通过", "rejected"),
    "approved": Text("审核通过", "approved"),
    "pending": Text("待审", "pending"),
}
PAYABLE_TITLES = {
    "ineligible": Text("不符合条件,不支付", "not eligible, so nothing"),
    "rejected": Text("审核不通过,不支付", "rejected, so nothing"),
    "approved": Text("本次应付", "payable"),
    "pending": Text("待审,暂不支付", "pending, so nothing yet"),
}
CAP_BY_SHARE = Text("按{party}承担金额的上限", "cap by what the {party} bore")
CAPS = {
    "claim": Text("每笔的上限", "cap on each claim"),
    "borrower": Text("每户的上限", "cap on each borrower"),
    "institution": Text("每家机构的上限", "cap on each institution"),
    "programme": Text("全部合计的上限", "cap on all claims together"),
}


class Decided(NamedTuple):
    """Claims and what was decided of them: all that an explanation of one of them looks at.

    `budget`: in fen, shared over all of them; None for no limit.
    """

    policy: Policy
    cases: Cases
    decisions: Decisions
    budget: int | None = None


@dataclass(frozen=True)
class ClaimExplanation:
    """Why a claim is, or is not, compensated, and with how much.

    `claim_id`: None for a single case that has none. `conditions`: each one of the policy, in its
    order. `arithmetic`: the last line is `payable`, as in the result. `recoveries`: the arithmetic
    of what each recovery returned.
    """

    claim_id: str | None
    eligible: bool
    status: Text
    reasons: tuple[str, ...]
    conditions: tuple[ConditionLine, ...]
    arithmetic: tuple[Line, ...]
    recoveries: tuple[Line, ...]
    policy_id: str
    policy_digest: str

    def describe(self, language: Language = "zh") -> str:
        """Return the explanation as text for people."""
        zh = language == "zh"
        name = "" if self.claim_id is None else f" {self.claim_id}"
        head = f"代偿{name}:" if zh else f"Claim{name}: "
        lines = [head + self.status.get(language)]
        if self.reasons:
            joined = "、".join(self.reasons) if zh else ", ".join(self.reasons)
            lines[0] += f"(未满足:{joined})" if zh else f" (not met: {joined})"
        lines.append("条件" if zh else "Conditions")
        lines += [f"  {condition.describe(language)}" for condition in self.conditions]
        lines.append("计算(元)" if zh else "Arithmetic (yuan)")
        lines += [f"  {line.describe(language)}" for line in self.arithmetic]
        if self.recoveries:
            lines.append("追偿返还(元)" if zh else "Recoveries (yuan)")
            lines += [f"  {line.describe(language)}" for line in self.recoveries]
        lines.append(
            f"政策 {self.policy_id} {self.policy_digest}"
            if zh
            else f"Policy {self.policy_id} {self.policy_digest}"
        )
        return "\n".join(lines)

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the explanation for JSON."""
        return {
            "claim_id": self.claim_id,
            "eligible": self.eligible,
            "status": self.status.get(language),
            "reasons": list(self.reasons),
            "conditions": [condition.as_dict(language) for condition in self.conditions],
            "arithmetic": [line.as_dict(language) for line in self.arithmetic],
            "recoveries": [line.as_dict(language) for line in self.recoveries],
        }


def explain_claim(assessment: Assessment, claim_id: str) -> ClaimExplanation:
    """Explain a claim of the year; KeyError where the year has no claim of that id."""
    row = _row_of(assessment, claim_id)
    decided = Decided(assessment.policy, assessment.cases, assessment.decisions, assessment.budget)
    recoveries = Lines()
    recovered = recoveries_of(assessment, int(assessment.claim_rows[row]))
    if recovered is not None:
        recovery_lines(recovered, assessment.policy.rules.returns, recoveries)
    return explain_row(decided, row, claim_id, tuple(recoveries.lines))


def _row_of(assessment: Assessment, claim_id: str) -> int:
    """Return the claim's place among the claims of the year."""
    ids = assessment.portfolio.column("claims", "claim_id").take(arrow(assessment.claim_rows))
    place = int(pc.index(ids, claim_id).as_py())
    if place < 0:
        raise KeyError(claim_id)
    return place


def explain_row(
    decided: Decided, row: int, claim_id: str | None, recoveries: tuple[Line, ...] = ()
) -> ClaimExplanation:
    """Explain the claim at a row of what was decided, a portfolio's or the only one."""
    policy, decisions = decided.policy, decided.decisions
    conditions = condition_lines(policy, policy.rules.claim_conditions, decisions.conditions, row)
    lines = Lines()
    _award_lines(decided, row, lines)
    return ClaimExplanation(
        claim_id,
        bool(decisions.eligible[row]),
        STATUS_NAMES[award.STATUSES[int(decisions.status[row])]],
        tuple(reason for reason, flags in decisions.failed.items() if flags[row]),
        conditions,
        tuple(lines.lines),
        recoveries,
        policy.id,
        policy.digest,
    )


def _award_lines(decided: Decided, row: int, lines: Lines) -> None:
    """Write down principal, interest and payout, who bears what, base, rate, caps and payable."""
    rules, decisions, cases = decided.policy.rules, decided.decisions, decided.cases
    lines.given("principal", Text("代偿本金", "principal"), yuan(int(cases.principal[row])))
    lines.given("interest", Text("代偿利息", "interest"), yuan(int(cases.interest[row])))
    payout = yuan(int(decisions.payout[row]))
    names = ["principal", "interest"]
    lines.follows("payout", Text("代偿金额", "payout"), "principal + interest", names, payout)
    for place, (party, name) in enumerate(names_in_formulas(cases.parties).items()):
        title = of_party(SHARE_OF, party_name(party))
        lines.given(f"share_{name}", title, ratio(int(cases.shares[row, place])))
    _borne(cases.parties, "payout", decisions.borne[row], lines, "borne")
    base = _base_lines(decided, row, lines)
    eligible = bool(decisions.eligible[row])
    refused = [cap.id for cap in rules.caps if cap.id in decisions.failed]
    judged = eligible or any(decisions.failed[name][row] for name in refused)
    if judged:
        rate = _rate_lines(decided, row, lines)
        lines.follows(
            "compensation_at_rate",
            Text("按比例计算的补偿", "compensation at the rate"),
            f"half_up({base} × {rate})",
            [base, rate],
            yuan(int(decisions.at_rate[row])),
        )
    else:
        lines.follows(
            "compensation_at_rate",
            Text("不符合条件,不予补偿", "not eligible, so nothing"),
            "0",
            [],
            yuan(int(decisions.at_rate[row])),
        )
    before = "compensation_at_rate"
    for capped in decisions.caps if judged else ():
        before = _cap_lines(decided, capped, row, before, lines)
    compensation = yuan(int(decisions.compensation[row]))
    title = Text("补偿金额", "compensation")
    lines.follows("compensation", title, before, [before], compensation)
    _payable_lines(decided, row, lines)


def _borne(
    parties: tuple[str, ...], amount: str, parts: Integers, lines: Lines, prefix: str
) -> None:
    names = names_in_formulas(parties)
    lines.split(
        amount,
        {f"{prefix}_{name}": f"share_{name}" for name in names.values()},
        {f"{prefix}_{name}": yuan(int(parts[k])) for k, name in enumerate(names.values())},
        {f"{prefix}_{name}": party_name(party) for party, name in names.items()},
        BORNE_BY,
    )


def _base_lines(decided: Decided, row: int, lines: Lines) -> str:
    """Write down what the rate is applied to; return the line's name."""
    rule, cases = decided.policy.rules.base, decided.cases
    source: str = rule.of
    if rule.party is not None:
        amount = cases.principal if rule.of == "principal" else decided.decisions.payout
        prefix = "borne"
        if rule.of == "principal":
            prefix = "principal_borne"
            parts = award.borne(amount[row : row + 1], cases.shares[row : row + 1])[0]
            _borne(cases.parties, "principal", parts, lines, prefix)
        source = f"{prefix}_{names_in_formulas(cases.parties)[rule.party]}"
    names: list[str] = [source]
    formula = source
    for key in rule.less:
        name = _column_line(decided, key, row, lines)
        names.append(name)
        formula = f"max({formula} − {name}, 0)"
    value = yuan(int(decided.decisions.base[row]))
    return lines.follows("base", Text("补偿基数", "base"), formula, names, value, rule)


def _column_line(decided: Decided, key: str, row: int, lines: Lines) -> str:
    """Write down a money column of the claim that is taken off; return the line's name."""
    name = key.replace(".", "_")
    if all(line.name != name for line in lines.lines):
        subject = decided.cases.subjects[key]
        title = column_info(decided.policy.rules, key)
        shown = same(key) if title is None else title.title
        lines.given(name, shown, yuan(int(subject.numerator[row])))
    return name


def _rate_lines(decided: Decided, row: int, lines: Lines) -> str:
    """Write down the tier, its additions and the rate decided; return the line's name."""
    policy, decisions = decided.policy, decided.decisions
    rates = policy.rules.rates
    tier = rates.tiers[int(decisions.tier[row])]
    simple = not rates.additions and rates.decided is None
    name = "rate" if simple else "tier_rate"
    title = Text("补偿比例(第 {n} 档)", "rate (tier {n})").fill(n=int(decisions.tier[row]) + 1)
    lines.given(name, title, ratio(int(tier.rate * 1_000_000)), tier)
    if simple:
        return name
    names, sum_ = [name], name
    for number, addition in enumerate(rates.additions, 1):
        holds = holding(policy, addition.when, decided.cases.subjects, len(decisions.tier))[row]
        points = ratio(int(addition.points * 1_000_000) if holds else 0)
        plus = f"points_{addition.id.replace('-', '_')}"
        title = Text("加点(第 {n} 项)", "points (addition {n})").fill(n=number)
        lines.given(plus, title, points, addition)
        names.append(plus)
        sum_ += f" + {plus}"
    highest: Cited | None = rates.bounds
    top = "1.000000" if rates.bounds is None else ratio(int(rates.bounds.at_most * 1_000_000))
    lines.given("highest_rate", Text("比例上限", "highest rate"), top, highest)
    formula, names = f"min({sum_}, highest_rate)", [*names, "highest_rate"]
    if rates.decided is not None:
        subject = decided.cases.subjects[rates.decided.column]
        shown = ratio(int(subject.numerator[row]))
        title = Text("核定比例", "decided rate")
        lines.given("decided_rate", title, shown, rates.decided)
        formula, names = f"min({formula}, decided_rate)", [*names, "decided_rate"]
    value = ratio(int(decisions.rate[row]))
    return lines.follows("rate", Text("补偿比例", "rate"), formula, names, value)


def _cap_lines(decided: Decided, capped: Capped, row: int, before: str, lines: Lines) -> str:
    """Write down a cap and the compensation after it; return the line's name."""
    cap = capped.cap
    id_ = cap.id.replace("-", "_")
    limit = f"cap_{id_}"
    names: list[str] = []
    if cap.share_of_borne is not None:
        named = names_in_formulas(decided.cases.parties)
        party = f"borne_{named[decided.policy.rules.beneficiary.party]}"
        share = f"share_of_cap_{id_}"
        title = Text("上限占承担金额的比例", "cap as a share of what was borne")
        lines.given(share, title, ratio(int(cap.share_of_borne * 1_000_000)), cap)
        formula, names = f"floor({party} × {share})", [party, share]
    else:
        assert cap.amount is not None
        amount = lines.given(
            f"amount_of_cap_{id_}", Text("上限金额", "amount of the cap"), f"{cap.amount:.2f}", cap
        )
        formula, names = amount, [amount]
        if cap.per != "claim" and cap.years == "all":
            earlier = yuan(int(decided.cases.paid_earlier[cap.per][row]))
            title = Text("以前年度已补偿", "compensated in other years")
            names.append(lines.given(f"earlier_{id_}", title, earlier))
            formula += f" − earlier_{id_}"
    for key in cap.less:
        name = _column_line(decided, key, row, lines)
        names.append(name)
        formula += f" − {name}"
    if cap.less or f"earlier_{id_}" in names:
        formula = f"max({formula}, 0)"
    title = cap_title(decided.policy.rules, cap)
    lines.follows(limit, title, formula, names, yuan(int(capped.limit[row])), cap)
    after = f"compensation_after_{id_}"
    value = yuan(int(capped.compensation[row]))
    room, names = limit, [before, limit]
    if capped.used is not None:
        title = Text("同一上限下排在前面的代偿已用", "used of the cap by claims before this one")
        used = lines.given(f"used_{limit}", title, yuan(int(capped.used[row])))
        room, names = f"max({limit} − {used}, 0)", [before, limit, used]
    if capped.refused[row]:
        title = Text("超过上限,不予补偿", "above the cap, so refused")
        # Nothing is left of an amount that is more than the room: 0, not a part of it.
        return lines.follows(after, title, f"min({before}, 0 × {room})", names, value)
    title = Text("上限以内", "within the cap")
    return lines.follows(after, title, f"min({before}, {room})", names, value)


def cap_title(rules: PolicyFile, cap: Cap) -> Text:
    """Return what a cap is called: by what it limits, as its id says nothing to readers."""
    if cap.share_of_borne is not None:
        return of_party(CAP_BY_SHARE, party_name(rules.beneficiary.party))
    return CAPS[cap.per]


def _payable_lines(decided: Decided, row: int, lines: Lines) -> None:
    """Write down what is still to be paid, and the budget's part where it binds."""
    decisions, rules = decided.decisions, decided.policy.rules
    approved = award.STATUSES[int(decisions.status[row])] == "approved"
    paid = yuan(int(decided.cases.compensation_paid[row]))
    lines.given("compensation_paid", Text("已补偿金额", "compensation paid"), paid)
    due, payable = yuan(int(decisions.due[row])), yuan(int(decisions.payable[row]))
    budget = decided.budget
    bound = budget is not None and decisions.total_due > budget
    name = "due" if bound else "payable"
    title = PAYABLE_TITLES[award.STATUSES[int(decisions.status[row])]]
    formula = "max(compensation − compensation_paid, 0)" if approved else "0"
    names = ["compensation", "compensation_paid"] if approved else []
    lines.follows(name, title, formula, names, due, rules.review)
    if bound and budget is not None:
        rule = rules.budget
        title = Text("全部应付合计", "total payable before the budget")
        lines.given("total_due", title, yuan(decisions.total_due))
        lines.given("budget", Text("预算", "budget"), yuan(budget), rule)
        title = Text("预算内应付", "payable within the budget")
        if rule.method == "pro_rata":
            part = int(decisions.due[row]) * budget // decisions.total_due
            extra = yuan(int(decisions.payable[row]) - part)
            said = Text("按最大余数分得的尾差", "fen left over, by largest remainder")
            lines.given("left_over", said, extra)
            formula = "floor(due × budget / total_due) + left_over"
            names = ["due", "budget", "total_due", "left_over"]
        else:
            used = _paid_before(decided, row)
            lines.given("paid_before", Text("排在前面的应付", "due to claims before"), yuan(used))
            formula = "max(min(due, budget − paid_before), 0)"
            names = ["due", "budget", "paid_before"]
        lines.follows("payable", title, formula, names, payable, rule)


def _paid_before(decided: Decided, row: int) -> int:
    """Return what the budget had to pay before this claim came."""
    cases, rule = decided.cases, decided.policy.rules.budget
    day = cases.subjects[rule.order].numerator if rule.order else cases.day
    earlier = (day < day[row]) | ((day == day[row]) & (cases.rank < cases.rank[row]))
    return int(decided.decisions.due[earlier].sum())
