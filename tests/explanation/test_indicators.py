"""How an indicator of the policy's own came about, and a figure that only tests look at."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import Assessment, Policy, assess_frames, judge_institution, settle
from compensation.explanation.lines import Line
from compensation.ledger.portfolio_input import portfolio_of_frames
from compensation.rules.quantities import Evaluator
from tests.conftest import DEPTH
from tests.explanation.checks import check_texts, check_why
from tests.explanation.recompute import half_up, ratio, recomputed
from tests.policy.test_small_policies import columns, frames, small

MEMBERS = columns("institutions", before="money", now="money", new="boolean")


def indicator(id_: str, value: str) -> str:
    """Return an indicator of the policy's own; its value may stand on several lines."""
    value = " ".join(value.split())
    return f'[[indicators]]\nid = "{id_}"\nname = {{ zh = "{id_}", en = "{id_}" }}\nvalue = {value}'


INDICATORS = [
    indicator(
        "net",
        """{ minus = ["institutions.now", { choose = [
            { value = { yuan = 0 }, when = [{ value = "institutions.new", is = true }] },
            { value = "institutions.before" } ] }] }""",
    ),
    indicator("growth", '{ over = ["indicator.net", "institutions.before"] }'),
    indicator(
        "flat", '{ over = ["indicator.net", "institutions.before"], zero_over_zero = "zero" }'
    ),
    indicator("place", '{ rank = "indicator.net", per = [] }'),
    indicator(
        "prize",
        """{ choose = [
            { value = { yuan = 50.5 }, when = [{ value = "indicator.place", at_most = 1 }] },
            { value = { round_to = 0.01, of = { times = ["indicator.net", 0.3] } },
              when = [{ value = "indicator.net", at_least = 100 }] },
            { value = { yuan = 0 } } ] }""",
    ),
    indicator("all", '{ total = "indicator.prize", per = [] }'),
    indicator("part-of-all", '{ over = ["indicator.prize", "indicator.all"] }'),
]
USED = '[[claim_conditions]]\nid = "flat"\nvalue = "indicator.flat"\nat_most = 9999'
Member = Mapping[str, str]


@functools.cache
def policy(*parts: str, **more: str) -> Policy:
    return small(MEMBERS, *INDICATORS, *parts, **more)


def assessed(of: Policy, members: Sequence[Member]) -> Assessment:
    """Return a year of institutions A, B, … of which each has a claim."""
    return assess_frames(tables_of(members), of, 2022)


def tables_of(members: Sequence[Member]) -> dict[str, object]:
    ids = [chr(ord("A") + place) for place in range(len(members))]
    tables = frames(*({"contract_id": f"k{id_}"} for id_ in ids))
    kinds = type(tables["claims"])
    rows = [
        {"institution_id": id_, "government_backed": "true", **own}
        for id_, own in zip(ids, members, strict=True)
    ]
    (contract,) = tables["contracts"].to_dict("records")
    contracts = [
        {**contract, "contract_id": f"k{id_}", "institution_id": id_, "borrower_id": id_}
        for id_ in ids
    ]
    return {**tables, "institutions": kinds(rows), "contracts": kinds(contracts)}


def by_name(lines: Sequence[Line]) -> dict[str, Line]:
    """Return lines by name; each is recomputed from those above it."""
    recomputed(lines)
    check_why(lines)
    return {line.name: line for line in lines}


Values = dict[str, Fraction | None]


def oracle(members: Sequence[Member]) -> list[Values]:
    """Return each member's indicators by Fractions and nothing else."""
    found: list[Values] = []
    nets = [
        Fraction(one["now"]) - (0 if one["new"] == "true" else Fraction(one["before"]))
        for one in members
    ]
    for one, net in zip(members, nets, strict=True):
        before = Fraction(one["before"])
        place = 1 + len([other for other in nets if other > net])
        prize = Fraction(0)
        if place == 1:
            prize = Fraction("50.5")
        elif net >= 100:
            prize = Fraction(net * 30 // 1, 100)
        growth = net / before if before else None
        flat = Fraction(0) if growth is None and not net else growth
        found.append(
            {"net": net, "growth": growth, "flat": flat, "place": Fraction(place), "prize": prize}
        )
    total = sum((one["prize"] or Fraction(0) for one in found), Fraction(0))
    for own in found:
        own |= {"all": total, "part-of-all": Fraction(own["prize"] or 0) / total}
    return found


AMOUNTS = st.sampled_from(["0", "0.01", "99.99", "100", "100.01", "300", "700.05"])
MEMBER = st.fixed_dictionaries(
    {"before": AMOUNTS, "now": AMOUNTS, "new": st.sampled_from(["true", "false"])}
)


@given(st.lists(MEMBER, min_size=1, max_size=4))
@settings(max_examples=12 * DEPTH)
def test_each_indicator_follows_from_what_it_is_made_of(members: list[Member]) -> None:
    """In what is said of institutions each ends in the result's cell; in that of cases, exactly."""
    run = assessed(policy(USED), members)
    for place, expected in enumerate(oracle(members)):
        id_ = chr(ord("A") + place)
        told = run.explain_institution(id_)
        check_texts(told)
        lines = by_name([*told.indicators, *told.information])
        for name, value in expected.items():
            exact = recomputed([*told.indicators, *told.information]).get(name)
            rounds = ratio if name in ("growth", "flat", "part-of-all") else half_up
            assert exact == (None if value is None else rounds(value)), (name, lines[name])
        claim = by_name(run.explain(f"c{place + 1}").arithmetic)
        flat = expected["flat"]
        if flat is not None:
            assert recomputed(claim.values())["indicator_flat"] == flat
            assert set(claim) >= {"indicator_net", "institutions_now"}


M100 = {"before": "0", "now": "100", "new": "true"}
FIRST = {"before": "0", "now": "900", "new": "true"}


@pytest.mark.parametrize(
    ("now", "prize", "said"),
    [
        ("99.99", "0.00", "item 2 does not apply: net 99.99, limit ≥ 100.00"),
        ("100", "30.00", "item 2 applies: net 100.00, limit ≥ 100.00"),
        ("100.01", "30.00", "item 2 applies: net 100.01, limit ≥ 100.00"),
    ],
)
def test_the_value_chosen_is_told_with_its_tests_and_its_formula(
    now: str, prize: str, said: str
) -> None:
    told = assessed(policy(), [FIRST, {**M100, "now": now}]).explain_institution("B")
    lines = by_name([*told.indicators, *told.information])
    line = lines["prize"]
    assert line.value == prize
    assert [each.en for each in line.why] == ["item 1 does not apply: place 2, limit ≤ 1", said]
    assert ("net" in (line.terms or {})) == (prize != "0.00")
    assert ("number_0_3" in lines) == (prize != "0.00"), "only what the value taken rests on"
    assert lines["place"].formula == "indicator_place_ahead + 1"
    assert said in told.describe("en")


SCORE = """
[[quantities]]
id = "score"
name = { zh = "得分", en = "score" }
value = { sum = [40, { choose = [
    { value = 20, when = [{ value = "indicator.net", at_least = 100 }] },
    { value = 5 } ] }] }

[[claim_conditions]]
id = "score"
value = "quantity.score"
at_least = 60
""".replace(" [\n    {", " [ {").replace(" },\n    {", " }, {")


def test_a_figure_that_a_condition_alone_looks_at_is_told_with_its_parts() -> None:
    run = assessed(policy(SCORE), [FIRST, {**M100, "now": "99.99"}])
    for claim, value, part in (("c1", "60", "20"), ("c2", "45", "5")):
        explanation = run.explain(claim)
        lines = by_name(explanation.arithmetic)
        assert recomputed(explanation.arithmetic)["quantity_score"] == Fraction(value)
        (chosen,) = (line for name, line in lines.items() if name.startswith("choose_"))
        assert chosen.value == part
        assert list(lines).index("indicator_net") < list(lines).index(chosen.name)
        assert explanation.eligible == (value == "60")


OF_INSTITUTION = SCORE.replace("claim_conditions", "institution_conditions")


def test_so_is_one_that_only_a_condition_of_institutions_looks_at() -> None:
    of = policy(OF_INSTITUTION)
    run = assessed(of, [FIRST, {**M100, "now": "99.99"}, M100])
    for id_, value, net in (("A", "60", "900"), ("B", "45", "99.99"), ("C", "60", "100")):
        told = run.explain_institution(id_)
        values = recomputed(by_name(told.indicators).values())
        assert values["quantity_score"] == Fraction(value)
        assert values["net"] == Fraction(net)
        assert told.eligible == (value == "60")


def test_a_single_case_tells_the_parts_of_a_score_too() -> None:
    given = OF_INSTITUTION.replace("indicator.net", "institutions.now")
    judged = judge_institution(
        small(MEMBERS, given), {"government_backed": True, "now": "99.99", "before": "0"}
    )
    values = recomputed(judged.explanation.indicators)
    assert values["quantity_score"] == 45
    assert "quantity_score" in {line["name"] for line in judged.as_dict()["indicators"]}


def test_how_it_came_about_is_told_in_a_settlement_too() -> None:
    tables = tables_of([FIRST, M100])
    settlement = settle(portfolio_of_frames(**tables), [policy(SCORE)], "2022-12-31")
    lines = by_name(settlement.explain("c2").arithmetic)
    assert recomputed(lines.values())["indicator_net"] == 100


def test_nothing_is_kept_of_it_until_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    compute = Evaluator.looked_at

    def counted(evaluator: Evaluator, *tests: object) -> object:
        computed.append(tests)
        return compute(evaluator, *tests)  # type: ignore[arg-type]

    monkeypatch.setattr(Evaluator, "looked_at", counted)
    run = assessed(policy(SCORE), [FIRST, M100])
    assert not run.inputs.origins
    assert not computed
    run.explain("c1")
    assert set(run.inputs.origins) == {"net"}
    assert computed


def test_what_is_told_does_not_depend_on_who_was_asked_about_before() -> None:
    members = [FIRST, M100, {**M100, "now": "0.01"}]
    told = []
    for order in (("c1", "c2", "c3"), ("c3", "c2", "c1")):
        run = assessed(policy(SCORE), members)
        told.append({claim: run.explain(claim).describe("en") for claim in order})
    assert told[0] == told[1]
