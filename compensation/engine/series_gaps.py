"""Days that a reference series or a calendar lacks, where a result rests on them: a fault each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from compensation.columns import Flags, Integers
from compensation.engine.input_variables import row_table
from compensation.engine.inputs import RuleInputs
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger.records import TABLE_OF
from compensation.policy.model import Operation, Quantity
from compensation.policy.quantities import names_in
from compensation.policy.variables import INSTITUTION
from compensation.policy.wording import series_kind
from compensation.rules.decision import institution_variable, judge, variables_needed
from compensation.rules.gaps import (
    Gaps,
    gaps_of_cases,
    gaps_of_institutions,
    lacking_of,
    readings_needed_anyway,
    readings_of_cases,
    readings_of_institutions,
)
from compensation.rules.quantities import Evaluator
from compensation.rules.rationals import Rationals
from compensation.rules.variables import Variable, take
from compensation.schema.dictionary import ROWS_OF
from compensation.values.dates import day_number


@dataclass(frozen=True, eq=False)
class _Rows:
    """The cases, or all institutions, as readings look at them.

    `of`: the rows in each table. `evaluator`: makes what computes on them all that the policy
    names; `days`: a date that is computed. `table`, `rows`: where a computed date is told.
    """

    of: Mapping[str, Integers]
    evaluator: Callable[[], Evaluator]
    days: Callable[[Quantity], Rationals]
    table: str
    rows: Integers


def series_gaps(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each row whose result rests on a date that a reference series lacks.

    A date after the series' last check, or before its first value, has no value; the nearest one
    is never taken instead. `claims`: rows of the year's claims.
    """
    policy, rules = inputs.policy, inputs.policy.rules
    found = list[FaultGroup]()
    if not policy.series:
        return found
    anyway = readings_needed_anyway(rules)
    institutions = _institutions(inputs), readings_of_institutions(rules), gaps_of_institutions
    cases = _cases(inputs, claims), readings_of_cases(rules), gaps_of_cases
    for rows, readings, gaps_of in (institutions, cases):
        day_of = partial(_day, inputs, rows)
        lacking = lacking_of(policy, readings, day_of)
        gaps = gaps_of(rows.evaluator(), lacking) if lacking else {}
        own = [r for r in anyway if _of_institutions(r) == ("claims" not in rows.of)]
        found += _faults(inputs, rows, {**gaps, **lacking_of(policy, own, day_of)})
    return found


def _of_institutions(reading: Operation) -> bool:
    return isinstance(reading.on, str) and row_table(reading.on) == "institutions"


def _institutions(inputs: RuleInputs) -> _Rows:
    rows = np.arange(inputs.ledgers.rows("institutions"))

    def evaluator() -> Evaluator:
        return Evaluator(
            inputs.policy, inputs.institution_variables(inputs.indicators()), len(rows)
        )

    return _Rows(
        {"institutions": rows},
        evaluator,
        lambda on: evaluator().compute(on).values,
        "institutions",
        rows,
    )


def _cases(inputs: RuleInputs, claims: Integers) -> _Rows:
    links = inputs.ledgers.links
    contract = links.claim_contract[claims]
    institution = links.contract_institution[contract]

    def evaluator() -> Evaluator:
        names = variables_needed(inputs.policy).keys() - {INSTITUTION}
        found = inputs.evaluator(names, claims)
        variables = inputs.institution_variables(inputs.indicators())
        eligible = judge(inputs.policy, variables, inputs.books.institutions).eligible
        own = {INSTITUTION: take(institution_variable(eligible), institution)}
        return replace(found, variables={**found.variables, **own})

    return _Rows(
        {"claims": claims, "contracts": contract, "institutions": institution},
        evaluator,
        lambda on: inputs.evaluator(names_in(on), claims).compute(on).values,
        TABLE_OF[inputs.policy.rules.record],
        inputs.case_rows(claims),
    )


def _day(inputs: RuleInputs, rows: _Rows, reading: Operation) -> Variable | Rationals:
    on = reading.on
    assert on is not None
    if isinstance(on, str):
        table = row_table(on)
        if table in rows.of:
            return take(inputs.column(on), rows.of[table])
        if table == "year":
            return take(inputs.year_day(on), np.zeros(len(rows.rows), dtype=np.int64))
    return rows.days(on)


def _faults(inputs: RuleInputs, rows: _Rows, gaps: Gaps) -> Iterator[FaultGroup]:
    """Yield the faults of readings: those of a day before the series, then those of one after."""
    for reading, lacking in gaps.items():
        series, day = inputs.policy.series[reading.series or ""], _day(inputs, rows, reading)
        before = lacking & (day.numerator < day_number(series.first))
        for where, message in ((before, BEFORE_SERIES), (lacking & ~before, SERIES_GAP)):
            if where.any():
                said = message.fill(
                    kind=series_kind(series),
                    series=series.id,
                    first=series.first,
                    last=series.checked_until,
                )
                yield _fault(inputs, rows, reading, said, day.numerator[where], where)


def _fault(
    inputs: RuleInputs,
    rows: _Rows,
    reading: Operation,
    message: Text,
    days: Integers,
    where: Flags,
) -> FaultGroup:
    on = reading.on if isinstance(reading.on, str) else ""
    table, _, column = on.partition(".")
    shown = [str(np.datetime64(int(day), "D")) for day in days]
    if table == "year":
        return whole("series_gap", message, value=shown[0])
    own = rows.of.get(row_table(on))
    at, first = np.unique((rows.rows if own is None else own)[where], return_index=True)
    name = rows.table if own is None else table
    if name in ROWS_OF:
        at = inputs.rows_by_year(inputs.ledgers, name)[at]
    return FaultGroup(
        "series_gap",
        message,
        name,
        None if own is None else column,
        rows=at,
        values=[shown[place] for place in first],
        locate=inputs.ledgers.unmapped[name].locate,
    )


SERIES_GAP = Text(
    "{kind} {series} 只有 {first} 至 {last} 的值；要用其他日期，请另备一份更新的序列"
    "文件，用 --series 给出（见 docs/policy/series.zh-CN.md）",
    "{kind} {series} has values from {first} to {last} only; for another date give a "
    "newer series file with --series (see docs/policy/series.md)",
)
BEFORE_SERIES = Text(
    "{kind} {series} 从 {first} 起才有值，这一日期在此之前；日期无误的，在政策中用 choose 写明"
    "此前按什么计算，或用 --series 给出起始更早的序列文件（见 docs/policy/series.zh-CN.md）",
    "{kind} {series} has no value before {first}, and this date is earlier; if the date is right, "
    "say in the policy with choose what counts before, or give a series file that begins earlier "
    "with --series (see docs/policy/series.md)",
)
