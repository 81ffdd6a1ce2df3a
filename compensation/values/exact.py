"""Decimals without rounding, and the decimal that a binary float stands for."""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

DIGITS_KEPT = 15
"""Decimal digits that a binary float, and so a spreadsheet, keeps of a number."""
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Decimal arithmetic that never rounds what is asked of it here: shifting and stripping zeros."""


def shown(value: float) -> Decimal:
    """Return the decimal that a binary float shows at 15 significant digits: what it stands for."""
    return Decimal(f"{value:.15g}")


def plain(value: Decimal) -> str:
    """Return a finite decimal in plain notation without closing zeros: 8.00 is 8."""
    return format(EXACT.normalize(value), "f") if value else "0"


def digits_of(value: float | Decimal) -> str:
    """Return a number in plain notation: a float as the decimal that it shows, NaN as it is."""
    number = shown(value) if isinstance(value, float) else Decimal(value)
    return plain(number) if number.is_finite() else str(number)
