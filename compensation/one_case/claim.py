"""One case with its institution's figures: whether it is eligible, and its amounts.

A case is what the policy's record says: a payout, a contract, or an institution's year.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from compensation.columns import Integers
from compensation.engine.input_variables import all_known
from compensation.explanation.claim import ClaimExplanation
from compensation.explanation.claim import explain_row as explain_claim
from compensation.explanation.conditions import condition_lines
from compensation.explanation.lines import ConditionLine
from compensation.language import Language, Text
from compensation.ledger.records import DECISION_COLUMNS, TABLE_OF, Record
from compensation.one_case.claim_reading import HERE, Claim, ReadClaim, number, read_claim
from compensation.one_case.faults import refusing_too_large
from compensation.one_case.form import PRINCIPAL, Form, form_of
from compensation.one_case.institution import HERE as OF_INSTITUTION
from compensation.one_case.institution import (
    JudgedInstitution,
    figures_of,
    in_language,
    judged_institution,
    said_assumptions,
)
from compensation.one_case.reading import KNOWN, Reader, Value, column_of
from compensation.one_case.series_gaps import Paths, check_case, paths_of
from compensation.policy.cap_words import cap_title
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.quantities import (
    Measure,
    group_measures,
    groupings,
    paid_columns,
    payer_names,
    payers_from_settlements,
    sums_up_balances,
)
from compensation.policy.variables import AS_OF, INSTITUTION, POOL_COLUMNS
from compensation.rules import award, returns
from compensation.rules.compensation import Decisions, decide, evaluator_of
from compensation.rules.decision import (
    Cases,
    Examined,
    examine,
    institution_variable,
    needs_day,
    none_failed,
    variables_needed,
)
from compensation.rules.indicators import GroupsOfCases, Ratio
from compensation.rules.losses import borne_of, lost
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Steps
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import PAID_BEFORE
from compensation.schema.parties import GOVERNMENT
from compensation.values.printing import ratio_of, yuan_of

ALONE = Text(
    "这里只有一{case}：没有计入预算，预算不足时的分摊要用全部业务计算",
    "this is one {case} alone, without a budget: sharing a short budget needs all of them",
)
SHARED_CAP = Text(
    "{cap}由多{case}共用，这里只按这一{one}计算，没有扣除其他已用的部分",
    "the {cap} is shared by several {case}; it was applied to this one alone, as if the others "
    "used nothing of it",
)
SLICES = Text("分段比例", "slices")
TOTAL_ALONE = Text(
    "合计取整按这一笔单独计算，与全部业务一起计算的可能不同",
    "the total that is rounded is of this case alone, and may be another with all of them",
)
TAKES_A_LEDGER = Text(
    "这项政策要看{what}，逐笔测算没有所需的记录；请用台账测算",
    "this policy looks at {what}, which a single case does not tell: assess a ledger",
)
PAID_SO_FAR = Text("各出资方已支付的金额", "what each payer has paid")
OF_GROUPS = Text(
    "业务所在组的数（没有在 quantities 中单独命名的 measure）",
    "figures of the case's group (measures that are no quantity of their own)",
)
REFUSING_CAP = Text(
    "{cap}可能使这一笔不符合条件，要有金额才能判断",
    "the {cap} may refuse this claim; that takes its amounts",
)


@dataclass(frozen=True, eq=False)
class ExaminedClaim:
    """Whether one claim meets its conditions, before any amount.

    `reasons`: the ids of what it does not meet, in order. `rate`: what it would be compensated at;
    None where it is not eligible. `institution`: what its institution came to. `notes`: what takes
    more than these figures.

    >>> figures = {"government_backed": True, "small_agri_share": "0.92", "payout_rate": "0.015"}
    >>> figures |= {"balance_growth": "0.25", "borrower_growth": "0.21"}
    >>> claim = {
    ...     "borrower_type": "farmer",
    ...     "borrower_exposure": 120000,
    ...     "payout_date": "2022-08-30",
    ... }
    >>> claim |= {"principal": 120000, "interest": "2345.67", "shares": {"institution": "1"}}
    >>> examine_claim("jiyuan-2022", figures, claim | {"borrower_exposure": 6000000}).reasons
    ('borrower_exposure',)
    """

    policy: Policy
    institution: JudgedInstitution
    eligible: bool
    reasons: tuple[str, ...]
    rate: Decimal | None
    notes: tuple[Text, ...]
    examined: Examined = field(repr=False)

    @cached_property
    def conditions(self) -> tuple[ConditionLine, ...]:
        """Each condition of the policy for claims, in its order."""
        wanted, found = self.policy.rules.claim_conditions, self.examined.conditions
        of_institution = self.institution.conditions
        return condition_lines(self.policy, wanted, found, 0, institution=of_institution)

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the claim's conditions for JSON."""
        return {
            "eligible": self.eligible,
            "reasons": list(self.reasons),
            "rate": None if self.rate is None else f"{self.rate:f}",
            "conditions": [condition.as_dict(language) for condition in self.conditions],
            **_beside(self.institution, self.notes, language),
        }


@dataclass(frozen=True, eq=False)
class DecidedClaim:
    """What one claim is compensated with; amounts in yuan.

    As in its row of a portfolio's claims table: `eligible`, `reasons` (ids), `payout`, `base`,
    `rate` (None where not eligible), `compensation`, `status`, `payable`. `borne`: what each party
    bears of the payout; a contract and an institution's year have neither. `payers`: what each
    payer of the policy pays of the payable. `institution`: what its institution came to. `notes`:
    what takes more than this one case.

    >>> figures = {"government_backed": True, "small_agri_share": "0.92", "payout_rate": "0.015"}
    >>> figures |= {"balance_growth": "0.25", "borrower_growth": "0.21"}
    >>> claim = {
    ...     "borrower_type": "farmer",
    ...     "borrower_exposure": 120000,
    ...     "payout_date": "2022-08-30",
    ... }
    >>> claim |= {"principal": 120000, "interest": "2345.67", "shares": {"institution": "1"}}
    >>> claim |= {"finance_review": "approved", "industry_review": "approved"}
    >>> decide_claim("jiyuan-2022", figures, claim).rate
    Decimal('0.200000')
    """

    policy: Policy
    institution: JudgedInstitution
    eligible: bool
    reasons: tuple[str, ...]
    payout: Decimal | None
    borne: Mapping[str, Decimal]
    base: Decimal
    rate: Decimal | None
    compensation: Decimal
    status: str
    payable: Decimal
    payers: Mapping[str, Decimal]
    notes: tuple[Text, ...]
    cases: Cases = field(repr=False)
    decisions: Decisions = field(repr=False)
    claim_id: str | None = None

    @cached_property
    def explanation(self) -> ClaimExplanation:
        """Its conditions and its arithmetic, line by line."""
        conditions = self.institution.conditions
        return explain_claim(self.policy, self.cases, self.decisions, 0, self.claim_id, conditions)

    @cached_property
    def borne_after(self) -> dict[str, Decimal]:
        """What government and each party bears once government has paid.

        It adds up to the payout, less what the policy says was recovered before filing. While a
        claim is pending, as if its compensation were paid.
        """
        cases, decisions = self.cases, self.decisions
        if self.payout is None:
            return {}
        due = 0 if self.status == "rejected" else int(decisions.compensation[0])
        paid = column_of(max(due, int(cases.compensation_paid[0])))
        place = cases.parties.index(self.policy.rules.beneficiary.party)
        borne = decisions.borne
        rule = self.policy.rules.returns
        if rule.recovered_before is not None or rule.parts:
            of = lost(decisions.payout, evaluator_of(self.policy, cases, Steps()))
            borne = borne_of(of, cases.shares, rule, cases.parties).total
        bears = returns.borne_after_payment(borne, place, paid)[0]
        return dict(zip((GOVERNMENT, *cases.parties), map(yuan_of, bears), strict=True))

    @property
    def compensation_at_rate(self) -> Decimal:
        """The base at the rate, before any cap; 0 for a claim that is not eligible."""
        return yuan_of(self.decisions.at_rate[0])

    @property
    def limited_by(self) -> Text | None:
        """The cap that keeps the compensation below what the rate comes to, if one does."""
        decisions = self.decisions
        if decisions.compensation[0] >= decisions.at_rate[0] or decisions.limit.cap[0] < 0:
            return None
        return cap_title(self.policy, self.policy.rules.caps[int(decisions.limit.cap[0])])

    @property
    def assumptions(self) -> tuple[dict[str, str], ...]:
        """What the result relies on that the policy's text leaves open."""
        return said_assumptions(self.policy)

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the claim with its explanation for JSON; amounts and rates as text."""
        explanation = self.explanation
        return {
            "eligible": self.eligible,
            "reasons": list(self.reasons),
            "payout": None if self.payout is None else f"{self.payout:f}",
            "borne": {party: f"{amount:f}" for party, amount in self.borne.items()},
            "borne_after": {party: f"{amount:f}" for party, amount in self.borne_after.items()},
            "base": f"{self.base:f}",
            "rate": None if self.rate is None else f"{self.rate:f}",
            "compensation": f"{self.compensation:f}",
            "status": self.status,
            "payable": f"{self.payable:f}",
            "payers": {payer: f"{amount:f}" for payer, amount in self.payers.items()},
            "compensation_at_rate": f"{self.compensation_at_rate:f}",
            "limited_by": None if self.limited_by is None else self.limited_by.get(language),
            "conditions": [line.as_dict(language) for line in explanation.conditions],
            "explanation": [line.as_dict(language) for line in explanation.arithmetic],
            **_beside(self.institution, self.notes, language),
        }


def _beside(
    institution: JudgedInstitution, notes: tuple[Text, ...], language: Language
) -> dict[str, Any]:
    """Return what stands beside a claim's own figures in JSON."""
    policy = institution.policy
    return {
        "institution": {
            "eligible": institution.eligible,
            "reasons": list(institution.reasons),
            "conditions": [line.as_dict(language) for line in institution.conditions],
        },
        "notes": [note.get(language) for note in notes],
        "policy": {"id": policy.id, "digest": policy.digest},
        "assumptions": in_language(institution.assumptions, language),
    }


@refusing_too_large()
def decide_claim(
    policy: str | os.PathLike[str] | Policy,
    institution: Mapping[str, Value],
    claim: Claim,
    year: int | None = None,
) -> DecidedClaim:
    """Decide one case from its figures and those of its institution in the year of the case.

    `institution`: as for `judge_institution`. `claim`: by name, columns of the claims table
    (``principal``, ``payout_date``, …), ``borrower_exposure``, the columns of its contract that
    the policy tests (``borrower_type``, …), the policy's own, and ``shares`` by party; in yuan,
    never a float. What may be left out or blank stands for what it does in a ledger; a party that
    is not among the shares bears nothing. Under a policy on contracts `claim` holds the columns of
    the contract; under one on institutions' years it is empty, and `institution` holds all of them.
    `year`: of an institution, or of a contract that belongs to several.
    Raises `CaseFaults` with every fault; `PolicyFaults` where the policy is wrong.

    >>> figures = {"government_backed": True, "small_agri_share": "0.92", "payout_rate": "0.015"}
    >>> figures |= {"balance_growth": "0.25", "borrower_growth": "0.21"}
    >>> claim = {
    ...     "borrower_type": "farmer",
    ...     "borrower_exposure": 120000,
    ...     "payout_date": "2022-08-30",
    ... }
    >>> claim |= {"principal": 120000, "interest": "2345.67", "shares": {"institution": "1"}}
    >>> claim |= {"finance_review": "approved", "industry_review": "approved"}
    >>> decide_claim("jiyuan-2022", figures, claim).payable
    Decimal('24469.13')
    """
    form = form_of(load_policy(policy))
    judged, read, variables = _read(form, institution, claim, year, amounts=True)
    cases = _cases(form, read, variables, judged)
    check_case(evaluator_of(form.policy, cases, Steps()), HERE, _paths(form), amounts=True)
    decisions = decide(form.policy, cases)
    rules = form.policy.rules
    eligible, on_payouts = bool(decisions.eligible[0]), rules.record == "payout"
    ids: Mapping[Record, object] = {
        "payout": read.values.get("claims.claim_id"),
        "contract": read.values.get("contracts.contract_id"),
        "institution": judged.named[0],
    }
    claim_id = ids[rules.record]
    return DecidedClaim(
        form.policy,
        judged,
        eligible,
        tuple(reason for reason, failed in decisions.failed.items() if failed[0]),
        yuan_of(decisions.payout[0]) if on_payouts else None,
        dict(zip(cases.parties, map(yuan_of, decisions.borne[0]), strict=True))
        if on_payouts
        else {},
        yuan_of(decisions.base[0]),
        ratio_of(decisions.rate[0]) if eligible else None,
        yuan_of(decisions.compensation[0]),
        award.STATUSES[decisions.status[0]],
        yuan_of(decisions.payable[0]),
        dict(zip(payer_names(rules), map(yuan_of, decisions.payers[0]), strict=True)),
        _notes(form.policy),
        cases,
        decisions,
        claim_id if isinstance(claim_id, str) else None,
    )


def _notes(policy: Policy) -> tuple[Text, ...]:
    rules = policy.rules
    counted = CASES[rules.record].counted
    alone = ALONE.fill(case=Text(counted.zh, CASES[rules.record].case.en))
    one = Text(counted.zh[:1], "")
    shared = [cap_title(policy, cap) for cap in rules.caps if cap.per is not None]
    shared += [SLICES] if rules.rates.per is not None else []
    if rules.compensation is not None and rules.compensation.per is not None:
        alone = Text(f"{alone.zh}；{TOTAL_ALONE.zh}", f"{alone.en}; {TOTAL_ALONE.en}")
    return (alone, *(SHARED_CAP.fill(cap=cap, case=counted, one=one) for cap in shared))


@refusing_too_large()
def examine_claim(
    policy: str | os.PathLike[str] | Policy,
    institution: Mapping[str, Value],
    claim: Claim,
    year: int | None = None,
) -> ExaminedClaim:
    """Tell whether one case meets its conditions; takes the same figures as `decide_claim`.

    Amounts that no condition looks at, such as ``principal``, may be left out.
    Raises `CaseFaults` with every fault; `PolicyFaults` where the policy is wrong.

    >>> figures = {"government_backed": True, "small_agri_share": "0.92", "payout_rate": "0.015"}
    >>> figures |= {"balance_growth": "0.25", "borrower_growth": "0.21"}
    >>> claim = {
    ...     "borrower_type": "farmer",
    ...     "borrower_exposure": 120000,
    ...     "payout_date": "2022-08-30",
    ... }
    >>> claim |= {"principal": 120000, "interest": "2345.67", "shares": {"institution": "1"}}
    >>> examine_claim("jiyuan-2022", figures, claim).eligible
    True
    """
    form = form_of(load_policy(policy))
    judged, read, variables = _read(form, institution, claim, year, amounts=False)
    sharing = read.sharing
    parties, shares = sharing.parties, sharing.shares
    measured = _measured(form, read)
    evaluator = Evaluator(form.policy, variables, 1, parties, shares, measured=measured)
    check_case(evaluator, HERE, _paths(form), amounts=False)
    examined = examine(evaluator, _tier(form, judged))
    eligible = bool(none_failed(examined.failed, 1)[0])
    rules = form.policy.rules
    refusing = [cap for cap in rules.caps if cap.refuses]
    return ExaminedClaim(
        form.policy,
        judged,
        eligible,
        tuple(reason for reason, failed in examined.failed.items() if failed[0]),
        ratio_of(examined.rate[0]) if eligible and rules.rates.hit != "slices" else None,
        tuple(REFUSING_CAP.fill(cap=cap_title(form.policy, cap)) for cap in refusing),
        examined,
    )


def _read(
    form: Form,
    institution: Mapping[str, Value],
    claim: Claim,
    year: int | None,
    *,
    amounts: bool,
) -> tuple[JudgedInstitution, ReadClaim, dict[str, Variable]]:
    """Read a case, judge its institution, and return what tests of the claim look at."""
    reader = Reader()
    if sums_up_balances(form.policy.rules):
        reader.fault("takes_a_ledger", (HERE,), TAKES_A_LEDGER.fill(what="balance_days"))
    if needs_day(form.policy):
        reader.fault("takes_a_ledger", (HERE,), TAKES_A_LEDGER.fill(what=AS_OF))
    for name in sorted(POOL_COLUMNS.keys() & variables_needed(form.policy).keys()):
        reader.fault("takes_a_ledger", (HERE,), TAKES_A_LEDGER.fill(what=name))
    if not form.measured.keys() >= set(group_measures(form.policy.rules)):
        reader.fault("takes_a_ledger", (HERE,), TAKES_A_LEDGER.fill(what=OF_GROUPS))
    if paid_columns(form.policy.rules) or payers_from_settlements(form.policy.rules):
        reader.fault("takes_a_ledger", (HERE,), TAKES_A_LEDGER.fill(what=PAID_SO_FAR))
    figures = figures_of(form, institution, reader)
    read = read_claim(form, claim, year, reader, amounts=amounts)
    reader.finish()
    assert figures is not None
    assert read is not None
    judged = judged_institution(form, figures, read.year_end)
    variables = {**judged.judged.variables, **read.variables}
    variables[INSTITUTION] = institution_variable(judged.judged.verdicts.eligible)
    return judged, read, variables


def _paths(form: Form) -> Paths:
    institution = paths_of(OF_INSTITUTION, form.columns.values())
    return {**institution, **paths_of(HERE, form.claim.values())}


def _cases(
    form: Form, read: ReadClaim, variables: Mapping[str, Variable], judged: JudgedInstitution
) -> Cases:
    """Return the claim as a table with one row."""
    rules, nothing = form.policy.rules, column_of(0)
    table = TABLE_OF[rules.record]
    values: dict[str, int | str | None]
    values = {f"{table}.{column.name}": column.default for column in DECISION_COLUMNS}
    values |= read.values
    for key, variable in judged.judged.variables.items():
        if key in values and variable.known[0]:  # of an institution's year
            values[key] = int(variable.numerator[0])
    shared = [grouping.per for grouping in groupings(rules)]
    approved = values[f"{table}.approved_amount"]
    closed = values[f"{table}.closed_date"] is not None
    before = column_of(number(values, f"{table}.{PAID_BEFORE.name}"))
    return Cases(
        parties=read.sharing.parties,
        variables=variables,
        principal=column_of(number(values, PRINCIPAL)),
        interest=column_of(number(values, "claims.interest")),
        shares=read.sharing.shares,
        reviews=tuple(
            column_of(number(values, f"{table}.{review}")) for review in rules.review.required
        ),
        compensation_paid=column_of(number(values, f"{table}.compensation_paid")),
        institution=nothing,
        day=column_of(read.day),
        rank=nothing,
        groups=dict.fromkeys(shared, nothing),
        earlier={cap.id: before for cap in rules.caps if cap.years != "this"},
        returned={cap.id: nothing for cap in rules.caps if cap.net_of_returns},
        tier=_tier(form, judged),
        approved=all_known(column_of(approved), ColumnType.MONEY)
        if isinstance(approved, int)
        else None,
        closed=KNOWN if closed else None,
        measured=_measured(form, read),
    )


def _measured(form: Form, read: ReadClaim) -> GroupsOfCases:
    """Return the measures of the claim's group as they are given."""

    def given(of: Measure, contracts: Integers, _: Integers | None) -> Ratio:
        value = column_of(number(read.values, form.measured[of]))[contracts]
        return Ratio(value, np.ones_like(value))

    return GroupsOfCases(given, column_of(0))


def _tier(form: Form, judged: JudgedInstitution) -> Integers | None:
    return judged.judged.verdicts.tier if form.rate_is_institutions else None
