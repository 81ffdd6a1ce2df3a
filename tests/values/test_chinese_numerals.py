from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.values.chinese_numerals import spelled_year, whole_number

EVERYDAY, FORMAL = ("零一二三四五六七八九", "十百千"), ("零壹贰叁肆伍陆柒捌玖", "拾佰仟")


def written(number: int, formal: bool) -> str:
    """Return a whole number below 10^16 in numerals, group by group from the right."""
    if number == 0:
        return "零"
    digits, places = FORMAL if formal else EVERYDAY
    groups, units = [], ["", "万", "亿", "万"]
    while number:
        number, four = divmod(number, 10_000)
        groups.append(four)
    text, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        four = groups[place]
        for power in (3, 2, 1, 0):
            digit = four // 10**power % 10
            if digit == 0:
                gap = bool(text)
                continue
            text += ("零" if gap else "") + digits[digit] + (places[power - 1] if power else "")
            gap = False
        if four:
            text += units[place]
        elif place == 2 and len(groups) == 4:
            text += "亿"
        if place == 3 and not groups[2]:
            gap = False
    return text


@given(st.one_of(st.integers(0, 10**16 - 1), st.integers(0, 10**5)), st.booleans())
def test_every_number_is_read_as_it_is_written(number: int, formal: bool) -> None:
    assert whole_number(written(number, formal)) == number


@given(st.text("零〇一二两三十百千万亿壹拾佰仟萬億", max_size=12))
def test_whatever_is_read_is_a_writing_of_that_number(text: str) -> None:
    number = whole_number(text)
    if number is not None and number < 10**16:
        bare = text.translate(str.maketrans("两〇壹拾佰仟萬億", "二零一十百千万亿"))
        canonical = written(number, formal=False)
        same = {canonical, canonical.removeprefix("一")} if "一十" in canonical[:2] else {canonical}
        assert bare.replace("零", "") in {each.replace("零", "") for each in same} or number == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("零", 0),
        ("〇", 0),
        ("五", 5),
        ("十", 10),
        ("十五", 15),
        ("拾伍", 15),
        ("一十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("一百一十", 110),
        ("两千", 2_000),
        ("壹仟零伍拾", 1_050),
        ("一千五十", 1_050),
        ("一万零五", 10_005),
        ("叁拾贰万伍仟", 325_000),
        ("貳拾萬", 200_000),
        ("壹佰零伍万", 1_050_000),
        ("壹佰万零伍仟", 1_005_000),
        ("一亿二千万", 120_000_000),
        ("一亿零五万", 100_050_000),
        ("一万亿", 10**12),
        # May be another number, too:
        ("一万五", None),
        ("一千五", None),
        ("二百五", None),
        ("三十二万五", None),
        ("一亿五万", None),
        # Is none:
        ("", None),
        ("万", None),
        ("亿", None),
        ("百", None),
        ("零五", None),
        ("五零", None),
        ("一二", None),
        ("一零五", None),
        ("一百百", None),
        ("一十百", None),
        ("一百十", None),
        ("壹仟零伍佰", None),
        ("一百零零五", None),
        ("一百零", None),
        ("一万万", None),
        ("一亿亿", None),
        ("一万一千万", None),
        ("百五十", None),
        ("廿一", None),
        ("5万", None),
    ],
)
def test_numerals(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@given(st.integers(1000, 9999), st.booleans())
def test_a_year_is_spelled_digit_by_digit(year: int, formal: bool) -> None:
    digits = (FORMAL if formal else EVERYDAY)[0]
    assert spelled_year("".join(digits[int(digit)] for digit in str(year))) == year
    assert spelled_year("二○二二") == spelled_year("二〇二二") == 2022
    assert spelled_year("二千") is spelled_year("") is None
