"""POST /v1/eligibility/institution: whether an institution is eligible, and in which tier."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NotRequired

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StrictBool, TypeAdapter, with_config
from typing_extensions import TypedDict

import compensation
from api.assessing.answers import drawn
from api.cases import CaseRoute, LongRoute, part_of, policy_of
from api.examples import AMOUNTS, RATIOS
from api.language import RequestLanguage, doc
from api.models import (
    MEMBERS,
    AnswerModel,
    ArithmeticLine,
    Assumptions,
    ConditionResult,
    Eligible,
    PolicyUsed,
    Reasons,
    Scalar,
    closed,
)
from api.numbers import AnyNumber, Count, Growth, PayoutRate, RatioText, Share, Year, Yuan, parsed
from api.policies import EXAMPLE_POLICY, PolicyId
from api.routes.held_answers import Drawn
from compensation import CaseFaults
from compensation.issues import Issue, Place
from compensation.one_case.curve import institution_curve
from compensation.refusals import Refused

router = APIRouter(route_class=CaseRoute, tags=["eligibility"])
curves = APIRouter(route_class=LongRoute, tags=["eligibility"])
YEAR: TypeAdapter[int] = TypeAdapter(Year)
_NUMBER: TypeAdapter[Decimal] = TypeAdapter(AnyNumber)


@with_config(ConfigDict(json_schema_extra=MEMBERS, use_attribute_docstrings=True))
class InstitutionFigures(TypedDict, total=False, extra_items=Scalar):  # type: ignore[call-arg]
    """机构一年的数字。 / The figures of an institution in a year.

    金额和户数（推荐），或算好的比率，null 为无法计算。政策要看的都要填，见
    /v1/policies/{policy_id}/inputs 的 institution。政策自己的列和指标按其名称填写。 / Amounts and
    counts (preferred), or ratios, of which null is undefined. Everything that the policy uses is
    required: institution of /v1/policies/{policy_id}/inputs lists it. Columns and indicators that
    the policy defines are members with their names.
    """

    government_backed: StrictBool
    """是否政府性融资担保机构。 / Whether it is government-backed."""
    opening_balance: Annotated[Yuan, doc("年初在保余额（元）。", "The opening balance in yuan.")]
    closing_balance: Annotated[Yuan, doc("年末在保余额（元）。", "The closing balance in yuan.")]
    opening_borrowers: Count
    """年初在保户数。 / Borrowers at the beginning of the year."""
    closing_borrowers: Annotated[Count, doc("年末在保户数。", "Borrowers at the end of the year.")]
    small_agri_balance: Yuan
    """年末支小支农余额（元）。 / Of the closing balance, that of small, micro and agricultural
    borrowers, in yuan."""
    released_amount: Yuan
    """本年解除担保额（元）。 / Released in the year, in yuan."""
    payout_amount: Annotated[Yuan, doc("本年代偿额（元）。", "The payouts of the year, in yuan.")]
    new_guarantees: Annotated[Yuan, doc("本年新增担保额（元）。", "New guarantees, in yuan.")]
    small_agri_share: Share | None
    """支小支农占比；null 为无法计算。 / The small, micro and agricultural share; null is
    undefined."""
    balance_growth: Growth | None
    """在保余额增速；null 为无法计算。 / Growth of the balance; null is undefined."""
    borrower_growth: Growth | None
    """在保户数增速；null 为无法计算。 / Growth of the borrowers; null is undefined."""
    payout_rate: PayoutRate | None
    """代偿率；null 为无法计算。 / The payout rate; null is undefined."""


@with_config(
    closed(
        {"policy": EXAMPLE_POLICY, "year": 2022, "institution": AMOUNTS},
        {"policy": EXAMPLE_POLICY, "institution": RATIOS},
    )
)
class InstitutionCase(TypedDict):
    """一家机构。 / One institution."""

    policy: PolicyId
    year: NotRequired[
        Annotated[
            Year | None,
            doc(
                "年度；限额随日期变化的政策才需要。",
                "The year; only for policies whose limits change by date.",
            ),
        ]
    ]
    institution: InstitutionFigures


class NextTierUp(AnswerModel):
    """上一档，或符合条件后的第一档。 / The next tier up, or the first to reach."""

    number: int = doc("第几档。", "Its number, from 1.")
    rate: RatioText
    conditions: list[ConditionResult] = doc("需要满足什么。", "The conditions to meet.")


class InstitutionAnswer(AnswerModel):
    """一家机构的结果。 / The result of an institution."""

    eligible: Eligible
    reasons: Reasons
    tier: int | None
    """第几档；不符合条件或档次不由机构决定时为 null。 / Its tier, from 1; null where not eligible,
    or where tiers are not the institution's."""
    rate: RatioText | None = doc("该档的补偿比例。", "The rate of the tier.")
    why: list[str] = doc(
        "为什么在这一档，而不在之前的档次；没有可选的为空。",
        "Why it is in its tier, and not in one before; empty where there is no other.",
    )
    conditions: list[ConditionResult]
    next_tier: NextTierUp | None
    """再上一档需要什么；已是最高档时为 null。 / The requirements of the next tier; null at the
    highest."""
    indicators: list[ArithmeticLine] = doc("各项指标及算式。", "The indicators.")
    policy: PolicyUsed
    assumptions: Assumptions


_MOVED = {"from": "0", "to": "0.08", "along": "payout_rate"}
_Ends = TypedDict(  # one of its members is a word of the language
    "_Ends",
    {
        "from": Annotated[AnyNumber, doc("起点。", "Its first value.")],
        "to": Annotated[AnyNumber, doc("终点。", "Its last value.")],
    },
)


@with_config(
    closed(
        {"policy": EXAMPLE_POLICY, "institution": AMOUNTS, **_MOVED},
        {"policy": EXAMPLE_POLICY, "institution": RATIOS, **_MOVED},
    )
)
class InstitutionCurveCase(InstitutionCase, _Ends):
    """一家机构，以及哪项指标变动。 / One institution, and which indicator moves."""

    along: Annotated[str, Field(max_length=100, examples=["payout_rate"])]
    """变动的指标。 / The indicator that moves."""


@router.post("/v1/eligibility/institution")
def judge_institution(case: InstitutionCase, language: RequestLanguage) -> InstitutionAnswer:
    """机构自查 / Check an institution.

    一家机构是否符合条件、在哪一档、还差多少、再上一档需要什么。填写金额和户数时，差额以元或户给出。
    所选政策需要填写哪些内容，见 GET /v1/policies/{policy_id}/inputs。

    Whether an institution is eligible, its tier, the changes needed, and the requirements of the
    next tier. With amounts and counts, the changes are given in yuan or borrowers. GET
    /v1/policies/{policy_id}/inputs lists what the policy needs.
    """
    year = parsed(YEAR, case.get("year"))
    found = compensation.judge_institution(policy_of(case), part_of(case, "institution"), year)
    return InstitutionAnswer.model_validate(found.as_dict(language))


@curves.post("/v1/eligibility/institution/curve")
def draw_institution_curve(case: InstitutionCurveCase, language: RequestLanguage) -> Drawn:
    """机构自查：补偿曲线 / What an institution's limits cost.

    一项指标变动时，按所填数字是否符合条件、比例多少、本年代偿可补偿多少；精确到限额前后。
    本年代偿视为全部符合条件、全额按比例补偿；只填比率的按解除担保额 100 万元折算。
    所选政策需要填写哪些内容，见 GET /v1/policies/{policy_id}/inputs。

    Whether the institution is eligible, at what rate, and what its payouts would be compensated
    with, as one indicator moves; exact around every limit. All payouts are taken as eligible and
    compensated in full; with ratios alone they are those of 1 million yuan released. GET
    /v1/policies/{policy_id}/inputs lists what the policy needs.
    """
    year, figures = parsed(YEAR, case.get("year")), part_of(case, "institution")
    first, last = (parsed(_NUMBER, case.get(end)) for end in ("from", "to"))
    along = case.get("along")
    if first is None or last is None or not isinstance(along, str):  # that is told already
        compensation.judge_institution(policy_of(case), figures, year)
        raise CaseFaults([])
    try:
        found = institution_curve(policy_of(case), figures, along, first, last, year)
    except Refused as error:
        raise CaseFaults([Issue("refused", error.message, Place(path=("along",)))]) from error
    said = {"along": along, "moves": found.moves.zh, "moves_en": found.moves.en}
    return Drawn.model_validate({"summary": said, **drawn(found, language)})


router.include_router(curves)
