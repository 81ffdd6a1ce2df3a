"""What is typed is understood exactly, and said back so that a slip of zeros is seen."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.one_column import DECIMAL, MONEY, texts
from tests.ledger.test_date_cells import FORMS as DATES
from tests.ledger.test_written_amounts import AMOUNTS
from tests.page.spoken import fen_of_chinese, fen_of_english

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from tests.api.server import Server

LARGEST = 999_999_999_999_999
FEN = st.one_of(
    st.integers(0, LARGEST),
    # Round amounts, in which zeros have to be read.
    st.builds(
        lambda n, power: min(n * 10**power, LARGEST), st.integers(0, 9999), st.integers(0, 14)
    ),
    st.builds(
        lambda a, p, b: min(a * 10**p + b, LARGEST),
        st.integers(1, 99),
        st.integers(2, 13),
        st.integers(0, 9999),
    ),
)
MANY = settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture(scope="module")
def each(browser: Browser, server: Server) -> Iterator[Callable[..., list[Any]]]:
    page = browser.new_page()
    page.goto(server.url)

    def apply(module: str, name: str, arguments: list[list[Any]]) -> list[Any]:
        """Call ``name`` of ``module`` with each list; integers go as BigInt, and come as text."""
        script = """async ([path, name, all]) => {
          const called = (await import(path))[name];
          const into = (value) => (typeof value?.fen === "string" ? BigInt(value.fen) : value);
          const out = (value) => JSON.parse(JSON.stringify(value,
            (_, inner) => (typeof inner === "bigint" ? inner.toString() : inner)));
          return all.map((each) => out(called(...each.map(into))));
        }"""
        path = f"{server.url}/page/js/{module}.js"
        answers: list[Any] = page.evaluate(script, [path, name, arguments])
        return answers

    yield apply
    page.close()


def big(fen: int) -> dict[str, str]:
    return {"fen": str(fen)}


def plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


def grouped(amount: Decimal) -> str:
    return format(amount.normalize(), ",f")


FORMS: list[Callable[[Decimal], tuple[str, int]]] = [
    lambda yuan: (plain(yuan), 0),
    lambda yuan: (grouped(yuan), 0),
    lambda yuan: (f" ¥{grouped(yuan)} ", 0),
    lambda yuan: (f"{plain(yuan)}元", 4),
    lambda yuan: (f"{yuan:.2f} yuan", 4),
    lambda yuan: (plain(yuan / 10**4), 4),
    lambda yuan: (f"{plain(yuan / 10**4)}万", 0),
    lambda yuan: (f"{grouped(yuan / 10**4)} 万元", 4),
    lambda yuan: (f"{plain(yuan / 10**8)}亿", 0),
    lambda yuan: (f"{plain(yuan / 10**6)} million", 4),
    lambda yuan: (plain(yuan).translate(str.maketrans("0123456789.", "０１２３４５６７８９．")), 0),
    lambda yuan: (f"{int(yuan) // 10**4}万{plain(yuan % 10**4)}元", 0),
]


@MANY
@given(st.lists(st.tuples(FEN, st.sampled_from(range(len(FORMS)))), min_size=100, max_size=200))
def test_every_way_to_write_an_amount_comes_to_its_fen(
    each: Callable[..., list[Any]], cases: list[tuple[int, int]]
) -> None:
    typed = [FORMS[form](Decimal(fen) / 100) for fen, form in cases]
    answers = each("money", "parseMoney", [list(way) for way in typed])
    for (fen, _), way, answer in zip(cases, typed, answers, strict=True):
        assert answer == {"fen": str(fen)}, way


@MANY
@given(st.lists(FEN, min_size=100, max_size=200))
def test_words_say_the_amount_and_no_other(
    each: Callable[..., list[Any]], amounts: list[int]
) -> None:
    arguments = [[big(fen)] for fen in amounts]
    chinese = each("words", "chinese", arguments)
    english = each("words", "english", arguments)
    assert [fen_of_chinese(words) for words in chinese] == amounts
    assert [fen_of_english(words) for words in english] == amounts


WORDS = {
    500_000_000: "伍佰万元整",
    0: "零元整",
    5: "伍分",
    50: "伍角",
    140_950: "壹仟肆佰零玖元伍角",
    600_714: "陆仟零柒元壹角肆分",
    1_640_902: "壹万陆仟肆佰零玖元零贰分",
    10_000_500_000: "壹亿零伍仟元整",
    100_500_000: "壹佰万伍仟元整",
    1_000_000_000_000_00: "壹万亿元整",
    LARGEST: "玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
}


def test_words_are_those_of_a_cheque(each: Callable[..., list[Any]]) -> None:
    answers = each("words", "chinese", [[big(fen)] for fen in WORDS])
    assert answers == list(WORDS.values())


REFUSED = {
    "": "money.empty",
    "-1": "money.negative",
    "−1": "money.negative",
    "abc": "money.form",
    "1e6": "money.form",
    "0x10": "money.form",
    "一万五": "money.form",
    "约500万": "money.form",
    "500万美元": "money.form",
    "壹仟零伍佰元": "money.form",
    "1.2.3": "money.form",
    "5.": "money.form",
    "万": "money.form",
    "5万亿亿": "money.form",
    "2000万1亿": "money.form",
    "1万20000元": "money.form",
    "1.5万2000元": "money.form",
    "1万5": "money.tail",
    "500,00": "money.grouping",
    "5,0000": "money.grouping",
    "1,2345,678": "money.grouping",
    "0.001": "money.decimals",
    "0.0000001万": "money.decimals",
    "10000000000000": "money.large",
    "9999999999999.995": "money.decimals",
}


def test_what_could_be_meant_in_two_ways_is_refused(each: Callable[..., list[Any]]) -> None:
    answers = each("money", "parseMoney", [[text, 0] for text in REFUSED])
    assert dict(zip(REFUSED, (answer.get("error") for answer in answers), strict=True)) == REFUSED


@MANY
@given(st.lists(st.integers(-(10**9), 10**9), min_size=50, max_size=200))
def test_a_percentage_is_the_ratio_that_it_says(
    each: Callable[..., list[Any]], millionths: list[int]
) -> None:
    ratios = [Decimal(each_) / 10**6 for each_ in millionths]
    typed = [plain(ratio * 100) + ("%" if ratio > 1 else "") for ratio in ratios]
    answers = each("values", "parsePercent", [[text, {"negative": True}] for text in typed])
    assert [Decimal(answer["ratio"]) for answer in answers] == ratios
    said = each("values", "percent", [[f"{ratio:.6f}"] for ratio in ratios])
    assert [Decimal(text.replace(",", "").removesuffix("%")) / 100 for text in said] == ratios


def test_a_number_with_decimals_is_read_as_the_cell_of_a_ledger_is(
    each: Callable[..., list[Any]],
) -> None:
    cells = ["4.8", "1,085.500", "8５.5", "007.50", "0.0001", "99999999999.9999"]
    wrong = ["0.00001", "100000000000", "-1", "85.5%", "4.8倍", "1,0", "4.", ""]
    answers = each("values", "parseDecimal", [[cell] for cell in cells + wrong])
    assert [Decimal(answer["number"]) * 10_000 for answer in answers[: len(cells)]] == texts(
        DECIMAL, cells
    )
    assert all("error" in answer for answer in answers[len(cells) :])


@MANY
@given(st.lists(st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)), min_size=50))
def test_a_day_is_read_in_every_form(each: Callable[..., list[Any]], days: list[Any]) -> None:
    forms = [
        *([day.isoformat()] for day in days),
        *([f"{day.year}/{day.month}/{day.day}"] for day in days),
        *([day.strftime("%Y%m%d")] for day in days),
        *([f"{day.year}年{day.month}月{day.day}日"] for day in days),
    ]
    answers = each("values", "parseDate", forms)
    assert [answer.get("date") for answer in answers] == [day.isoformat() for day in days] * 4


def test_days_that_are_none_are_refused(each: Callable[..., list[Any]]) -> None:
    wrong = ["2022-02-30", "2023-02-29", "2022-13-01", "2022-00-10", "22-01-01", "2022-6", "today"]
    answers = each("values", "parseDate", [[text] for text in wrong])
    assert ["date" in answer for answer in answers] == [False] * len(wrong)


@MANY
@given(st.lists(FEN, min_size=50, max_size=100), st.sampled_from([0, 4]))
def test_the_words_of_a_cheque_are_read_back(
    each: Callable[..., list[Any]], amounts: list[int], unit: int
) -> None:
    written = each("words", "chinese", [[big(fen)] for fen in amounts])
    answers = each("money", "parseMoney", [[f"人民币{words}", unit] for words in written])
    assert [answer.get("fen") for answer in answers] == [str(fen) for fen in amounts]
    assert texts(MONEY, written) == amounts


def test_the_page_reads_amounts_as_files_do(each: Callable[..., list[Any]]) -> None:
    """What a file accepts is the same on the page; what a file refuses may be safe to say back."""
    for unit, place in ((0, 1), (4, 2)):
        answers = each("money", "parseMoney", [[row[0], unit] for row in AMOUNTS])
        for row, answer in zip(AMOUNTS, answers, strict=True):
            if isinstance(row[place], int):
                assert answer == {"fen": str(row[place])}, row[0]
            elif row[place] != "ambiguous_amount" or row[1] == row[2]:
                assert "error" in answer, row[0]


def test_the_page_reads_dates_as_files_do(each: Callable[..., list[Any]]) -> None:
    advice = {
        "day_missing": "date.day",
        "ambiguous_date": "date.doubt",
        "bare_serial": "date.serial",
    }
    answers = each("values", "parseDate", [[cell] for cell, _ in DATES])
    for (cell, expected), answer in zip(DATES, answers, strict=True):
        if isinstance(expected, datetime.date):
            assert answer == {"date": expected.isoformat()}, cell
        elif expected in advice and cell not in ("202213",):
            assert answer["error"] == advice[expected], cell
        elif cell != "2022年3月1":  # typed by hand, it is no longer text cut off
            assert "error" in answer, cell
    (serial,) = each("values", "parseDate", [["44621"]])
    assert serial == {"error": "date.serial", "meant": "2022-03-01"}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("values", "parsePercent"),
        ("values", "parseCount"),
        ("values", "parseDecimal"),
        ("values", "parseDate"),
        ("money", "parseMoney"),
    ],
)
def test_a_text_of_any_length_is_answered_at_once(
    each: Callable[..., list[Any]], module: str, name: str
) -> None:
    """A count of so many 户 took two minutes: time grew with the square of what was typed."""
    longest = 200_000
    texts = [
        f"1{filler * longest}x"
        for filler in (" ", "户", "0", "1 ", "1,", "%", " %", ".0", "\u3000", "元", "\ufdfa")
    ]
    answers = each(module, name, [[text] for text in texts])
    assert all("error" in answer for answer in answers)


def test_both_languages_say_the_same_things(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(server.url)
    found: dict[str, Any] = page.evaluate(
        """async (base) => ({
          zh: (await import(base + "/messages/zh.js")).zh,
          en: (await import(base + "/messages/en.js")).en,
        })""",
        f"{server.url}/page/js",
    )
    page.close()
    assert found["zh"].keys() == found["en"].keys()
    for key, chinese in found["zh"].items():
        holes = sorted(re.findall(r"\{\w+\}", chinese))
        assert holes == sorted(re.findall(r"\{\w+\}", found["en"][key])), key
