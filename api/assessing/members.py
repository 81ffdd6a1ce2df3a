"""What the requests of assessments and of settlements have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from api.models import MEMBERS, Received
from api.numbers import BUDGET, Budget
from compensation.language import Language

Cell = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "null"},
            ]
        }
    ),
]
Row = Annotated[dict[str, Cell], Field(json_schema_extra=MEMBERS)]
"""One row: column names or Chinese headings, and cells as they may stand in a file."""
Rows = Annotated[list[Row], Field(description="表的各行。 / The rows of the table.")]


BudgetOrNone = Annotated[
    Budget | None,
    Field(description="预算（元）；没有则不设限。 / Budget in yuan; none is without limit."),
]
FormLanguage = Annotated[
    Language | None,
    Field(description="消息的语言，优先于 Accept-Language。 / Language of messages."),
]
FormFile = Annotated[
    bytes,
    WithJsonSchema(
        {
            "type": "string",
            "format": "binary",
            "description": "工作簿（.xlsx），或 CSV 文件的 zip 压缩包（UTF-8 或 GB18030）。 / "
            "A workbook (.xlsx), or a zip of CSV files (UTF-8 or GB18030).",
        }
    ),
]
FormBudget = Annotated[
    str,
    Field(
        pattern=f"^({BUDGET.pattern})?$",
        description="预算（元）；空或没有则不设限。 / Budget in yuan; blank or none: no limit.",
    ),
]
FormLanguageText = Annotated[
    Literal["zh", "en", ""],
    Field(description="消息的语言，优先于 Accept-Language。 / Language of messages."),
]


class Tables(Received):
    """The tables of a ledger as JSON."""

    institutions: Rows
    contracts: Rows
    claims: Rows
    releases: Rows | None = None
    recoveries: Rows | None = None
    payments: Rows | None = None
    remittances: Rows | None = None
    pool: Rows | None = None
