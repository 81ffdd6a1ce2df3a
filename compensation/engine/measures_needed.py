"""What of the ledgers a policy measures: its indicators, their measures, the columns these test."""

from __future__ import annotations

from itertools import chain

from compensation.policy.catalogue import Policy
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    Measure,
    group_measures,
    measure_of,
    operations_of,
    resolved,
)
from compensation.policy.variables import (
    BORROWER_BALANCE,
    OF_CASES,
    OF_ENTERPRISES,
    indicator_definition,
)
from compensation.rules.decision import (
    variables_needed,
)

REPORTED_INDICATORS = (
    "opening_balance",
    "closing_balance",
    "balance_growth",
    "opening_borrowers",
    "closing_borrowers",
    "borrower_growth",
    "small_agri_balance",
    "small_agri_share",
    "released_amount",
    "payout_amount",
    "payout_rate",
)
"""The indicators that every result shows, in the order of the result table."""


CONTRACT_INSTITUTION = "contracts.institution_id"
BORROWER_ID = "contracts.borrower_id"
BORROWER_OF_INSTITUTION = {CONTRACT_INSTITUTION, BORROWER_ID}
PAYOUT = "claims.payout"
APPROVED_AMOUNT = "claims.approved_amount"
EXPOSURE = "claims.borrower_exposure"
BORROWER_TYPE = "contracts.borrower_type"
COMPENSATION_PAID = "compensation_paid"
"""The measure that is taken from the cases, whatever they are; the others, from the books."""
BORROWER_SINCE = "contracts.borrower_since"
OF_BORROWERS = frozenset({BORROWER_BALANCE, BORROWER_SINCE})
DERIVED = OF_BORROWERS | OF_CASES | {PAYOUT, EXPOSURE}
"""Columns that are computed; the input does not have them."""


def indicators_needed(policy: Policy) -> list[str]:
    """Return the name of every indicator that is reported or that the policy looks at."""
    return list(dict.fromkeys((*REPORTED_INDICATORS, *_indicators_looked_at(policy))))


def _indicators_looked_at(policy: Policy) -> list[str]:
    return [
        key.removeprefix(INDICATOR_PREFIX)
        for key in variables_needed(policy)
        if key.startswith(INDICATOR_PREFIX)
    ]


def tables_measured(policy: Policy) -> set[str]:
    """Return which of contracts and claims the measures count that the policy looks at."""
    named = _indicators_looked_at(policy)
    values = [indicator_definition(policy.rules, name).value for name in named]
    return tables_measured_in((*values, policy.rules))


def tables_measured_in(parts: tuple[object, ...]) -> set[str]:
    """Return which of contracts and claims the measures in parts of a policy file count."""
    measures = filter(None, map(measure_of, operations_of(parts)))
    return set().union(*map(tables_counted, measures))


def tables_counted(of: Measure) -> set[str]:
    """Return which of contracts and claims a measure counts; none where it is of the cases."""
    if of.of == COMPENSATION_PAID:
        return set()
    claims = of.of == "payout_amount" or of.on.startswith("claims.")
    return {"claims" if claims else "contracts"}


def measures_of(policy: Policy) -> list[Measure]:
    """Return every measure that indicators are made of, each once.

    Also of those of the policy that nothing tests: explanations give them for information.
    """
    own = (indicator.id for indicator in policy.rules.indicators)
    names = dict.fromkeys((*indicators_needed(policy), *own))
    values = [indicator_definition(policy.rules, name).value for name in names]
    found = [measure_of(operation) for value in values for operation in operations_of(value)]
    return list(dict.fromkeys(measure for measure in found if measure is not None))


def tested_contract_columns(policy: Policy) -> set[str]:
    """Return the columns of contracts that are looked at of all contracts, as measures test them.

    Without the borrower's type and the institution, which are held in any case.
    """
    ids = {BORROWER_ID} if OF_ENTERPRISES & variables_needed(policy).keys() else set()
    of_groups = group_measures(policy.rules)
    names = chain(
        chain.from_iterable(of.names for of in (*measures_of(policy), *of_groups)),
        chain.from_iterable(of.per or () for of in of_groups),
    )
    held = {BORROWER_TYPE, CONTRACT_INSTITUTION}
    keys = ids | resolved(policy.rules, names) - DERIVED - held
    return {key.removeprefix("contracts.") for key in keys if key.startswith("contracts.")}
