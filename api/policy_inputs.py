"""What a policy looks at: which figures of an institution and which columns of a claim.

Read from the policy's own tests, so that a form that is drawn from it fits every policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.models.policy_inputs import (
    Input,
    InputChoice,
    InstitutionInputs,
    Named,
    PolicyInputs,
)
from compensation import Policy
from compensation.language import Language, Text
from compensation.ledger.dictionary import (
    BORROWER_GROUPS,
    GOVERNMENT,
    PARTIES,
    SHARE_PREFIX,
    ColumnType,
    party_name,
)
from compensation.policy.model import Condition, DatedLimit, PolicyFile, SeriesLimit, Test
from compensation.policy.subjects import (
    COMPUTED_COLUMNS,
    INDICATOR_PREFIX,
    STANDARD_INDICATORS,
    YEAR_END,
    column_info,
    extra_columns,
    indicator_definition,
    indicator_info,
)
from compensation.rules.conditions import COMPARISONS
from compensation.rules.decision import NO_RATE_DECIDED, NO_TIER
from compensation.rules.institutions import PARTS

CLAIM_BEGINS = ("claims.payout_date", "claims.principal", "claims.interest")
CLAIM_ENDS = ("claims.compensation_paid",)
DERIVED = "claims.payout"
"""Principal plus interest: asked for as these."""

INSTITUTION_MET = Text("机构当年符合补偿条件", "the institution meets its conditions")
SPECIAL_REASONS = {
    NO_TIER: Text("有适用的补偿档次", "a tier that applies"),
    NO_RATE_DECIDED: Text("补偿比例已经核定", "a rate that has been decided"),
}


def inputs_of(policy: Policy, language: Language) -> PolicyInputs:
    """Return what a policy looks at, with names and notes in ``language``."""
    rules = policy.rules
    keys = list(dict.fromkeys(_institution_keys(rules)))
    amounts = list(dict.fromkeys(part for key in keys for part in _parts_of(key)))
    claim = [key for key in dict.fromkeys(_claim_keys(rules)) if _asked(key)]
    return PolicyInputs(
        institution=InstitutionInputs(
            amounts=[_input(rules, key, language) for key in _in_order(amounts)],
            ratios=[_input(rules, key, language) for key in _in_order(keys)],
        ),
        claim=[_input(rules, key, language) for key in claim],
        parties=[
            Named(id=party, title=party_name(party).get(language)) for party in _parties(rules)
        ],
        conditions=[
            Named(id=id_, title=title.get(language)) for id_, title in _titles(rules).items()
        ],
    )


def _institution_keys(rules: PolicyFile) -> Iterator[str]:
    """Yield what the conditions and tiers of an institution test, as often as they do."""
    for condition in rules.institution_conditions:
        yield from _keys_of(condition)
    for key in _rate_keys(rules):
        if key.startswith((INDICATOR_PREFIX, "institutions.")):
            yield key


def _claim_keys(rules: PolicyFile) -> Iterator[str]:
    """Yield every column of a claim and its contract that the policy looks at."""
    yield from CLAIM_BEGINS
    yield rules.trigger.date
    for condition in rules.claim_conditions:
        yield from _keys_of(condition)
    yield from _rate_keys(rules)
    if rules.rates.decided is not None:
        yield rules.rates.decided.column
    yield from rules.base.less
    for cap in rules.caps:
        yield from cap.less
    if rules.budget.order is not None:
        yield rules.budget.order
    yield from (f"claims.{name}" for name in rules.review.required)
    yield from CLAIM_ENDS


def _rate_keys(rules: PolicyFile) -> Iterator[str]:
    if rules.rates.over is not None:
        yield rules.rates.over
    for tier in rules.rates.tiers:
        yield from _keys_of_all(tier.when)
    for addition in rules.rates.additions:
        yield from _keys_of_all(addition.when)


def _keys_of_all(tests: Iterable[Test]) -> Iterator[str]:
    for test in tests:
        yield from _keys_of(test)


def _keys_of(test: Test) -> Iterator[str]:
    """Yield what a test names: its subject, and the columns on which its limits depend."""
    for part in test.any or ():
        yield from _keys_of(part)
    if test.column is not None:
        yield test.column
    if test.indicator is not None:
        yield INDICATOR_PREFIX + test.indicator
    if test.of is not None:
        yield test.of
    for operator in COMPARISONS:
        limit = getattr(test, operator)
        if isinstance(limit, SeriesLimit | DatedLimit):
            yield limit.on
        if isinstance(limit, SeriesLimit) and limit.term is not None:
            yield limit.term


def _asked(key: str) -> bool:
    """Return whether a claim is asked for a column: not for shares, nor for what follows."""
    table, _, column = key.partition(".")
    return (
        table in ("claims", "contracts")
        and not column.startswith(SHARE_PREFIX)
        and key not in (DERIVED, YEAR_END)
    )


def _parts_of(key: str) -> tuple[str, ...]:
    """Return the amounts that an indicator is computed from; itself where it is none of these."""
    parts = PARTS.get(key.removeprefix(INDICATOR_PREFIX), ())
    return tuple(INDICATOR_PREFIX + part for part in parts) or (key,)


def _in_order(keys: Iterable[str]) -> list[str]:
    """Return columns first, then the standard indicators in their order, then a policy's own."""
    order = [INDICATOR_PREFIX + name for name in STANDARD_INDICATORS]

    def place(key: str) -> int:
        if not key.startswith(INDICATOR_PREFIX):
            return -1
        return order.index(key) if key in order else len(order)

    return sorted(keys, key=place)


def _input(rules: PolicyFile, key: str, language: Language) -> Input:
    if key.startswith(INDICATOR_PREFIX):
        return _indicator_input(rules, key.removeprefix(INDICATOR_PREFIX), language)
    return _column_input(rules, key, language)


def _indicator_input(rules: PolicyFile, id_: str, language: Language) -> Input:
    definition, info = indicator_definition(rules, id_), indicator_info(rules, id_)
    assert info is not None
    return Input(
        name=id_,
        title=definition.name.text.get(language),
        type=info.type.value,
        required=True,
        note=definition.note.text.get(language),
        choices=[],
    )


def _column_input(rules: PolicyFile, key: str, language: Language) -> Input:
    info = column_info(rules, key)
    assert info is not None, key
    table, _, name = key.partition(".")
    extra = (*extra_columns(rules).get(table, ()), *COMPUTED_COLUMNS.get(table, ()))
    note = next((column.note for column in extra if column.name == name), Text("", ""))
    # A blank borrower type would be derived, which one case alone has no columns for; a review
    # that is left blank is pending, but somebody who fills in a form should say so.
    must = key == "contracts.borrower_type" or info.type is ColumnType.CHOICE
    given_anyway = key in ("claims.interest", "claims.compensation_paid")
    return Input(
        name=name,
        title=_column_title(rules, key).get(language),
        type=info.type.value,
        required=must or not (info.may_be_blank or given_anyway),
        note=note.get(language) or None,
        choices=[
            InputChoice(
                value=choice.value,
                title=Text(choice.zh, choice.value.replace("_", " ")).get(language),
                group=None if choice.group is None else BORROWER_GROUPS[choice.group].get(language),
            )
            for choice in info.choices
        ],
    )


def _column_title(rules: PolicyFile, key: str) -> Text:
    """Return a column's heading alone, where messages name it with its English name beside it."""
    info = column_info(rules, key)
    assert info is not None, key
    name = key.partition(".")[2]
    return Text(info.title.zh.removesuffix(f"（{name}）"), name.replace("_", " "))


def _parties(rules: PolicyFile) -> list[str]:
    """Return the parties: the known ones, and any other whose share or part the policy names."""
    keys = [key for key in _claim_keys(rules) if key.startswith(f"contracts.{SHARE_PREFIX}")]
    named = [key.removeprefix(f"contracts.{SHARE_PREFIX}") for key in keys]
    named += [party for party in (rules.base.party, rules.beneficiary.party) if party is not None]
    others = sorted({party for party in named if party not in (*PARTIES, GOVERNMENT)})
    return [*PARTIES, *others]


def _titles(rules: PolicyFile) -> dict[str, Text]:
    """Return the names of conditions, of what tiers test, and of what else a reason names."""
    tests = [test for tier in rules.rates.tiers for test in tier.when]
    titles = {test.indicator or test.column or "": _subject_title(rules, test) for test in tests}
    titles |= {cap.id: cap.note.text for cap in rules.caps if cap.over == "refuse"}
    titles |= SPECIAL_REASONS
    for condition in (*rules.institution_conditions, *rules.claim_conditions):
        titles[condition.id] = _condition_title(rules, condition)
    return titles


def _condition_title(rules: PolicyFile, condition: Condition) -> Text:
    """Return what a condition is about: the names of what it tests."""
    if condition.institution is not None:
        return INSTITUTION_MET
    parts = condition.any or (condition,)
    names = [_subject_title(rules, part) for part in parts]
    return Text("或".join(name.zh for name in names), " or ".join(name.en for name in names))


def _subject_title(rules: PolicyFile, test: Test) -> Text:
    if test.indicator is not None:
        return indicator_definition(rules, test.indicator).name.text
    return INSTITUTION_MET if test.column is None else _column_title(rules, test.column)
