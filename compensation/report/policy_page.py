"""A policy as one page to hand round: HTML in one file, ready to print, Chinese first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from compensation.language import Text, same
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Citation, Policy
from compensation.policy.kinds import KIND_NAMES
from compensation.policy.model import BASIS_NAMES, Definition, Tier
from compensation.policy.value_words import days_in_words
from compensation.policy.variables import TIMES
from compensation.policy.wording import TREATMENTS, figure_of, kind_of
from compensation.report.page import both, facts_table, html_page, row, section
from compensation.report.policy_overview import rates_title
from compensation.schema.column import TYPE_NAMES, ColumnType
from compensation.schema.dictionary import table as dictionary_table


def policy_page(policy: Policy) -> str:
    """Return a policy as a page; it loads nothing, and says all in both languages."""
    cited = [each for each in policy.cited() if each.cited.basis != "default"]
    own = [each for each in cited if not isinstance(each.cited, Definition)]
    title = policy.rules.name.text
    body = [
        _facts(policy),
        *_notice(cited),
        *section(Text("政策内容", "What the policy says"), _ELEMENTS, _grouped(policy, own)),
        *section(Text("采用的默认口径", "Defaults used"), _DEFAULTS, _defaults(policy)),
        *section(Text("口径说明", "Definitions"), _DEFINITIONS, _definitions(cited)),
        *section(Text("另需的列", "Columns that the policy adds"), _COLUMNS, _columns(policy)),
        *section(Text("条款对照", "Clauses of the document"), _CLAUSES, _clauses(policy)),
    ]
    return html_page(title, body)


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


def _facts(policy: Policy) -> str:
    rules = policy.rules
    document = rules.document
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
            days_in_words(rules.effective),
        ),
        (Text("计算对象", "computed for"), CASES[rules.record].each_row),
    ]
    facts.append((Text("校验码", "digest"), same(policy.digest)))
    return facts_table(facts)


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
        yield f'<p class="notice">{both(text)}</p>'


def _grouped(policy: Policy, own: Sequence[Citation]) -> Iterator[str]:
    for kind, found in groupby(own, key=lambda each: kind_of(policy, each.cited)):
        elements = list(found)
        tiers = isinstance(elements[0].cited, Tier)
        title = rates_title(policy, kind) if tiers else kind
        yield f'<tr class="kind"><th colspan="{len(_ELEMENTS)}">{both(title)}</th></tr>'
        for each in elements:
            cited = each.cited
            yield row(
                figure_of(policy, cited), same(cited.clause), BASIS_NAMES[cited.basis], cited.said
            )


def _defaults(policy: Policy) -> Iterator[str]:
    for each in policy.cited():
        cited = each.cited
        if cited.basis == "default":
            yield row(kind_of(policy, cited), figure_of(policy, cited), cited.said)


def _definitions(cited: Sequence[Citation]) -> Iterator[str]:
    for each in cited:
        if isinstance(each.cited, Definition):
            basis = BASIS_NAMES[each.cited.basis]
            yield row(each.cited.said, same(each.cited.clause), basis)


def _columns(policy: Policy) -> Iterator[str]:
    for column in policy.rules.columns:
        required = Text("是", "yes") if column.required else Text("否", "no")
        heading = Text(column.heading, column.name)
        table, time = dictionary_table(column.table), TIMES.get(column.type)
        yield row(
            Text(table.heading, table.name),
            heading,
            KIND_NAMES[time] if time else TYPE_NAMES[ColumnType(column.type)],
            required,
            column.note.text,
        )


def _clauses(policy: Policy) -> Iterator[str]:
    for clause in policy.rules.clauses:
        yield row(same(clause.id), TREATMENTS[clause.treatment], clause.note.text)
