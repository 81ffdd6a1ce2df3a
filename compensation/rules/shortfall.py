"""What is missing to a limit: the smallest rise that meets it, exactly."""

from __future__ import annotations


def shortfall(
    part: int,
    whole: int,
    limit: int,
    scale: int,
    operator: str,
    *,
    adds_to_part: bool,
    adds_to_whole: bool,
) -> int | None:
    """Return the smallest x ≥ 0 for which the test holds once a measure has risen by x.

    The test is ``(part + a·x) / (whole + b·x)`` against ``limit / scale``, where a and b say
    whether the measure counts in the part and in the whole; 支小支农 business, for one, raises
    both. x is in fen or in borrowers. None where no x will do. One value, not a column: it is
    asked for one institution at a time.

    >>> shortfall(79, 100, 8000, 10_000, "at_least", adds_to_part=True, adds_to_whole=True)
    5
    """
    rise, gain = (scale * adds_to_part, limit * adds_to_whole)
    if operator in ("at_least", "above"):
        lacking, speed = limit * whole - part * scale, rise - gain
    else:
        lacking, speed = part * scale - limit * whole, gain - rise
    if operator in ("above", "below"):
        lacking += 1
    least = 1 if whole == 0 and adds_to_whole else 0
    if whole == 0 and not adds_to_whole:
        return None
    if lacking <= speed * least:
        return least
    if speed <= 0:
        return None
    return -(-lacking // speed)
