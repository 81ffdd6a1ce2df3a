"""A policy as one page to hand round: HTML in one file, ready to print, Chinese first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from compensation.language import Text, day, same, visible
from compensation.ledger.column import TYPE_NAMES, ColumnType
from compensation.ledger.dictionary import table as dictionary_table
from compensation.policy.catalogue import Citation, Policy
from compensation.policy.model import BASIS_NAMES, Definition, Effective, Tier
from compensation.policy.wording import TREATMENTS, figure_of, kind_of
from compensation.report.policy_overview import RECORDS, rates_title

_STYLE = """
@page { size: A4; margin: 18mm 15mm; }
body { font: 10.5pt/1.5 "Noto Serif CJK SC", "Source Han Serif SC", SimSun, serif; color: #111;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 17pt; line-height: 1.3; margin: 0 0 .3rem; }
h2 { font-size: 12.5pt; margin: 1.4rem 0 .4rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
th { background: #eee; font-weight: 600; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
tr.kind th { background: #f6f6f6; }
table.facts th { width: 9rem; }
[lang=en] { display: block; color: #555; font-size: 8.5pt; line-height: 1.35;
  font-family: "Noto Sans", Arial, sans-serif; }
p.notice { border: 1px solid #a60; padding: .4rem .6rem; }
code { font-size: 8.5pt; overflow-wrap: anywhere; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
"""


def policy_page(policy: Policy) -> str:
    """Return a policy as a page; it loads nothing, and says all in both languages."""
    cited = [each for each in policy.cited() if each.cited.basis != "default"]
    own = [each for each in cited if not isinstance(each.cited, Definition)]
    title = policy.rules.name.text
    body = [
        f"<h1>{_both(title)}</h1>",
        _facts(policy),
        *_notice(cited),
        *_section(Text("政策内容", "What the policy says"), _ELEMENTS, _grouped(policy, own)),
        *_section(Text("采用的默认口径", "Defaults used"), _DEFAULTS, _defaults(policy)),
        *_section(Text("口径说明", "Definitions"), _DEFINITIONS, _definitions(cited)),
        *_section(Text("另需的列", "Columns that the policy adds"), _COLUMNS, _columns(policy)),
        *_section(Text("条款对照", "Clauses of the document"), _CLAUSES, _clauses(policy)),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="zh-CN">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_escaped(title.zh)}</title>",
            f"<style>{_STYLE}</style></head>",
            "<body>",
            *body,
            "</body></html>",
            "",
        ]
    )


_ELEMENTS = (
    Text("内容", "what"),
    Text("条款", "clause"),
    Text("把握程度", "basis"),
    Text("说明", "note"),
)
_DEFAULTS = (Text("项目", "variable"), Text("默认口径", "default"), Text("说明", "note"))
_DEFINITIONS = _ELEMENTS[3:] + _ELEMENTS[1:3]
_COLUMNS = (
    Text("表", "table"),
    Text("列", "column"),
    Text("类型", "type"),
    Text("必填", "required"),
    Text("说明", "note"),
)
_CLAUSES = (Text("条款", "clause"), Text("处理", "treatment"), Text("说明", "note"))


def _escaped(text: str) -> str:
    return escape(visible(text))


def _both(text: Text) -> str:
    """Return a text with its English below, unless both are the same."""
    if text.zh == text.en:
        return _escaped(text.zh)
    return f'{_escaped(text.zh)}<span lang="en">{_escaped(text.en)}</span>'


def _facts(policy: Policy) -> str:
    rules = policy.rules
    document, effective = rules.document, rules.effective
    end = Text("未规定失效日期", "no end given") if effective.to is None else day(effective.to)
    start = day(effective.from_)
    facts = [
        (Text("编号", "id"), same(policy.id)),
        (Text("发布机关", "issuer"), rules.issuer.text),
        (Text("文件", "document"), document.title.text),
        (
            Text("文号", "number"),
            Text("未查到", "not found") if document.number is None else same(document.number),
        ),
        (
            Text("适用期间", "effective days"),
            Text(f"{start.zh}—{end.zh}", f"{start.en} – {end.en}"),
        ),
        (Text("计算对象", "computed for"), RECORDS[rules.record]),
    ]
    rows = [f"<tr><th>{_both(name)}</th><td>{_both(said)}</td></tr>" for name, said in facts]
    digest = f"<tr><th>{_both(Text('校验码', 'digest'))}</th>"
    rows.append(f"{digest}<td><code>{_escaped(policy.digest)}</code></td></tr>")
    return "\n".join(['<table class="facts">', *rows, "</table>"])


def _notice(cited: Sequence[Citation]) -> Iterator[str]:
    """Yield how much of the page is not taken from the document's text."""
    counts = {
        basis: sum(each.cited.basis == basis for each in cited)
        for basis in ("summary", "assumption")
    }
    if any(counts.values()):
        text = Text(
            f"以下内容中，{counts['summary']} 项只依据摘要，"
            f"{counts['assumption']} 项是文件没有写明的假定；"
            "用于正式核定前须对照原文或由主管部门确认。",
            f"Of what follows, {counts['summary']} rest on a summary only and "
            f"{counts['assumption']} are assumptions where the document is silent; have them "
            "confirmed before money is decided on them.",
        )
        yield f'<p class="notice">{_both(text)}</p>'


def _section(title: Text, headings: Sequence[Text], rows: Iterable[str]) -> Iterator[str]:
    """Yield a table with its title; nothing where it has no rows."""
    listed = list(rows)
    if not listed:
        return
    yield f"<h2>{_both(title)}</h2>"
    yield "<table><thead><tr>"
    yield from (f"<th>{_both(heading)}</th>" for heading in headings)
    yield "</tr></thead><tbody>"
    yield from listed
    yield "</tbody></table>"


def _row(*cells: Text) -> str:
    return f"<tr>{''.join(f'<td>{_both(cell)}</td>' for cell in cells)}</tr>"


def _grouped(policy: Policy, own: Sequence[Citation]) -> Iterator[str]:
    for kind, found in groupby(own, key=lambda each: kind_of(policy, each.cited)):
        elements = list(found)
        tiers = isinstance(elements[0].cited, Tier)
        title = rates_title(policy, kind) if tiers else kind
        yield f'<tr class="kind"><th colspan="{len(_ELEMENTS)}">{_both(title)}</th></tr>'
        for each in elements:
            cited = each.cited
            said = figure_of(policy, cited)
            if isinstance(cited, Effective) and not cited.excludes:
                said = Text(f"{said.zh}；期间以外不排除", f"{said.en}; other days are not excluded")
            yield _row(said, same(cited.clause), BASIS_NAMES[cited.basis], cited.said)


def _defaults(policy: Policy) -> Iterator[str]:
    for each in policy.cited():
        cited = each.cited
        if cited.basis == "default":
            yield _row(kind_of(policy, cited), figure_of(policy, cited), cited.said)


def _definitions(cited: Sequence[Citation]) -> Iterator[str]:
    for each in cited:
        if isinstance(each.cited, Definition):
            basis = BASIS_NAMES[each.cited.basis]
            yield _row(each.cited.said, same(each.cited.clause), basis)


def _columns(policy: Policy) -> Iterator[str]:
    for column in policy.rules.columns:
        required = Text("是", "yes") if column.required else Text("否", "no")
        heading = Text(column.heading, column.name)
        table = dictionary_table(column.table)
        yield _row(
            Text(table.heading, table.name),
            heading,
            TYPE_NAMES[ColumnType(column.type)],
            required,
            column.note.text,
        )


def _clauses(policy: Policy) -> Iterator[str]:
    for clause in policy.rules.clauses:
        yield _row(same(clause.id), TREATMENTS[clause.treatment], clause.note.text)
