"""A new policy file from a few answers: asked one by one, or filled in on a sheet.

The questions are those that most documents answer. What a document says beyond them is written into
the file by hand; what is left blank is left out, so that the product's defaults hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from compensation.issues import Issue
from compensation.language import Text, same
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.model import BASIS_NAMES
from compensation.policy_tools.rewriting import written
from compensation.policy_tools.toml_comments import Layout
from compensation.readers.xlsx import sheet_contents
from compensation.schema.choices import BORROWER_GROUPS, BORROWER_TYPES
from compensation.values.dates import date_of, day_of_value
from compensation.values.kinds import Kind
from compensation.values.numbers import SHARE, YUAN, Measure, units_of_number, units_of_value
from compensation.values.printing import ratio_of, yuan_of

Data = dict[str, Any]
HEADINGS = (
    Text("项目", "what"),
    Text("填写", "limit"),
    Text("条款", "clause"),
    Text("依据", "basis"),
)
"""The columns of the sheet."""


class Wrong(ValueError):
    """What was answered is no answer to the question; `expected`: what would be."""

    def __init__(self, expected: Text) -> None:
        super().__init__(expected.en)
        self.expected = expected


class Answer(NamedTuple):
    """An answer as it was given; `clause`, `basis`: blank for those of the file as a whole."""

    value: object
    clause: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Question:
    """One question. `read`: an answer's value, or raises `Wrong`; `says`: puts it into the file."""

    id: str
    what: Text
    hint: Text
    read: Callable[[object], Any]
    says: Callable[[Data, Any, Data], None]
    required: bool = False
    cited: bool = True


def _words(value: object) -> str:
    text = str(value).strip()
    if not text:
        raise Wrong(Text("文字", "text"))
    return text


def _id(value: object) -> str:
    text = str(value).strip()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", text):
        raise Wrong(
            Text(
                "小写字母、数字、下划线和连字符，以字母开头",
                "lower-case letters, digits, _ and -, beginning with a letter",
            )
        )
    return text


def _day(value: object) -> date:
    day = day_of_value(value)
    if not isinstance(day, int):
        raise Wrong(Text("日期，如 2025-01-01", "a date such as 2025-01-01"))
    return date_of(day)


def _yuan(value: object) -> Decimal | int:
    fen = _units(value, YUAN)
    if not isinstance(fen, int) or fen <= 0:
        raise Wrong(Text("金额（元），如 5000000 或 500万元", "an amount in yuan above 0"))
    return _plain(yuan_of(fen))


def _share(value: object) -> Decimal:
    millionths = _units(value, SHARE)
    if not isinstance(millionths, int):
        raise Wrong(Text("比例，如 20% 或 0.2", "a ratio such as 20% or 0.2"))
    return ratio_of(millionths).normalize() + Decimal("0.0")


def _units(value: object, measure: Measure) -> int | Kind:
    """Return a cell or an answer in the units of a measure."""
    if isinstance(value, float):
        return units_of_number(value, measure)
    return units_of_value(value, measure)


def _plain(number: Decimal) -> Decimal | int:
    return int(number) if number == number.to_integral_value() else number


_TYPES = {
    **{text.zh: value for value, text in BORROWER_GROUPS.items()},
    **{choice.zh: choice.value for choice in BORROWER_TYPES},
}
_UNITS = {"天": "days", "日": "days", "个月": "months", "月": "months", "个工作日": "working_days"}
_UNITS |= {"工作日": "working_days", "days": "days", "months": "months"}
_BASES: dict[str, Any] = {
    "代偿金额": "claims.payout",
    "代偿本金": "claims.principal",
    "机构承担的代偿金额": {"borne_by": "institution", "of": "claims.payout"},
    "机构承担的代偿本金": {"borne_by": "institution", "of": "claims.principal"},
}
_COSTS = {"扣除": "net", "不扣除": "gross"}


def _types(value: object) -> list[str]:
    said = [each for each in re.split(r"[、，,;；\s]+", str(value).strip()) if each]
    known = {**_TYPES, **{value: value for value in _TYPES.values()}}
    if not said or any(each not in known for each in said):
        listed = "、".join(_TYPES)
        raise Wrong(Text(f"{listed}，用顿号分开", ", ".join(_TYPES.values())))
    return [known[each] for each in said]


def _time(value: object) -> tuple[int, str]:
    found = re.fullmatch(r"([1-9][0-9]{0,4})(?:\.0)?(\D*)", str(value).strip())
    unit = None if found is None else _UNITS.get(found[2].strip() or "天")
    if found is None or unit is None:
        raise Wrong(Text("60天、3个月、10个工作日等", "such as 60 days or 3 months"))
    return int(found[1]), unit


def _choice(known: Mapping[str, Any]) -> Callable[[object], Any]:
    def read(value: object) -> Any:
        if str(value).strip() not in known:
            raise Wrong(same("、".join(known)))
        return known[str(value).strip()]

    return read


def _top(*keys: str) -> Callable[[Data, Any, Data], None]:
    """Return what puts a value at a place of the file; a name stands in Chinese."""

    def says(data: Data, value: Any, _cited: Data) -> None:
        *above, last = keys
        for key in above:
            data = data.setdefault(key, {})
        named = last in ("name", "issuer", "title")
        data[last] = {"zh": value} if named else value

    return says


def _condition(of: str, id_: str, value: str, operator: str) -> Callable[[Data, Any, Data], None]:
    def says(data: Data, limit: Any, cited: Data) -> None:
        data.setdefault(of, []).append({"id": id_, "value": value, operator: limit, **cited})

    return says


def _column(data: Data, table: str, name: str, heading: str, type_: str, note: Text) -> None:
    column = {"table": table, "name": name, "heading": heading, "type": type_}
    data.setdefault("columns", []).append({**column, "note": {"zh": note.zh, "en": note.en}})


def _fee(data: Data, limit: Any, cited: Data) -> None:
    note = Text("年化担保费率", "the guarantee fee per year")
    _column(data, "contracts", "fee_rate", "担保费率", "ratio", note)
    _condition("claim_conditions", "fee_rate", "contracts.fee_rate", "at_most")(data, limit, cited)


def _filed(data: Data, time: Any, cited: Data) -> None:
    count, unit = time
    note = Text("申报补偿的日期", "the day on which compensation was applied for")
    _column(data, "claims", "filed_date", "申报日期", "date", note)
    test = {"value": "claims.filed_date", "since": "claims.payout_date", "unit": unit}
    calendar = {"calendar": "working-days-cn"} if unit == "working_days" else {}
    condition = {"id": "filed", **test, **calendar, "at_most": count, **cited}
    data.setdefault("claim_conditions", []).append(condition)


def _cap(id_: str, *per: str) -> Callable[[Data, Any, Data], None]:
    def says(data: Data, limit: Any, cited: Data) -> None:
        group = {"per": list(per)} if per else {}
        data.setdefault("caps", []).append({"id": id_, "at_most": limit, **group, **cited})

    return says


def _base(data: Data, value: Any, cited: Data) -> None:
    data["base"] = {"value": value, **cited}


def _rate(data: Data, value: Any, cited: Data) -> None:
    data["rates"] = {"tiers": [{"rate": value, **cited}]}


def _costs(data: Data, value: Any, cited: Data) -> None:
    data["returns"] = {"costs": value, **cited}


_INSTITUTION, _CLAIM = "institution_conditions", "claim_conditions"
_OF_INSTITUTION = "contracts.institution_id"
_PERCENT, _AMOUNT = Text("如 5%", "such as 5%"), Text("如 500万元", "in yuan")
_OPTIONAL = Text("没有的不填", "blank if there is none")


def _q(
    id_: str,
    zh: str,
    en: str,
    hint: Text,
    read: Callable[[object], Any],
    says: Callable[[Data, Any, Data], None],
    *,
    required: bool = False,
    cited: bool = True,
) -> Question:
    return Question(id_, Text(zh, en), hint, read, says, required, cited)


_ID_HINT = Text("小写英文，如 mine-2025", "such as mine-2025")
_NO_HINT = same("")
QUESTIONS = (
    _q("id", "政策编号", "id", _ID_HINT, _id, _top("id"), required=True, cited=False),
    _q("name", "政策名称", "name", _NO_HINT, _words, _top("name"), required=True, cited=False),
    _q(
        "issuer", "发文机关", "issuer", _NO_HINT, _words, _top("issuer"), required=True, cited=False
    ),
    _q(
        *("title", "文件标题", "title of the document", _NO_HINT, _words),
        _top("document", "title"),
        required=True,
        cited=False,
    ),
    _q(
        *("number", "文号", "number of the document", _OPTIONAL, _words),
        _top("document", "number"),
        cited=False,
    ),
    _q(
        *("from", "施行日期", "first day", Text("如 2025-01-01", "such as 2025-01-01"), _day),
        _top("effective", "from"),
        required=True,
        cited=False,
    ),
    _q("to", "失效日期", "last day", _OPTIONAL, _day, _top("effective", "to"), cited=False),
    _q(
        *("payout_rate", "机构代偿率不超过", "payout rate of the institution at most", _PERCENT),
        _share,
        _condition(_INSTITUTION, "payout_rate", "indicator.payout_rate", "at_most"),
    ),
    _q(
        *("small_agri_share", "机构支小支农占比不低于", "share of small and agricultural at least"),
        *(_PERCENT, _share),
        _condition(_INSTITUTION, "small_agri_share", "indicator.small_agri_share", "at_least"),
    ),
    _q(
        *("balance_growth", "机构在保余额增长率不低于", "growth of the balance at least", _PERCENT),
        _share,
        _condition(_INSTITUTION, "balance_growth", "indicator.balance_growth", "at_least"),
    ),
    _q(
        *(
            "borrower_type",
            "借款人类型",
            "types of borrowers",
            Text("如 小微、三农", "small_micro"),
        ),
        _types,
        _condition(_CLAIM, "borrower_type", "contracts.borrower_type", "one_of"),
    ),
    _q(
        *("guaranteed_amount", "单笔担保金额不超过", "guaranteed amount at most", _AMOUNT, _yuan),
        _condition(_CLAIM, "guaranteed_amount", "contracts.guaranteed_amount", "at_most"),
    ),
    _q(
        *("borrower_exposure", "单户担保余额不超过", "borrower's exposure at most", _AMOUNT, _yuan),
        _condition(_CLAIM, "borrower_exposure", "claims.borrower_exposure", "at_most"),
    ),
    _q("fee_rate", "担保费率不超过", "guarantee fee at most", _PERCENT, _share, _fee),
    _q(
        *("filed", "代偿后多久内申报", "filed within", Text("如 60天、10个工作日", "60 days")),
        *(_time, _filed),
    ),
    _q(
        *("base", "补偿基数", "base", same("、".join(_BASES)), _choice(_BASES), _base),
        required=True,
    ),
    _q("rate", "补偿比例", "rate", Text("如 20%", "such as 20%"), _share, _rate, required=True),
    _q("cap_claim", "单笔补偿最高", "cap on each claim", _AMOUNT, _yuan, _cap("claim")),
    _q(
        *("cap_borrower", "一户每年补偿最高", "cap on a borrower and year", _AMOUNT, _yuan),
        _cap("borrower", "contracts.borrower_id"),
    ),
    _q(
        *(
            "cap_institution",
            "一家机构每年补偿最高",
            "cap on an institution and year",
            _AMOUNT,
            _yuan,
        ),
        _cap("institution_year", _OF_INSTITUTION),
    ),
    _q(
        *("costs", "返还时追偿费用", "costs of recovery", same("、".join(_COSTS)), _choice(_COSTS)),
        _costs,
    ),
)
"""Every question, in the order in which it is asked."""
ORDER = (
    *("format", "id", "name", "issuer", "clause", "basis", "document", "effective", "columns"),
    *("institution_conditions", "claim_conditions", "base", "rates", "caps", "returns"),
)
_BASIS = {name: basis for basis, text in BASIS_NAMES.items() for name in (text.zh, text.en)}


def policy_of_answers(answers: Mapping[str, Answer], file: str = "") -> str:
    """Return the text of a policy file, with the question above each of its answers.

    `answers`: by the id of the question; those left out or blank are left out of the file. Raises
    `PolicyFaults` with every answer that is missing or wrong.
    """
    data: Data = {"format": 2, "basis": "summary"}
    faults: list[Issue] = []
    said: dict[str, list[Text]] = {}
    for question in QUESTIONS:
        answer = answers.get(question.id, Answer(""))
        if answer.value is None or not str(answer.value).strip():
            if question.required:
                missing = Text("没有填写", "this is not answered")
                faults.append(policy_fault("missing", file, question.what.zh, missing))
            continue
        try:
            value, cited = question.read(answer.value), _cited(answer)
        except Wrong as wrong:
            text = Text("填写有误；应为{expected}", "wrong; expected: {expected}")
            message = text.fill(expected=wrong.expected)
            faults.append(policy_fault("form", file, question.what.zh, message))
            continue
        before = {key: len(data[key]) for key in data if isinstance(data[key], list)}
        question.says(data, value, cited if question.cited else {})
        for key in ORDER:
            if isinstance(data.get(key), list) and len(data[key]) > before.get(key, 0):
                said.setdefault(f"{key}.{len(data[key]) - 1}", []).append(question.what)
    if faults:
        raise PolicyFaults(faults)
    document = data["document"]
    data["clause"] = document.get("number") or document["title"]["zh"]
    return written({key: data[key] for key in ORDER if key in data}, _layout(data, said))


def _cited(answer: Answer) -> Data:
    cited = {"clause": answer.clause.strip()} if answer.clause.strip() else {}
    if not answer.basis.strip():
        return cited
    basis = answer.basis.strip()
    if basis not in _BASIS and basis not in BASIS_NAMES:
        raise Wrong(same("依据（basis）：" + "、".join(text.zh for text in BASIS_NAMES.values())))
    return {**cited, "basis": _BASIS.get(basis, basis)}


_HEAD = [
    "# 按填写的内容生成；文件另有的规定（分档、分段、几个出资方、申报前的追回等）",
    "# 请照 docs/policy-format.zh-CN.md 添写。没有写的，沿用产品默认口径；",
    "# compensation policies check 检查本文件，并列出所用的默认口径。",
    "",
]


def _layout(data: Data, said: Mapping[str, Sequence[Text]]) -> Layout:
    comments: dict[tuple[str | int, ...], list[str]] = {("format",): _HEAD}
    for place, questions in said.items():
        key, number = place.split(".")
        comments[key, int(number)] = [f"# {each.zh}" for each in questions]
    tables = ("document", "effective", "base", "rates", "returns")
    lists = ("columns", "institution_conditions", "claim_conditions", "caps")
    headings: set[tuple[str, ...]] = {(name,) for name in (*tables, *lists) if name in data}
    return Layout(comments, headings, [])


def read_answers(path: Path) -> dict[str, Answer]:
    """Return the answers of a filled sheet, by question; raises `PolicyFaults`, OSError."""
    known = {name: each for each in QUESTIONS for name in (each.what.zh, each.what.en, each.id)}
    answers: dict[str, Answer] = {}
    faults: list[Issue] = []
    for row in _rows(path):
        what, value, clause, basis = ("" if cell is None else cell for cell in row[:4])
        question = known.get(str(what).strip())
        if question is not None:
            answers[question.id] = Answer(value, str(clause), str(basis))
        elif str(what).strip() and str(value).strip():
            message = Text(
                "没有这一项，请写进政策文件", "there is no such item: write it into the file"
            )
            faults.append(policy_fault("unknown_key", path.name, str(what).strip(), message))
    if not answers:
        headings = "、".join(text.zh for text in HEADINGS)
        message = Text(f"没有找到标题为{headings}的表", "there is no table of answers")
        faults.append(policy_fault("missing", path.name, "", message))
    if faults:
        raise PolicyFaults(faults)
    return answers


def _rows(path: Path) -> Iterator[list[object]]:
    """Yield the rows of answers, below their headings, of the first sheet that has them."""
    heads = [{text.zh, text.en} for text in HEADINGS]
    for _, rows in sheet_contents(path):
        for number, row in enumerate(rows):
            cells = [str(cell).strip() for cell in row[:4] if cell is not None]
            if len(cells) == 4 and all(c in head for c, head in zip(cells, heads, strict=True)):
                yield from ([*below, "", "", "", ""] for below in rows[number + 1 :])
                return
