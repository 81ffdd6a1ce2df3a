"""From whole numbers of fen and of millionths to the decimals that people read, exactly.

Inside, an amount is an int64 count of fen and a ratio one of millionths. What leaves is
decimal(18,2) and decimal(18,6) in columns, or text with two or six decimals. Both are made here,
without a float and without a Python step per row.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from compensation.arrays import nulls
from compensation.money import Flags, Integers

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
