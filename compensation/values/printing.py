"""How values are printed: one printer for each kind of value and audience.

In data files, JSON and explanations an amount has two decimals and a ratio six, and a day is
`date.isoformat`. On paper and on the screen amounts have thousands separators and ratios are
percentages; `language.day` writes their days. Columns are decimal(18,2), decimal(18,6), or texts
of two or six decimals, made without a float and without a Python step per row.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa

from compensation.arrays import nulls
from compensation.language import Text
from compensation.money import Flags, Integers
from compensation.values.exact import EXACT, plain

PRECISION = 18
"""Digits of every decimal column that goes out."""
LARGEST = 10**PRECISION - 1
PLAIN_SCALE = 6
"""Up to six decimals Arrow writes every decimal plainly; from seven on it writes 1E-7."""


def decimal_column(units: Integers, scale: int, known: Flags | None = None) -> pa.Array:
    """Return the Arrow decimal128(18, scale) column of ``units`` · 10^-scale.

    ``units``: fen for scale 2, millionths for scale 6. Rows that are not ``known`` are null,
    whatever their number. ValueError if a known one is beyond ±(10^18 - 1).

    >>> decimal_column(np.array([123450, -5]), 2).to_pylist()
    [Decimal('1234.50'), Decimal('-0.05')]
    """
    beyond = (units > LARGEST) | (units < -LARGEST)
    if known is not None:
        beyond &= known
    if beyond.any():
        row = int(np.flatnonzero(beyond)[0])
        message = f"{int(units[row])} in row {row} has more than {PRECISION} digits"
        raise ValueError(message)
    # A decimal128 is a 16-byte little-endian two's complement number: the int64 and its sign.
    halves = np.empty((len(units), 2), "<i8")
    halves[:, 0] = units
    halves[:, 1] = units >> 63
    kind = pa.decimal128(PRECISION, scale)
    return pa.Array.from_buffers(kind, len(units), [nulls(known), pa.py_buffer(halves)])


def format_scaled(units: Integers, scale: int) -> pa.Array:
    """Return ``units`` · 10^-scale as text with exactly ``scale`` decimals, in plain notation.

    ValueError if a number is beyond ±(10^18 - 1), or the scale not from 0 to 6.

    >>> format_scaled(np.array([123450, -5]), 2).to_pylist()
    ['1234.50', '-0.05']
    """
    if not 0 <= scale <= PLAIN_SCALE:
        raise ValueError(f"scale {scale} is not from 0 to {PLAIN_SCALE}")
    return decimal_column(units, scale).cast(pa.string())


# One value for data files, JSON and explanations


def scaled(units: int, scale: int) -> str:
    """Return ``units`` · 10^-scale as text with exactly ``scale`` decimals, whatever its size.

    >>> scaled(123450, 2), scaled(-5, 2), scaled(7, 0)
    ('1234.50', '-0.05', '7')
    """
    return format(decimal_of(units, scale), "f")


def yuan(fen: int) -> str:
    """Return fen as yuan with two decimals."""
    return scaled(fen, 2)


def yuan_text(yuan: Decimal) -> str:
    """Return an amount in whole fen with two decimals, as data files have it."""
    return f"{yuan:.2f}"


def ratio(millionths: int) -> str:
    """Return millionths as a ratio with six decimals."""
    return scaled(millionths, 6)


def decimal_of(units: int | np.int64, scale: int) -> Decimal:
    """Return ``units`` · 10^-scale as a Decimal with ``scale`` decimals."""
    return Decimal(int(units)).scaleb(-scale, EXACT)


def yuan_of(fen: int | np.int64) -> Decimal:
    """Return fen as yuan with two decimals."""
    return decimal_of(fen, 2)


def ratio_of(millionths: int | np.int64) -> Decimal:
    """Return millionths as a ratio with six decimals."""
    return decimal_of(millionths, 6)


# One value for people


YES_NO = (Text("否", "no"), Text("是", "yes"))
"""What a boolean is called, by its number."""


def amount(yuan: Decimal | str) -> str:
    """Return an amount in yuan with two decimals and thousands separators.

    >>> amount("-1234.5")
    '-1,234.50'
    """
    return f"{Decimal(yuan):,.2f}"


def percent(share: Decimal) -> str:
    """Return a ratio in percent, exactly and without closing zeros.

    >>> percent(Decimal("0.0150"))
    '1.5%'
    """
    return f"{plain(EXACT.scaleb(share, 2))}%"


def percent_in_sheet(share: Decimal) -> str:
    """Return a ratio in percent with the four decimals that the cells of workbooks show.

    >>> percent_in_sheet(Decimal("0.123456"))
    '12.3456%'
    """
    return f"{share:,.4%}"
