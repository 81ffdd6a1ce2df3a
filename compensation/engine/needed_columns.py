"""Columns and parties that a policy looks at and the input lacks: a fault each."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from compensation.engine.measures_needed import BORROWER_TYPE, DERIVED, measures_of
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text, joined
from compensation.policy.catalogue import Policy
from compensation.policy.party_words import party_title
from compensation.policy.quantities import (
    SUMMED_UP,
    group_measures,
    groupings,
    parties_named,
    payer_names,
    sums_up_balances,
)
from compensation.policy.variables import POOL_COLUMNS, extra_columns
from compensation.policy.wording import element_in_words
from compensation.rules.decision import variables_needed
from compensation.schema.column import Column
from compensation.schema.dictionary import POOL, RELEASES, ROWS_OF, table
from compensation.schema.parties import GOVERNMENT, SHARE_PREFIX


def policy_faults(
    policy: Policy,
    present: Mapping[str, Container[str]],
    rows: Callable[[str], int],
    said: Iterable[FaultGroup],
) -> list[FaultGroup]:
    """Return a fault for each column that the policy needs and the input lacks.

    `present`: the columns of each table of the input, also those that the policy adds. `rows`: how
    many rows a table has. A column of which the faults ``said`` so far speak has none.
    """
    faults = [
        *missing_columns(policy, present, rows),
        *_missing_releases(policy, present),
        *_missing_pool(policy, present),
        *party_faults(policy, present),
    ]
    known = {(group.table, group.column) for group in said}
    left = [group for group in faults if (group.table, group.column) not in known]
    return by_own_headings(left, [policy])


def by_own_headings(groups: Iterable[FaultGroup], policies: Iterable[Policy]) -> list[FaultGroup]:
    """Return faults of columns that policies declare by the headings that these have in ledgers."""
    own = {
        (table, column.name): column
        for policy in policies
        for table, columns in extra_columns(policy.rules).items()
        for column in columns
    }
    found = ((group, own.get((group.table or "", group.column or ""))) for group in groups)
    return [group if column is None else replace(group, own=column) for group, column in found]


def missing_columns(
    policy: Policy, present: Mapping[str, Container[str]], rows: Callable[[str], int]
) -> list[FaultGroup]:
    """Return a fault for each column that the policy tests and the input lacks.

    A fault names the policy and what tests the column. A column whose blank cells have a meaning of
    their own (interest, reviews) may be missing, and so may one of a table without rows, but none
    of a table by year: without a row a value is not known. See `policy_faults`.
    """
    faults = []
    grouped = {name: [of.id] for of in groupings(policy.rules) for name in of.columns}
    for key, users in {**grouped, **variables_needed(policy)}.items():
        name, _, column_name = key.partition(".")
        computed, by_year = key in DERIVED or key in POOL_COLUMNS, name in ROWS_OF
        if not (name in present or by_year) or computed or column_name in present.get(name, ()):
            continue
        column = column_of_policy(policy, key)
        if column.default is not None or key == BORROWER_TYPE or not (by_year or rows(name)):
            continue
        message = Text(
            "政策 {policy} 的{users}要用到列 {title}，输入中没有这一列",
            "policy {policy} ({users}) tests column {title}, which the input lacks",
        ).fill(policy=policy.id, users=in_words(policy, users), title=column.title)
        faults.append(whole("missing_policy_column", message, table=name, column=column_name))
    return faults


def in_words(policy: Policy, users: Iterable[str]) -> Text:
    """Return elements of a policy that look at something, as messages name them."""
    return joined((element_in_words(policy, user) for user in users), "、", ", ")


def _missing_releases(
    policy: Policy, present: Mapping[str, Container[str]]
) -> Iterator[FaultGroup]:
    """Yield a fault where balances fall by day and the input has no table that says by how much."""
    measures = (*measures_of(policy), *group_measures(policy.rules))
    measured = any(of.of in SUMMED_UP for of in measures)
    if (measured or sums_up_balances(policy.rules)) and not present.get(RELEASES.name):
        message = Text(
            "政策 {policy} 按一段时间的余额计算，输入中没有表 {title}；没有提前归还或部分"
            "解除的，给一张只有标题行的空表",
            "policy {policy} sums up balances over time, and the input lacks the "
            "table {title}; where nothing was repaid early, give it with its headings alone",
        ).fill(policy=policy.id, title=RELEASES.title)
        yield whole("missing_table", message, table=RELEASES.name)


def _missing_pool(policy: Policy, present: Mapping[str, Container[str]]) -> Iterator[FaultGroup]:
    """Yield a fault where a policy looks at the pool, which the input does not have."""
    names = sorted(POOL_COLUMNS.keys() & variables_needed(policy).keys())
    if names and not present.get(POOL.name):
        message = Text(
            "政策 {policy} 要看资金池（{names}），输入中没有表 {title}",
            "policy {policy} looks at the pool ({names}), and the input lacks the table {title}",
        ).fill(policy=policy.id, names=", ".join(names), title=POOL.title)
        yield whole("missing_table", message, table=POOL.name)


def column_of_policy(policy: Policy, key: str) -> Column:
    """Return a column of a table by its ``table.column`` name, the policy's own or a standard."""
    name, _, column_name = key.partition(".")
    for column in extra_columns(policy.rules).get(name, ()):
        if column.name == column_name:
            return column
    return table(name).column(column_name)


def party_faults(policy: Policy, present: Mapping[str, Container[str]]) -> list[FaultGroup]:
    """Return a fault for each party that the policy speaks of and the contracts do not have."""
    if "contracts" not in present:
        return []
    rules = policy.rules
    wanted = dict.fromkeys(parties_named(rules), "borne_by")
    not_parties = {GOVERNMENT, *payer_names(rules)}
    wanted |= dict.fromkeys(
        (each for each in rules.returns.speaks_of if each not in not_parties), "returns"
    )
    wanted[rules.beneficiary.party] = "beneficiary"
    faults = []
    for party, user in wanted.items():
        if party == "institution":  # the institution is always a party
            continue
        column = f"{SHARE_PREFIX}{party}"
        if column not in present["contracts"]:
            message = Text(
                "政策 {policy} 的{user}涉及{name}，担保合同表中没有它的分担比例列",
                "policy {policy} ({user}) speaks of the {name}, whose share the contracts lack",
            ).fill(
                policy=policy.id,
                user=element_in_words(policy, user),
                name=party_title(policy, party),
            )
            faults.append(whole("missing_policy_column", message, table="contracts", column=column))
    return faults
