"""Gaps, overlaps and tiers out of reach, against a look at every value there is."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.policy.catalogue import load_policy
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.policy.texts import CITED, with_rates

FEN = range(12)
"""Amounts in fen that stand for all of them: limits lie below the last."""

Bounds = dict[str, int]


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    limit = st.integers(0, 10)
    low = draw(st.sampled_from(["at_least", "above", None]))
    high = draw(st.sampled_from(["at_most", "below", None]))
    return {name: draw(limit) for name in (low, high) if name is not None}


def holds(value: int, bound: Bounds) -> bool:
    return (
        value >= bound.get("at_least", 0)
        and value > bound.get("above", -1)
        and value <= bound.get("at_most", 99)
        and value < bound.get("below", 99)
    )


def written(bound: Bounds) -> list[str]:
    return [f"{name} = {Decimal(limit) / 100}" for name, limit in bound.items()]


def kinds(text: str, folder: Path) -> set[tuple[str, str]]:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load_policy(path)
    except PolicyFaults as error:
        return {(fault.kind, fault.key) for fault in error.faults}
    return set()


@pytest.mark.slow
@settings(max_examples=20 * DEPTH, deadline=None)
@given(tiers=st.lists(bounds(), min_size=1, max_size=4), otherwise=st.booleans())
def test_ranges(
    tiers: list[Bounds], otherwise: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    taken = [[n for n, tier in enumerate(tiers) if holds(value, tier)] for value in FEN]
    empty = any(not any(n in numbers for numbers in taken) for n in range(len(tiers)))
    overlap = any(len(numbers) > 1 for numbers in taken)
    covered = [bool(numbers) for numbers in taken]
    first, last = (
        (covered.index(True), len(covered) - 1 - covered[::-1].index(True))
        if any(covered)
        else (0, 0)
    )
    gap = not all(covered[first : last + 1])
    ends = not (covered[0] and covered[-1])
    head = 'hit = "range"\nby = "claims.borrower_exposure"'
    head += '\notherwise = "ineligible"' if otherwise else ""
    text = with_rates(head, [", ".join(["rate = 0.1", *written(tier)]) for tier in tiers])
    found = {kind for kind, _ in kinds(text, tmp_path_factory.getbasetemp())}
    if empty:
        assert "empty_range" in found
        return
    assert ("ranges_overlap" in found) == overlap
    assert ("ranges_gap" in found) == gap
    assert ("ranges_open" in found) == (ends and not otherwise)
    assert found <= {"ranges_overlap", "ranges_gap", "ranges_open"}


@pytest.mark.slow
@settings(max_examples=20 * DEPTH, deadline=None)
@given(tiers=st.lists(bounds(), min_size=1, max_size=4))
def test_ladder_over_one_key(tiers: list[Bounds], tmp_path_factory: pytest.TempPathFactory) -> None:
    reached = {next((n for n, t in enumerate(tiers) if holds(v, t)), -1) for v in FEN}
    ladder = [
        f'rate = 0.1, when = [{{ value = "claims.payout", {", ".join(written(tier))} }}]'
        if tier
        else "rate = 0.1"
        for tier in tiers
    ]
    text = with_rates('hit = "first"\notherwise = "ineligible"', ladder)
    found = kinds(text, tmp_path_factory.getbasetemp())
    impossible = {n for n, tier in enumerate(tiers) if not any(holds(v, tier) for v in FEN)}
    if impossible:
        assert {key for kind, key in found if kind == "never_holds"} == {
            f"rates.tiers[{n + 1}].when[1]" for n in impossible
        }
        return
    assert {key for kind, key in found if kind == "tier_unreachable"} == {
        f"rates.tiers[{n + 1}]" for n in range(len(tiers)) if n not in reached
    }


@pytest.mark.slow
@settings(max_examples=20 * DEPTH, deadline=None)
@given(tiers=st.lists(bounds(), min_size=1, max_size=4))
def test_slices(tiers: list[Bounds], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Slices are refused unless they follow one another and each fen lies in one."""
    text = with_rates(
        'hit = "slices"', [", ".join(["rate = 0.1", *written(tier)]) for tier in tiers]
    )
    found = kinds(text, tmp_path_factory.getbasetemp())
    ends = [0]
    sound = True
    for place, tier in enumerate(tiers):
        low = tier.get("above", tier.get("at_least", ends[-1]))
        high = tier.get("at_most", tier.get("below"))
        sound &= low == ends[-1] and (high is None) == (place == len(tiers) - 1)
        sound &= high is None or high > ends[-1]
        ends.append(ends[-1] if high is None else high)
    assert (found == set()) == sound
    assert {kind for kind, _ in found} <= {"slices_gap", "slices_open", "empty_range"}


def test_tiers_by_a_computed_quantity_are_told_apart_by_nothing(tmp_path: Path) -> None:
    """What is known of a column's values is not known of a computed quantity's."""
    quantity = '{ minus = ["claims.payout", "claims.interest"] }'
    for value in (quantity, '"quantity.own"'):
        tiers = [
            f"rate = {rate}, when = [{{ value = {value}, at_most = {limit} }}]"
            for rate, limit in (("0.2", 5), ("0.1", 10))
        ]
        name = 'name = { zh = "数", en = "figure" }'
        own = f'quantities = [{{ id = "own", {name}, value = {quantity}, {CITED} }}]\n'
        text = with_rates('hit = "first"\notherwise = "ineligible"', tiers)
        text = text.replace("institution_conditions = [", own + "institution_conditions = [", 1)
        assert kinds(text, tmp_path) == set()


@pytest.mark.slow
@settings(max_examples=20 * DEPTH, deadline=None)
@given(tiers=st.lists(st.tuples(bounds(), bounds()), min_size=1, max_size=4))
def test_ladder_over_two_keys_calls_no_tier_unreachable_that_is_reached(
    tiers: list[tuple[Bounds, Bounds]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    def tests(pair: tuple[Bounds, Bounds]) -> str:
        columns = ("claims.payout", "claims.principal")
        each = [
            f'{{ value = "{column}", {", ".join(written(bound))} }}'
            for column, bound in zip(columns, pair, strict=True)
            if bound
        ]
        return f"rate = 0.1, when = [{', '.join(each)}]"

    reached = {
        next((n for n, (p, q) in enumerate(tiers) if holds(a, p) and holds(b, q)), -1)
        for a in FEN
        for b in FEN
    }
    text = with_rates('hit = "first"\notherwise = "ineligible"', [tests(pair) for pair in tiers])
    found = kinds(text, tmp_path_factory.getbasetemp())
    refused = {key for kind, key in found if kind == "tier_unreachable"}
    assert not refused & {f"rates.tiers[{n + 1}]" for n in reached}


@pytest.mark.parametrize(
    ("count", "found"), [(3, set()), (13, {("additions_too_high", "rates.additions")})]
)
def test_many_additions_are_taken_to_hold_together(
    count: int, found: set[tuple[str, str]], tmp_path: Path
) -> None:
    """No two of these do; that is looked at as long as there are few enough."""
    additions = [
        f'{{ id = "a{n}", points = 0.3, '
        f'when = [{{ value = "contracts.months", at_least = {n}, at_most = {n} }}], {CITED} }}'
        for n in range(count)
    ]
    head = f'hit = "first"\nadditions = [{", ".join(additions)}]'
    assert kinds(with_rates(head, ["rate = 0.2"]), tmp_path) == found
