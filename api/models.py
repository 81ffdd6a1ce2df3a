"""Models that several calls share in their requests and answers."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from api.bodies import LONGEST_NAME, MOST_MEMBERS
from api.language import doc
from api.numbers import NOT_FINITE, OddNumber, RatioText, Share, YuanText
from api.policies import EXAMPLE_POLICY
from compensation.language import Text
from compensation.pydantic_errors import wrong

REF = "#/components/schemas/{model}"
"""A reference to a schema of the OpenAPI document."""
MEMBERS: dict[str, Any] = {
    "maxProperties": MOST_MEMBERS,
    "propertyNames": {"maxLength": LONGEST_NAME},
}
"""The limits on the members of an object and their names, as JSON Schema."""
LONGEST_TEXT = 200


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, OddNumber):
        raise wrong("not_finite", NOT_FINITE)
    if not isinstance(value, str):
        message = Text(
            "应为文本、数字、true、false 或 null", "should be a text, a number or a truth"
        )
        raise wrong("not_a_scalar", message)
    if len(value) > LONGEST_TEXT:
        expected = Text(f"至多 {LONGEST_TEXT} 个字符", f"at most {LONGEST_TEXT} characters")
        raise wrong("too_long", Text("文本过长", "too long a text"), expected)
    return value


Scalar = Annotated[
    Any,
    BeforeValidator(_scalar),
    WithJsonSchema(
        {
            "type": ["string", "number", "boolean", "null"],
            "maxLength": LONGEST_TEXT,
            "description": "政策另外要看的列或指标，名称和类型见 "
            "/v1/policies/{policy_id}/inputs。 / A column or an indicator that the policy looks "
            "at; /v1/policies/{policy_id}/inputs lists their names and types.",
        }
    ),
]
"""The value of a member that only some policies have; the policy decides its type."""

CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True)
"""The configuration of an object of a request in which an unknown member is a fault."""


def closed(*examples: Any) -> ConfigDict:
    """Return `CLOSED` with examples for the OpenAPI document."""
    return {**CLOSED, "json_schema_extra": {"examples": list(examples)}}


class AnswerModel(BaseModel):
    """The base of models in answers."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class OpenAnswerModel(AnswerModel):
    """A row that may have further columns: those of the policy and of the parties."""

    model_config = ConfigDict(extra="allow")


class PolicyUsed(AnswerModel):
    """所用的政策。 / The policy that was applied."""

    id: str = doc("编号。", "Its id.", examples=[EXAMPLE_POLICY])
    digest: str = doc("内容校验码（SHA-256）。", "The digest of its content.")


MOST_PARTIES = 20

Shares = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=60)], Share | None],
    doc(
        "各方的分担比例，合计恰为 1；没有列出的一方不承担；都不填则全由担保机构承担。",
        "Who bears what part, together exactly 1; a party that is not there bears nothing; with "
        "none, the institution bears everything.",
        max_length=MOST_PARTIES,
        examples=[{"institution": "0.4", "lender": "0.6"}],
    ),
]


class NeededChange(AnswerModel):
    """其他不变时，最少还需的变化。 / The smallest change that would meet a condition."""

    value: str | None
    """数量；null 为单靠它无法满足。 / The amount or number; null where no change of this figure
    alone is enough."""
    unit: Literal["yuan", "borrowers"] = doc("元或户。", "Its unit.")
    message: str = doc("一句话。", "The change in words.")


class ConditionResult(AnswerModel):
    """一项条件的结果。 / The result of a condition."""

    id: str = doc("条件编号。", "Its id.", examples=["payout_rate"])
    passed: bool = doc("是否满足。", "Whether it is met.")
    actual: str | None
    """实际值；null 为空或无法计算。 / The actual value; null if blank or undefined."""
    limit: str = doc("要求。", "The required value.", examples=["≤ 0.050000"])
    gap: str | None = doc("与限额的差距；null 为没有差距。", "The distance to the limit.")
    clause: str = doc("条款。", "The clause.")
    basis: Literal["text", "summary", "assumption", "default"]
    """依据：原文、摘要或假定。 / The basis: text, summary or assumption."""
    note: str = doc("对条款的说明。", "A note on it.")
    why: str | None = doc("为什么没有值。", "The reason why there is no value.")
    message: str = doc("一句话。", "The condition and its result in one line.")
    needed: NeededChange | None
    """还差多少（按金额和户数填写时）；已满足的为 null。 / The change needed, where amounts were
    given; null where the condition is met."""


class ArithmeticLine(AnswerModel):
    """一行计算。 / One line of arithmetic."""

    name: str = doc("名称，供后面各行的算式引用。", "Its name in later formulas.")
    title: str = doc("标题。", "Its title.")
    formula: str | None
    """算式，用前面各行的名称；null 为已知数。 / A formula of the names above; null for a given
    value."""
    terms: dict[str, str] = doc("算式中各项的值。", "The values in the formula.")
    value: str = doc("值，元或比率。", "Its value, in yuan or as a ratio.")
    clause: str | None = doc("条款。", "The clause.")
    basis: Literal["text", "summary", "assumption", "default"] | None
    """依据。 / The basis: text, summary or assumption."""
    note: str | None = doc("对条款的说明。", "A note on it.")
    why: list[str] = doc(
        "适用的档次、条件或上限凭什么适用，之前的为什么不适用；没有可选的为空。",
        "Why the tier, choice or cap applies, and why not those before; empty where there is no "
        "other.",
        examples=[["tier 1 does not apply: payout rate 2.2605%, limit ≤ 2%"]],
    )


class Assumed(AnswerModel):
    """结果所依据的一项假定。 / An assumption that the result relies on."""

    id: str = doc("编号。", "Its id.")
    clause: str = doc("条款。", "The clause.")
    note: str = doc("假定的内容。", "The assumption.")


Eligible = Annotated[bool, doc("是否符合条件。", "Whether it is eligible.", examples=[True])]
Reasons = Annotated[
    list[str],
    doc("未满足的条件，按顺序。", "The conditions that are not met, in order.", examples=[[]]),
]
Rate = Annotated[
    RatioText | None,
    doc("补偿比例；不符合条件的为 null。", "The rate; null where not eligible."),
]
Notes = Annotated[
    list[str],
    doc("只有一笔代偿时无法计入的事项。", "What cannot be determined from one claim alone."),
]
Assumptions = Annotated[list[Assumed], doc("所依据的假定。", "The assumptions of the result.")]


class InstitutionVerdict(AnswerModel):
    """机构是否符合条件。 / Whether the institution is eligible."""

    eligible: Eligible
    reasons: Reasons
    conditions: list[ConditionResult]


Parts = Annotated[
    dict[str, YuanText], Field(examples=[{"institution": "408000.00", "lender": "612000.00"}])
]
"""Amounts by party, in yuan."""


class ReturnedRecovery(OpenAnswerModel):
    """一笔追偿及其返还；另有 to_<分担方> 各项。 / One recovery; and to_<party> for each party."""

    recovery_id: str
    recovery_date: datetime.date
    proceeds: YuanText
    cost: YuanText
    distributed: YuanText = doc("本次返还。", "The amount distributed.")
    surplus: YuanText = doc("超额追偿款，按合同约定处理。", "The amount above the payout.")
    to_government: YuanText
