"""What a policy looks at, for whoever draws a form or fills in a request."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.models import Given

InputType = Literal["boolean", "money", "integer", "ratio", "date", "choice", "text"]


class InputChoice(Given):
    """一个可选值。 / One value to choose."""

    value: str = Field(description="请求中的值。 / What a request holds.")
    title: str = Field(description="名称。 / Its name.")
    group: str | None = Field(description="类别，如小微。 / Its group, such as small and micro.")


class Input(Given):
    """一项要填写的内容。 / One thing to fill in."""

    name: str = Field(description="请求中的名称。 / Its name in a request.")
    title: str = Field(description="给人看的名称。 / Its name for people.")
    type: InputType = Field(
        description="类型；金额以元计，比率 0.4 即 40%。 / Its type; money is in yuan, a ratio "
        "of 0.4 is 40%."
    )
    required: bool = Field(
        description="是否必须有值；为 false 时可以填 null，但这一项仍要列出。 / "
        "Whether it must have a value; if false, it may be null, but the member must be there."
    )
    note: str | None = Field(description="说明。 / A note.")
    choices: list[InputChoice] = Field(description="可选的值。 / The values to choose from.")


class InstitutionInputs(Given):
    """机构指标的两种填法。 / The two ways to give an institution's figures."""

    amounts: list[Input] = Field(description="金额和户数，推荐。 / Amounts and counts; preferred.")
    ratios: list[Input] = Field(description="算好的比率。 / Ratios, as already computed.")


class Named(Given):
    """一个名称。 / Something by its name."""

    id: str = Field(description="编号。 / Its id.")
    title: str = Field(description="给人看的名称。 / Its name for people.")


class PolicyInputs(Given):
    """一项政策要看的内容。 / What a policy looks at."""

    institution: InstitutionInputs
    claim: list[Input] = Field(
        description="一笔代偿要填写的各项；分担比例（shares）另填，不填则全由担保机构承担。 / "
        "What a claim has. Shares come beside it; without them the institution bears everything."
    )
    parties: list[Named] = Field(description="分担代偿的各方。 / Who shares a payout.")
    conditions: list[Named] = Field(
        description="各项条件，以及原因中会出现的其他编号。 / The conditions, and what else "
        "reasons name."
    )
