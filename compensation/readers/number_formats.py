"""What a number format makes of the figure in a cell, and which formats a workbook has.

A format never changes what a cell holds, only what people see. So a format that shows another
figure, such as 13.5 or 13.5万元 where the cell holds 135000, must not be passed over.

Kinds of fault: ``scaling_format``, ``percent_format``, ``date_format``.
Source: ECMA-376 part 1, 18.8.30 (codes and built-in formats).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from compensation.language import Text
from compensation.readers.sheet_xml import parse_part, workbook_part

SCALING, PERCENT, DATE = "scaling_format", "percent_format", "date_format"
MESSAGES = {
    SCALING: Text(
        "数字格式“{format}”使显示的数与单元格保存的数不一致：请按本列的单位重新填写，并把格式改为“常规”",
        "the number format “{format}” shows another figure than the cell holds: enter the figure in"
        " the unit of the column, and set the format to General",
    ),
    PERCENT: Text(
        "金额或数量用了百分比格式“{format}”：请核对数值，并把格式改为“常规”",
        "an amount or a number has the percentage format “{format}”: check the figure, and set the"
        " format to General",
    ),
    DATE: Text(
        "数字用了日期或时间格式“{format}”：请把格式改为“常规”，再核对数值",
        "a figure has the date or time format “{format}”: set the format to General, and check"
        " the figure",
    ),
}

_BUILT_IN = {
    9: "0%",
    10: "0.00%",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    **dict.fromkeys((32, 34, 55), 'h"时"mm"分"'),
    **dict.fromkeys((33, 35, 56), 'h"时"mm"分"ss"秒"'),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}
"""Built-in formats of percentages, dates and times, as a Chinese program shows them."""
_CURRENCY = frozenset({*range(5, 9), *range(37, 45)})
"""Built-in formats whose currency is that of the country in which the program runs."""
_GENERAL = "General"

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]?|\[[^\]]*\]?'
    r"|(?P<general>G/通用格式|General)|[Ee][+-]|(?P<date>[A-Za-z])|(?P<sign>.)",
    re.DOTALL,
)
_SCALED = re.compile(r"0,+(?!,*0)")
"""Commas behind the last digit before the point, or behind all digits: each divides by 1,000."""
_UNIT = re.compile(
    r"[十拾百佰千仟万萬亿億兆厘分角成%\uff05‰‱]|\d"
    r"|\b(?:k|w|m|mm|mn|b|bn|thousands?|millions?|billions?|wan|yi)\b",
    re.IGNORECASE | re.ASCII,
)
"""What, written beside a figure, makes another figure of it."""
_FOREIGN = re.compile(
    r"[$\uff04€£₩₽]|美元|港[元币]|欧元|日元|英镑|\b(?:usd?|hkd?|eur|jpy|gbp|mop|twd|nt)\b",
    re.IGNORECASE | re.ASCII,
)
_ZERO_DECIMALS = re.compile(r"[.\uff0e]0+")
_BETWEEN_DIGITS = re.compile(r"[\s'\u2019]*")
_GROUP = re.compile(r"[,\uff0c]")
_LEAST_GROUP = 3


def kind_of(code: str) -> str | None:
    """Return the kind of fault that a format is on a figure; None for one that shows it as it is.

    >>> kind_of("0!.0000"), kind_of("#,##0,"), kind_of('0.00"万元"'), kind_of("0.0%")
    ('scaling_format', 'scaling_format', 'scaling_format', 'percent_format')
    >>> kind_of('_-* #,##0.00_-;[Red]-#,##0.00"元"')
    """
    sections = list(_sections(code))
    of_numbers = sections[:3]
    if any(section.misleads for section in sections) or not any(s.shows for s in of_numbers):
        return SCALING
    if any(section.percent for section in sections):
        return PERCENT
    return DATE if any(section.date for section in sections) else None


@dataclass
class _Section:
    """One part of a format. `shape`: its placeholders, 0 for each digit and L for other text.

    `literals`: the texts, in order.
    """

    shape: str = ""
    literals: list[str] = field(default_factory=list)
    percent: bool = False
    date: bool = False

    @property
    def shows(self) -> bool:
        """Whether a figure is shown at all."""
        return self.date or "0" in self.shape or "@" in self.shape

    @property
    def misleads(self) -> bool:
        """Whether another figure is shown than the cell holds, or one in another unit."""
        if self.date:
            return False
        named = [text for text in self.literals if not _ZERO_DECIMALS.fullmatch(text)]
        return (
            _SCALED.search(self.shape.replace("L", "")) is not None
            or any(_UNIT.search(text) or _FOREIGN.search(text) for text in named)
            or self._cut()
        )

    def _cut(self) -> bool:
        """Return whether a text stands between the digits that is no separator of thousands."""
        texts = iter(self.literals)
        first, last = self.shape.find("0"), self.shape.rfind("0")
        for place, sign in enumerate(self.shape):
            if sign != "L":
                continue
            text = next(texts)
            if not first < place < last or _BETWEEN_DIGITS.fullmatch(text):
                continue
            behind = self.shape[place + 1 :]
            if not (_GROUP.fullmatch(text) and behind.startswith("0" * _LEAST_GROUP)):
                return True
        return False


def _sections(code: str) -> Iterator[_Section]:
    """Yield the parts of a format that stand between semicolons."""
    section = _Section()
    for token in _TOKEN.finditer(code or _GENERAL):
        text = token["quoted"] or token["escaped"] or token["currency"]
        sign = token["sign"]
        if sign == ";":
            yield section
            section = _Section()
        elif token["general"] or (sign and sign in "0#?"):
            section.shape += "0"
        elif sign and sign in ".,@":
            section.shape += sign
        elif sign == "%":
            section.percent = True
        elif token["date"]:
            section.date = True
        elif text or (sign and sign != "/"):
            if not section.shape.endswith("L"):
                section.shape += "L"
                section.literals.append("")
            section.literals[-1] += text or sign
    yield section


@dataclass(frozen=True)
class Formats:
    """The formats of a workbook, by the numbers that its cells give as their style.

    `odd`: those that are a fault in some columns whatever the cell holds, with their kind.
    `dates`: those of dates and times. `struck`: those that strike out what stands in the cell.
    """

    codes: dict[int, str]
    odd: dict[int, str]
    dates: frozenset[int]
    struck: frozenset[int] = frozenset()


NO_FORMATS = Formats({}, {}, frozenset())


def formats_of(archive: zipfile.ZipFile) -> Formats:
    """Return the formats of a workbook; a workbook without styles has none.

    Raises `UnsafeXml` or expat.ExpatError where the part is not as it should be.
    """
    member = workbook_part(archive, "styles")
    codes: dict[int, str] = {}
    styles: list[int] = []
    fonts: list[bool] = []
    font_of: list[int] = []
    inside = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if tag in ("numFmts", "fonts", "cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag
        elif tag == "numFmt" and inside == "numFmts":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag == "xf" and inside == "cellXfs":
            styles.append(int(attributes.get("numFmtId", "0")))
            font_of.append(int(attributes.get("fontId", "0")))
        elif tag == "font" and inside == "fonts":
            fonts.append(False)
        elif tag == "strike" and inside == "fonts" and fonts:
            fonts[-1] = attributes.get("val", "1") in ("1", "true")

    if member is not None:
        parse_part(archive, member, start)
    local = {
        number: code.replace("$", "¥") for number, code in codes.items() if number in _CURRENCY
    }
    known = {**_BUILT_IN, **codes, **local}
    kinds = {number: kind_of(known.get(number, _GENERAL)) for number in set(styles)}
    named = {style: known.get(number, _GENERAL) for style, number in enumerate(styles)}
    by_style = {style: kinds[number] for style, number in enumerate(styles)}
    return Formats(
        named,
        {style: kind for style, kind in by_style.items() if kind in (SCALING, PERCENT)},
        frozenset(style for style, kind in by_style.items() if kind == DATE),
        frozenset(style for style, font in enumerate(font_of) if any(fonts[font : font + 1])),
    )
