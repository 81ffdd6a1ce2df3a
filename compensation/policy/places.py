"""Whether a place begins in another, however much of 国、省、市、县 people write before its name.

河南省洛阳市西工区, 河南洛阳 and 中国河南省洛阳市 all begin in 洛阳; 郑州市洛阳路 and 洛阳镇 do not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

_COUNTRY = ("中华人民共和国", "中国")
MUNICIPALITIES = {name: f"{name}市" for name in ("北京", "上海", "天津", "重庆")}
_REGIONS = {
    "内蒙古": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
    "香港": "香港特别行政区",
    "澳门": "澳门特别行政区",
}
_PROVINCES = (
    *("河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东"),
    *("河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海"),
    "台湾",
)
PROVINCES = MUNICIPALITIES | _REGIONS | {name: f"{name}省" for name in _PROVINCES}
"""The 34 divisions of the first level, by the short name that people also use."""

_BY_BEGINNING = {short[:2]: (short, full) for short, full in PROVINCES.items()}
_SEPARATORS = re.compile(r"[\s/\\|>、,，·\-－—／]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LEVELS = (
    *("特别行政区", "自治区", "自治州", "自治县", "地区"),
    *("省", "市", "县", "区", "旗", "盟", "州"),
)
_COUNTIES = ("自治县", "县", "区", "旗", "市")
_ZONE = re.compile("[(（]([^()（）]{2,8})[)）]自由贸易试验区")
"""As licences begin: 中国（河南）自由贸易试验区洛阳片区."""
_CITY = re.compile(r"[^省市县区旗盟州]{2,8}(?:市|地区|自治州|盟)")
_SMALLER = re.compile(
    "[东西南北中]?(?:路(?!桥)|街|大街|大道|道(?!路)|巷|弄|胡同)|镇|乡(?!村)|村(?!镇)"
)
"""What behind a name makes it that of a street, a town or a village."""


def begins_in_any(place: str, beginnings: Iterable[str]) -> bool:
    """Return whether a text begins with any of some beginnings; see `begins_in`."""
    return any(begins_in(place, beginning) for beginning in beginnings)


def begins_in(place: str, beginning: str) -> bool:
    """Return whether a text begins with ``beginning``; a place, also behind what it lies in.

    Both are compared as places where ``beginning`` is written in Chinese characters only.

    >>> begins_in("河南省洛阳市西工区", "洛阳"), begins_in("河南省郑州市洛阳路", "洛阳")
    (True, False)
    """
    if not _is_place(beginning):
        return place.startswith(beginning)
    if beginning[:2] not in place and split_province(beginning)[0] is None:
        return False
    province, rest = split_province(beginning)
    if province is not None and len(rest) > 1:
        other = split_province(_without_country(place))[0]
        return other in (None, province) and begins_in(place, rest)
    return any(_starts(rest, beginning, level) for rest, level in _beginnings(place))


def may_both_hold(one: str, other: str) -> bool:
    """Return whether some place may begin in both of two, neither of which begins in the other.

    河南 and 洛阳, say: a province, a city and a county may lie in one another; two cities do not.
    """
    if not (_is_place(one) and _is_place(other)):
        return False
    return _level(one) != _level(other)


def _level(name: str) -> int:
    """Return 1 for a province, 3 for what is surely a county or a district, 2 for all others."""
    province, rest = split_province(name)
    if province is not None and not rest:
        return 1
    return 3 if name.endswith(("自治县", "县", "区", "旗")) else 2


@functools.lru_cache(maxsize=1024)
def _is_place(name: str) -> bool:
    return len(name) > 1 and _CHINESE.fullmatch(name) is not None


def _without_country(place: str) -> str:
    """Return a place in one piece, from its province on.

    Blanks and the like count between names only, and no name is of one character.
    """
    whole = place
    if _SEPARATORS.search(place) is not None:
        names = _SEPARATORS.split(place)
        whole = "".join(names) if all(len(name) != 1 for name in names) else place
    for country in _COUNTRY:
        if whole.startswith(country) and len(whole) > len(country):
            whole = whole[len(country) :]
            break
    zone = _ZONE.match(whole)
    return whole if zone is None else zone[1] + whole[zone.end() :]


def _beginnings(place: str) -> tuple[tuple[str, int], ...]:
    """Return a place with less and less before it, each with the level of what was taken off.

    0: nothing or the country; 1: a province; 2: a city, or a municipality, in which only a county
    or a district that is called one can begin: 朝阳 is a city, and 北京市朝阳区 is not in it.
    """
    whole = _without_country(place)
    # As written, too: a list of trades may have separators in the names it begins with.
    found = [(place, 0), (whole, 0)]
    province, rest = split_province(whole)
    if province is not None and rest:
        found.append((rest, 2 if province in MUNICIPALITIES else 1))
    city = _CITY.match(rest)
    if city is not None and city.end() < len(rest):
        found.append((rest[city.end() :], 2))
    return tuple(dict.fromkeys(found))


@functools.lru_cache(maxsize=4096)
def split_province(place: str) -> tuple[str | None, str]:
    """Return the short name of the province that a place is written with, and what follows it.

    >>> split_province("河南省洛阳市"), split_province("吉林市"), split_province("河南路")
    (('河南', '洛阳市'), (None, '吉林市'), (None, '河南路'))
    """
    short, full = _BY_BEGINNING.get(place[:2], ("", ""))
    if short and place.startswith(full):
        return short, place[len(full) :]
    if short and place.startswith(short):
        rest = place[len(short) :]
        if not rest.startswith(_LEVELS) and not _SMALLER.match(rest):
            return short, rest
    return None, place


@functools.lru_cache(maxsize=1024)
def _named_level(name: str) -> str:
    """Return the word at the end of a name that says what it is: 市 of 洛阳市; blank if none."""
    return next((each for each in _LEVELS if name.endswith(each)), "")


def _starts(place: str, beginning: str, level: int) -> bool:
    """Return whether a place, of which what lies before was taken off, starts with a name."""
    province, rest = split_province(beginning)
    if province is not None and not rest and level == 0 and split_province(place)[0] == province:
        return True
    named = _named_level(beginning)
    bare = beginning.removesuffix(named)
    if level == 2 and not (named and beginning.endswith(_COUNTIES)):
        return False
    if place.startswith(beginning):
        return bool(named) or not _SMALLER.match(place[len(beginning) :])
    if level == 2 or len(bare) < 2 or not named or not place.startswith(bare):
        return False
    rest = place[len(bare) :]
    return not rest.startswith(_LEVELS) and not _SMALLER.match(rest)
