"""The page docs/cookbook.md: recipes and shipped policies, with worked ledgers and figures."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from compensation.language import Text
from compensation.ledger.records import TABLE_OF
from compensation.policy.catalogue import Policy, list_policies, load_policy
from compensation.policy_tools.worked_cases import (
    WORKED,
    WorkedCase,
    cases_beside,
    read_cases,
)
from compensation.report.policy_overview import overview_text
from compensation.schema.dictionary import BY_YEAR_OF
from docs.markdown import MAIN_POLICY, WRITTEN_BY
from docs.markdown import table as markdown

FILES = "../compensation/policy"
RECIPES = Path(__file__).parent / "recipes"
"""Small policy files, each for one thing that documents say, with their cases."""
REFERS_TO = {
    "claims": ("contracts", "contract_id"),
    "contracts": ("institutions", "institution_id"),
}
"""The table and the column by which a row belongs to a row of another table."""


def cookbook() -> str:
    """Return the page: each policy in words, then its worked cases."""
    lines = [
        "# 政策实例 · Cookbook",
        "",
        WRITTEN_BY,
        "",
        (
            "随程序提供的各项政策：文件怎样写、内容是什么、手工核算的台账和结果。算例由 "
            "`compensation policies test 政策编号` 逐项核对。各例中全部业务相同的数字只写一次，"
            "空白写作 `—`。怎样自己写一项，见[政策文件怎么写](policy-format.zh-CN.md)。"
        ),
        "",
        (
            "The policies of the package: the file, what it says, and ledgers with figures worked "
            "by hand, which `compensation policies test ID` holds the program against. What all "
            "cases of an example have in common is written once; `—` is a blank. How to write one "
            "of your own: [writing a policy file](policy-format.md)."
        ),
        "",
        "## 写法示例 · Recipes",
        "",
        "各写一种规定的小文件。Small files, each for one thing that documents say.",
        "",
    ]
    for path in recipes():
        lines += _recipe(path)
    for id_ in (MAIN_POLICY, *(id_ for id_ in list_policies() if id_ != MAIN_POLICY)):
        lines += _policy(load_policy(id_))
    return "\n".join(lines).rstrip() + "\n"


def recipes() -> list[Path]:
    """Return the files of the recipes, which are no files of cases."""
    return [path for path in sorted(RECIPES.glob("*.toml")) if len(path.suffixes) == 1]


def _recipe(path: Path) -> Iterator[str]:
    policy = load_policy(path)
    yield from (f"### {path.stem}", "", _both(policy.rules.name.text), "")
    yield from ("```toml", path.read_text(encoding="utf-8").rstrip(), "```", "")
    for case in read_cases(cases_beside(path), policy):
        yield from _case(policy, case)


def _policy(policy: Policy) -> Iterator[str]:
    yield from (f"## {policy.id}", "")
    file = f"[政策文件 policy file]({FILES}/files/{policy.id}.toml)"
    yield from (f"{file} · [算例 worked cases]({FILES}/worked/{policy.id}.toml)", "")
    for language in ("zh", "en"):
        *said, _digest = overview_text(policy, language).splitlines()
        yield from ("```text", *said, "```", "")
    for case in read_cases(WORKED / f"{policy.id}.toml", policy):
        yield from _case(policy, case)


def _case(policy: Policy, case: WorkedCase) -> Iterator[str]:
    """Yield one example: what its cases have in common, then each with what it comes to."""
    records = TABLE_OF[policy.rules.record]
    ids = {row[_id(records)]: _figures(case, records, row) for row in case.tables[records]}
    recoveries = {row["recovery_id"]: row for row in case.tables.get("recoveries", ())}
    expected, returned = dict(case.expected), {}
    for column, of in case.expected.items():
        if recoveries.keys() & of:
            returned[column] = expected.pop(column)
    rows = {id_: ids[id_] for id_ in expected["compensation"]}
    first = next(iter(rows.values()))
    common = {
        key: value
        for key, value in first.items()
        if all(row.get(key) == value for row in rows.values())
    }
    budget = "" if case.budget is None else f", `--budget {case.budget:f}`"
    yield from (f"**{_both(case.name)}** ({case.year}{budget})", "")
    yield from (_said(common), "")
    differing = {
        id_: {key: value for key, value in row.items() if key not in common}
        for id_, row in rows.items()
    }
    yield from _results(differing, expected)
    if returned:
        yield from _results(
            {
                id_: {k: v for k, v in row.items() if k != "recovery_id"}
                for id_, row in recoveries.items()
            },
            returned,
        )


def _results(
    rows: Mapping[str, Mapping[str, object]], expected: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    """Yield a table of what rows of the ledgers come to."""
    headings = ("", "台账 ledger", *(f"`{column}`" for column in expected))
    cells = {
        id_: [_value(of[id_]) if id_ in of else "" for of in expected.values()] for id_ in rows
    }
    yield from markdown(headings, [(id_, _said(row), *cells[id_]) for id_, row in rows.items()])
    yield ""


def _figures(case: WorkedCase, table: str, row: Mapping[str, object]) -> dict[str, object]:
    """Return the figures of a row and of those that it belongs to, but for their ids.

    What was released of a contract is among them, by its day, what was paid, by its year, and
    values by year.
    """
    found = {name: value for name, value in row.items() if name != _id(table)}
    if table in REFERS_TO:
        other, column = REFERS_TO[table]
        of = next(each for each in case.tables[other] if each[_id(other)] == row[column])
        found = {**_figures(case, other, of), **found}
    if table == "contracts":
        for each in case.tables.get("releases", ()):
            if each[_id(table)] == row[_id(table)]:
                found[f"releases {each['release_date']}"] = each["amount"]
    for each in case.tables.get(BY_YEAR_OF.get(table, ""), ()):
        if each[_id(table)] == row[_id(table)]:
            own = each.keys() - {_id(table), "year"}
            found |= {f"{name} {each['year']}": each[name] for name in each if name in own}
    for each in case.tables.get("payments", ()):
        if each["claim_id"] == row[_id(table)]:
            found[f"payments {each.get('year', each['payment_date'])}"] = each["amount"]
    return found


def _id(table: str) -> str:
    return f"{table.removesuffix('s')}_id"


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} · {text.en}"


def _said(figures: Mapping[str, object]) -> str:
    return " ".join(f"`{name} {_value(value)}`" for name, value in figures.items())


def _value(value: object) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int | float):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
