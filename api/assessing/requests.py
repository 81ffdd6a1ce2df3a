"""What requests for an assessment or a settlement hold: a form, or JSON with the tables."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

from api.examples import PORTFOLIO, SETTLEMENT
from api.language import doc
from api.models import CLOSED, MEMBERS
from api.numbers import Budget, Day, Year
from api.policies import PolicyId
from compensation.language import Language

MOST_EXPLAINED = 20
"""Claims, and institutions, that one request may have explained by their ids."""
MOST_POLICIES = 10

Cell = TypeAliasType(
    "Cell",
    Annotated[
        Any,
        WithJsonSchema(
            {
                "type": ["string", "number", "boolean", "null"],
                "description": "单元格，写法同填报模板。 / A cell, written as in the template.",
            }
        ),
    ],
)
Row = TypeAliasType(
    "Row",
    Annotated[
        dict[str, Cell],
        doc(
            "表的一行：列名或中文标题，与单元格。", "A row: columns by name or heading, and cells."
        ),
        Field(json_schema_extra=MEMBERS),
    ],
)
Rows = Annotated[list[Row], doc("表的各行。", "The rows of the table.")]
BudgetOrNone = Annotated[
    Budget | None,
    doc("预算（元）；没有则不设限。", "Budget in yuan; none is without limit."),
]
YearsText = Annotated[
    str,
    doc(
        "年度，如 2022-2024 或 2022,2024，最多 20 个。",
        "Years, such as 2022-2024 or 2022,2024; 20 at most.",
        pattern=r"^[0-9]{4}([-,][0-9]{4}){0,19}$",
        examples=["2022-2024"],
    ),
]
PolicyIds = Annotated[
    list[PolicyId],
    doc(
        "政策编号，每笔代偿按其代偿日所适用的一项核定。",
        "The ids of policies; each claim is decided by the one in force on its day.",
        max_length=MOST_POLICIES,
    ),
]
Ids = Annotated[list[str], Field(max_length=MOST_EXPLAINED)]


class RequestModel(BaseModel):
    """A part of a request: an unknown member is a fault."""

    model_config = ConfigDict(**CLOSED, frozen=True)


class AssessmentFields(RequestModel):
    """The fields of an assessment besides its tables."""

    policy: PolicyId
    year: Year
    budget: BudgetOrNone = None
    as_of: Day | None = None
    """截至日期：只算到该日终了的台账；没有则全部计入。 / The ledgers are used as of the end of this
    day; none: every row counts."""
    explain: Literal["institutions"] | None = None
    """institutions：应答另含各机构的说明（前一百家）。 / institutions: the answer also explains
    each institution (the first hundred)."""
    explain_institutions: Ids = []
    """机构代码，应答的说明只含这些机构。 / Ids of institutions: the answer explains these."""
    explain_claims: Ids = []
    """代偿编号，应答另含这些代偿的说明。 / Ids of claims that the answer also explains."""


class SettlementFields(RequestModel):
    """The fields of a settlement besides its tables."""

    policies: PolicyIds
    to: Annotated[Day, doc("清算日。", "The day to settle on.")]
    from_: Annotated[Day | None, Field(alias="from")] = None
    """本期起始日；没有则为清算日当年 1 月 1 日。 / First day of the period; 1 January by
    default."""
    budget: BudgetOrNone = None
    explain: Ids = []
    """代偿编号，应答另含这些代偿的说明。 / Ids of claims that the answer also explains."""


class Tables(RequestModel):
    """The tables of a ledger as JSON."""

    institutions: Rows
    contracts: Rows
    claims: Rows
    releases: Rows | None = None
    recoveries: Rows | None = None
    payments: Rows | None = None
    remittances: Rows | None = None
    pool: Rows | None = None
    institution_years: Rows | None = None
    contract_years: Rows | None = None


class AssessmentBody(Tables, AssessmentFields):
    """批量测算的 JSON。 / A whole portfolio as JSON."""

    model_config = ConfigDict(json_schema_extra={"examples": [PORTFOLIO]})


class SettlementBody(Tables, SettlementFields):
    """清算的 JSON。 / A whole portfolio to settle, as JSON."""

    model_config = ConfigDict(json_schema_extra={"examples": [SETTLEMENT]})


File = Annotated[str, WithJsonSchema({"type": "string", "format": "binary"})]


class FormFields(RequestModel):
    """The fields that only a form has. All that it sends is text, and a blank text counts as none.

    `FILES`: those that are files; their values here are of no interest.
    """

    FILES: ClassVar[tuple[str, ...]] = ("file",)

    file: File
    """工作簿（.xlsx），或 CSV 文件的 zip 压缩包（UTF-8 或 GB18030）。 / A workbook (.xlsx), or a
    zip of CSV files (UTF-8 or GB18030)."""
    lang: Language | None = None
    """消息的语言，优先于 Accept-Language。 / Language of messages."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe each field by what it is where it is given: a form has no null."""
        schema = handler.resolve_ref_schema(handler(core))
        for field in schema["properties"].values():
            kinds = field.pop("anyOf", [])
            field.pop("default", None)
            field.update({**kinds[0], **field} if kinds else {})
        return schema


class AssessmentForm(FormFields, AssessmentFields):
    """批量测算的表单。 / The form of an assessment."""


class ReviewedForm(AssessmentForm):
    """按审核表测算的表单。 / The form of an assessment by a review sheet."""

    FILES = ("file", "reviews")

    reviews: File
    """填好的审核表（.xlsx），其中的审核意见代替台账中的。 / The filled review sheet (.xlsx); its
    decisions take the place of the ledger's."""


class VerificationForm(FormFields):
    """复核的表单。 / The form of a verification: the ledger as it is now, and the result."""

    FILES = ("file", "result", "reviews")

    result: File
    """结果工作簿（.xlsx）。 / A result workbook (.xlsx)."""
    reviews: File | None = None
    """填好的审核表（.xlsx），其中的审核意见代替台账中的。 / The filled review sheet (.xlsx); its
    decisions take the place of the ledger's."""


class DifferenceForm(FormFields):
    """比较两个结果的表单。 / The form of a comparison of two results."""

    FILES = ("file", "other")

    file: File
    """结果工作簿（.xlsx）。 / A result workbook (.xlsx)."""
    other: File
    """结果工作簿（.xlsx）。 / A result workbook (.xlsx)."""


class ComparisonForm(FormFields):
    """政策测算的表单。 / The form of a comparison."""

    policy: PolicyId
    years: YearsText
    budget: BudgetOrNone = None


class SettlementForm(FormFields, SettlementFields):
    """清算的表单；policy 和 explain 可以有多个。 / The form of a settlement."""

    policies: Annotated[PolicyIds, Field(alias="policy")]
