"""Exact arithmetic on columns of integers: the project's one rounding, and how amounts are split.

Every column is int64; amounts are fen. A formula is written once and runs on int64 where its
products fit in 63 bits; the rows where they might not are computed by the same formula on Python's
unbounded integers. Which rows those are is decided by integers too, so nothing is ever rounded or
wrapped on the way. Source: the contract, section 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MAX_INT64 = 2**63 - 1
FEN_PER_YUAN = 100
MAX_FEN = 999_999_999_999_999
"""The largest amount in a cell: 9,999,999,999,999.99 yuan."""
MAX_TOTAL_FEN = 10**18 - 1
"""The largest sum of a column: what decimal(18,2) holds. Sums of int64 fen stay exact below it."""
RATIO_SCALE = 10_000
"""Ratios in policies have at most four decimals; a limit of 0.80 is held as 8,000."""
PRINTED_SCALE = 1_000_000
"""Ratios are printed with six decimals."""


def _by_rows(
    fitting: Callable[..., Any], formula: Callable[..., Any], *columns: Integers
) -> npt.NDArray[Any]:
    """Run ``formula`` on int64 for the rows that fit, and on Python integers for the others.

    The result is int64 where it can be, else an object column of Python integers. `fitting`: tells
    which rows fit; it is not asked of a single case, for which Python's integers are quicker.
    """
    if len(columns[0]) == 1:
        alone = formula(*(int(column[0]) for column in columns))
        try:
            return np.array([alone], dtype=columns[0].dtype)
        except OverflowError:
            return np.array([alone], dtype=object)
    fits = fitting(*columns)
    if fits.all():
        return np.asarray(formula(*columns))
    exact = formula(*(column[~fits].astype(object) for column in columns))
    quick = formula(*(column[fits] for column in columns))
    result = np.empty(len(fits), dtype=object)
    result[~fits] = exact
    result[fits] = quick
    try:
        return result.astype(quick.dtype)
    except OverflowError:
        return result


def half_up(a: Integers, b: Integers) -> Integers:
    """Return the integer nearest to a/b, halves away from zero; a ≥ 0, b > 0.

    >>> half_up(np.array([5, 4, 0]), np.array([2, 3, 7]))
    array([3, 1, 0])
    """
    return half_up_of_product(a, np.ones_like(a), b)


def half_up_of_product(a: Integers, factor: Integers, b: Integers) -> Integers:
    """Return ``half_up(a × factor / b)``, exactly, also where the product passes 2^63.

    a ≥ 0, factor ≥ 0, b > 0, each at most 2^61; the result is int64 where it fits.

    >>> half_up_of_product(np.array([10**15]), np.array([10**15]), np.array([10**15]))
    array([1000000000000000])
    """

    def fitting(a: Any, w: Any, b: Any) -> Any:
        return a <= (MAX_INT64 - b) // (2 * np.maximum(w, 1))

    return _by_rows(fitting, lambda a, w, b: (2 * a * w + b) // (2 * b), a, factor, b)


def floor_of_product(a: Integers, factor: Integers, b: Integers) -> Integers:
    """Return ``floor(a × factor / b)``, exactly; the same ranges as `half_up_of_product`."""
    return _by_rows(_product_fits, lambda a, w, b: a * w // b, a, factor, b)


def remainder_of_product(a: Integers, factor: Integers, b: Integers) -> Integers:
    """Return the remainder of ``a × factor`` by ``b``, exactly; below b, so always int64."""
    return _by_rows(_product_fits, lambda a, w, b: a * w % b, a, factor, b)


def _product_fits(a: Any, factor: Any, _: Any) -> Any:
    return a <= MAX_INT64 // np.maximum(factor, 1)


def split(amount: Integers, weights: Integers) -> Integers:
    """Divide each amount exactly among its weights, one weight after another.

    `amount`: (n,) fen, ≥ 0. `weights`: (n, k), ≥ 0. Returns (n, k) fen that add up to the amount
    in every row. For each weight w in order, ``part = half_up(left × w / weight_left)``; a zero
    weight gets zero; a row whose weights are all zero gets nothing.

    >>> split(np.array([100]), np.array([[1, 1, 1]]))
    array([[33, 34, 33]])
    """
    parts = np.zeros_like(weights)
    left = amount.copy()
    weight_left = weights.sum(axis=1)
    for place in range(weights.shape[1]):
        weight = weights[:, place]
        part = half_up_of_product(left, weight, np.maximum(weight_left, 1))
        parts[:, place] = part
        left = left - part
        weight_left = weight_left - weight
    return parts


def compare(numerator: Integers, denominator: Integers, limit: Integers, scale: int) -> Integers:
    """Return the sign of ``numerator / denominator − limit / scale``, by cross-multiplication.

    `denominator` ≥ 0 (a zero means undefined; the caller masks it). The sign is −1, 0 or 1.

    >>> compare(np.array([8, 79]), np.array([10, 99]), np.array([8000, 8000]), 10_000)
    array([ 0, -1])
    """

    def fitting(n: Any, d: Any, limit: Any) -> Any:
        widest = np.maximum(np.abs(limit), scale)
        return np.maximum(np.abs(n), d) <= (MAX_INT64 // 2) // widest

    def sign(n: Any, d: Any, limit: Any) -> Any:
        return np.sign(n * scale - limit * d)

    return _by_rows(fitting, sign, numerator, denominator, limit).astype(np.int64, copy=False)


def printed_ratio(numerator: Integers, denominator: Integers) -> npt.NDArray[Any]:
    """Return the ratio in millionths, halves away from zero, as results print it.

    `denominator` > 0. Object column of Python integers where a ratio passes 2^63 millionths.

    >>> printed_ratio(np.array([2, -1, -1]), np.array([3, 8_000_000, 2_000_000]))
    array([666667,      0,     -1])
    """
    size = half_up_of_product(
        np.abs(numerator), np.full_like(numerator, PRINTED_SCALE), denominator
    )
    return np.where(numerator < 0, -size, size)
