"""Wrong input: said at the field and on top, in words that help; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

from tests.page.ledgers import faulty, no_ledger
from tests.page.visitor import Visitor

Visit = Callable[..., Visitor]


def test_no_network_nothing_chosen_and_a_ratio_for_a_percentage(visit: Visit) -> None:
    visitor = visit()
    visitor.page.route("**/v1/policies", lambda route: route.abort())
    visitor.page.locator("#tasks a[href='#/self-check']").click()
    visitor.page.locator("h1", has_text="暂时无法取得政策").wait_for()
    visitor.page.unroute("**/v1/policies")
    visitor.page.get_by_role("button", name="再试一次").click()
    visitor.at("start-year").wait_for()
    visitor.proceed()
    visitor.is_refused("请选择年度", "请选择测算方式")
    visitor.focuses("errors")
    assert visitor.page.title().startswith("错误：")
    visitor.page.locator("#errors a").first.click()
    visitor.focuses("start-year")
    visitor.set_up("self-check", how="ratios")
    visitor.at("institution-small_agri_share").fill("0.92")
    visitor.page.locator(".said", has_text="如果是 92%，请填 92%").wait_for()


def test_amounts_that_cannot_be_read_and_a_service_that_cannot_answer(visit: Visit) -> None:
    visitor = visit()
    visitor.to_figures()
    visitor.fill_figures(
        opening_balance="", closing_balance="5,0000", released_amount="0.001", payout_amount="1万5"
    )
    visitor.proceed()
    visitor.is_refused(
        "请填写年初在保余额",
        "年末在保余额的逗号位置不对，请按三位分节，如 5,000,000",
        "本年解除担保额要精确到分，最小为 0.01 元",
        "本年代偿额有两种读法，请写成数字，如 15,000 或 10,005",
    )
    field = visitor.at("institution-closing_balance")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby") or ""
    assert "institution-closing_balance-error" in described
    assert field.input_value() == "5,0000"
    visitor.page.locator("#errors a").nth(1).click()
    visitor.focuses("institution-closing_balance")
    # What the service finds wrong stands at its field: more of the balance with small and
    # agricultural borrowers than there is.
    visitor.fill_figures(small_agri_balance="6亿")
    visitor.proceed()
    visitor.counts(visitor.page.locator("#errors li"), 1)
    visitor.counts(visitor.page.locator(".field-error"), 1)
    what_the_service_cannot_do_is_said_plainly(visitor)


def what_the_service_cannot_do_is_said_plainly(visitor: Visitor) -> None:
    visitor.fill_figures()
    wanted = [(413, "文件太大"), (429, "太频繁"), (500, "出了错"), (502, "不可用")]
    statuses = iter(status for status, _ in wanted)
    visitor.page.route(
        "**/v1/eligibility/*",
        lambda route: route.fulfill(status=next(statuses), body="<html>of a proxy</html>"),
    )
    for _, said in wanted:
        visitor.proceed()
        visitor.page.locator("#errors", has_text=said).wait_for()
    assert visitor.at("institution-opening_balance").input_value() == "4亿"


def test_a_claim_whose_amounts_day_and_shares_are_wrong(visit: Visit) -> None:
    visitor = visit()
    visitor.to_claim()
    a_slip_of_zeros_is_seen(visitor)
    a_day_outside_the_year_is_refused(visitor)
    visitor.fill_claim()
    visitor.proceed()
    shares_are_checked_where_they_are_typed(visitor)


def a_slip_of_zeros_is_seen(visitor: Visitor) -> None:
    said = visitor.at("claim-principal-said")
    visitor.at("claim-principal").fill("500")
    visitor.page.locator("#claim-principal-said", has_text="伍佰元整").wait_for()
    visitor.at("claim-principal-unit").select_option("4")
    visitor.page.locator("#claim-principal-said", has_text="伍佰万元整").wait_for()
    visitor.at("claim-principal-unit").select_option("0")
    visitor.at("claim-principal").fill("500万")
    visitor.page.wait_for_timeout(500)
    assert said.inner_text() == "5,000,000.00 元 · 伍佰万元整"


def a_day_outside_the_year_is_refused(visitor: Visitor) -> None:
    visitor.fill_claim(payout_date="2023-01-01", principal="")
    visitor.proceed()
    visitor.is_refused("请填写代偿本金")
    visitor.switch_language()
    visitor.is_refused("Enter an amount: principal")
    visitor.switch_language()
    visitor.at("claim-principal").fill("1")
    visitor.proceed()
    visitor.is_refused("代偿日期不在所选年度内；请改日期，或返回改选年度")


def shares_are_checked_where_they_are_typed(visitor: Visitor) -> None:
    visitor.fill("sharing", {"institution": "40", "lender": "50"})
    visitor.reads("已填合计 90%")
    visitor.proceed()
    visitor.is_refused("分担比例合计为 90%，应为 100%")
    assert visitor.page.url.endswith("#/one-case/sharing")
    visitor.fill("sharing", {"lender": "60"})
    visitor.proceed()
    visitor.at("institution-opening_balance").wait_for()


def test_faults_of_a_ledger_by_sheet_row_and_column(visit: Visit) -> None:
    visitor = visit()
    visitor.to_ledger()
    visitor.at("ledger-file").set_input_files(faulty())
    visitor.proceed()
    visitor.page.locator("h1", has_text="文件有错误").wait_for(timeout=60_000)
    found = {
        (row.locator("th").inner_text(), *row.locator("td").all_inner_texts()[:3])
        for row in visitor.page.locator("table tbody tr").all()
    }
    assert found == {
        ("代偿", "2", "代偿日期", "2022-02-30"),
        ("代偿", "2", "代偿本金", "0.001"),
        ("代偿", "3", "合同编号", "K9"),
    }
    visitor.page.locator("h1:focus").wait_for()
    visitor.reads("3 处的值不正确")
    are_said_in_the_language_of_the_page(visitor)
    visitor.page.locator("main a.button").click()
    visitor.reads("Chosen: ledger.zip")
    a_file_that_is_no_ledger_is_said_at_its_field(visitor)
    visitor.switch_language()
    an_institution_that_checks_itself_is_told_the_same(visitor)


def an_institution_that_checks_itself_is_told_the_same(visitor: Visitor) -> None:
    visitor.set_up("self-check", how="ledger")
    visitor.at("ledger-file").set_input_files(faulty())
    visitor.proceed()
    visitor.page.locator("td", has_text="日期无效").wait_for(timeout=60_000)
    are_said_in_the_language_of_the_page(visitor)


def are_said_in_the_language_of_the_page(visitor: Visitor) -> None:
    visitor.switch_language()
    visitor.reads("The file has faults, so nothing was computed", within="h1")
    visitor.reads("3 values are wrong")
    visitor.reads("the date is not valid")
    assert "日期无效" not in visitor.text()


def a_file_that_is_no_ledger_is_said_at_its_field(visitor: Visitor) -> None:
    visitor.at("ledger-file").set_input_files(no_ledger())
    visitor.proceed()
    visitor.at("errors").wait_for(timeout=60_000)
    assert visitor.at("ledger-file").get_attribute("aria-invalid") == "true"
