"""The inputs of a policy: which figures of an institution and which columns of a claim it uses.

They are taken from the library's own description of a case under the policy, so that a form built
from them fits every policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from api.language import doc
from api.models import AnswerModel
from compensation import Policy
from compensation.language import Language, Text
from compensation.ledger.records import TABLE_OF
from compensation.one_case.form import Field as CaseField
from compensation.one_case.form import Figure, Form, form_of
from compensation.policy.model import PolicyFile
from compensation.policy.quantities import INDICATOR_PREFIX
from compensation.policy.variables import indicator_info
from compensation.policy.wording import party_title, what_is_tested
from compensation.rules.decision import SPECIAL_REASONS, variables_needed
from compensation.schema.choices import BORROWER_GROUPS
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import CLAIMS, CONTRACTS, INSTITUTIONS, PAID_BEFORE
from compensation.schema.parties import GOVERNMENT, PARTIES

CLAIM_BEGINS = ("claims.payout_date", "claims.principal", "claims.interest")
MAY_BE_LEFT_BLANK = frozenset({"interest", "compensation_paid", PAID_BEFORE.name})
_OF_ALL_POLICIES = (*INSTITUTIONS.columns, *CONTRACTS.columns, *CLAIMS.columns)

InputType = Literal["boolean", "money", "integer", "ratio", "decimal", "date", "choice", "text"]


class InputChoice(AnswerModel):
    """一个可选值。 / One value to choose."""

    value: str = doc("请求中的值。", "The value in a request.")
    title: str = doc("名称。", "Its name.")
    group: str | None = doc("类别，如小微。", "Its group, such as small and micro.")


class Input(AnswerModel):
    """一项要填写的内容。 / One input."""

    name: str = doc("请求中的名称。", "Its name in a request.")
    title: str = doc("给人看的名称。", "Its title.")
    type: InputType
    """类型；金额以元计，比率 0.4 即 40%。 / Its type; money is in yuan, a ratio of 0.4 is 40%."""
    required: bool
    """是否必须有值；为 false 时可以填 null，但这一项仍要列出。 / Whether it must have a value; if
    false, it may be null, but the member must be there."""
    note: str | None = doc("说明。", "A note.")
    choices: list[InputChoice] = doc("可选的值。", "The values to choose from.")


class InstitutionInputs(AnswerModel):
    """机构指标的两种填法。 / The two ways to give an institution's figures."""

    amounts: list[Input] = doc("金额和户数，推荐。", "Amounts and counts; preferred.")
    ratios: list[Input] = doc("算好的比率。", "Ratios, as already computed.")


class Named(AnswerModel):
    """一个名称。 / An id with its title."""

    id: str = doc("编号。", "Its id.")
    title: str = doc("给人看的名称。", "Its title.")


class PolicyInputs(AnswerModel):
    """一项政策要看的内容。 / The inputs of a policy."""

    institution: InstitutionInputs
    claim: list[Input]
    """一笔代偿或一份合同要填写的各项；分担比例（shares）另填，不填则全由担保机构承担。按机构年度计
    算的政策为空，各项都在 institution 中。 / What a claim, or a contract, has. Shares come beside
    it; without them the institution bears everything. Empty where cases are institutions' years:
    institution has all of it."""
    parties: list[Named] = doc("分担代偿的各方。", "The parties that share a payout.")
    conditions: list[Named]
    """各项条件，以及原因中会出现的其他编号。 / The conditions, and what else reasons name."""


def inputs_of(policy: Policy, language: Language) -> PolicyInputs:
    """Return the inputs of a policy, with names and notes in ``language``."""
    rules, form = policy.rules, form_of(policy)
    columns = [_column(each, language) for each in form.columns.values() if each.users]
    columns += [_column(each, language) for each in _decided(form, form.columns)]
    tested = [each for each in form.figures.values() if each.users]
    amounts = {name for each in tested for name in each.amounts or (each.name,)}

    def figure(each: Figure) -> Input:
        return _figure(rules, each, language)

    return PolicyInputs(
        institution=InstitutionInputs(
            amounts=columns
            + [figure(each) for each in form.figures.values() if each.name in amounts],
            ratios=columns + [figure(each) for each in tested],
        ),
        claim=[_column(field, language) for field in _claim(form)],
        parties=[
            Named(id=party, title=party_title(policy, party).get(language))
            for party in _parties(form)
        ],
        conditions=[
            Named(id=id_, title=title.get(language)) for id_, title in _titles(policy).items()
        ],
    )


def _claim(form: Form) -> Iterator[CaseField]:
    """Yield the columns of a case that the policy uses, except shares."""
    trigger = form.policy.rules.trigger
    needed = (trigger.date, trigger.until, *variables_needed(form.policy, measures=False))
    fields = {field.key: field for field in form.claim.values()}
    begins = [fields[key] for key in dict.fromkeys((*CLAIM_BEGINS, *needed)) if key in fields]
    yield from dict.fromkeys((*begins, *_decided(form, form.claim)))


def _decided(form: Form, fields: Mapping[str, CaseField]) -> list[CaseField]:
    """Return the fields that say what was decided of the case, among those of its own table."""
    rules = form.policy.rules
    names = (*rules.review.required, "compensation_paid")
    names += (PAID_BEFORE.name,) if rules.trigger.until is not None else ()
    keys = [f"{TABLE_OF[rules.record]}.{name}" for name in names]
    by_key = {field.key: field for field in fields.values()}
    return [by_key[key] for key in keys if key in by_key]


def _parties(form: Form) -> list[str]:
    """Return the parties: the known ones, and any other that the policy speaks of."""
    return [*PARTIES, *sorted(form.parties - {*PARTIES, GOVERNMENT})]


def _figure(rules: PolicyFile, figure: Figure, language: Language) -> Input:
    info = indicator_info(rules, figure.name)
    assert info is not None
    return Input(
        name=figure.name,
        title=figure.definition.name.text.get(language),
        type=info.type.value,
        required=True,
        note=figure.definition.said.get(language),
        choices=[],
    )


def _column(field: CaseField, language: Language) -> Input:
    column = field.column
    note = "" if column in _OF_ALL_POLICIES else column.note.get(language)
    # A blank borrower type would be derived, which one case alone has no columns for; a review
    # that is left blank is pending, but somebody who fills in a form should say so.
    must = field.key == "contracts.borrower_type" or column.type is ColumnType.CHOICE
    return Input(
        name=field.name,
        title=_title(column.heading, column.name).get(language),
        type=column.type.value,
        required=must or not (field.may_be_blank or column.name in MAY_BE_LEFT_BLANK),
        note=note or None,
        choices=[
            InputChoice(
                value=choice.value,
                title=choice.name.get(language),
                group=None if choice.group is None else BORROWER_GROUPS[choice.group].get(language),
            )
            for choice in column.choices
        ],
    )


def _title(heading: str, name: str) -> Text:
    """Return a column's heading alone, where messages name it with its English name beside it."""
    return Text(heading, name.replace("_", " "))


def _titles(policy: Policy) -> dict[str, Text]:
    """Return the names of conditions, of what tiers test, and of what else a reason names."""
    rules = policy.rules
    tests = [test for tier in rules.rates.tiers for test in tier.when]
    titles = {test.name: what_is_tested(policy, test) for test in tests if test.name is not None}
    titles |= {cap.id: cap.said for cap in rules.caps if cap.refuses}
    titles |= SPECIAL_REASONS
    for condition in (*rules.institution_conditions, *rules.claim_conditions):
        titles[condition.id] = what_is_tested(policy, condition)
    return {name.removeprefix(INDICATOR_PREFIX): title for name, title in titles.items()}
