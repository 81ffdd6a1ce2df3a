"""Codes and names of the national classification lead to the industry that the size table means."""

from __future__ import annotations

import csv
from importlib import resources

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.classification import industries
from compensation.classification.industries import (
    AMBIGUOUS_INDUSTRY,
    MISSING_INDUSTRY,
    NOT_COVERED,
    UNKNOWN_INDUSTRY,
    industry_keys,
    industry_problem,
)
from compensation.classification.size_table import size_table


def read(file: str) -> list[dict[str, str]]:
    text = resources.files("compensation.classification").joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


CODES = read("industries.csv")
KEYS = list(dict.fromkeys(row["industry"] for row in read("enterprise-size.csv")))


def outcome(text: str | None) -> str | int:
    """The key of an industry, or its negative outcome."""
    position = int(industry_keys([text])[0])
    return size_table().keys[position] if position >= 0 else position


SECTIONS = {
    "A": range(1, 6),
    "B": range(6, 13),
    "C": range(13, 44),
    "D": range(44, 47),
    "E": range(47, 51),
    "F": range(51, 53),
    "G": range(53, 61),
    "H": range(61, 63),
    "I": range(63, 66),
    "J": range(66, 70),
    "K": range(70, 71),
    "L": range(71, 73),
    "M": range(73, 76),
    "N": range(76, 80),
    "O": range(80, 83),
    "P": range(83, 84),
    "Q": range(84, 86),
    "R": range(86, 91),
    "S": range(91, 97),
    "T": range(97, 98),
}
WHOLE_SECTIONS = {
    "A": "agriculture",
    "B": "industry",
    "C": "industry",
    "D": "industry",
    "E": "construction",
    "L": "leasing_business",
    "M": "other",
    "N": "other",
    "O": "other",
    "R": "other",
    "J": NOT_COVERED,
    "P": NOT_COVERED,
    "S": NOT_COVERED,
    "T": NOT_COVERED,
}
SINGLE_DIVISIONS = {
    51: "wholesale",
    52: "retail",
    53: NOT_COVERED,
    54: "transport",
    55: "transport",
    56: "transport",
    57: "transport",
    58: "transport",
    59: "warehousing",
    60: "post",
    61: "accommodation",
    62: "catering",
    63: "telecom",
    64: "telecom",
    65: "software",
    70: AMBIGUOUS_INDUSTRY,
    84: NOT_COVERED,
    85: "other",
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_and_division_has_its_outcome(section: str) -> None:
    whole = WHOLE_SECTIONS.get(section, AMBIGUOUS_INDUSTRY)
    assert outcome(section) == outcome(section.lower()) == whole
    for division in SECTIONS[section]:
        expected = WHOLE_SECTIONS.get(section) or SINGLE_DIVISIONS[division]
        code = f"{division:02}"
        for written in (code, section + code, section.lower() + code, f" {section} {code} "):
            assert outcome(written) == expected, written
        if division != 59 and division != 70:
            for finer in (code + "1", code + "19", f"{section}{code}9"):
                assert outcome(finer) == expected, finer


def test_every_division_is_in_one_section() -> None:
    assert [division for section in SECTIONS.values() for division in section] == [*range(1, 98)]
    letters = [row["code"] for row in CODES if len(row["code"]) == 1]
    divisions = [row["code"] for row in CODES if len(row["code"]) == 3]
    assert letters == list(SECTIONS)
    assert divisions == [f"{s}{d:02}" for s, r in SECTIONS.items() for d in r]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("59", "warehousing"),
        ("591", "transport"),
        ("5910", "transport"),
        ("G591", "transport"),
        ("592", "warehousing"),
        ("5920", "warehousing"),
        ("G599", "warehousing"),
        ("70", AMBIGUOUS_INDUSTRY),
        ("K70", AMBIGUOUS_INDUSTRY),
        ("701", "real_estate"),
        ("K7010", "real_estate"),
        ("702", "property_management"),
        ("7020", "property_management"),
        ("703", "other"),
        ("704", NOT_COVERED),
        ("7040", NOT_COVERED),
        ("709", "other"),
        ("1", "agriculture"),
        ("6", "industry"),
        ("11", "industry"),
        ("C1311", "industry"),
        ("Ｃ１３", "industry"),
        ("0", UNKNOWN_INDUSTRY),
        ("00", UNKNOWN_INDUSTRY),
        ("98", UNKNOWN_INDUSTRY),
        ("U", UNKNOWN_INDUSTRY),
        ("C1", UNKNOWN_INDUSTRY),
        ("A1", UNKNOWN_INDUSTRY),
        ("C62", UNKNOWN_INDUSTRY),
        ("H13", UNKNOWN_INDUSTRY),
        ("F591", UNKNOWN_INDUSTRY),
        ("13111", UNKNOWN_INDUSTRY),
        ("C13.1", UNKNOWN_INDUSTRY),
        ("13.0", UNKNOWN_INDUSTRY),
        ("-13", UNKNOWN_INDUSTRY),
        ("١٣", UNKNOWN_INDUSTRY),
        ("CC", UNKNOWN_INDUSTRY),
        ("", MISSING_INDUSTRY),
        (" \u3000", MISSING_INDUSTRY),
    ],
)
def test_codes(code: str, expected: str | int) -> None:
    assert outcome(code) == expected


@pytest.mark.parametrize("row", CODES, ids=lambda row: row["code"])
def test_each_listed_code_leads_to_one_thing_also_by_its_name(row: dict[str, str]) -> None:
    filled = [row["industry"], row["needs"], row["not_covered"]]
    assert sum(bool(value) for value in filled) == 1
    expected: str | int = row["industry"]
    if row["needs"]:
        expected = AMBIGUOUS_INDUSTRY
    elif row["not_covered"]:
        expected = NOT_COVERED
    else:
        assert expected in KEYS
    assert outcome(row["code"]) == outcome(row["code"][1:] or row["code"]) == expected
    assert outcome(row["name_zh"]) == expected
    assert outcome(row["name_zh"].replace("、", "")) == expected
    assert outcome(f"\u3000{row['name_zh'].replace('、', ' 、')} ") == expected


@pytest.mark.parametrize("row", read("enterprise-size.csv"), ids=lambda row: row["industry"])
def test_keys_and_names_of_the_size_table(row: dict[str, str]) -> None:
    assert outcome(row["industry"]) == outcome(row["industry"].upper()) == row["industry"]
    assert outcome(row["industry_zh"]) == row["industry"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("工业", "industry"),
        ("制造业", "industry"),
        ("零售业", "retail"),
        ("餐饮业", "catering"),
        ("道路运输业", "transport"),
        ("交通运输业", "transport"),
        ("铁路运输业", NOT_COVERED),
        ("仓储业", "warehousing"),
        ("装卸搬运", "transport"),
        ("农林牧渔业", "agriculture"),
        ("农，林，牧，渔业", "agriculture"),
        ("批发和零售业", AMBIGUOUS_INDUSTRY),
        ("房地产业", AMBIGUOUS_INDUSTRY),
        ("物业管理", "property_management"),
        ("社会工作", "other"),
        ("卫生", NOT_COVERED),
        ("教育", NOT_COVERED),
        ("金融业", NOT_COVERED),
        ("其他未列明行业", "other"),
        ("其他", UNKNOWN_INDUSTRY),
        ("制造", UNKNOWN_INDUSTRY),
        ("finance", UNKNOWN_INDUSTRY),
    ],
)
def test_names(name: str, expected: str | int) -> None:
    assert outcome(name) == expected


@given(st.text(max_size=6))
def test_any_text_has_an_outcome_and_a_problem_says_so_in_both_languages(text: str) -> None:
    position = int(industry_keys([text])[0])
    problem = industry_problem(text)
    assert -4 <= position < len(KEYS)
    assert (problem is None) == (position >= 0)
    if problem is not None:
        assert problem.zh
        assert problem.en
        assert problem.zh != problem.en


def test_problems_name_what_is_needed() -> None:
    for text, zh, en in [
        ("F", ["“F”", "批发和零售业", "51 批发业、52 零售业"], ["51 批发业 (wholesale)", "52"]),
        (
            "70",
            ["701 房地产开发经营", "704 房地产租赁经营（办法不适用）"],
            ["704 房地产租赁经营 (not covered)"],
        ),
        (
            "G",
            ["53 铁路运输业（办法不适用）", "591 装卸搬运", "60 邮政业"],
            ["59 ", "(warehousing)"],
        ),
        ("J66", ["“J66”", "货币金融服务", "不适用"], ["does not apply", "standard of its own"]),
        ("教育", ["未列入"], ["not among"]),
        ("53", ["排除"], ["excluded"]),
        ("foo{}", ["“foo{}”", "GB/T 4754-2017"], ["“foo{}” is not a known industry"]),
        ("", ["未填行业"], ["blank"]),
    ]:
        problem = industry_problem(text)
        assert problem is not None
        assert all(part in problem.zh for part in zh), problem.zh
        assert all(part in problem.en for part in en), problem.en
    assert industry_problem(None) == industry_problem("  ")


@pytest.mark.parametrize("row", [row for row in CODES if row["needs"]], ids=lambda row: row["code"])
def test_the_finer_codes_named_cover_what_they_are_finer_than(row: dict[str, str]) -> None:
    """Each is a listed code of the same section, settles it, and no division is left out."""
    listed = {other["code"] for other in CODES}
    needs = row["needs"].split()
    section = row["code"][0]
    assert {section + code for code in needs} <= listed
    assert all(outcome(code) != AMBIGUOUS_INDUSTRY for code in needs)
    assert {int(code[:2]) for code in needs} == set(SECTIONS[section])


def test_columns_of_every_kind_give_the_same() -> None:
    texts = ["C13", None, "零售业", "C13", "J", ""]
    expected = [1, MISSING_INDUSTRY, 4, 1, NOT_COVERED, MISSING_INDUSTRY]
    strings = pa.array(texts)
    columns: list[object] = [
        texts,
        np.array(texts, dtype=object),
        np.array(["C13", np.nan, "零售业", "C13", "J", ""], dtype=object),
        strings,
        strings.cast(pa.large_string()),
        strings.dictionary_encode(),
        strings.dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        pa.chunked_array([texts[:2], texts[2:]]),
        pa.chunked_array(
            [pa.array(texts[:2]).dictionary_encode(), pa.array(texts[2:]).dictionary_encode()]
        ),
        pa.array(["?", *texts, "?"])[1:-1],
    ]
    for column in columns:
        codes = industry_keys(column)
        assert codes.dtype == np.int8
        assert codes.tolist() == expected
    no_rows: list[object] = [[], pa.array([], pa.string()), pa.chunked_array([], pa.string())]
    for empty in no_rows:
        assert industry_keys(empty).tolist() == []
    assert industry_keys(pa.nulls(2, pa.string())).tolist() == [MISSING_INDUSTRY] * 2


def test_each_distinct_text_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    find = industries._find

    def counted(text: str) -> object:
        looked_up.append(text)
        return find(text)

    monkeypatch.setattr(industries, "_find", counted)
    industry_keys(["C13", "52", "C13"] * 1000)
    assert looked_up == ["C13", "52"]
