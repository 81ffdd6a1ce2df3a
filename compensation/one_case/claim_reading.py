"""The figures of one case, read and checked, as the columns of one row that the rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from compensation.columns import Integers
from compensation.engine.case_faults import AN_INDUSTRY, NOT_TOLD, told
from compensation.engine.input_variables import all_known
from compensation.engine.measures_needed import PAYOUT
from compensation.language import Text
from compensation.one_case.form import PRINCIPAL, Form
from compensation.one_case.institution import missing_member, unknown_member, year_end
from compensation.one_case.reading import (
    BLANK,
    Reader,
    Value,
    column_of,
    variable_of,
)
from compensation.one_case.shares import Shares, check_paid, read_shares
from compensation.policy.variables import INDUSTRY
from compensation.rules.decision import variables_needed
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.schema.parties import SHARE_PREFIX
from compensation.values.dates import date_of

HERE = "claim"
"""The argument that holds the figures of a claim."""
SHARES = "shares"
"""The member of a claim that says who bears what."""
SHARE_COLUMNS = f"contracts.{SHARE_PREFIX}"

Claim = Mapping[str, Value | Mapping[str, Value]]
"""A claim by name: columns, and `shares` by party."""
Values = Mapping[str, int | str | None]
"""What was read of a claim, by ``table.column``, in the units of the dictionary; None is blank."""


class ReadClaim(NamedTuple):
    """A claim that has been read.

    `variables`: what tests look at, but for the institution's. `day`: the one that puts it into a
    year; `year_end`: that year's last.
    """

    variables: dict[str, Variable]
    values: Values
    sharing: Shares
    day: int
    year_end: int


def read_claim(
    form: Form, claim: Claim, year: int | None, reader: Reader, *, amounts: bool
) -> ReadClaim | None:
    """Read the figures of a case; None where something is wrong, which the reader keeps.

    `year`: the one assessed, where that does not follow from the case. `amounts`: whether the
    principal of a payout must be there even if no test looks at it.
    """
    before = len(reader.faults)
    values = _values(form, claim, reader, amounts)
    days = _days(form, values, year, reader)
    sharing = read_shares(claim.get(SHARES), form.parties, (HERE, SHARES), reader)
    _check_dates(values, reader)
    _check_industry(form, values, reader)
    if amounts:
        _check_amounts(form, values, sharing, reader)
    if len(reader.faults) > before or sharing is None or days is None:
        return None
    return ReadClaim(_variables(form, values, sharing), values, sharing, *days)


def _days(form: Form, values: Values, year: int | None, reader: Reader) -> tuple[int, int] | None:
    """Return the day of the case and the last of its year; None where they can't be told.

    The year is said where it does not follow from the day: of an institution's year, and of a
    contract that belongs to several.
    """
    rules = form.policy.rules
    day, until = values.get(rules.trigger.date), rules.trigger.until
    if rules.record != "institution" and until is None:
        if year is not None:
            message = Text(
                "这项政策的业务按日期归入年度，不另填年度",
                "cases of this policy go to the year of their date; no year is given",
            )
            reader.fault("year_not_needed", ("year",), message, value=year)
        return (day, form.ends(day)[1]) if isinstance(day, int) else None
    end = year_end(form, year, reader, needed=True)
    if end is None or rules.record == "institution":
        return None if end is None else (end, end)
    if not isinstance(day, int):
        return None
    last = values.get(until or "")
    begins, ends = form.ends(end)
    if day > ends or (isinstance(last, int) and last <= begins):
        message = Text("合同不在该年度内", "the contract does not reach into that year")
        reader.fault("year_not_covered", ("year",), message, value=year)
    return day, end


def _values(form: Form, claim: Claim, reader: Reader, amounts: bool) -> dict[str, int | str | None]:
    """Return every column that is given, or has a default, by key; blanks are None."""
    values: dict[str, int | str | None] = {}
    for name, value in claim.items():
        if name == SHARES and form.policy.rules.record != "institution":
            continue
        path, field = (HERE, name), form.claim.get(name)
        if field is None:
            unknown_member(reader, path, (*form.claim, SHARES) if form.claim else ())
            continue
        before = len(reader.faults)
        read = reader.cell(field.column, value, path)
        if len(reader.faults) > before:
            continue
        values[field.key] = read
        if read is None and not field.may_be_blank:
            del values[field.key]
            reader.fault("blank", path, BLANK, field.column.expected)
    for field in form.claim.values():
        if field.name in claim:
            continue
        users = field.users
        if field.key == PRINCIPAL:
            users += _of_payout(form)
        if field.column.default is not None:
            values[field.key] = field.column.default
        elif field.needed and (amounts or field.key != PRINCIPAL or users):
            missing_member(reader, form.policy, (HERE, field.name), tuple(dict.fromkeys(users)))
    return values


def _of_payout(form: Form) -> tuple[str, ...]:
    """Return what of conditions and rates looks at the payout, of which principal is a part."""
    rules = form.policy.rules
    before_amounts = {each.id for each in rules.claim_conditions}
    before_amounts |= {each.id for each in rules.rates.additions}
    users = variables_needed(form.policy, measures=False).get(PAYOUT, ())
    return tuple(id_ for id_ in users if id_ in before_amounts or id_.startswith("rates"))


def _variables(form: Form, values: Values, sharing: Shares) -> dict[str, Variable]:
    variables = {
        field.key: variable_of(field.column, values[field.key], field.words)
        for field in form.claim.values()
        if field.users
    }
    for place, party in enumerate(sharing.parties):
        if party in form.parties:
            share = column_of(int(sharing.shares[0, place]))
            variables[SHARE_COLUMNS + party] = all_known(share, ColumnType.SHARE)
    if PRINCIPAL in values:
        variables[PAYOUT] = all_known(payout_of(values), ColumnType.MONEY)
    return variables


def number(values: Values, key: str) -> int:
    """Return a number among the values read; 0 where there is none."""
    value = values.get(key)
    return value if isinstance(value, int) else 0


def payout_of(values: Values) -> Integers:
    """Return principal plus interest."""
    return column_of(number(values, PRINCIPAL) + number(values, "claims.interest"))


def _check_dates(values: Values, reader: Reader) -> None:
    payout, start = values.get("claims.payout_date"), values.get("contracts.start_date")
    release = values.get("contracts.release_date")
    if isinstance(release, int) and isinstance(start, int) and release < start:
        reader.fault(
            "date_order",
            (HERE, "release_date"),
            Text("解除日期早于起始日期", "the release is before the start"),
            Text("不早于起始日期", "a date on or after the start"),
            date_of(release),
        )
    if isinstance(payout, int) and isinstance(start, int) and payout < start:
        reader.fault(
            "date_order",
            (HERE, "payout_date"),
            Text("代偿日期早于合同的起始日期", "the payout is before the contract's start"),
            Text("不早于合同起始日期", "a date on or after the contract's start"),
            date_of(payout),
        )


def _check_industry(form: Form, values: Values, reader: Reader) -> None:
    industry = values.get(INDUSTRY)
    if isinstance(industry, str) and not told(industry, form.industries):
        message = NOT_TOLD.fill(policy=form.policy.id)
        name = next(field.name for field in form.claim.values() if field.key == INDUSTRY)
        reader.fault("industry", (HERE, name), message, AN_INDUSTRY, industry)


def _check_amounts(
    form: Form,
    values: Values,
    sharing: Shares | None,
    reader: Reader,
) -> None:
    if PRINCIPAL not in values or "claims.interest" not in values:
        return
    payout = payout_of(values)
    if not payout[0]:
        reader.fault(
            "no_payout",
            (HERE, "principal"),
            Text("代偿本金与代偿利息之和为 0", "principal and interest together are 0"),
            Text("大于 0 的代偿金额", "a payout above 0"),
        )
    elif sharing is not None:
        paid = column_of(number(values, "claims.compensation_paid"))
        check_paid(paid, payout, sharing, form.policy, (HERE, "compensation_paid"), reader)
