"""POST /v1/eligibility/borrower: the size of an enterprise."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NotRequired

from fastapi import APIRouter
from pydantic import Field, TypeAdapter, with_config
from typing_extensions import TypedDict

from api.cases import CaseRoute, Members
from api.examples import BORROWERS
from api.language import RequestLanguage, doc
from api.models import AnswerModel, closed
from api.numbers import Count, Yuan, parsed
from compensation import CaseFaults, enterprise_size
from compensation.classification.enterprise_size import (
    EnterpriseSize,
    MissingIndicator,
    UnknownIndustry,
)
from compensation.classification.size_table import Size
from compensation.issues import Issue, Place
from compensation.pydantic_errors import shown

router = APIRouter(route_class=CaseRoute, tags=["eligibility"])
_COUNT: TypeAdapter[Decimal] = TypeAdapter(Count)
_YUAN: TypeAdapter[Decimal] = TypeAdapter(Yuan)


@with_config(closed(*BORROWERS))
class BorrowerCase(TypedDict):
    """一家企业。 / One enterprise."""

    industry: Annotated[str, Field(max_length=100)]
    """行业：国民经济行业分类的代码或名称。 / The industry: a code or a name of GB/T 4754."""
    employees: NotRequired[Annotated[Count | None, doc("从业人员（人）。", "Employees, persons.")]]
    revenue: NotRequired[Annotated[Yuan | None, doc("营业收入（元）。", "Revenue in yuan.")]]
    total_assets: NotRequired[Yuan | None]
    """资产总额（元）。 / Total assets in yuan."""


class SizeIndicator(AnswerModel):
    """一项划型指标。 / One indicator of size."""

    indicator: str = Field(examples=["revenue"])
    """employees、revenue 或 total_assets。 / The name of the indicator."""
    name: str = doc("名称。", "Its name.")
    actual: str = doc("实际值，人或元。", "Its value, persons or yuan.")
    limits: list[str]
    """大型、中型、小型的下限。 / The lower limits of large, medium and small."""
    size: Size = doc("单看这一项的规模。", "The size by this indicator alone.")


class BorrowerAnswer(AnswerModel):
    """企业规模。 / The size of an enterprise."""

    size: Size = doc("规模。", "The size.")
    small_micro: bool = doc("是否小微。", "Whether it is small or micro.")
    borrower_type: str = doc("借款人类型。", "The borrower type.")
    industry: str = doc("行业代码。", "The industry in the classification.")
    industry_name: str = doc("行业名称。", "Its name.")
    indicators: list[SizeIndicator]


def _sized(case: Members) -> EnterpriseSize:
    """Return the size of a case; raises `CaseFaults`."""
    employees = parsed(_COUNT, case.get("employees"))
    revenue, assets = (parsed(_YUAN, case.get(name)) for name in ("revenue", "total_assets"))
    industry = str(case.get("industry"))
    try:
        return enterprise_size(
            industry, None if employees is None else int(employees), revenue, assets
        )
    except UnknownIndustry as error:
        where = Place(path=("industry",))
        fault = Issue("unknown_industry", error.text, where, shown(industry))
        raise CaseFaults([fault]) from error
    except MissingIndicator as error:
        faults = [Issue("missing", error.text, Place(path=(name,))) for name in error.indicators]
        raise CaseFaults(faults) from error


@router.post("/v1/eligibility/borrower")
def size_borrower(case: BorrowerCase, language: RequestLanguage) -> BorrowerAnswer:
    """企业划型 / Classify an enterprise.

    按《统计上大中小微型企业划分办法（2017）》判断企业规模，以及是否小微。

    The size of an enterprise by the national classification of 2017, and whether it is small or
    micro.
    """
    return BorrowerAnswer.model_validate(_sized(case).as_dict(language))
