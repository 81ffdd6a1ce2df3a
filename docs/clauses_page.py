"""The page docs/clauses.md: what of each document is computed, and on what basis."""

from __future__ import annotations

from compensation.language import Text
from compensation.policy.catalogue import Policy, list_policies, load_policy
from compensation.policy.model import Basis
from docs.markdown import MAIN_POLICY, WRITTEN_BY, both
from docs.markdown import table as markdown

BASES: dict[Basis, Text] = {
    "text": Text("原文", "text"),
    "summary": Text("摘要", "summary"),
    "assumption": Text("**假定**", "**assumption**"),
    "default": Text("默认", "default"),
}
TREATMENTS = {
    "computed": Text("计算", "computed"),
    "input": Text("作为输入", "taken as input"),
    "out_of_scope": Text("不涉及计算", "nothing to compute"),
}


def clauses() -> str:
    """Return the page of clause coverage: what of each document is computed, and on what basis."""
    lines = [
        "# 条款对照 · Clause coverage",
        "",
        WRITTEN_BY,
        "",
        (
            "每个政策文件的条款在计算中如何处理，以及每项条件、比例、规则依据什么。"
            "“原文”见于文件原文；“摘要”见于官方或报刊的摘要，须与原文核对；“假定”是文件没有写明、"
            "由本项目假定的，正式使用前须由主管部门确认。说明都是转述，以原文为准。"
        ),
        "",
        (
            "What becomes of each clause of a policy's document, and what every condition, rate "
            "and rule rests on. *text*: read in the document; *summary*: read in an official or "
            "press summary, to be checked against the document; *assumption*: left open by the "
            "document and assumed here, to be confirmed by the authority before it counts. All "
            "notes paraphrase."
        ),
        "",
    ]
    for id_ in (MAIN_POLICY, *(id_ for id_ in list_policies() if id_ != MAIN_POLICY)):
        lines += _coverage(load_policy(id_))
    return "\n".join(lines).rstrip() + "\n"


def _coverage(policy: Policy) -> list[str]:
    rules = policy.rules
    number = rules.document.number or "（文号未查到 number not found）"
    lines = [
        f"## {policy.id}",
        "",
        f"{rules.name.zh} · {rules.issuer.zh} · {number}<br>",
        f"{rules.name.en} · {rules.issuer.en}",
        "",
    ]
    if rules.clauses:
        rows = [
            (clause.id, both(TREATMENTS[clause.treatment]), both(clause.note.text))
            for clause in rules.clauses
        ]
        lines += [
            "### 条款 · Clauses",
            "",
            *markdown(("条款 clause", "处理 treatment", ""), rows),
            "",
        ]
    cited = [
        (
            f"`{key}`",
            entry.clause,
            both(BASES[entry.basis]),
            both(entry.said),
        )
        for key, entry in policy.cited()
    ]
    return [
        *lines,
        "### 依据 · What each element rests on",
        "",
        *markdown(("内容 element", "条款 clause", "依据 basis", "说明 note"), cited),
        "",
    ]
