"""The fields of a form for a case under a policy: titles, types, notes and choices in a language.

They follow from `form`, so that a form drawn from them fits every policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compensation.language import Language, Text
from compensation.ledger.records import TABLE_OF
from compensation.one_case.form import Field, Figure, Form, form_of
from compensation.policy.catalogue import Policy
from compensation.policy.model import PolicyFile
from compensation.policy.party_words import party_title
from compensation.policy.quantities import INDICATOR_PREFIX
from compensation.policy.quantity_words import what_is_tested
from compensation.policy.variables import indicator_info
from compensation.rules.decision import SPECIAL_REASONS, variables_needed
from compensation.schema.choices import BORROWER_GROUPS
from compensation.schema.column import NUMBERS, Choice, ColumnType
from compensation.schema.dictionary import CLAIMS, CONTRACTS, INSTITUTIONS, PAID_BEFORE
from compensation.schema.parties import GOVERNMENT, PARTIES

CLAIM_BEGINS = ("claims.payout_date", "claims.principal", "claims.interest")
MAY_BE_LEFT_BLANK = frozenset({"interest", "compensation_paid", PAID_BEFORE.name})
_OF_ALL_POLICIES = (*INSTITUTIONS.columns, *CONTRACTS.columns, *CLAIMS.columns)


def form_fields(policy: Policy, language: Language = "zh") -> dict[str, Any]:
    """Return what a form for a case asks for, with titles and notes in ``language``.

    `institution`: its `amounts`, or instead of them `ratios`; `claim`: the columns of a case but
    for shares; `parties`, and `conditions` with whatever else reasons name: ids with titles.

    >>> [field["name"] for field in form_fields(load_policy("jiyuan-2022"))["claim"]][:3]
    ['payout_date', 'principal', 'interest']
    """
    rules, form = policy.rules, form_of(policy)
    columns = [_column(each, language) for each in form.columns.values() if each.users]
    columns += [_column(each, language) for each in _decided(form, form.columns)]
    tested = [each for each in form.figures.values() if each.users]
    amounts = {name for each in tested for name in each.amounts or (each.name,)}

    def figure(each: Figure) -> dict[str, Any]:
        return _figure(rules, each, language)

    def named(titles: Mapping[str, Text]) -> list[dict[str, str]]:
        return [{"id": id_, "title": title.get(language)} for id_, title in titles.items()]

    parties = [*PARTIES, *sorted(form.parties - {*PARTIES, GOVERNMENT})]
    shown = [figure(each) for each in form.figures.values() if each.name in amounts]
    return {
        "institution": {
            "amounts": columns + shown,
            "ratios": columns + [figure(each) for each in tested],
        },
        "claim": [_column(field, language) for field in _claim(form)],
        "parties": named({party: party_title(policy, party) for party in parties}),
        "conditions": named(_titles(policy)),
    }


def _claim(form: Form) -> Iterator[Field]:
    """Yield the columns of a case that the policy uses, except shares."""
    trigger = form.policy.rules.trigger
    needed = (trigger.date, trigger.until, *variables_needed(form.policy, measures=False))
    fields = {field.key: field for field in form.claim.values()}
    begins = [fields[key] for key in dict.fromkeys((*CLAIM_BEGINS, *needed)) if key in fields]
    measured = [fields[key] for key in form.measured.values()]
    yield from dict.fromkeys((*begins, *measured, *_decided(form, form.claim)))


def _decided(form: Form, fields: Mapping[str, Field]) -> list[Field]:
    """Return the fields that say what was decided of the case, among those of its own table."""
    rules = form.policy.rules
    names = (*rules.review.required, "compensation_paid")
    names += (PAID_BEFORE.name,) if rules.trigger.until is not None else ()
    keys = [f"{TABLE_OF[rules.record]}.{name}" for name in names]
    by_key = {field.key: field for field in fields.values()}
    return [by_key[key] for key in keys if key in by_key]


def _figure(rules: PolicyFile, figure: Figure, language: Language) -> dict[str, Any]:
    info = indicator_info(rules, figure.name)
    assert info is not None
    return {
        "name": figure.name,
        "title": figure.definition.name.text.get(language),
        "type": info.type.value,
        "required": info.type in NUMBERS,
        "note": figure.definition.said.get(language),
        "choices": _choices(info.choices, language),
    }


def _column(field: Field, language: Language) -> dict[str, Any]:
    column = field.column
    note = "" if column in _OF_ALL_POLICIES else column.note.get(language)
    # A blank borrower type would be derived, which one case alone has no columns for; a review
    # that is left blank is pending, but somebody who fills in a form should say so.
    must = field.key == "contracts.borrower_type" or column.type is ColumnType.CHOICE
    return {
        "name": field.name,
        # The heading alone, where messages name it with the English name beside it.
        "title": Text(column.heading, column.name.replace("_", " ")).get(language),
        "type": column.type.value,
        "required": must or not (field.may_be_blank or column.name in MAY_BE_LEFT_BLANK),
        "note": note or None,
        "choices": _choices(column.choices, language),
    }


def _choices(choices: Sequence[Choice], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "value": choice.value,
            "title": choice.name.get(language),
            "group": choice.group and BORROWER_GROUPS[choice.group].get(language),
        }
        for choice in choices
    ]


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
