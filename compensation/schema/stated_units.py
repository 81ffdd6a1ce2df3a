"""The grammar of units in whole texts: which of them a cell states, whatever stands around them.

Every search is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul

from compensation.schema.unit_words import (
    CURRENCY,
    ENGLISH_SCALES,
    FOREIGN,
    SCALE,
    SCALES,
    Named,
)

LARGEST = 10**8
"""The largest unit, 亿元, in yuan. Units are powers of ten up to it."""

_BASE = re.compile(
    rf"(?P<foreign>{FOREIGN})|(?P<yuan>元|(?<![a-z])yuan(?![a-z]))|(?P<currency>{CURRENCY})"
)
_COUNTED = "户笔人家个份件次%‰"

# What stands directly before a unit, looked for in a short piece of text that ends there.
_BEFORE, _BEHIND = 40, 24
_SCALE_BEFORE = re.compile(
    rf"(?P<number>(?<![0-9,.])[0-9][0-9,.]*)? ?(?P<scale>(?<![{SCALE}])[{SCALE}]+"
    r"|(?<![a-z])(?:(?:(?:ten |hundred )?thousand|(?:hundred )?million)s?|k|wan))?(?: of)? ?$"
)
_CURRENCY_BEFORE = re.compile(rf"(?:{CURRENCY})[ (:/]*$")
_DATE_BEFORE = re.compile(r"(?:[-/]|\.[0-9]+\.)[0-9]*$")
_NUMERALS = "一二三四五六七八九两几数多余壹贰叁肆伍陆柒捌玖零〇半"
_MARK = re.compile(
    rf"(?:单位|(?<![a-z])units?)(?:[:=为是均都以按系 ,、/()~—“”和及一壹{_COUNTED}-]|人民币"
    r"|rmb|cny|币种|除[^:;除外]{0,12}外|统一|一律|全部|金额|数量|户数|比例|of|in|are|is|amounts?)*$"
)
_ORGANISATION_BEFORE = re.compile(
    r"(?:编制|填报|报送|制表|填表|申报|主管|借款|担保|编报|上报|送审|用款|承办|合作|所在|填制|报告"
    r"|受托|委托|用人|工作|财务)$"
)
_SAYS = re.compile(
    r"(?:[均都皆全系][为以]|一律为|统一为|金额[为:]?|货币[为:]?"
    r"|(?<![a-z])(?:amounts?|figures|values|money)(?: are)?(?: in)?:?) ?$"
)
_IN = re.compile(r"(?<![a-z])in ?$")
_BY = re.compile(r"[以按用] ?$")

# What stands directly behind it.
_SCALE_BEHIND = re.compile(
    r" ?\(? ?(?:(?P<zeros>'0{3,8}(?:,000)?)|(?:in )?(?P<word>(?:ten |hundred )?thousand|10k|k|wan"
    r"|(?:hundred |100 ?)?million)s?(?![a-z])|(?P<number>10[0-9,]*)(?![0-9.])) ?\)?"
)
_COUNTS_BY = re.compile(r" ?(?:为单位|为计|计|列示|填列|填写|填报|录入|反映|表示|核算|计量|列报)")
_ENDS = re.compile(
    r"$|[^\w]|[0-9a-z_]|为单位|为计|计|列示|填列|填写|录入|反映|表示|核算|人民币|第|共|页|截止|截至|日期|时间"
    r"|填报|填表|制表|编制|编报|审核|币种|除|不含|含|保留|下同|起|附|注|单位|报表|金额|版"
)
_RATE = re.compile(r" ?/ ?\w")
_FIGURE = re.compile(r"[):= ]*¥?(?P<figure>-?[0-9][0-9,]*(?:\.[0-9]+)?)(?P<behind>.?)")
_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}(?:[01][0-9](?:[0-3][0-9])?)?")
_OF_A_DATE = frozenset("年月日页号期-/.:")

# A unit that is announced, and is none.
_ALONE = rf"(?:[{SCALE}]*[万亿]|[百千])"
"""A scale that stands for a unit of money where the word for money is left out."""
_SCALE_SAID = re.compile(
    rf"(?<!数)[以按用] ?[(“\"]?{_ALONE}[)”\"]? ?(?:为单位|为计|计|列示|填列|填写|填报|录入|列报)"
    rf"|(?:(?<=金额|数额|口径|计价)|(?<=[¥元]))[:为是以 (“\"]+(?:{_ALONE}|[wk]|10k)(?=$|[^\w])"
    rf"|\((?:[{SCALE}]?[万亿]|千)\)|^\((?:[wk]|10k)\)$"
    r"|单位[:为是 (]*[万亿][亓园兀]"
    r"|(?<![a-z])in (?:'?0{3,8}|10[0-9]*(?:,000)+|(?:ten |hundred )?thousand"
    r"|(?:hundred )?million)s?(?! ?[a-z0-9,])"
)
"""金额以万为单位, 金额(万), 明细表(万), 单位:万园, in ten thousands: most likely a unit."""
_SCALE_ALONE = re.compile(
    rf"单位[:为是 (]*(?:(?:人民币|rmb|cny)[ (]*)?[{SCALE}]+(?=$|[^\w]|第|截)"
    r"|(?:单位|(?<![a-z])units?)[: (]*(?:10[0-9,]*|'0{3,8}|(?:ten )?thousand|(?:hundred )?million)"
)
_CURRENCY_ALONE = re.compile(rf"(?:单位|(?<![a-z])units?)[:为是 (]*(?:{CURRENCY})(?=$|[^\w]|第|截)")
_YUAN_ALONE = re.compile(rf"(?:单位|(?<![a-z])units?)[:为是 (]*(?:{CURRENCY}|¥)[) ]*$")
"""The name of the currency and no more: 单位:人民币, Unit: RMB."""
_ODD = re.compile(
    r"(?:单位|(?<![a-z])units?)[:为是 (]*(?:(?:人民币|rmb|cny)[ (]*)?"
    r"(?:[角分厘]|(?:[kwm]|mn|bn|mil)(?:元|yuan|rmb|cny)?)(?=$|[^\w]|第|截)"
    rf"|(?:{CURRENCY}|¥) ?'?0?[0,]*,?000(?![0-9.])"
    rf"|(?:{CURRENCY}|¥)[ :]{{0,3}}10[0-9,]* ?(?:thousand|k)(?![a-z])"
    r"|(?:单位|(?<![a-z])units?)[:为是 (]*¥ ?1[0,]+(?![0-9.])"
)
_OF_MONEY = re.compile(r"(?:金额|货币)单位 ?[:为是] ?[^ ):]")
_ORGANISATION = re.compile("公司|担保|中心|集团|银行|有限|[局县市区院厅所社行部]")

# What may stand beside a unit without being a title or the name of a group of columns.
_LABELLED = re.compile(r"[一-鿿]{0,6}(?:单位|部门|机构|[人日]|日期|时间|电话|编号):[^ ,;()]{0,40}")
_BESIDE = re.compile(
    r"金额(?=单位|填写|[均都皆为以按:])|(?<=[上下中列内有部])金额|货币|计量|计价|数量|数额|数据|口径|填报|填写|单位|币种|币别|人民币|本套|本表|本页|以上|以下|表中|上述|表内|所有|全部|各项|报表|一律|统一"
    r"|保留[^,;):]{0,4}小数|四舍五入|取整|除[^,;):]{0,20}外|特别|说明|注明|截止|截至|日期|时间|备注|填列|列示|反映|表示|下同|年度|季度"
    r"|(?<![a-z])(?:units?|amounts?|figures|all|are|is|in|of|currency|page|rmb|cny|renminbi)(?![a-z])"
    rf"|[\W0-9_第共页年月日均都为是以按计系附注和及{_COUNTED}]"
)


def stated(written: str) -> list[Named]:
    """Return the units that a text states; `units.units_in` says what that is.

    ``written``: as `units.plain` returns it.
    """
    found: list[tuple[_Unit, bool]] = []
    end = 0
    for base in _BASE.finditer(written):
        unit = _unit_at(written, base, end) if base.start() >= end else None
        if unit is None:
            continue
        end = unit.end
        stated = _stated(written, unit)
        if stated is not None:
            found.append((unit, stated))
    if not found and _YUAN_ALONE.search(written):
        return [Named(1, True)]
    scale = _SCALE_SAID.search(written)
    if scale is not None and all(unit.worth == 1 for unit, _ in found):
        before, behind = written[: scale.start()], written[scale.end() :]
        return [Named(None, True, _beside(f"{before} {behind}", ()), _beside(before, ()))]
    if not found:
        announced = _SCALE_ALONE, _CURRENCY_ALONE, _ODD, _OF_MONEY
        return [Named(None, True)] if any(p.search(written) for p in announced) else []
    units = [unit for unit, _ in found]
    beside, before = _beside(written, units), _beside(written[: units[0].start], ())
    return [
        Named(unit.worth if sure else None, unit.marked, beside, before) for unit, sure in found
    ]


@dataclass(frozen=True)
class _Unit:
    """A unit in a text: its place, what it is worth, whether a number makes an amount of it."""

    start: int
    end: int
    worth: int | None
    marked: bool
    number: str | None
    weak: bool


def _unit_at(written: str, base: re.Match[str], floor: int) -> _Unit | None:
    """Return the unit around 元, yuan, RMB or a foreign currency, with its scale: 万, thousand."""
    before = written[max(floor, base.start() - _BEFORE) : base.start()]
    scaled = _SCALE_BEFORE.search(before)
    assert scaled is not None
    scale, number = _scale(scaled["scale"]), scaled["number"]
    start, end = base.start() - len(scaled[0].lstrip()), base.end()
    date = number is not None and (
        number.count(".") > 1 or _DATE_BEFORE.search(before[: scaled.start("number")])
    )
    if date:
        start, number = base.start() - len(before) + scaled.end("number"), None
    behind = None if base["yuan"] == "元" else _SCALE_BEHIND.match(written, end)
    if behind is not None and scaled["scale"] is None and number is None:
        number = behind["number"]
        scale = 10 ** behind["zeros"].count("0") if behind["zeros"] else _scale(behind["word"])
        end = behind.end()
    elif base["currency"] is not None and scaled["scale"] is None and number is None:
        return None
    currency = _CURRENCY_BEFORE.search(written, max(floor, start - _BEHIND), start)
    start = start if currency is None else currency.start()
    weak = currency is None and base["yuan"] is not None and scale == 1
    marked = _is_marked(written, start, end, amount=number is not None)
    return _Unit(start, end, _worth(base, scale, number), marked, number, weak)


def _scale(text: str | None) -> int:
    """Return what a scale multiplies by: 1 for none."""
    if text is None:
        return 1
    if text[0] in SCALES:
        return reduce(mul, (SCALES[letter] for letter in text))
    words = text.replace(" ", "")
    return ENGLISH_SCALES.get(words) or ENGLISH_SCALES[words.removesuffix("s")]


def _worth(base: re.Match[str], scale: int, number: str | None) -> int | None:
    """Return what a unit is worth in yuan, if it is a power of ten that is supported."""
    digits = "1" if number is None else number.replace(",", "")
    worth = scale * int(digits) if digits.isdecimal() else 0
    power = str(worth).strip("0") == "1" and worth <= LARGEST
    return worth if power and base["foreign"] is None else None


def _is_marked(written: str, start: int, end: int, *, amount: bool) -> bool:
    """Return whether the text says of what stands there that it is a unit.

    `amount`: there is a number before it, so that 金额:500万元 is none.
    """
    before = written[max(0, start - _BEFORE) : start]
    mark = _MARK.search(before)
    if mark is not None and not _ORGANISATION_BEFORE.search(before[: mark.start()]):
        return True
    behind = written[end : end + _BEHIND]
    if _IN.search(before) or (_BY.search(before) and _COUNTS_BY.match(behind)):
        return True
    return not amount and _SAYS.search(before) is not None and _ENDS.match(behind) is not None


def _stated(written: str, unit: _Unit) -> bool | None:
    """Return whether a unit is stated: True if it is, False if that is in doubt, None if not."""
    behind = written[unit.end : unit.end + _BEHIND]
    ends = _ENDS.match(behind) is not None
    if unit.marked:
        if ends:
            return True
        return None if _ORGANISATION.search(behind) else False
    if not ends or _RATE.match(behind):
        return None
    before = written[max(0, unit.start - _BEFORE) : unit.start]
    if before.rstrip().endswith(tuple(_NUMERALS)):
        return None
    if unit.number is not None:
        # 2022 万元 or RMB 10,000, and nothing else: a year or an amount, a unit or an amount?
        alone = not before.strip(" (") and not behind.strip(" )")
        odd = unit.worth is not None or _YEAR.fullmatch(unit.number) is not None
        return False if alone and odd else None
    if unit.weak and before[-1:].isalnum():
        return None
    figure = _FIGURE.match(behind)
    if figure is None or _YEAR.fullmatch(figure["figure"]) or figure["behind"] in _OF_A_DATE:
        return True
    return None


def _beside(written: str, units: Sequence[_Unit]) -> str:
    """Return what a text says besides units, dates, page numbers and labels."""
    pieces, end = [], 0
    for unit in units:
        pieces.append(written[end : unit.start])
        end = unit.end
    pieces.append(written[end:])
    return _BESIDE.sub("", _LABELLED.sub(" ", " ".join(pieces)))
