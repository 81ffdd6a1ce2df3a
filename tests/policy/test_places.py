from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.policy.places import PROVINCES, begins_in, begins_in_any, may_both_hold

IN_LUOYANG = [
    "洛阳",
    "洛阳市",
    "河南洛阳",
    "河南洛阳市",
    "河南省洛阳",
    "河南省洛阳市",
    "河南省洛阳市西工区",
    "河南省 洛阳市",
    "河南省/洛阳市",
    "河南省-洛阳市-西工区",
    "河南，洛阳",
    "中国河南省洛阳市",
    "中国 河南 洛阳",
    "中华人民共和国河南省洛阳市",
    "洛阳市西工区",
    "洛阳高新区",
    "洛阳涧西",
    "中国（河南）自由贸易试验区洛阳片区",
]
NOT_IN_LUOYANG = [
    "",
    "郑州",
    "郑州市洛阳路",
    "河南省郑州市洛阳路8号",
    "河南省郑州市洛阳街",
    "郑州洛阳",
    "河南省",
    "中国",
    "洛 阳",
    "洛阳路8号",
    "洛阳东路",
    "洛阳大道",
    "洛阳镇",
    "广东省惠州市博罗县洛阳镇",
    "福建省洛阳镇",
    "洛阳村",
    "上海市洛阳路",
    "上海市洛阳",
]


@pytest.mark.parametrize("beginning", ["洛阳", "洛阳市", "河南省洛阳市", "河南洛阳"])
def test_what_is_in_a_city(beginning: str) -> None:
    assert [place for place in IN_LUOYANG if not begins_in(place, beginning)] == []
    assert [place for place in NOT_IN_LUOYANG if begins_in(place, beginning)] == []


@pytest.mark.parametrize(
    ("place", "beginning", "expected"),
    [
        ("河南省洛阳市", "河南", True),
        ("河南洛阳", "河南省", True),
        ("中国河南省", "河南", True),
        ("河南", "河南省", True),
        ("洛阳市", "河南", False),
        ("湖北省", "河南", False),
        ("河南路1号", "河南", False),
        ("北京市朝阳区", "北京", True),
        ("北京市朝阳区", "朝阳区", True),
        ("北京市朝阳区", "朝阳", False),  # the city 朝阳 is in 辽宁
        ("辽宁省朝阳市", "朝阳", True),
        ("湖北洛阳", "河南省洛阳市", False),
        ("吉林省长春市", "吉林", True),
        ("吉林市船营区", "吉林", True),
        ("吉林省吉林市", "吉林市", True),
        ("吉林省长春市", "吉林市", False),
        ("内蒙古自治区呼和浩特市", "呼和浩特", True),
        ("新疆维吾尔自治区乌鲁木齐市", "新疆", True),
        ("河南省洛阳市栾川县", "栾川县", True),
        ("洛阳市栾川县", "栾川县", True),
        ("河南省济源示范区", "济源", True),
        ("洛阳县", "洛阳市", False),
        ("洛阳村镇银行", "洛阳", True),  # a name, no village
        ("中国银行", "中国", True),
        ("C13", "C", True),
        ("AC13", "C", False),
        ("制造业", "制造", True),
        ("农、林、牧、渔业", "农、林", True),
        ("anything", "", True),
    ],
)
def test_places_and_other_texts(place: str, beginning: str, expected: bool) -> None:
    assert begins_in(place, beginning) is expected
    assert begins_in_any(place, ("没有", beginning)) is expected


def test_there_are_34_divisions_of_the_first_level() -> None:
    assert len(PROVINCES) == len(set(PROVINCES.values())) == 34


@given(
    st.text("中国河南省洛阳市西工区路镇北京朝/（） ", max_size=20),
    st.text("河南省洛阳市京区", max_size=6),
)
def test_it_is_decided_for_any_text(place: str, beginning: str) -> None:
    assert begins_in(place, beginning) in (True, False)
    if begins_in(place, "河南省洛阳市"):
        assert begins_in(place, "洛阳")


@given(
    st.sampled_from(["", "中国", "中华人民共和国"]),
    st.sampled_from(["", "河南", "河南省"]),
    st.sampled_from(["", " ", "/", "-", "，"]),
    st.sampled_from(["洛阳", "洛阳市"]),
    st.sampled_from(["", "西工区", "涧西区", "栾川县", "高新区"]),
)
def test_a_city_is_found_behind_whatever_it_lies_in(
    country: str, province: str, between: str, city: str, district: str
) -> None:
    place = between.join(filter(None, (country, province, city, district)))
    assert begins_in(place, "洛阳")
    assert not begins_in(place.replace("洛阳", "郑州"), "洛阳")


def test_which_tests_may_hold_together() -> None:
    assert may_both_hold("河南", "洛阳")
    assert may_both_hold("洛阳市", "栾川县")
    assert not may_both_hold("洛阳", "郑州")
    assert not may_both_hold("河南", "湖北省")
    assert not may_both_hold("C", "D")
