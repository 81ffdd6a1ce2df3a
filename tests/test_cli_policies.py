"""The commands below ``policies`` that test, check, compare and convert policy files."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from compensation.policy.catalogue import load_policy
from compensation.policy_tools.worked_cases import WORKED
from tests.command import run_here

OWN = """
format = 2
id = "mine"
name = { zh = "某市风险补偿", en = "A city's risk compensation" }
issuer = { zh = "某市财政局", en = "A city's finance bureau" }
clause = "第三条"
basis = "text"
claim_conditions = []
caps = []

[document]
number = "某财〔2024〕1号"
title = { zh = "某市风险补偿办法", en = "Rules of a city on risk compensation" }

[effective]
from = 2024-01-01

[base]
value = "claims.principal"

[rates]
tiers = [{ rate = 0.4 }]
"""
CASES = """
[defaults.institutions]
institution_id = "A"
government_backed = true

[defaults.contracts]
institution_id = "A"
borrower_id = "b"
borrower_type = "small_enterprise"
guaranteed_amount = 5_000_000
start_date = 2024-01-05
share_institution = 1

[defaults.claims]
contract_id = "k1"
payout_date = 2024-06-01
finance_review = "approved"
industry_review = "approved"

[[cases]]
name = "40% of the principal"
year = 2024
budget = 400_000
contracts = [{ contract_id = "k1" }]
claims = [
    { claim_id = "c1", principal = 1_000_000 },
    { claim_id = "c2", principal = 0.01, payout_date = 2024-06-02 },
]
[cases.expected]
compensation = { c1 = 400_000, c2 = 0 }
payable = { c1 = 400_000 }
reasons = { c1 = "" }
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A policy file; its worked cases stand beside it."""
    path = tmp_path / "mine.toml"
    path.write_text(OWN, encoding="utf-8")
    path.with_suffix(".cases.toml").write_text(CASES, encoding="utf-8")
    return path


def cases_with(mine: Path, old: str, new: str) -> None:
    assert old in CASES
    mine.with_suffix(".cases.toml").write_text(CASES.replace(old, new, 1), encoding="utf-8")


def test_the_cases_beside_a_policy_are_computed(mine: Path) -> None:
    done = run_here("policies", "test", mine, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "as expected  40% of the principal (2024)",
        "  c1 compensation: expected 400,000.00, came to 400,000.00",
        "  c2 compensation: expected 0.00, came to 0.00",
        "  c1 payable: expected 400,000.00, came to 400,000.00",
        "  c1 reasons: expected blank, came to blank",
        "",
        "1 case, 1 as expected",
    ]
    assert (
        "c1 payable：应为 400,000.00，算得 400,000.00" in run_here("policies", "test", mine).stdout
    )


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        (
            "c1 = 400_000, c2",
            "c1 = 400_000.01, c2",
            "≠ c1 compensation：应为 400,000.01，算得 400,000.00",
            "≠ c1 compensation: expected 400,000.01, came to 400,000.00",
        ),
        (
            ", c2 = 0 }",
            " }",
            "≠ c2 compensation：应为 未列出，算得 0.00",
            "≠ c2 compensation: expected not listed, came to 0.00",
        ),
        (
            'reasons = { c1 = "" }',
            'reasons = { c3 = "" }',
            "≠ c3 reasons：应为 空，算得 结果中没有",
            "≠ c3 reasons: expected blank, came to not in the result",
        ),
    ],
)
def test_a_difference_is_named_and_gives_exit_code_1(
    mine: Path, old: str, new: str, zh: str, en: str
) -> None:
    cases_with(mine, old, new)
    for language, words in (("zh", zh), ("en", en)):
        done = run_here("policies", "test", mine, "--lang", language)
        assert (done.returncode, done.stderr) == (1, "")
        assert words in done.stdout.splitlines()
        assert done.stdout.count("≠") == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("year = 2024", "years = 2024", "cases[40% of the principal].years"),
        ("year = 2024", 'year = "2024"', "cases[40% of the principal].year"),
        ("principal = 0.01", "principle = 0.01", "claims[2].principle"),
        ("payable = {", "payble = {", "expected.payble"),
        ("[defaults.claims]", "[defaults.claim]", "defaults.claim"),
        ("compensation = {", "base = {", "expected.compensation"),
        ("[[cases]]", "[[case]]", "cases"),
        ("[[cases]]", "[[cases]", "TOML"),
    ],
)
def test_a_file_of_cases_that_is_wrong_is_refused(
    mine: Path, old: str, new: str, words: str
) -> None:
    cases_with(mine, old, new)
    done = run_here("policies", "test", mine)
    assert (done.returncode, done.stdout) == (2, "")
    assert "mine.cases.toml" in done.stderr
    assert words in done.stderr


def test_a_ledger_that_is_wrong_is_shown_with_its_case(mine: Path) -> None:
    cases_with(mine, "principal = 1_000_000", "principal = -1")
    done = run_here("policies", "test", mine, "--lang", "en")
    assert done.returncode == 2
    assert done.stdout.startswith("faulty  40% of the principal (2024)\n  1 fault in the input:\n")


def test_the_cases_of_the_package_go_by_the_id(mine: Path) -> None:
    done = run_here("policies", "test", "qingdao-2015")
    assert done.returncode == 0
    by_path = run_here("policies", "test", "qingdao-2015", WORKED / "qingdao-2015.toml")
    assert by_path.stdout == done.stdout
    other = run_here("policies", "test", mine, WORKED / "qingdao-2015.toml")
    assert other.returncode == 2
    assert "recovered" in other.stderr


def test_cases_that_are_not_there_are_named(mine: Path) -> None:
    mine.with_suffix(".cases.toml").unlink()
    done = run_here("policies", "test", mine)
    assert done.returncode == 2
    assert "mine.cases.toml" in done.stderr


def written(mine: Path, *changes: tuple[str, str]) -> Path:
    text = OWN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    mine.write_text(text, encoding="utf-8")
    return mine


def test_a_sound_file_is_said_in_words(mine: Path) -> None:
    done = run_here("policies", "check", mine)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:-1] == [
        "mine  某市风险补偿",
        "计算对象：每笔代偿",
        "适用期间：2024年1月1日起，未规定失效日期",
        "代偿条件：代偿日期在政策适用期间内（默认）",
        "归属年度：代偿日期所在年度（默认）",
        "补偿基数：代偿本金",
        "受偿方：担保机构（默认）",
        "补偿档次：40%",
        "补偿上限：单笔代偿不超过代偿金额中担保机构承担部分（默认）",
        "审核：财政金融局审核、行业主管部门审核（默认）",
        "预算分配：按比例分配（默认）",
        "追偿返还：扣除追偿费用后，按政府补偿后各方承担的部分返还（默认）",
    ]


RANGES = (
    "[rates]\ntiers = [{ rate = 0.4 }]",
    (
        '[rates]\nhit = "range"\nby = "claims.principal"\notherwise = "ineligible"\n'
        "tiers = [{ rate = 0.4, above = 0, at_most = 1_000_000 }, "
        "{ rate = 0.2, above = 1_000_000 }]"
    ),
)


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (
            (
                "claim_conditions = []",
                (
                    'claim_conditions = [{ id = "day", value = "claims.payout_date", '
                    "at_most = 2023-12-31 }]"
                ),
            ),
            "claim_conditions[day]",
            "no day that the condition lets pass (any day before to 2023-12-31)",
        ),
        (
            (
                "claim_conditions = []",
                (
                    'claim_conditions = [{ id = "day", value = "claims.payout_date", '
                    "above = 2023-06-30 }]"
                ),
            ),
            "claim_conditions[day]",
            "takes the place of the default one",
        ),
        (
            (
                "claim_conditions = []",
                (
                    'claim_conditions = [{ id = "most", value = "claims.principal", '
                    "at_most = 5_000_000 }]"
                ),
            ),
            "claim_conditions[most]",
            "a base above 5,000,000 yuan is not compensated at all",
        ),
        (RANGES, "rates.tiers[2]", "from 1,000,000 yuan on the rate falls from 40% to 20%"),
        (
            (
                "caps = []",
                (
                    'caps = [{ id = "each", at_most = 300_000, per = ["contracts.borrower_id"], '
                    'exceeding = "refuse" }]'
                ),
            ),
            "caps[each]",
            "goes over the cap by one fen",
        ),
    ],
)
def test_what_is_probably_not_meant_is_asked(
    mine: Path, change: tuple[str, str], key: str, words: str
) -> None:
    done = run_here("policies", "check", written(mine, change), "--lang", "en")
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("  ! ")]
    assert line.startswith(f"  ! {key}: ")
    assert words in line


@pytest.mark.parametrize(
    "change",
    [
        (
            "claim_conditions = []",
            (
                'claim_conditions = [{ id = "day", value = "claims.payout_date", '
                "at_least = 2024-07-01 }]"
            ),
        ),
        (RANGES[0], RANGES[1].replace("0.2", "0.5")),
        (
            RANGES[0],
            RANGES[1]
            .replace('"range"', '"slices"')
            .replace('by = "claims.principal"\notherwise = "ineligible"\n', ""),
        ),
    ],
)
def test_what_may_well_be_meant_is_not_asked(mine: Path, change: tuple[str, str]) -> None:
    done = run_here("policies", "check", written(mine, change))
    assert done.returncode == 0, done.stderr
    assert " ! " not in done.stdout


def test_what_changes_between_policies_is_said_in_words(mine: Path) -> None:
    other = mine.with_name("other.toml")
    changes = [
        ("tiers = [{ rate = 0.4 }]", "tiers = [{ rate = 0.5 }]"),
        ("caps = []", 'caps = [{ id = "year", at_most = 9_000_000, per = [] }]'),
        ('value = "claims.principal"', 'value = "claims.payout"'),
        ('id = "mine"', 'id = "other"'),
        ("A city's risk", "Another city's risk"),
    ]
    text = OWN
    for change in changes:
        text = text.replace(*change)
    other.write_text(text, encoding="utf-8")
    done = run_here("policies", "diff", mine, other, "--lang", "en")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[2:] == [
        "",
        "Figures that differ:",
        "  base",
        "    A  principal",
        "    B  payout",
        "      base[1].value: claims.principal → claims.payout",
        "  tier rates.tiers[1]",
        "    A  40%",
        "    B  50%",
        "      rates.tiers[1].rate: 0.4 → 0.5",
        "  cap caps[year]",
        "    A  not there",
        "    B  all claims together: at most 9,000,000 yuan",
        "",
        "Wording that differs:",
        "  name.en: A city's risk compensation → Another city's risk compensation",
        "  caps[year].clause: not there → 第三条",
        "  caps[year].basis: not there → text",
        "",
        "3 differences of figures, 3 of wording",
    ]
    chinese = run_here("policies", "diff", mine, other)
    assert "    B  全部不超过 900 万元" in chinese.stdout


def test_policies_that_differ_in_wording_only_have_the_same_figures(mine: Path) -> None:
    other = mine.with_name("other.toml")
    other.write_text(OWN.replace('clause = "第三条"', 'clause = "第四条"'), encoding="utf-8")
    done = run_here("policies", "diff", mine, other)
    assert done.returncode == 0
    assert "文字不同：" in done.stdout
    assert "数值不同：" not in done.stdout
    assert run_here("policies", "diff", mine, mine).stdout.endswith(
        "数值不同 0 处，文字不同 0 处\n"
    )
    assert run_here("policies", "diff", mine, "nobody").returncode == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_policies_of_the_package_are_compared(language: str) -> None:
    done = run_here("policies", "diff", "jiyuan-2022", "luoyang-2025", "--lang", language)
    assert done.returncode == 1
    assert "rates.tiers[1]" in done.stdout


def test_defaults_are_shown_as_a_table(mine: Path) -> None:
    shown = run_here("policies", "show", mine, "--lang", "en")
    table = shown.stdout.partition("\ndefaults used ")[2].splitlines()
    assert len(table) == 8
    assert table[-1].split("  ")[0] == "returns"
    assert "net of the costs of recovery" in table[-1]
    whole = run_here("policies", "show", "jiyuan-2022", "--lang", "en")
    assert "defaults used" not in whole.stdout


class _Page(HTMLParser):
    """Collects the texts of a page, and what it would load; every tag must be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str | None] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("policy", ["jiyuan-2022", "luoyang-2025", "guangzhou-2025", "fujian-2008"])
def test_a_policy_is_a_page_by_itself(policy: str, tmp_path: Path) -> None:
    printed = run_here("policies", "show", policy, "--html")
    page = _Page()
    page.feed(printed.stdout)
    page.close()
    assert (page.open, page.addresses) == ([], [])
    assert "url(" not in printed.stdout
    loaded = load_policy(policy)
    for text in (loaded.digest, *loaded.rules.name.text, *loaded.rules.issuer.text):
        assert text in page.texts
    for citation in loaded.cited():
        assert set(citation.cited.said) <= {*page.texts, ""}
    place = tmp_path / "page.html"
    done = run_here("policies", "show", policy, "--html", "-o", place)
    assert done.returncode == 0
    assert place.read_text(encoding="utf-8") == printed.stdout
    assert run_here("policies", "show", policy, "--html", "-o", place).returncode == 2


def test_a_page_shows_signs_of_the_file_as_text(mine: Path) -> None:
    path = written(mine, ("某市风险补偿", "<b>&某市</b>"))
    page = run_here("policies", "show", path, "--html").stdout
    assert "<h1>&lt;b&gt;&amp;某市&lt;/b&gt;" in page
    assert "<b>" not in page
    assert run_here("policies", "show", path, "--html", "--toml").returncode == 2


def test_the_examples_of_this_file_are_sound(mine: Path) -> None:
    assert load_policy(mine).id == "mine"
