"""What `verify` and `diff` print: the first hundred differences of each kind, the rest counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any

import pyarrow as pa

from compensation.language import Language, Text, same, visible
from compensation.policy.faults import PolicyFaults
from compensation.record.comparison import TableDifference, change_of
from compensation.record.difference import Difference
from compensation.record.policies import PolicyDifference
from compensation.record.reading import Result
from compensation.record.settlement_sheets import ROW
from compensation.record.summaries import ListDifference, ValueDifference
from compensation.record.summary_reading import policies_said
from compensation.record.verification import Verification
from compensation.report.console import Align, table_text
from compensation.report.record import SETTLEMENT
from compensation.report.settlement_headings import HEADINGS as SETTLED_HEADINGS
from compensation.report.settlement_headings import heading_of
from compensation.report.settlement_workbook import SHEETS_OF_TABLES
from compensation.report.summary_sheet import TOTALS
from compensation.report.tables import RESULTS, result_heading
from compensation.rules.pool import TITLES as LINES
from compensation.schema.dictionary import TABLES
from compensation.version import __version__

EACH = 100
"""How much of each kind is listed; the rest is counted."""
IDS_SHOWN = 20
_FORMS = {
    "xlsx": Text("工作簿", "workbook"),
    "csv": Text("CSV 文件夹", "CSV folder"),
    "parquet": Text("Parquet 文件夹", "Parquet folder"),
}
_LISTS = {
    "assumptions": Text("所依据的假定", "assumptions relied on"),
    "notes": Text("说明", "notes"),
    "warnings": Text("提示", "warnings"),
}
Sides = tuple[Text, Text]
RECORDED: Sides = (Text("记录", "recorded"), Text("重算", "recomputed"))
BOTH: Sides = (same("A"), same("B"))
KEPT: Sides = (Text("结果所存", "kept"), Text("对照", "held against"))
CHANGE = Text("增减", "change")


class _Say:
    """Says texts in one language and draws tables for one stream, with headings of a result."""

    def __init__(self, language: Language, stream: IO[str], result: Result) -> None:
        self._language, self._stream = language, stream
        self._heading = _headings(result)

    def __call__(self, zh: str, en: str, **values: object) -> str:
        return self.text(Text(zh, en).fill(**values))

    def text(self, text: Text) -> str:
        return visible(text.get(self._language))

    def names(self, names: Sequence[str]) -> str:
        return self("、", ", ").join(names)

    def column(self, name: str) -> str:
        """Return what a column of a result is called."""
        return self.text(Text(self._heading(name), name))

    def ledger(self, name: str) -> str:
        """Return what a table of the input is called."""
        titles = {table.name: table.title for table in TABLES}
        return self.text(titles.get(name, Text(f"分担方（{name}）", name)))

    def result(self, name: str) -> str:
        """Return what a result table is called."""
        sheet = {**RESULTS, **SHEETS_OF_TABLES}.get(name)
        return name if sheet is None else self(f"{sheet}（{name}）", name)

    def total(self, key: str) -> str:
        name = key.removeprefix("totals.")
        line = name.removeprefix("pool_statement.")
        if line != name and line in LINES:
            return self(LINES[line].zh, key)
        return self(TOTALS.get(name) or SETTLED_HEADINGS.get(name, key), key)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
        """Return an indented table, of whose columns the first ``left`` stand to the left."""
        aligned: list[tuple[str, Align]] = [
            (heading, "left" if place < left else "right") for place, heading in enumerate(headings)
        ]
        drawn = table_text(aligned, rows, self._stream)
        return "\n".join(f"  {line}" for line in drawn.splitlines())


def _headings(result: Result) -> Callable[[str], str]:
    """Return what gives the columns of a result their Chinese headings; as they are if nothing."""
    if result.layout == SETTLEMENT:
        return lambda name: "行" if name == ROW else heading_of(name)
    try:
        return partial(result_heading, result.policies)
    except (PolicyFaults, IndexError):
        return str


def verification_text(found: Verification, language: Language, stream: IO[str]) -> str:
    """Return what `verify` prints: each part of the record, what differs, and the verdict."""
    say = _Say(language, stream, found.result)
    return "\n".join(
        [
            say("记录  ", "Record   ") + _about(found.result, say),
            *_input_lines(found, say),
            *_rules_lines(found, say),
            *_program_lines(found, say),
            *_result_lines(found, say),
            *_value_lines(say("汇总：", "Summary:"), found.values, RECORDED, say),
            *(line for table in found.tables for line in _table_lines(table, RECORDED, say)),
            *(line for each in found.lists for line in _list_lines(each, RECORDED, say)),
            "",
            _verdict(found, say),
        ]
    )


def difference_text(found: Difference, language: Language, stream: IO[str]) -> str:
    """Return what `diff` prints."""
    say = _Say(language, stream, found.second)
    lines = [f"A  {_about(found.first, say)}", f"B  {_about(found.second, say)}"]
    lines += _value_lines(say("选项：", "Options:"), found.options, BOTH, say)
    if found.inputs:
        lines += ["", say("输入，内容不同的表（行数）：", "Input, tables of other content (rows):")]
        lines.append(_values(found.inputs, BOTH, say, say.ledger))
    if found.rules:
        names = say.names(found.rules)
        lines += [
            "",
            say("规则原文不同：{names}", "Texts of rules that differ: {names}", names=names),
        ]
    lines += _policy_lines(found.policy, BOTH, say)
    lines += _value_lines(say("合计：", "Totals:"), found.totals, BOTH, say)
    lines += [line for table in found.tables for line in _table_lines(table, BOTH, say)]
    lines += [line for each in found.lists for line in _list_lines(each, BOTH, say)]
    verdict = say("两个结果相同。", "The two results are the same.")
    if not found.same:
        verdict = say("两个结果不同。", "The two results differ.")
    return "\n".join([*lines, "", verdict])


def _about(result: Result, say: _Say) -> str:
    said = result.summary
    budget, reviews = said["budget"], said["reviews"]
    when = Text("{year} 年度", "{year}")
    if result.layout == SETTLEMENT:
        when = Text("清算 {from} 至 {to}", "settled from {from} to {to}")
    return say(
        "{path}（{form}，程序版本 {version}）：{policies}，{when}，预算 {budget}{as_of}{reviews}",
        "{path} ({form}, by version {version}): {policies}, {when},"
        " budget {budget}{as_of}{reviews}",
        path=result.path,
        form=_FORMS[result.form],
        version=said["version"],
        policies=say.names([policy["id"] for policy in policies_said(said)]),
        when=when.fill(**{key: said.get(key) for key in ("year", "from", "to")}),
        budget=Text("无", "none") if budget is None else budget,
        as_of=Text("，截至 {day}", ", as of {day}").fill(day=said["as_of"])
        if "as_of" in said
        else "",
        reviews=Text("，按审核表", ", with a review sheet") if reviews else "",
    )


# What verify says of each part


def _input_lines(found: Verification, say: _Say) -> Iterator[str]:
    head = say("输入  ", "Input    ")
    if found.reviews_changed:
        yield head + say(
            "审核表已变：不是记录的那一份", "changed: another review sheet was recorded"
        )
    if not found.input_changed:
        if not found.reviews_changed:
            yield head + say("相同  ", "the same: ") + found.assessment.summary["input_digest"]
        return
    said, now = found.result.summary["inputs"], found.assessment.summary["inputs"]
    for name in found.input_changed:
        rows = (side[name]["rows"] if name in side else None for side in (said, now))
        first, second = (Text("—", "none") if count is None else count for count in rows)
        yield head + say(
            "已变：{table}，记录 {first} 行，现有 {second} 行",
            "changed: {table}, {first} rows recorded, {second} now",
            table=say.ledger(name),
            first=first,
            second=second,
        )


def _rules_lines(found: Verification, say: _Say) -> Iterator[str]:
    head = say("规则  ", "Rules    ")
    recorded = {policy["id"]: policy["digest"] for policy in policies_said(found.result.summary)}
    if found.rules_changed:
        yield head + say(
            "已变：{names} 与写出时不同；按政策 {policies} 重算",
            "changed: {names} not as written; computed under {policies}",
            names=say.names(found.rules_changed),
            policies=say.names([f"{used.id} {used.digest}" for used in found.policies]),
        )
    elif recorded != {used.id: used.digest for used in found.policies}:
        yield head + say(
            "原文未变，本版本算出的校验码不同",
            "the text is as written; this version gives it another digest",
        )
    else:
        yield from (
            head + say("相同  ", "the same: ") + f"{used.id}  {used.digest}"
            for used in found.policies
        )
    against = found.policy_against
    if against is None:
        yield head + say(
            "没有可对照的政策；可用 --policy 给出",
            "nothing to hold the policy against; --policy gives something",
        )
    elif against.figures:
        yield head + say(
            "所存政策与对照的政策数值不同：",
            "the kept policy has other figures than the one it is held against:",
        )
        yield _values(against.figures, KEPT, say)
    elif against.wording:
        yield head + say(
            "与对照的政策数值相同，文字有 {count} 处不同",
            "the figures are those of the policy held against; {count} wordings differ",
            count=len(against.wording),
        )


def _program_lines(found: Verification, say: _Say) -> Iterator[str]:
    head = say("程序  ", "Program  ")
    if not found.program_changed:
        yield head + say("相同  ", "the same: ") + __version__
    for what in found.program_changed:
        if what.endswith(".csv"):
            yield head + say("所带数据已变：{name}", "other data: {name}", name=what)
        else:
            yield head + say(
                "版本不同：记录 {then}，现为 {now}",
                "another version: {then} recorded, {now} now",
                then=what,
                now=__version__,
            )


def _result_lines(found: Verification, say: _Say) -> Iterator[str]:
    head = say("结果  ", "Result   ")
    if found.result_changed:
        yield head + say(
            "写出之后有改动，或来自另一次计算：{parts}",
            "changed after it was written, or of another run: {parts}",
            parts=say.names(found.result_changed),
        )
    if any(table.reordered for table in found.tables):
        yield head + say("行的次序不同", "rows in another order")
    if found.comes_out:
        cells = sum(table.compared for table in found.tables)
        yield head + say(
            "相同  {cells} 个单元格和全部合计与重算一致",
            "the same: {cells} cells and all totals come out again",
            cells=f"{cells:,}",
        )
    else:
        cells = sum(table.count for table in found.tables)
        yield head + say(
            "不同  与重算不符的单元格 {cells} 个",
            "does not come out again; cells that differ: {cells}",
            cells=f"{cells:,}",
        )


def _verdict(found: Verification, say: _Say) -> str:
    if found.same:
        return say(
            "相同：同一输入、同一规则，结果全部重现。",
            "The same: from this input, under these rules, the whole result comes out again.",
        )
    causes = [
        text
        for text, is_so in (
            (Text("输入", "the input"), found.input_changed),
            (Text("审核表", "the review sheet"), found.reviews_changed),
            (Text("规则", "the rules"), found.rules_changed or found.figures_changed),
            (Text("程序", "the program"), found.program_changed and not found.comes_out),
            (Text("结果", "the result"), found.result_changed or _is_forged(found)),
        )
        if is_so
    ]
    names = say.names([say.text(cause) for cause in causes])
    if found.comes_out:
        return say(
            "不同。有改动：{names}；数字仍全部重现。",
            "Not the same. Changed: {names}; every figure still comes out again.",
            names=names,
        )
    return say("不同。有改动：{names}。", "Not the same. Changed: {names}.", names=names)


def _is_forged(found: Verification) -> bool:
    """Return whether nothing but the result itself can be why it does not come out."""
    others = (
        found.input_changed or found.reviews_changed or found.rules_changed or found.program_changed
    )
    return not (found.comes_out or others)


# What both say


def _policy_lines(found: PolicyDifference | None, sides: Sides, say: _Say) -> Iterator[str]:
    if found is None:
        yield ""
        yield say(
            "本版本读不了其中一个政策，请直接比较其原文",
            "This version can't take one of the policies; compare their texts",
        )
        return
    yield from _value_lines(
        say("政策的数值：", "Figures of the policy:"), found.figures, sides, say
    )
    yield from _value_lines(
        say("政策的文字：", "Wording of the policy:"), found.wording, sides, say
    )


def _value_lines(
    title: str, values: Sequence[ValueDifference], sides: Sides, say: _Say
) -> Iterator[str]:
    if values:
        yield ""
        yield title
        yield _values(values, sides, say)


def _values(values: Sequence[ValueDifference], sides: Sides, say: _Say, name: object = None) -> str:
    """Return a table of values, with their change where they are numbers."""
    named = name if callable(name) else say.total
    rows = [
        [named(value.key), value.first or "—", value.second or "—", _change(value)]
        for value in values[:EACH]
    ]
    headings = ["", say.text(sides[0]), say.text(sides[1]), say.text(CHANGE)]
    if not any(row[-1] for row in rows):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    more = _more(len(values) - EACH, say)
    return "\n".join([say.table(headings, rows, 3 if len(headings) == 3 else 1), *more])


def _change(value: ValueDifference) -> str:
    if value.first is None or value.second is None or not value.key.startswith("totals."):
        return ""
    change = change_of(value.first, value.second)
    return "" if change is None else f"{change:+f}"


def _table_lines(found: TableDifference, sides: Sides, say: _Say) -> Iterator[str]:
    """Yield what differs in one result table; nothing if nothing does."""
    if found.same:
        return
    yield ""
    yield say.result(found.table) + say("：", ":")
    for columns, side in ((found.lacking, sides[0]), (found.further, sides[1])):
        if columns:
            names = say.names([say.column(name) for name in columns])
            yield say(
                "  只在{side}中的列：{names}",
                "  columns only {side}: {names}",
                side=side,
                names=names,
            )
    for ids, side in ((found.removed, sides[0]), (found.added, sides[1])):
        if len(ids):
            yield say(
                "  只在{side}中的行：{count}（{names}）",
                "  rows only {side}: {count} ({names})",
                side=side,
                count=f"{len(ids):,}",
                names=_ids(ids, say),
            )
    if found.rows:
        by_column = [f"{say.column(name)} {count:,}" for name, count in found.columns.items()]
        yield say(
            "  有单元格不同的行：{rows}（{columns}）",
            "  rows with cells that differ: {rows} ({columns})",
            rows=f"{found.rows:,}",
            columns=say.names(by_column),
        )
        yield _cells(found, sides, say)
        yield from _more(found.rows - EACH, say)


def _ids(ids: pa.Array, say: _Say) -> str:
    shown = ids.slice(0, IDS_SHOWN).to_pylist()
    return visible(say.names(shown)) + (" …" if len(ids) > len(shown) else "")


def _cells(found: TableDifference, sides: Sides, say: _Say) -> str:
    rows = [
        [
            cell.id,
            say.column(cell.column),
            cell.first or "—",
            cell.second or "—",
            "" if cell.change is None else f"{cell.change:+f}",
        ]
        for cell in found.cells(EACH)
    ]
    headings = [
        say.column(found.key),
        say("列", "column"),
        *map(say.text, sides),
    ]
    return say.table([*headings, say.text(CHANGE)], rows, 2)


def _list_lines(found: ListDifference, sides: Sides, say: _Say) -> Iterator[str]:
    yield ""
    yield say.text(_LISTS[found.key]) + say("：", ":")
    for entries, side in ((found.removed, sides[0]), (found.added, sides[1])):
        for entry in entries[:EACH]:
            yield say(
                "  只在{side}中：{entry}", "  only {side}: {entry}", side=side, entry=_entry(entry)
            )
        yield from _more(len(entries) - EACH, say)


def _entry(entry: Mapping[str, Any]) -> Text:
    """Return an assumption or a warning in both languages; what is neither as it stands."""
    if entry.keys() == {"value"}:
        return same(str(entry["value"]))
    where = " ".join(str(entry[k]) for k in ("id", "table", "column") if entry.get(k))
    zh = entry.get("note") or entry.get("message") or ""
    en = entry.get("note_en") or entry.get("message_en") or ""
    return Text(f"{where} {zh}", f"{where} {en}")


def _more(left: int, say: _Say) -> list[str]:
    return [say("  ……另有 {left}", "  … {left} more", left=f"{left:,}")] if left > 0 else []
