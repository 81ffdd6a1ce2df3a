"""Compensation as a function of one indicator of an institution, all else as in its ledger.

A point is what `assess` gives of a ledger so changed; `axis` says what that means. The corners are
exact: the last fen (or borrower) before a limit, and the first one after it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Integers
from compensation.engine.run import digested_ledgers
from compensation.language import Text
from compensation.ledger.digest import digest_of
from compensation.ledger.portfolio import Portfolio
from compensation.money import MAX_TOTAL_FEN, PRINTED_SCALE
from compensation.outlook.axis import Axis, axis_of, decided_at, limits_on
from compensation.outlook.changed import BaseYear, base_year
from compensation.outlook.path import Cliff, Point, Walk, grid, point_of
from compensation.policy.catalogue import Policy, PolicyPath
from compensation.refusals import Refused
from compensation.results import frame_of, money, ratio_column, text_digest
from compensation.schema.column import ColumnType
from compensation.values.exact import plain
from compensation.values.printing import amount, percent, ratio_of, yuan_of
from compensation.version import __version__

if TYPE_CHECKING:
    import pandas as pd


Corner = tuple[Point, Point]
"""Neighbouring points between which anything but the amount changes."""


@dataclass(frozen=True, eq=False)
class Course:
    """Compensation along one indicator of an institution, whatever its figures come from.

    `points`, `cliffs`: DataFrames with Arrow-backed columns; the same as Arrow tables in `tables`.
    `moves`: what moves and what stays. `released`: what was released in the year, in fen.
    `actual`: where the institution stands. `path`: all points in order; `corners` of it, and
    `jumps`: the corners at which the amount jumps.
    """

    policy: Policy
    year: int | None
    institution_id: str
    axis: Axis
    moves: Text
    released: int
    actual: Point = field(repr=False)
    path: tuple[Point, ...] = field(repr=False)
    corners: tuple[Corner, ...] = field(repr=False)
    jumps: tuple[Cliff, ...] = field(repr=False)

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        """The first and the last point of each stretch without a corner, in order."""
        starts = [self.path[0], *(after for _, after in self.corners)]
        ends = [*(before for before, _ in self.corners), self.path[-1]]
        return list(zip(starts, ends, strict=True))

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The points and the cliffs as Arrow tables, by name."""
        return {"curve": _points_table(self), "cliffs": _cliffs_table(self)}

    @property
    def points(self) -> pd.DataFrame:
        """A row for each point: its value, whether eligible, at what rate, the compensation."""
        return frame_of(self.tables["curve"])

    @property
    def cliffs(self) -> pd.DataFrame:
        """A row for each cliff: the unit before and after it, and what it costs in words."""
        return frame_of(self.tables["cliffs"])


@dataclass(frozen=True, eq=False)
class Curve(Course):
    """Compensation along one indicator of an institution of a ledger; see `curve`.

    `summary`: what curve_summary.json holds.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> found = curve(ledger, "jiyuan-2022", 2022, "payout_rate", 0, "0.06")
    >>> found.institution_id
    'SL-001'
    """

    base: BaseYear = field(repr=False)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What curve_summary.json holds."""
        policy = self.policy
        return {
            "along": self.axis.id,
            "institution": self.institution_id,
            "year": self.year,
            "policy": {"id": policy.id, "digest": policy.digest},
            "strict_dates": self.base.strict,
            "moves": self.moves.zh,
            "moves_en": self.moves.en,
            "version": __version__,
            "input_digest": digest_of(digested_ledgers(self.base.inputs.ledgers)),
            "rules": {name: text_digest(text) for name, text in policy.texts.items()},
            "totals": {"points": len(self.path), "cliffs": len(self.jumps)},
        }


def curve(
    portfolio: Portfolio,
    policy: PolicyPath | Policy,
    year: int,
    along: str,
    from_: Decimal | int | str,
    to: Decimal | int | str,
    *,
    institution: str | None = None,
    strict_dates: bool = False,
) -> Curve:
    """Return compensation of a year as a function of one indicator of an institution.

    `along`: the id of an indicator; along ``payout_rate`` all payouts of the year are scaled, along
    any other it alone moves. `from_`, `to`: its first and last value: a ratio, yuan or a count,
    never a float. `institution`: its id, where the ledger has several. The policy is taken as in
    force in the year unless `strict_dates`. Reviews, what was paid and a budget play no part.

    Raises `InputFaults` where the ledger has nothing of the year or lacks what the policy needs,
    `Refused` where the indicator cannot move so, `PolicyFaults`, and TypeError for anything but a
    `Portfolio`.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> found = curve(ledger, "jiyuan-2022", 2022, "payout_rate", 0, "0.06")
    >>> found.points["compensation"].max()
    Decimal('303983.52')
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"curve takes a Portfolio, not {type(portfolio).__name__}")
    ends = exact(from_), exact(to)
    base = base_year(portfolio, policy, operator.index(year), strict_dates=strict_dates)
    axis = axis_of(base, along, institution)

    def point_at(units: int) -> Point:
        return point_of(decided_at(base, axis, units), axis.row, units)

    return Curve(
        base.policy,
        base.inputs.year,
        base.institutions()[axis.row],
        axis,
        axis.how,
        int(base.indicator("released_amount").numerator[axis.row]),
        point_of(base.decided, axis.row, axis.units),
        *walked(base.policy, axis, *ends, point_at),
        base,
    )


def walked(
    policy: Policy, axis: Axis, from_: Fraction, to: Fraction, point_at: Callable[[int], Point]
) -> tuple[tuple[Point, ...], tuple[Corner, ...], tuple[Cliff, ...]]:
    """Return path, corners and jumps from one value to another; raises `Refused`."""
    first, last = _units(axis, from_, to)
    walk = Walk(point_at)
    marks = {*grid(first, last), *limits_on(policy, axis), axis.units}
    path = sorted(units for units in marks if first <= units <= last)
    corners = walk.corners(path)
    units = sorted({*path, *(point.units for pair in corners for point in pair)})
    jumps = walk.cliffs(axis, corners)
    return tuple(map(walk.at, units)), tuple(corners), tuple(jumps)


def exact(value: Decimal | int | str) -> Fraction:
    """Return a value exactly; TypeError for a float, ValueError for a text that is no number."""
    if isinstance(value, float):
        raise TypeError("a float is not exact; give a Decimal or a text")
    return Fraction(value)


def _units(axis: Axis, from_: Fraction, to: Fraction) -> tuple[int, int]:
    """Return the first and the last units of the values asked for; raises `Refused`."""
    if from_ > to:
        raise Refused(
            Text(
                "起点 {first} 大于终点 {last}", "the first value {first} is above the last {last}"
            ).fill(first=plain_number(from_), last=plain_number(to))
        )
    first, last = -axis.floor(-from_), axis.floor(to)
    if axis.scales and first < axis.others:
        raise Refused(
            Text("“{name}”不能低于 {least}", "“{name}” cannot be below {least}").fill(
                name=axis.title, least=shown(axis, axis.value(axis.others))
            )
        )
    if last > MAX_TOTAL_FEN // 100 or first < -MAX_TOTAL_FEN // 100:
        raise Refused(Text("数值过大，无法测算", "the values are too large"))
    if first > last:
        raise Refused(
            Text(
                "{first} 与 {last} 之间没有“{name}”能取的值（一个单位为 {unit}）",
                "“{name}” has no value from {first} to {last} (one unit is {unit})",
            ).fill(
                first=plain_number(from_),
                last=plain_number(to),
                name=axis.title,
                unit=plain_number(axis.value(1)),
            )
        )
    return first, last


def plain_number(value: Fraction) -> str:
    """Return a value in plain notation, six decimals at most."""
    return plain(ratio_of(_half_up(value * PRINTED_SCALE)))


def shown(axis: Axis, value: Fraction) -> Text:
    """Return a value of the indicator as people read it."""
    if axis.type is ColumnType.MONEY:
        text = amount(yuan_of(_half_up(value * 100)))
        return Text(f"{text} 元", f"{text} yuan")
    if axis.type is ColumnType.COUNT:
        return Text(f"{_half_up(value)} 户", f"{_half_up(value)}")
    text = percent(ratio_of(_half_up(value * PRINTED_SCALE)))
    return Text(text, text)


def cliff_text(axis: Axis, cliff: Cliff) -> Text:
    """Return a cliff in words: by how much more or less of the indicator how much is lost."""
    better, near = cliff.better, cliff.near
    lost = amount(yuan_of(better.compensation - near.compensation))
    way = Text("再高", "more") if cliff.falls else Text("再低", "less")
    message = Text(
        "{name}为 {value}时补偿 {amount} 元；{way} {step}，补偿少 {lost} 元",
        "at a {name} of {value} compensation is {amount}; {step} {way} costs {lost}",
    )
    return message.fill(
        name=axis.title,
        value=_before_when(shown(axis, axis.value(better.units))),
        amount=amount(yuan_of(better.compensation)),
        way=way,
        step=_step(axis, abs(near.units - better.units)),
        lost=lost,
    )


def _before_when(value: Text) -> Text:
    """Return a value before the word 时: a number stands apart from it."""
    return value if value.zh[-1:] in "元户" else Text(f"{value.zh} ", value.en)


def _step(axis: Axis, units: int) -> Text:
    """Return how far two values are apart, as people read it."""
    if axis.type is not None:
        return shown(axis, axis.value(units))
    points = _half_up(axis.value(units) * PRINTED_SCALE)
    text = plain_number(Fraction(points, PRINTED_SCALE // 100))
    return Text(f"{text} 个百分点", f"{text} percentage points")


def _half_up(value: Fraction) -> int:
    """Return the whole number nearest to a value, halves away from zero."""
    whole = (2 * abs(value) + 1) // 2
    return whole if value >= 0 else -whole


def _points_table(of: Course) -> pa.Table:
    corner = {point.units for pair in of.corners for point in pair}
    path = of.path
    compensation = _whole(point.compensation for point in path)
    return pa.table(
        {
            "value": _values(of.axis, path),
            "point": texts(
                [
                    "actual"
                    if point.units == of.axis.units
                    else "corner"
                    if point.units in corner
                    else "grid"
                    for point in path
                ]
            ),
            **_payouts(of.axis, path),
            "eligible": arrow(np.array([point.eligible for point in path], dtype=np.bool_)),
            "reasons": texts([";".join(point.reasons) or None for point in path]),
            "rate": _rates(path),
            "claims": arrow(_whole(point.claims for point in path)),
            "eligible_claims": arrow(_whole(point.eligible_claims for point in path)),
            "compensation": money(compensation),
            "compensation_per_100_released": _ratios(100 * compensation, of.released),
        }
    )


def _cliffs_table(of: Course) -> pa.Table:
    before, after = ([getattr(jump, end) for jump in of.jumps] for end in ("before", "after"))
    said = [cliff_text(of.axis, jump) for jump in of.jumps]
    columns: dict[str, pa.Array] = {}
    for end, points in (("before", before), ("after", after)):
        columns[f"value_{end}"] = _values(of.axis, points)
        columns |= {f"{name}_{end}": each for name, each in _payouts(of.axis, points).items()}
        columns[f"eligible_{end}"] = arrow(np.array([p.eligible for p in points], dtype=np.bool_))
        columns[f"rate_{end}"] = _rates(points)
        columns[f"compensation_{end}"] = money(_whole(p.compensation for p in points))
    columns["said"] = texts([text.zh for text in said])
    columns["said_en"] = texts([text.en for text in said])
    return pa.table(columns)


def _whole(values: Iterable[int]) -> Integers:
    return np.array(list(values), dtype=np.int64)


def _ratios(numerator: Integers, denominator: int) -> pa.Array:
    """Return numbers over one number with six decimals; blank where that is 0."""
    whole = np.full_like(numerator, denominator)
    return ratio_column(numerator, whole, whole > 0)


def _rates(points: Sequence[Point]) -> pa.Array:
    """Return the rates of the institution; blank where it has none of its own."""
    known = np.array([point.rate is not None for point in points], dtype=np.bool_)
    rates = _whole(point.rate or 0 for point in points)
    return ratio_column(rates, np.full_like(rates, PRINTED_SCALE), known)


def _values(axis: Axis, points: Sequence[Point]) -> pa.Array:
    units = _whole(point.units for point in points)
    if axis.type is ColumnType.COUNT:
        return arrow(units)
    if axis.type is ColumnType.MONEY:
        return money(_whole(_half_up(axis.value(int(each)) * 100) for each in units))
    return _ratios(units, axis.denominator)


def _payouts(axis: Axis, points: Sequence[Point]) -> dict[str, pa.Array]:
    """Return what was paid out in the year at each point, where that is what moves."""
    if not axis.scales:
        return {}
    return {"payout_amount": money(_whole(point.units - axis.others for point in points))}
