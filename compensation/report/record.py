"""What makes a result a record of the decision: the summary as a text that vouches for the rest.

summary.json names the digests of the tables beside it, the types of their columns, and its own
digest. The texts of the rules (`Assessment.texts`) stand beside it under their own names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from compensation.report.csv_output import write_csv
from compensation.schema.column import ColumnType

SUMMARY = "summary.json"
OWN_DIGEST = "summary_digest"
RULES = re.compile(
    r"policy\.toml|series-[a-z][a-z0-9_-]*\.toml|enterprise-size\.csv|industries\.csv"
)
"""The names of the texts that a result keeps."""


class Layout(NamedTuple):
    """The files of a kind of result: its tables, its summary, the texts of its rules.

    `columns`: by table, columns of which an input table lacks some; its rows go by the first.
    `said`: what a summary of the kind says, beside what all of them do. `has_workbook`: whether it
    can be a workbook as well.
    """

    summary: str
    rules: re.Pattern[str]
    columns: Mapping[str, tuple[str, ...]]
    said: str
    has_workbook: bool = True

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables, in their order."""
        return tuple(self.columns)

    def key(self, table: str) -> str:
        """Return the column by which the rows of a table go."""
        return self.columns[table][0]


ASSESSMENT = Layout(
    SUMMARY,
    RULES,
    {
        "claims": (
            *("claim_id", "contract_id", "institution_id", "borrower_id", "payout_date", "payout"),
            *("eligible", "reasons", "base", "rate", "compensation", "status", "payable"),
        ),
        "institutions": (
            *("institution_id", "opening_balance", "closing_balance"),
            *("eligible", "reasons", "rate", "claims", "eligible_claims"),
            *("compensation", "payable"),
        ),
        "returns": (
            *("recovery_id", "claim_id", "recovery_date", "proceeds", "cost"),
            *("distributed", "surplus", "to_government"),
        ),
    },
    "policy",
)
RULES_OF_POLICIES = re.compile(
    r"[a-z][a-z0-9_-]*\.(policy|series-[a-z][a-z0-9_-]*)\.toml"
    r"|enterprise-size\.csv|industries\.csv"
)
"""The same where there are several policies, each with its id."""
JOINT = ASSESSMENT._replace(rules=RULES_OF_POLICIES, said="policies")
"""A year under several policies."""
SETTLEMENT = Layout(
    "settlement_summary.json",
    RULES_OF_POLICIES,
    {
        "settlement": ("claim_id", "granted", "to_pay", "to_recall", "to_remit", "net_due"),
        "settlement_institutions": ("institution_id", "granted", "to_pay", "to_remit", "net_due"),
        "pool_statement": ("line", "amount"),
    },
    "policies",
)
COMPARISON = Layout(
    "comparison_summary.json",
    re.compile(r"variant-[0-9]+\.(policy|series-[a-z][a-z0-9_-]*)\.toml"),
    {
        "totals": ("variant", "year", "compensation", "payable", "net_cost"),
        "institutions": ("institution_id", "year", "variant", "compensation", "net_cost"),
        "claims": ("claim_id", "year", "variant", "effect", "conditions", "change"),
        "changes": ("variant", "year", "compensation", "payable", "net_cost"),
    },
    "variants",
)
"""Variants of a policy side by side."""
INDICATORS = Layout(
    "indicators_summary.json",
    re.compile(r"indicators\.toml"),
    {
        "indicators": ("institution_id", "year", "payout_rate", "rank_payout_rate", "undefined"),
        "definitions": ("id", "name", "name_en", "unit", "clause", "basis", "better"),
    },
    "years",
)
CURVE = Layout(
    "curve_summary.json",
    re.compile(rf"{RULES.pattern}|curve\.svg"),
    {
        "curve": ("value", "point", "eligible", "rate", "compensation"),
        "cliffs": ("value_before", "value_after", "compensation_before", "said", "said_en"),
    },
    "along",
    has_workbook=False,
)
FORECAST = Layout(
    "forecast_summary.json",
    RULES,
    {
        "forecast_years": ("assumption", "year", "compensation", "budget_need", "pool_closing"),
        "forecast_institutions": ("assumption", "year", "institution_id", "tier", "next_tier"),
        "forecast_lines": ("assumption", "year", "institution_id", "line", "value", "said"),
    },
    "base_year",
)
OTHERS = (SETTLEMENT, COMPARISON, INDICATORS, CURVE, FORECAST)
"""The kinds of result beside those of a year."""


def layout_of(tables: Container[str], summary: Container[str]) -> Layout:
    """Return the kind of result that has these tables and whose summary has these keys."""
    kinds = (kind for kind in OTHERS if all(name in tables for name in kind.tables))
    return next(kinds, JOINT if "policies" in summary else ASSESSMENT)


def summary_text(
    summary: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    parts: str,
    digests: Mapping[str, str],
) -> str:
    """Return the text of summary.json.

    `digests`: those of the tables, under the key ``parts``: files, or sheets.
    """
    columns = {name: column_types(table) for name, table in tables.items()}
    content = {**summary, "columns": columns, parts: digests}
    whole = {**content, OWN_DIGEST: own_digest(content)}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def csv_digest(table: pa.Table) -> str:
    """Return the digest of a table as a CSV file of a result holds it."""
    found = hashlib.sha256()
    write_csv(table, found.update)
    return "sha256:" + found.hexdigest()


def own_digest(summary: Mapping[str, Any]) -> str:
    """Return the digest of what a summary says but for its own digest, whatever its layout."""
    content = {name: value for name, value in summary.items() if name != OWN_DIGEST}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def column_types(table: pa.Table) -> dict[str, str]:
    """Return the type of each column of a result table by name, as the data dictionary names it."""
    return {field.name: _type_of(field.type).value for field in table.schema}


def _type_of(kind: pa.DataType) -> ColumnType:
    if pa.types.is_decimal(kind):
        return ColumnType.MONEY if kind.scale == 2 else ColumnType.SHARE
    if pa.types.is_date(kind):
        return ColumnType.DATE
    if pa.types.is_boolean(kind):
        return ColumnType.BOOLEAN
    return ColumnType.COUNT if pa.types.is_integer(kind) else ColumnType.TEXT
