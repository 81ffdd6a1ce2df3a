"""POST /v1/eligibility/borrower: the size of an enterprise."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from api.cases import RESPONSES, Members, asks, found, taken
from api.cases import router as new_router
from api.examples import BORROWERS
from api.language import RequestLanguage
from api.models import Given, Received
from api.numbers import Count, Yuan, shown
from api.problems import wrong_values_problem
from compensation import enterprise_size
from compensation.classification.enterprise_size import (
    EnterpriseSize,
    MissingIndicator,
    UnknownIndustry,
)
from compensation.issues import Issue, Place
from compensation.values.printing import yuan_text

router = new_router("eligibility")
_COUNT: TypeAdapter[Decimal] = TypeAdapter(Count)
_YUAN: TypeAdapter[Decimal] = TypeAdapter(Yuan)
_TEXT = 100


class BorrowerCase(Received):
    """一家企业。 / One enterprise."""

    model_config = ConfigDict(json_schema_extra={"examples": [*BORROWERS]})

    industry: Annotated[str, Field(max_length=_TEXT)] = Field(
        description="行业：国民经济行业分类的代码或名称。 / The industry: a code or a name of "
        "GB/T 4754."
    )
    employees: Count | None = Field(
        default=None, description="从业人员（人）。 / Employees, persons."
    )
    revenue: Yuan | None = Field(default=None, description="营业收入（元）。 / Revenue in yuan.")
    total_assets: Yuan | None = Field(
        default=None, description="资产总额（元）。 / Total assets in yuan."
    )


Size = Literal["large", "medium", "small", "micro"]


class SizeIndicator(Given):
    """一项划型指标。 / One indicator of size."""

    indicator: str = Field(
        description="employees、revenue 或 total_assets。 / Which one.", examples=["revenue"]
    )
    name: str = Field(description="名称。 / Its name.")
    actual: str = Field(description="实际值，人或元。 / Its value, persons or yuan.")
    limits: list[str] = Field(
        description="大型、中型、小型的下限。 / The lower limits of large, medium and small."
    )
    size: Size = Field(description="单看这一项的规模。 / What it alone would give.")


class BorrowerAnswer(Given):
    """企业规模。 / The size of an enterprise."""

    size: Size = Field(description="规模。 / The size.")
    small_micro: bool = Field(description="是否小微。 / Whether it is small or micro.")
    borrower_type: str = Field(description="借款人类型。 / The borrower type.")
    industry: str = Field(description="行业代码。 / The industry in the classification.")
    industry_name: str = Field(description="行业名称。 / Its name.")
    indicators: list[SizeIndicator]


def _sized(members: Members) -> EnterpriseSize:
    industry, employees = members.get("industry"), taken(_COUNT, members.get("employees"))
    revenue, assets = (taken(_YUAN, members.get(name)) for name in ("revenue", "total_assets"))
    try:
        return enterprise_size(
            str(industry), None if employees is None else int(employees), revenue, assets
        )
    except UnknownIndustry as error:
        where = Place(path=("industry",))
        wrong = [Issue("unknown_industry", error.text, where, shown(industry))]
    except MissingIndicator as error:
        wrong = [Issue("missing", error.text, Place(path=(name,))) for name in error.indicators]
    raise wrong_values_problem(wrong)


@router.post(
    "/v1/eligibility/borrower",
    operation_id="sizeBorrower",
    summary="企业划型 / The size of a borrower",
    description="按《统计上大中小微型企业划分办法（2017）》判断企业规模，以及是否小微。\n\n"
    "The size of an enterprise by the national classification of 2017, and whether it is small or "
    "micro.",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": ["missing", "unknown_industry"]},
)
@asks(_sized)
def borrower(case: BorrowerCase, language: RequestLanguage) -> BorrowerAnswer:
    """Tell the size of one enterprise."""
    size = found(_sized, case)
    return BorrowerAnswer(
        size=size.size,
        small_micro=size.small_micro,
        borrower_type=size.borrower_type,
        industry=size.industry,
        industry_name=size.name.get(language),
        indicators=[
            SizeIndicator(
                indicator=part.indicator,
                name=part.name.get(language),
                actual=_text(part.actual),
                limits=[_text(limit) for limit in part.limits],
                size=part.size,
            )
            for part in size.indicators
        ],
    )


def _text(value: int | Decimal) -> str:
    """Return persons as they are, and yuan with two decimals."""
    return str(value) if isinstance(value, int) else yuan_text(value)
