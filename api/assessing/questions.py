"""What is asked of a held ledger: variants, a value, a curve, indicators, later years."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.assessing.requests import BudgetOrNone, RequestModel, YearsText
from api.language import doc
from api.numbers import AnyNumber, Year, YearsAhead

Numbers = Annotated[list[AnyNumber], Field(min_length=1, max_length=3)]
"""What a forecast assumes: one number, or three: low, middle, high."""


class Setting(RequestModel):
    """对政策文件中一个值的改动。 / A value of the policy file that is changed."""

    path: Annotated[str, Field(max_length=200, examples=["rates.tiers[2].rate"])]
    """这个值的路径。 / Its path."""
    value: Annotated[str, Field(max_length=200, examples=["0.12"])]
    """新的值（TOML）。 / Its new value, as TOML."""


Settings = Annotated[list[Setting], Field(max_length=40)]


class Variants(RequestModel):
    """同一台账的方案。 / Variants over the ledger that was sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"variants": [[{"path": "rates.tiers[2].rate", "value": "0.12"}]]}]
        }
    )

    variants: Annotated[list[Settings], Field(max_length=4)]
    """各方案的改动；另有一个方案是政策本身。 / The changes of each variant; the policy as it is
    comes first."""
    budget: BudgetOrNone = None


class OfVariant(RequestModel):
    """What is asked about one variant."""

    settings: Settings = Field(default_factory=list)
    """方案的改动；没有则为政策本身。 / Its changes; none: the policy as it is."""


class SolveQuestion(OfVariant):
    """哪个值满足目标。 / Which value meets a target."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"path": "rates.tiers[2].rate", "target": "compensation<=150000"}]
        }
    )

    path: Annotated[str, Field(max_length=200, examples=["caps[1].at_most"])]
    """求解哪一项。 / The path of the value."""
    target: Annotated[str, Field(max_length=100, examples=["compensation<=500000"])]
    """目标：各年合计的一项，<= 或 >=，一个数。 / A figure over all years, <= or >=, and a
    number."""
    low: Annotated[AnyNumber | None, doc("从哪个值试起。", "The least value to try.")] = None
    high: Annotated[AnyNumber | None, doc("试到哪个值。", "The greatest value to try.")] = None
    budget: BudgetOrNone = None


class CurveQuestion(OfVariant):
    """补偿怎样随一项指标变化。 / Compensation as one indicator moves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"year": 2022, "along": "payout_rate", "from": "0", "to": "0.08"}]
        }
    )

    year: Year
    along: Annotated[str, Field(max_length=100, examples=["payout_rate"])]
    """变动的指标。 / The indicator that moves."""
    from_: Annotated[AnyNumber, doc("起点。", "Its first value.", alias="from")]
    to: Annotated[AnyNumber, doc("终点。", "Its last value.")]
    institution: Annotated[str | None, Field(max_length=200)] = None
    """机构代码；只有一家时可不写。 / The institution, if there are several."""


class IndicatorsQuestion(RequestModel):
    """各机构历年指标。 / Indicators of institutions over years."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"years": "2021-2022"}]})

    years: YearsText | None = None
    """没有则为上传时所填的年度。 / None: the years that the ledger was sent for."""


class ForecastQuestion(OfVariant):
    """以后年度。 / The years after a base year."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"base_year": 2022, "years": 3, "growth": ["0.10"]}]}
    )

    base_year: Year
    years: YearsAhead
    growth: Numbers
    """每年增速，一个数或低、中、高三个数。 / Growth in a year: one number, or low, middle, high."""
    payout_rate: Numbers | None = None
    """代偿率比基年高多少；没有则不变。 / Rise of the payout rate; none: as in the base year."""
    recovery_rate: Numbers | None = None
    """追偿回收率；没有则沿用基年。 / Part recovered; none: as in the base year."""


Question = Variants | SolveQuestion | CurveQuestion | IndicatorsQuestion | ForecastQuestion
