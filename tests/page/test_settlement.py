"""年度清算 on the page: the figures of the library, a claim in detail, faults, the workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import compensation
from tests.page.axe import violations
from tests.page.ledgers import EXAMPLE, faulty, to_settle
from tests.page.visitor import POLICY, Visitor

Visit = Callable[..., Visitor]
DAY = "2023-12-31"


def look(visitor: Visitor, name: str) -> None:
    for width in (360, 1280):
        visitor.resize(width)
        assert violations(visitor.page) == [], (name, width)
        assert visitor.fits(), (name, width)


def test_a_ledger_is_settled_and_its_claims_are_explained(visit: Visit) -> None:
    visitor = visit()
    visitor.settle(to_settle(), "2023年2月30日")
    visitor.at("errors").wait_for()
    look(visitor, "settlement-1-errors")
    visitor.at("settlement-to").fill("2023年12月31日")
    visitor.proceed()
    visitor.at("download").wait_for(timeout=60_000)
    look(visitor, "settlement-2-result")
    panel = visitor.page.locator(".panel").inner_text()
    assert "政府应向机构支付" in panel
    assert "1,602.58 元" in panel
    institution, total = visitor.page.locator("table").first.locator("tbody tr").all()
    expected = ["1", "2,022.58", "0.00", "420.00", "0.00", "政府应付 1,602.58 元"]
    assert institution.locator("td").all_inner_texts() == expected
    assert total.locator("td").all_inner_texts() == expected
    visitor.reads("47,397.42", within="tr:has-text('清算后可用余额')")

    with visitor.page.expect_download() as waiting:
        visitor.at("download").click()
    assert waiting.value.suggested_filename == "风险补偿清算-2023-12-31.xlsx"

    visitor.page.get_by_role("button", name="DC-2022-01").click()
    visitor.page.locator("table.arithmetic").first.wait_for(timeout=60_000)
    look(visitor, "settlement-3-claim")
    visitor.reads("BF-01 2023-02-15 拨付")
    visitor.reads("借款人类型", within=".conditions")
    visitor.switch_language()
    visitor.page.locator("h2", has_text="Due (yuan)").wait_for(timeout=60_000)
    assert visitor.fits()


def test_the_workbook_is_the_library_s(visit: Visit, tmp_path: Path) -> None:
    visitor = visit("en")
    visitor.settle(EXAMPLE, DAY)
    visitor.at("download").wait_for(timeout=60_000)
    with visitor.page.expect_download() as waiting:
        visitor.at("download").click()
    waiting.value.save_as(tmp_path / "page.xlsx")
    settlement = compensation.settle(compensation.read_portfolio(EXAMPLE), POLICY, DAY)
    compensation.write_workbook(settlement, tmp_path / "ours.xlsx")
    assert (tmp_path / "page.xlsx").read_bytes() == (tmp_path / "ours.xlsx").read_bytes()
    visitor.reads("The ledger has no table payments")
    look(visitor, "settlement-4-example")


def test_faults_of_the_ledger_and_policies_that_do_not_fit(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    visitor.settle(to_settle(), DAY, POLICY, "henan-provincial-2020")
    visitor.at("errors").wait_for(timeout=60_000)
    visitor.reads("同时有效", within="#errors")
    visitor.page.locator("main input[value='henan-provincial-2020']").uncheck()
    visitor.at("settlement-file").set_input_files(faulty())
    visitor.proceed()
    visitor.at("marked").wait_for(timeout=60_000)
    assert len(visitor.rows()) == 3
    with visitor.page.expect_download() as waiting:
        visitor.at("marked").click()
    waiting.value.save_as(tmp_path / "marked.xlsx")
    visitor.page.locator("main a.button").click()
    visitor.at("settlement-to").wait_for()
