"""POST /v1/comparisons: a ledger held for some minutes, and variants of a policy over it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.assessing.calls import asked_of, asks, comparison_of
from api.assessing.questions import (
    CurveQuestion,
    ForecastQuestion,
    IndicatorsQuestion,
    Setting,
    SolveQuestion,
    Variants,
)
from api.assessing.requests import ComparisonForm
from api.language import RequestLanguage, doc
from api.models import AnswerModel, OpenAnswerModel, PolicyUsed
from api.numbers import RatioText, YuanText
from api.routes.held_answers import Curve, Forecast, HeldAnswer, Indicators, Solved
from compensation.policy.model import Note

router = APIRouter(tags=["comparisons"])


class ComparedVariant(AnswerModel):
    """一个方案。 / A variant."""

    name: str = doc("序号；0 是政策本身。", "Its number; 0 is the policy as it is.")
    digest: str
    settings: list[Setting]
    policy_file: str = doc("方案的政策文件全文（TOML）。", "Its policy file.")
    command: str
    """得到同样结果的命令，LEDGER 换成台账的路径。 / The command that gives the same, with the path
    of the ledger for LEDGER."""


class ComparedSums(AnswerModel):
    """补偿、应付与净支出。 / What a variant comes to."""

    compensation: YuanText
    payable: YuanText
    paid: YuanText
    returned_to_government: YuanText
    net_cost: YuanText


class ComparedTotals(ComparedSums):
    """一个年度一个方案的合计；年度为 null 的是各年合计。 / A year and variant; null: all years."""

    year: int | None
    variant: str
    eligible_institutions: int
    claims: int
    eligible_claims: int
    claims_gaining: int
    claims_losing: int
    claims_switching: int


class ComparedInstitution(ComparedSums):
    """一个年度一个方案下的一家机构。 / An institution in a year under a variant."""

    year: int
    variant: str
    institution_id: str
    eligible: bool
    reasons: list[str]
    rate: RatioText | None
    claims: int
    eligible_claims: int


class ChangedClaim(OpenAnswerModel):
    """结果改变的一笔代偿。 / A claim that comes out otherwise than under the policy as it is."""

    year: int
    variant: str
    claim_id: str
    institution_id: str
    effect: Literal["becomes_eligible", "becomes_ineligible", "gains", "loses", "payable_only"]
    conditions: str | None
    change: YuanText


class ComparedChange(ComparedSums):
    """一个方案比政策本身多出的金额。 / What a variant costs more than the policy as it is."""

    year: int | None
    variant: str


class AdjustableNumber(AnswerModel):
    """政策中可以改动的一个数。 / A number of the policy that can be changed."""

    path: str
    value: str
    kind: str
    element: Note
    label: Note


class MovableIndicator(AnswerModel):
    """补偿曲线可以沿着变动的指标。 / An indicator that a curve can go along."""

    id: str
    title: Note
    kind: str = doc("比率、金额或户数。", "A ratio, money or a count.")


class Compared(HeldAnswer):
    """各方案的结果。 / What the variants come to."""

    policy: PolicyUsed
    years: list[int]
    input_digest: str
    variants: list[ComparedVariant]
    totals: list[ComparedTotals]
    institutions: list[ComparedInstitution]
    claims: list[ChangedClaim] = doc("最多两百笔。", "Two hundred at most.")
    changes: list[ComparedChange]
    numbers: list[AdjustableNumber] = Field([])
    """可以改动的数，只在上传时给出。 / What can be changed; only in the first answer."""
    indicators: list[MovableIndicator] = Field([])
    """补偿曲线可以沿着变动的指标，只在上传时给出。 / What a curve can go along; only in the first
    answer."""


@asks(router, "/v1/comparisons", ComparisonForm, Compared)
async def hold_ledger(request: Request, language: RequestLanguage) -> Response:
    """政策测算：上传台账 / Hold a ledger for variants.

    上传工作簿或 CSV 压缩包，按一项政策测算几个年度（政策按各年度均有效）。
    台账只留在内存中，供随后测算各方案，几分钟不用即清除。

    Takes a workbook or a zip of CSV files and computes some years under a policy, which is taken as
    in force in each. The ledger is held in memory only, for the variants that are asked for next,
    and is gone after some minutes.
    """
    return await comparison_of(request, language)


LEDGER = "/v1/comparisons/{ledger_id}"
LedgerId = Annotated[
    str, Path(max_length=60, description="台账的编号。 / The id of the held ledger.")
]


@asks(router, LEDGER, Variants, Compared)
async def compare_variants(
    request: Request, ledger_id: LedgerId, language: RequestLanguage
) -> Response:
    """政策测算：比较方案 / Compare variants over a held ledger.

    对已上传的台账测算各方案，与政策本身比较。台账已清除的，返回 404。

    Compares variants of the policy over a ledger that was sent before. 404 where the ledger is
    gone.
    """
    return await asked_of(request, ledger_id, Variants, language)


@asks(router, LEDGER + "/solve", SolveQuestion, Solved)
async def solve_for_target(
    request: Request, ledger_id: LedgerId, language: RequestLanguage
) -> Response:
    """政策测算：求解 / Find the value that meets a target.

    政策中的一项取什么值，才能满足各年合计的目标；没有这样的值时给出最接近的。
    台账已清除的，返回 404。

    The value of one path of the policy that meets a target over all years, or else the closest.
    404 where the ledger is gone.
    """
    return await asked_of(request, ledger_id, SolveQuestion, language)


@asks(router, LEDGER + "/curve", CurveQuestion, Curve)
async def draw_curve(request: Request, ledger_id: LedgerId, language: RequestLanguage) -> Response:
    """政策测算：补偿曲线 / Compensation along one indicator.

    一家机构一年的补偿怎样随一项指标变化：各点、突变点和图（SVG）。台账已清除的，返回 404。

    Compensation of an institution in a year as one indicator moves: points, cliffs and a picture
    (SVG). 404 where the ledger is gone.
    """
    return await asked_of(request, ledger_id, CurveQuestion, language)


@asks(router, LEDGER + "/indicators", IndicatorsQuestion, Indicators)
async def list_indicators(
    request: Request, ledger_id: LedgerId, language: RequestLanguage
) -> Response:
    """政策测算：历年指标 / Indicators over years.

    各机构历年的指标、名次和口径；与政策无关。台账已清除的，返回 404。

    The indicators of every institution over years, with ranks and definitions; no policy is
    involved. 404 where the ledger is gone.
    """
    return await asked_of(request, ledger_id, IndicatorsQuestion, language)


@asks(router, LEDGER + "/forecast", ForecastQuestion, Forecast)
async def forecast_years(
    request: Request, ledger_id: LedgerId, language: RequestLanguage
) -> Response:
    """政策测算：以后年度 / Later years.

    按假定的增速、代偿率和追偿回收率推算以后年度，分低、中、高三种情景。台账已清除的，返回 404。

    The years after a base year for an assumed growth, payout rate and recovery rate: low, middle,
    high. 404 where the ledger is gone.
    """
    return await asked_of(request, ledger_id, ForecastQuestion, language)
