"""Units of money: how a cell or a heading names one, and what it is worth in yuan.

The one grammar for unit lines, notes below a table and the brackets of headings. Where a cell
stands, and so which columns it speaks for, is the business of `unit_places`. Every search is linear
in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata

from compensation.language import UNSEEN
from compensation.schema.unit_words import FOREIGN, SCALE, Named

LONGEST = 4_000
"""How many characters of a cell are searched; of a longer one, the first and the last of them."""

_SAME = str.maketrans(
    "萬億仟佰拾圆圓單単幣計額（）【】〔〕「」『』[]{}<>《》〈〉‘’`′：",
    "万亿千百十元元单单币计额()()()()()()()()()()'''':",
)
_INVISIBLE = re.compile(f"[{UNSEEN}]")
_INNER_BLANK = re.compile(
    rf"(?<=[单位金额货人民币{SCALE}]) (?=[位元额民币{SCALE}])|(?<=位) (?=:)|(?<=:) "
)

_OF_ALL = re.compile(
    r"本套|全套|各[张]?[报]?表|本工作簿|本文件|所有|全部|[均皆都][为以系是]|一律|统一|(?<![a-z])all(?![a-z])"
)
_MAY_NAME = re.compile(
    rf"元|yuan|rmb|cny|renminbi|单位|unit|¥|{FOREIGN}"
    rf"|[以按用额径价(:“\"] ?[{SCALE}wk1]|(?<![a-z])in (?:10|'?00|ten|hundred|thousand|million)"
)
_SUFFIX = re.compile(
    rf"[/_,:|~、—-]{{0,8}}(?:单位:?)?(?:人民币)?[{SCALE}]{{0,8}}(?:元|(?<![a-z])yuan)$"
)
_LONGEST_SUFFIX = 24
_LAST = (")", "元", "yuan")
"""How a heading ends that has a unit, in brackets or without."""
_JOINTS = "/_,:|~、—-"
"""What may stand between a heading and its unit."""
_SCALE_IN_NAME = re.compile(r"[ _(-](?:[百千]?万|千|亿)\)?$")
_BRACKETS = re.compile(r"(?P<base>.+)\((?P<unit>[^()]*)\)")
_OF_CURRENCIES = re.compile(
    r"[一-鿿]{0,6}(?:币种|币别|货币|原币|外币)(?:名称|代码|种类|类型|类别)?(?:\(.*\))?:?"
    r"|.*currency(?:code|name|type)?:?|.*ccy"
)


def plain(text: str) -> str:
    """Return a text as units are looked for in it: one width, one kind of brackets, one blank.

    >>> plain("\u3010单 位\uff1a萬元\u3011")
    '(单位:万元)'
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    same = unicodedata.normalize("NFKC", text).casefold().translate(_SAME)
    one_line = _INVISIBLE.sub("", " ".join(same.split()))
    return _INNER_BLANK.sub("", " ".join(one_line.split()))


def units_in(text: str) -> list[Named]:
    """Return the units that a cell states, whatever stands before or behind them.

    An amount is no statement, nor is a name: 500万元, 合计(万元):500, 元氏县, 填报单位:某公司.

    >>> [named.worth for named in units_in("单位:万元  截止日期:2023年03月31日")]
    [10000]
    >>> units_in("共 12 笔, 合计 3,000 万元"), units_in("单位:元氏县融资担保公司")
    ([], [])
    >>> units_in("企业财务(万元)")
    [Named(worth=10000, marked=False, beside='企业财务')]
    """
    written = plain(text)
    if not _MAY_NAME.search(written):
        return []
    # Hardly any text that is looked at gets here, and the grammar takes time to load.
    from compensation.schema.stated_units import stated

    return stated(written)


def is_of_currencies(heading: str) -> bool:
    """Return whether a heading, in plain characters, is of a column that names a currency.

    >>> [is_of_currencies(heading) for heading in ("币种", "currency_code", "原币本金")]
    [True, True, False]
    """
    return _OF_CURRENCIES.fullmatch(re.sub(r"[\s_]", "", heading)) is not None


def units_in_name(name: str) -> list[Named]:
    """Return the units that the name of a sheet or file states of its table.

    A scale at its end, as in 代偿(万), is most likely one, but is not understood.
    """
    named = units_in(name)
    return named or ([Named(None, True)] if _SCALE_IN_NAME.search(plain(name)) else [])


def unit_of_all(text: str) -> int | None:
    """Return the unit that a cell states of all tables of a workbook; None if it states none.

    >>> unit_of_all("本套报表金额单位均为万元"), unit_of_all("合同表:金额单位万元")
    (10000, None)
    """
    named = units_in(text)
    if len(named) != 1 or not named[0].marked or not _OF_ALL.search(plain(text)):
        return None
    return named[0].worth


def unit_of(text: str) -> int | None:
    """Return what the unit in a heading's brackets is worth in yuan; None if it is not understood.

    >>> unit_of("万元"), unit_of("单位:人民币万元"), unit_of("万美元"), unit_of("新")
    (10000, 10000, None, None)
    """
    named = units_in(f"单位:{text}")
    worths = {unit.worth for unit in named if not unit.beside}
    return worths.pop() if len(named) == len(worths) == 1 else None


def split_unit(heading: str) -> tuple[str, str | None]:
    """Return a heading, normalised as headings are, without the unit at its end, and that unit.

    The unit is whatever stands in the brackets at the end, or a unit of money without brackets;
    None if there is neither.

    >>> split_unit("担保金额(万元)"), split_unit("担保金额_万元"), split_unit("担保金额(新)")
    (('担保金额', '万元'), ('担保金额', '万元'), ('担保金额', '新'))
    """
    same = heading.translate(_SAME)
    if not same.rstrip().endswith(_LAST):  # quicker than the expressions, for cells that are none
        return heading, None
    match = _BRACKETS.fullmatch(same)
    if match is not None:
        return heading[: match.end("base")].rstrip(_JOINTS), match["unit"]
    suffix = _SUFFIX.search(same, max(1, len(same) - _LONGEST_SUFFIX))
    if suffix is None:
        return heading, None
    return heading[: suffix.start()], suffix[0].lstrip(_JOINTS)
