"""Policies by id and by path, in the encodings people use, with the series that belong to them."""

import re
from pathlib import Path

import pytest

from compensation.policy.catalogue import list_policies, load_policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy.quantities import measured_ratio
from compensation.policy.variables import (
    STANDARD_INDICATORS,
    extra_columns,
    indicator_definition,
    variable_info,
)
from compensation.schema.column import ColumnType
from tests.policy.test_digest import LPR
from tests.policy.texts import BASE, CITED

HERE = Path(__file__).parent
INVENTED = sorted((HERE / "invented").glob("*.toml"))


def refused(policy: str | Path, *series: Path) -> PolicyFaults:
    with pytest.raises(PolicyFaults) as raised:
        load_policy(policy, series)
    return raised.value


@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.stem)
def test_what_the_format_claims_to_say_it_says(path: Path) -> None:
    policy = load_policy(path)
    assert policy.id == path.stem
    assert policy.source == path.name
    assert policy.text.startswith("# 虚构：")


@pytest.mark.parametrize(
    ("instead_of", "said"),
    [
        (
            '"claims.borrower_exposure", at_most = 5_000_000',
            '"claims.filed_on", at_least = 2024-03-01',
        ),
        (
            '"claims.borrower_exposure", at_most = 5_000_000',
            '"claims.finance_review", one_of = ["approved"]',
        ),
        (
            'base = { value = "claims.payout"',
            'base = { value = { borne_by = "city_fund", of = "claims.payout" }',
        ),
    ],
    ids=["a limit that is a day", "choices without groups", "a party of its own"],
)
def test_what_a_policy_may_say_as_well(tmp_path: Path, instead_of: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(BASE.replace(instead_of, said), encoding="utf-8")
    assert said in load_policy(path).text


@pytest.mark.parametrize("policy", list_policies())
def test_a_copy_of_a_shipped_file_is_the_same_policy(policy: str, tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(load_policy(policy).text, encoding="utf-8")
    for path in (copy, str(copy)):
        assert load_policy(path) == load_policy(policy)
    assert load_policy(load_policy(policy)) is load_policy(policy)


def test_an_unknown_policy_is_answered_with_the_known_ones() -> None:
    for unknown in ("jiyuan-2023", "/nowhere/mine.toml", "", "a\0b", "x" * 5000):
        error = refused(unknown)
        assert [fault.kind for fault in error.faults] == ["unknown_policy"]
        assert "、".join(list_policies()) in str(error)
    assert "是否为 jiyuan-2022" in str(refused("jiyuan-2023"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "没有这个文件" in str(refused(tmp_path / "none.toml"))
    assert "这是文件夹" in str(refused(str(tmp_path)))
    chinese = tmp_path / "gb.toml"
    chinese.write_bytes(BASE.encode("gb18030"))
    assert "不是 UTF-8 编码" in str(refused(chinese))
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    for path, why in ((loop, "symbolic links"), (Path("a\0b"), "null byte")):
        assert re.search(f"文件不能读取.*{why}", str(refused(path)))
    broken = tmp_path / "deep.toml"
    broken.write_text("a = " + "[" * 100_000, encoding="utf-8")
    assert "TOML 语法有误" in str(refused(broken))
    huge = tmp_path / "huge.toml"
    huge.write_text(BASE.replace("5_000_000", "1" * 5000), encoding="utf-8")
    assert refused(huge).faults
    huge.write_text(BASE.replace("5_000_000", "1e99999999999999999999"), encoding="utf-8")
    assert "数太大" in str(refused(huge))


def test_a_number_with_many_digits_is_not_rounded_into_shape(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(BASE.replace("5_000_000", "1." + "0" * 40 + "1"), encoding="utf-8")
    assert "最多六位小数" in str(refused(path))


def test_a_newer_series_is_taken_instead_of_the_packages(tmp_path: Path) -> None:
    newer = tmp_path / "newer.toml"
    newer.write_text(LPR, encoding="utf-8")
    for policy in ("luoyang-2025", load_policy("luoyang-2025")):
        loaded = load_policy(policy, [newer])
        assert str(loaded.series["lpr"].checked_until) == "2030-12-31"
        assert loaded.source == "luoyang-2025.toml"
    assert str(load_policy("luoyang-2025").series["lpr"].checked_until) == "2025-12-31"


def test_series_files_are_checked_too(tmp_path: Path) -> None:
    newer = tmp_path / "newer.toml"
    newer.write_text(LPR, encoding="utf-8")
    assert "没有用到" in str(refused("jiyuan-2022", newer))
    assert "已经给出过" in str(refused("luoyang-2025", newer, newer))
    newer.write_text(LPR.replace("[60, 0]", "[60]"), encoding="utf-8")
    assert refused("luoyang-2025", newer).faults[0].key == "series[lpr].points[1].values"
    newer.write_text(LPR.replace("points", "point"), encoding="utf-8")
    assert "是否为 points" in str(refused("luoyang-2025", newer))
    newer.write_text("", encoding="utf-8")
    assert [fault.key for fault in refused("luoyang-2025", newer).faults] == ["format", "series"]


def test_a_file_with_two_series_is_kept_once(tmp_path: Path) -> None:
    both = tmp_path / "both.toml"
    second = LPR.removeprefix("format = 1\n").replace('"lpr"', '"fee"', 1)
    both.write_text(LPR + second, encoding="utf-8")
    limited = (
        'at_most = {{ series = "{}", on = "contracts.start_date", term = "contracts.months" }}'
    )
    conditions = [
        f'    {{ id = "{id_}", value = "contracts.loan_rate", {limited.format(id_)}, {CITED} }},\n'
        for id_ in ("fee", "lpr")
    ]
    mine = tmp_path / "mine.toml"
    text = BASE.replace("claim_conditions = [\n", "claim_conditions = [\n" + "".join(conditions))
    mine.write_text(text, encoding="utf-8")
    kept = load_policy(mine, [both]).texts
    assert kept == {"policy.toml": text, "series-fee.toml": LPR + second}
    assert policy_of_texts(kept) == load_policy(mine, [both])


def test_everything_cited_has_its_place() -> None:
    policy = load_policy("luoyang-2025")
    cited = {citation.key: citation for citation in policy.cited()}
    assert cited["claim_conditions[loan_rate]"].id == "loan_rate"
    assert cited["rates.tiers[2]"].id == "rates.tiers[2]"
    assert cited["base"].cited.basis == "summary"
    assert cited["series[lpr]"].cited is policy.series["lpr"]
    key, what = cited["caps[borne]"]
    assert (key, what.basis) == ("caps[borne]", "assumption")


def test_variables_have_types_and_units() -> None:
    rules = load_policy("luoyang-2025").rules
    for name, type_ in {
        "contracts.loan_rate": ColumnType.SHARE,
        "contracts.share_lender": ColumnType.SHARE,
        "contracts.share_city_fund": ColumnType.SHARE,
        "contracts.borrower_balance": ColumnType.MONEY,
        "contracts.loan_term_months": ColumnType.COUNT,
        "claims.borrower_exposure": ColumnType.MONEY,
        "claims.payout": ColumnType.MONEY,
        "claims.reguarantor_paid_date": ColumnType.DATE,
        "institutions.government_backed": ColumnType.BOOLEAN,
        "contracts.borrower_type": ColumnType.CHOICE,
        "indicator.payout_rate": ColumnType.SHARE,
        "indicator.closing_borrowers": ColumnType.COUNT,
        "year.end": ColumnType.DATE,
    }.items():
        found = variable_info(rules, name)
        assert found is not None
        assert found.type is type_
    for name in ("contracts.nothing", "indicator.nothing", "releases.amount", "payout", ""):
        assert variable_info(rules, name) is None
    assert [c.name for c in extra_columns(rules)["claims"]] == ["reguarantor_paid_date"]


def test_standard_indicators_are_written_like_a_policys_own() -> None:
    rules = load_policy("jiyuan-2022").rules
    assert list(STANDARD_INDICATORS) == [
        "opening_balance",
        "closing_balance",
        "opening_borrowers",
        "closing_borrowers",
        "balance_growth",
        "borrower_growth",
        "small_agri_balance",
        "small_agri_share",
        "released_amount",
        "payout_amount",
        "payout_rate",
        "new_guarantees",
    ]
    types = {
        id_: found.type
        for id_ in STANDARD_INDICATORS
        if (found := variable_info(rules, f"indicator.{id_}")) is not None
    }
    assert {id_ for id_, type_ in types.items() if type_ is ColumnType.SHARE} == {
        "balance_growth",
        "borrower_growth",
        "small_agri_share",
        "payout_rate",
    }
    assert {id_ for id_, type_ in types.items() if type_ is ColumnType.COUNT} == {
        "opening_borrowers",
        "closing_borrowers",
    }
    made_of = {
        id_: measured_ratio(indicator_definition(rules, id_).value)
        for id_ in ("payout_rate", "balance_growth", "single_ticket_share", "opening_balance")
    }
    assert made_of["payout_rate"] is not None
    assert made_of["payout_rate"].zero_over_zero == "zero"
    assert made_of["balance_growth"] is not None
    assert made_of["balance_growth"].growth
    assert made_of["single_ticket_share"] is not None
    assert made_of["single_ticket_share"].denominator is not None
    assert made_of["opening_balance"] is not None
    assert made_of["opening_balance"].denominator is None
    with pytest.raises(KeyError):
        indicator_definition(rules, "nothing")
