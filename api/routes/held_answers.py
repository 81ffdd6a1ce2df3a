"""What is answered of a held ledger besides variants: a value, a curve, indicators, later years.

Summaries and rows are those of the library's results, with the names of its files' columns.
"""

from __future__ import annotations

from typing import Any, Literal

from api.language import doc
from api.models import AnswerModel, OpenAnswerModel
from api.numbers import RatioText, YuanText


class HeldLedger(AnswerModel):
    """留在内存中的台账。 / The ledger as it is held in memory."""

    id: str = doc("编号，只有上传者知道。", "Its id, which only its sender knows.")
    seconds: int
    """最后一次询问之后保留多少秒。 / How many seconds it is held after the last question."""


class HeldAnswer(AnswerModel):
    """关于一份台账的应答。 / An answer about a held ledger."""

    ledger: HeldLedger


class Summarised(HeldAnswer):
    """带有选项与校验码的应答。 / An answer with its options and digests."""

    summary: dict[str, Any]
    """选项、校验码和说明，与命令行写出的摘要文件相同。 / Options, digests and notes, as in the
    summary file of the command."""


class Probe(AnswerModel):
    """试过的一个值。 / A value that was tried."""

    value: str
    figure: str = doc("所求指标，元或个数。", "The figure, in yuan or a count.")


class Solved(Summarised):
    """求解的结果。 / What was solved for."""

    path: str
    met: bool = doc("是否满足目标。", "Whether the target is met.")
    found: Probe
    below: Probe | None = doc("小一步的值。", "The value a step below.")
    above: Probe | None = doc("大一步的值。", "The value a step above.")
    monotone: bool
    """指标是否只升或只降；否则可能有更合适的值。 / Whether the figure only rises or only falls; if
    not, there may be better values."""
    low: str
    high: str
    tried: list[Probe]


class CurvePoint(OpenAnswerModel):
    """曲线上的一点。 / A point of a curve."""

    value: str = doc("指标的值：比率、元或个数。", "Of the indicator: a ratio, yuan or a count.")
    point: Literal["actual", "corner", "grid"]
    eligible: bool
    reasons: list[str]
    rate: RatioText | None
    claims: int
    eligible_claims: int
    compensation: YuanText
    compensation_per_100_released: RatioText | None


class Cliff(OpenAnswerModel):
    """一个突变点前后各一个单位。 / The units before and after a cliff."""

    value_before: str
    compensation_before: YuanText
    value_after: str
    compensation_after: YuanText
    said: str
    said_en: str


class Drawn(AnswerModel):
    """补偿曲线。 / A cost curve."""

    summary: dict[str, Any] = doc("选项和说明。", "Options, and what moves.")
    curve: list[CurvePoint]
    cliffs: list[Cliff]
    picture: str = doc("图，SVG。", "The picture, as SVG.")


class Curve(Drawn, HeldAnswer):
    """一份台账的补偿曲线。 / A cost curve of a held ledger."""


class InstitutionYear(OpenAnswerModel):
    """一家机构一年的各项指标和名次。 / The indicators and ranks of an institution in a year."""

    institution_id: str
    institution_name: str | None
    year: int
    undefined: str | None
    """无法计算的指标及原因。 / Which indicators are undefined, and why."""


class DefinedIndicator(AnswerModel):
    """一项指标的口径。 / What an indicator means."""

    id: str
    name: str
    name_en: str
    unit: str
    clause: str
    basis: str
    note: str
    note_en: str
    better: Literal["higher", "lower"] | None


class Indicators(Summarised):
    """各机构历年指标。 / Indicators over years."""

    indicators: list[InstitutionYear]
    definitions: list[DefinedIndicator]


Assumed = Literal["base", "low", "middle", "high"]


class ForecastYear(AnswerModel):
    """一种情景的一年。 / A year under an assumption."""

    assumption: Assumed
    year: int
    released_amount: YuanText
    payout_amount: YuanText
    compensation: YuanText
    returned_to_government: YuanText
    pool_opening: YuanText | None
    budget_need: YuanText | None
    pool_closing: YuanText | None


class ForecastInstitution(OpenAnswerModel):
    """一种情景下一家机构的一年。 / A year of an institution under an assumption."""

    assumption: Assumed
    year: int
    institution_id: str
    eligible: bool
    reasons: list[str]
    rate: RatioText | None
    compensation: YuanText
    next_rate: RatioText | None
    next_tier_gain: YuanText | None


class ForecastLine(AnswerModel):
    """一行计算。 / A line of arithmetic."""

    assumption: Assumed
    year: int
    institution_id: str | None
    line: str
    value: str
    said: str
    said_en: str


class Forecast(Summarised):
    """以后年度。 / The years after a base year."""

    forecast_years: list[ForecastYear]
    forecast_institutions: list[ForecastInstitution]
    forecast_lines: list[ForecastLine] = doc("最多两千行。", "Two thousand at most.")
