"""The three tasks, done by somebody in a browser: the figures are those of the library."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import compensation
from compensation import list_policies, load_policy
from tests.page.ledgers import EXAMPLE
from tests.page.visitor import POLICY, RATIOS, SHARES, Visitor

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def assessed() -> Any:
    return compensation.assess(compensation.read_portfolio(EXAMPLE), POLICY, 2022)


def rows(visitor: Visitor, table: str) -> dict[str, list[str]]:
    """The cells of a table by the heading of each row."""
    found = visitor.page.locator(f"{table} tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in found}


def test_an_institution_with_its_amounts(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    visitor.check_institution(closing_borrowers="363")
    visitor.page.reload()
    visitor.page.locator(".panel").wait_for()
    panel = visitor.page.locator(".panel").inner_text()
    assert "符合补偿条件" in panel
    assert "补偿比例 20%" in panel
    visitor.counts(visitor.page.locator(".tag-met"), 5)
    # The indicators, and what they follow from folded below.
    assert len(rows(visitor, ".arithmetic:not(details *)")) == 4
    with visitor.page.expect_download() as download:
        visitor.at("save-case").click()
    download.value.save_as(tmp_path / "check.json")
    visitor.reads("已经是最高一档")
    visitor.page.locator("#terms summary").click()
    visitor.reads("本年代偿额与本年解除担保额之比。")
    visitor.page.emulate_media(media="print")
    sheet = visitor.page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    visitor.page.emulate_media(media="screen")
    visitor.go("self-check")
    visitor.at("open-case").set_input_files(tmp_path / "check.json")
    visitor.at("institution-closing_balance").wait_for()
    assert visitor.at("institution-closing_balance").input_value() == "500,000,000"
    one_that_misses_a_condition_learns_by_how_much(visitor)


def one_that_misses_a_condition_learns_by_how_much(visitor: Visitor) -> None:
    visitor.check_institution(closing_borrowers="329")
    visitor.reads("不符合补偿条件", within=visitor.page.locator(".panel").first)
    unmet = visitor.page.locator(".condition-unmet", has_text="在保户数增速").first.inner_text()
    # 329 / 300 − 1 = 0.096667, and 330 would do.
    assert "9.6667%" in unmet
    assert "不低于 10%" in unmet
    assert "1 户" in unmet
    assert "三（九）2" in unmet
    # A tenth more borrowers, 361, are 20.3% more than 300.
    visitor.page.locator("#sliders summary").click()
    visitor.at("slider-institution-closing_borrowers").fill("110")
    visitor.reads("20.3333%", within="#sliders-answer")
    visitor.reads("20%", within=visitor.page.locator("#sliders-answer tr", has_text="补偿比例"))


def test_an_institution_with_its_ratios_or_from_its_ledger(visit: Visit, assessed: Any) -> None:
    visitor = visit()
    visitor.set_up("self-check", how="ratios")
    visitor.at("institution-payout_rate").wait_for()
    visitor.tick(visitor.at("institution-government_backed"))
    visitor.fill("institution", {**RATIOS, "balance_growth": "-5"})
    visitor.tick(visitor.at("institution-borrower_growth-none"))
    visitor.proceed()
    visitor.page.locator(".panel").wait_for()
    unmet = visitor.page.locator(".conditions").first.locator(".condition-unmet")
    visitor.counts(unmet, 2)
    visitor.reads("-5%", within=unmet.nth(0))
    an_institution_from_its_ledger(visitor, assessed)


def an_institution_from_its_ledger(visitor: Visitor, assessed: Any) -> None:
    visitor.set_up("self-check", how="ledger")
    visitor.at("ledger-file").set_input_files(EXAMPLE)
    visitor.proceed()
    visitor.page.locator(".panel").wait_for(timeout=60_000)
    share = visitor.page.locator(".condition", has_text="支小支农占比").first.inner_text()
    assert "88.6375%" in share
    text = visitor.text()
    assert "补偿比例 15%" in text
    step = assessed.explain_institution("SL-001").next_tier
    assert step.rate == "0.200000"
    assert "上一档：补偿比例 20%" in text


def test_one_claim_and_its_arithmetic(visit: Visit) -> None:
    visitor = visit()
    visitor.compute_claim()
    panel = visitor.page.locator(".panel").inner_text()
    assert "204,000.00 元" in panel
    assert "贰拾万肆仟元整" in panel
    decides = rows(visitor, ".arithmetic:not(details *)")
    assert len(decides) < 9
    assert list(decides)[-1].startswith("本次应付")
    visitor.reads("第 1 档适用：支小支农占比", within=".arithmetic:not(details *)")
    visitor.page.locator("#all-lines summary").click()
    lines = rows(visitor, "#all-lines .arithmetic")
    assert len(lines) > len(decides)
    payout = next(cells for title, cells in lines.items() if title.startswith("代偿金额"))
    assert payout[-1] == "1,020,000.00"
    assert "1,000,000.00 + 20,000.00" in payout[0]
    assert rows(visitor, ".bars") == {
        name: ["204,000.00", "20%"]
        for name in ("政府", "担保机构", "银行", "再担保机构", "国家融担基金")
    }
    visitor.compute_returns()
    visitor.reads("285,000.00 元", within=".panel")
    assert [cells[0] for cells in rows(visitor, ".bars").values()] == ["57,000.00"] * 5
    visitor.page.go_back()
    a_second_recovery_says_what_was_returned_so_far(visitor)


def a_second_recovery_says_what_was_returned_so_far(visitor: Visitor) -> None:
    visitor.at("add-row").click()
    for row, (day, proceeds) in enumerate((("2023-03-01", "30万"), ("2023-04-01", "10万"))):
        visitor.fill("recoveries", {f"recovery_date-{row}": day, f"proceeds-{row}": proceeds})
    visitor.fill("recoveries", {"cost-0": ""})
    visitor.proceed()
    visitor.page.locator("h1", has_text="追偿返还结果").wait_for()
    visitor.reads("至此累计返还 400,000.00 元，其中返还政府 80,000.00 元")
    visitor.reads("累计返还政府 − 上次的累计返还政府", within=".arithmetic:not(details *)")


def test_an_example_at_one_click_and_what_limits_it(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    visitor.go("one-case")
    visitor.at("fill-example").click()
    for step in ("claim-principal", "sharing-lender", "institution-opening_balance"):
        visitor.at(step).wait_for()
        visitor.proceed()
    visitor.page.locator(".panel").first.wait_for()
    panel = visitor.page.locator(".panel").inner_text()
    limited = "按 15% 计算为 18,351.85 元，受“按担保机构承担金额的上限”限制，补偿 12,234.57 元"
    assert limited in panel
    assert "补偿 12,234.57 元 − 已补偿 2,000.00 元 = 本次应付 10,234.57 元" in panel
    # A reload of the tab loses nothing; another case begins with the institution as it was.
    visitor.page.reload()
    visitor.reads("本次应付 10,234.57 元")
    visitor.at("another").click()
    visitor.at("claim-principal").wait_for()
    assert visitor.at("claim-principal").input_value() == ""
    visitor.go("one-case")
    visitor.page.locator("#last-cases button").click()
    visitor.reads("本次应付 10,234.57 元")
    # Saved, and opened again in another visit.
    with visitor.page.expect_download() as download:
        visitor.at("save-case").click()
    saved = tmp_path / "case.json"
    download.value.save_as(saved)
    other = visit("en")
    other.go("one-case")
    (tmp_path / "wrong.json").write_text('{"kind": "another"}')
    other.at("open-case").set_input_files(tmp_path / "wrong.json")
    other.page.locator("[role=alert]", has_text="not saved by this page").wait_for()
    other.at("open-case").set_input_files(saved)
    for step in ("claim-principal", "sharing-lender", "institution-opening_balance"):
        other.at(step).wait_for()
        other.proceed()
    other.page.locator(".panel").first.wait_for()
    other.reads("limited by the cap by what the institution bore")
    # Beside another case of the tab.
    other.compute_claim()
    other.page.locator("#compare summary").click()
    other.page.locator("#compare button[type=submit]").click()
    payable = other.page.locator("#compare-answer tr", has_text="Payable now")
    other.reads("10,234.57 yuan", within=payable)


def test_one_claim_that_is_not_eligible(visit: Visit) -> None:
    visitor = visit("en")
    visitor.compute_claim(borrower_exposure="500.000001万")
    visitor.reads("Not eligible", within=".panel")
    unmet = visitor.page.locator(".condition-unmet")
    visitor.counts(unmet, 1)
    visitor.reads("5,000,000.01 yuan", within=unmet)
    visitor.reads("at most 5,000,000.00 yuan", within=unmet)


def test_a_ledger_its_table_and_its_workbook(visit: Visit, assessed: Any, tmp_path: Path) -> None:
    visitor = visit()
    visitor.compute_ledger(EXAMPLE)
    totals = assessed.summary["totals"]
    visitor.reads(f"{float(totals['payable']):,.2f} 元", within=".panel")

    institution = visitor.page.locator("#institutions-title + div tbody th")
    visitor.reads("济源示例融资担保有限公司", within=institution)
    institution.locator("button").click()
    visitor.reads("上一档：补偿比例 20%")
    visitor.page.go_back()
    visitor.focuses("open-SL-001")

    claims = visitor.page.locator("#claims-title ~ div table.wide tbody tr")
    visitor.counts(claims, 11)
    visitor.at("filter-status").select_option("ineligible")
    visitor.counts(claims, 2)
    visitor.reads("单户担保余额", within=claims.nth(1))
    visitor.at("filter-words").fill("2022-06")
    assert [text.split()[0] for text in claims.locator("th").all_inner_texts()] == ["DC2022-06"]
    visitor.reads("共 11 笔，已筛选 1 笔")
    visitor.at("filter-status").select_option("")
    visitor.at("filter-words").fill("")
    visitor.counts(claims, 11)
    by_compensation = visitor.page.locator("#claims-title ~ div .sort", has_text="补偿金额")
    by_compensation.click()
    by_compensation.click()
    greatest = max(assessed.tables["claims"].to_pylist(), key=lambda row: row["compensation"])
    visitor.reads(greatest["claim_id"], within=claims.first)
    visitor.counts(visitor.page.locator("#returns-table tbody tr"), 8)
    claims.first.locator("button").click()
    visitor.reads(f"{greatest['compensation']:,} 元", within=".panel")
    visitor.reads("本次应付", within=visitor.page.locator(".arithmetic tbody tr:last-child").first)
    visitor.page.go_back()
    visitor.focuses(f"open-{greatest['claim_id']}")

    outcomes = rows(visitor, "figure:nth-of-type(1) .bars")
    assert sum(int(cells[1]) for cells in outcomes.values()) == 11
    borne = rows(visitor, "figure:nth-of-type(2) .bars")
    assert sum(Decimal(cells[1].rstrip("%")) for cells in borne.values()) == 100

    with visitor.page.expect_download(timeout=60_000) as download:
        visitor.at("download").click()
    path = tmp_path / "result.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path, read_only=True)
    assert "代偿" in book.sheetnames
    book.close()


def test_a_ledger_has_a_template_can_be_dropped_and_stopped(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    visitor.to_ledger()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="下载空白模板").click()
    path = tmp_path / "template.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    assert {"机构", "担保合同", "代偿"} <= set(book.sheetnames)
    visitor.page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["x"], "台账.xlsx"));
          const zone = document.querySelector(".drop");
          zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
        }"""
    )
    visitor.page.locator(".said", has_text="已选择 台账.xlsx").wait_for()
    computing_can_be_stopped_and_begun_again(visitor)


def computing_can_be_stopped_and_begun_again(visitor: Visitor) -> None:
    # Held back for as long as the person watches.
    visitor.page.route("**/v1/assessments", lambda _: None)
    visitor.at("ledger-file").set_input_files(EXAMPLE)
    visitor.proceed()
    visitor.at("cancel").click()
    visitor.at("ledger-file").wait_for()
    visitor.reads("已停止", within="#announcer")
    visitor.reads("已选择 jiyuan-2022.xlsx")
    visitor.page.unroute("**/v1/assessments")
    visitor.at("ledger-budget").fill("8万")
    visitor.proceed()
    visitor.at("download").wait_for(timeout=60_000)
    # The browser keeps what was typed, and of a file its name.
    for _ in range(2):
        visitor.page.reload()
        visitor.reads("请重新选择 jiyuan-2022.xlsx")
    assert visitor.at("ledger-budget").input_value() == "8万"
    visitor.proceed()
    visitor.is_refused("请选择文件")


def test_the_language_switch_keeps_what_was_typed(visit: Visit) -> None:
    visitor = visit()
    visitor.to_figures()
    visitor.fill_figures(closing_balance="50,000")
    visitor.at("institution-opening_balance-unit").select_option("4")
    visitor.at("language").click()
    visitor.page.locator("h1", has_text="The institution in 2022").wait_for()
    assert visitor.at("institution-closing_balance").input_value() == "50,000"
    assert visitor.at("institution-opening_balance-unit").input_value() == "4"
    assert visitor.at("institution-government_backed").is_checked()
    said = visitor.at("institution-opening_balance-said").inner_text()
    assert said == "400,000,000.00 yuan · four hundred million yuan"
    visitor.proceed()
    visitor.page.locator(".panel", has_text="The conditions are met").wait_for()
    visitor.at("language").click()
    visitor.page.locator(".panel", has_text="符合补偿条件").wait_for()
    assert visitor.page.locator("html").get_attribute("lang") == "zh-CN"


def test_policies_follow_the_year_and_only_the_one_used_last_is_chosen(visit: Visit) -> None:
    visitor = visit()
    visitor.go("one-case")
    offered = visitor.page.locator("main input[type=radio]")
    visitor.counts(offered, 0)
    visitor.at("start-year").select_option("2022")
    values = [each.get_attribute("value") for each in offered.all()]
    assert values == [
        "chongqing-small-loans",
        "henan-provincial-2020",
        POLICY,
        "qingdao-2015",
        "reguarantee-2022",
    ]
    assert visitor.page.locator(".choice-group").count() == len(values)
    visitor.counts(visitor.page.locator("main input:checked"), 0)
    visitor.reads("第 1 步，共 4 步")
    visitor.page.locator("#not-offered summary").click()
    visitor.reads("洛阳市政府性融资担保代偿补偿资金池（2025年）", within="#not-offered")
    visitor.choose(POLICY)
    visitor.proceed()
    visitor.at("claim-principal").wait_for()
    visitor.page.reload()
    visitor.go("self-check")
    visitor.at("start-year").select_option("2023")
    visitor.counts(visitor.page.locator("main input[name=start-policy]:checked"), 0)
    visitor.at("start-year").select_option("2022")
    assert visitor.page.locator(f"input[value={POLICY}]").is_checked()


def test_another_policy_asks_for_other_things(visit: Visit) -> None:
    """luoyang-2025: half of what the institution bore of the principal."""
    visitor = visit()
    visitor.go("one-case")
    visitor.choose_policy("luoyang-2025", 2025)
    offered = visitor.page.locator("main input[type=radio]").all()
    ids = {choice.get_attribute("value") for choice in offered} & set(list_policies())
    assert {load_policy(str(id_)).rules.record for id_ in ids} == {"payout"}
    visitor.proceed()
    visitor.at("claim-loan_rate").wait_for()
    visitor.fill(
        "claim",
        {
            "payout_date": "2025-11-20",
            "principal": "400万",
            "borrower_region": "洛阳市涧西区",
            "borrower_exposure": "480万",
            "loan_rate": "4.5",
            "start_date": "2025-01-15",
            "loan_term_months": "12",
            "fee_rate": "1",
            "reguarantor_paid_date": "2025-12-10",
        },
    )
    visitor.at("claim-borrower_type").select_option("small_enterprise")
    visitor.tick(visitor.at("claim-reguaranteed"))
    visitor.tick(visitor.at("claim-finance_review-pending"))
    visitor.tick(visitor.at("claim-industry_review"))
    visitor.proceed()
    visitor.at("sharing-lender").wait_for()
    visitor.fill("sharing", SHARES)
    visitor.proceed()
    visitor.at("institution-new_guarantees").wait_for()
    visitor.tick(visitor.at("institution-government_backed"))
    visitor.at("institution-new_guarantees").fill("6000万")
    visitor.proceed()
    visitor.page.locator(".panel").wait_for()
    panel = visitor.page.locator(".panel").inner_text()
    assert "800,000.00 元" in panel
    assert "还没有审核完" in panel
