"""What several calls have in common in their requests and answers; amounts and ratios exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from api.bodies import LONGEST_NAME, MOST_MEMBERS
from api.numbers import OddNumber, RatioText, Share, YuanText, wrong
from api.policies import DEFAULT_POLICY
from compensation.language import Text
from compensation.values.kinds import Kind

MEMBERS: dict[str, Any] = {
    "maxProperties": MOST_MEMBERS,
    "propertyNames": {"maxLength": LONGEST_NAME},
}
"""How many members an object may have, and how long their names may be, as a schema says it."""
LONGEST_TEXT = 200
NEEDED = (
    "所选政策需要填写哪些内容，见 GET /v1/policies/{policy_id}/inputs。",
    "GET /v1/policies/{policy_id}/inputs lists what the policy needs.",
)
"""What a call about one case says of its body, in Chinese and English."""


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, OddNumber):
        message = Text("不是有限的数，或超出范围", "not a finite number, or out of range")
        raise wrong("not_finite", message)
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
            "anyOf": [
                {"type": "string", "maxLength": LONGEST_TEXT},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "null"},
            ],
            "description": "政策另外要看的列或指标，名称和类型见 "
            "/v1/policies/{policy_id}/inputs。 / A column or an indicator that the policy looks "
            "at; /v1/policies/{policy_id}/inputs lists their names and types.",
        }
    ),
]
"""The value of a member that only some policies know; its type is the policy's."""

FORESEEN = [
    *(kind.value for kind in Kind),
    *(
        "implausible_ratio",
        "missing",
        "unknown_member",
        "not_text",
        "not_finite",
        "contradiction",
        "part_above_whole",
    ),
    *("year_not_covered", "shares_sum", "government_share", "wrong_form", "date_order"),
    *("series_gap", "no_payout", "paid_above_borne", "duplicate", "total_too_large"),
]
"""The faults of a case that no schema can say: they depend on the policy or on several members."""


class Received(BaseModel):
    """A part of a request: an unknown member is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class Open(Given):
    """A row that may have more columns: those of the policy and of the parties."""

    model_config = ConfigDict(extra="allow")


class PolicyUsed(Given):
    """所用的政策。 / The policy that was applied."""

    id: str = Field(description="编号。 / Its id.", examples=[DEFAULT_POLICY])
    digest: str = Field(description="内容校验码（SHA-256）。 / The digest of what it says.")


MOST_PARTIES = 20

Shares = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=60)], Share | None],
    Field(
        max_length=MOST_PARTIES,
        description="各方的分担比例，合计恰为 1；没有列出的一方不承担；都不填则全由担保机构承担。 "
        "/ Who bears what part, together exactly 1; a party that is not there bears nothing; with "
        "none, the institution bears everything.",
        examples=[{"institution": "0.4", "lender": "0.6"}],
    ),
]


def absent() -> Any:
    """Return what stands for a member that was not sent; see `sent`."""
    return None


class NeededChange(Given):
    """其他不变时，最少还需的变化。 / The smallest change that would meet a condition."""

    value: str | None = Field(
        description="数量；null 为单靠它无法满足。 / How much; null if no rise of it alone can."
    )
    unit: Literal["yuan", "borrowers"] = Field(description="元或户。 / Its unit.")
    message: str = Field(description="一句话。 / The same in words.")


class ConditionResult(Given):
    """一项条件的结果。 / What one condition came to."""

    id: str = Field(description="条件编号。 / Its id.", examples=["payout_rate"])
    passed: bool = Field(description="是否满足。 / Whether it is met.")
    actual: str | None = Field(
        description="实际值；null 为空或无法计算。 / What was found; null if blank or undefined."
    )
    limit: str = Field(description="要求。 / What is asked for.", examples=["≤ 0.050000"])
    gap: str | None = Field(
        description="与限额的差距；null 为没有差距。 / How far it is from the limit."
    )
    clause: str = Field(description="条款。 / The clause.")
    basis: Literal["text", "summary", "assumption", "default"] = Field(
        description="依据：原文、摘要或假定。 / Text, summary or assumption."
    )
    note: str = Field(description="对条款的说明。 / A note on it.")
    why: str | None = Field(description="为什么没有值。 / Why there is no value.")
    message: str = Field(description="一句话。 / All of it in one line.")
    needed: NeededChange | None = Field(
        description="还差多少（按金额和户数填写时）；已满足的为 null。"
        " / What is missing, where amounts were given; null where it is met."
    )


class ArithmeticLine(Given):
    """一行计算。 / One line of arithmetic."""

    name: str = Field(description="名称，供后面各行的算式引用。 / Its name in later formulas.")
    title: str = Field(description="标题。 / Its title.")
    formula: str | None = Field(
        description="算式，用前面各行的名称；null 为已知数。 / Over names above; null where given."
    )
    terms: dict[str, str] = Field(description="算式中各项的值。 / The values in the formula.")
    value: str = Field(description="值，元或比率。 / Its value, in yuan or as a ratio.")
    clause: str | None = Field(description="条款。 / The clause.")
    basis: Literal["text", "summary", "assumption", "default"] | None = Field(
        description="依据。 / Text, summary or assumption."
    )
    note: str | None = Field(description="对条款的说明。 / A note on it.")


class Assumed(Given):
    """结果所依据的一项假定。 / An assumption that the result relies on."""

    id: str = Field(description="编号。 / Its id.")
    clause: str = Field(description="条款。 / The clause.")
    note: str = Field(description="假定的内容。 / What is assumed.")


Eligible = Annotated[
    bool, Field(description="是否符合条件。 / Whether it is eligible.", examples=[True])
]
Reasons = Annotated[
    list[str],
    Field(description="未满足的条件，按顺序。 / What is not met, in order.", examples=[[]]),
]
Rate = Annotated[
    RatioText | None,
    Field(description="补偿比例；不符合条件的为 null。 / The rate; null where not eligible."),
]
Notes = Annotated[
    list[str],
    Field(description="只有一笔代偿时无法计入的事项。 / What one claim alone cannot tell."),
]
Assumptions = Annotated[
    list[Assumed], Field(description="所依据的假定。 / What the result assumes.")
]


class InstitutionVerdict(Given):
    """机构是否符合条件。 / Whether the institution is eligible."""

    eligible: Eligible
    reasons: Reasons
    conditions: list[ConditionResult]


Parts = Annotated[
    dict[str, YuanText],
    Field(
        description="各方的金额（元）。 / Amounts by party, in yuan.",
        examples=[{"institution": "408000.00", "lender": "612000.00"}],
    ),
]
