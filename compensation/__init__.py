"""Risk compensation for government-backed financing guarantees (政府性融资担保风险补偿).

From an institution's ledgers and a policy to the year's compensation, claim by claim, and to what
each recovery returns to whom. Names are loaded when first used, so that importing the package is
quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from compensation.version import __version__

if TYPE_CHECKING:
    from compensation.assessment import Assessment, assess
    from compensation.classification.enterprise_size import EnterpriseSize, enterprise_size
    from compensation.explanation import ClaimExplanation, InstitutionExplanation
    from compensation.faults.input_faults import InputFaults
    from compensation.issues import Issue
    from compensation.joint_assessment import JointAssessment, assess_policies
    from compensation.ledger.portfolio import Portfolio
    from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
    from compensation.ledger.reviews import apply_reviews, read_reviews
    from compensation.money import half_up, split
    from compensation.one_case.claim import (
        DecidedClaim,
        ExaminedClaim,
        decide_claim,
        examine_claim,
    )
    from compensation.one_case.faults import CaseFaults
    from compensation.one_case.institution import JudgedInstitution, judge_institution
    from compensation.one_case.recoveries import (
        SharedRecoveries,
        SharedRecovery,
        share_recoveries,
    )
    from compensation.outlook.curve import Curve, curve
    from compensation.outlook.forecast import Forecast, forecast
    from compensation.outlook.indicators import Indicators, indicators
    from compensation.policy.catalogue import Policy, list_policies, load_policy
    from compensation.policy.faults import PolicyFaults
    from compensation.record.difference import Difference, diff
    from compensation.record.faults import ResultRefused
    from compensation.record.reading import Result, read_result
    from compensation.record.verification import Verification, verify
    from compensation.report.folder import write_folder
    from compensation.report.sheet import TooManyRows
    from compensation.report.template import write_template
    from compensation.report.workbook import write_workbook
    from compensation.settlement.explanation import SettledClaim
    from compensation.settlement.files import settle_files, settle_frames
    from compensation.settlement.settle import settle
    from compensation.settlement.settlement import Settlement
    from compensation.streaming import assess_files, assess_frames
    from compensation.whatif.compare import Comparison, compare
    from compensation.whatif.solve import Solution, solve
    from compensation.whatif.variants import Variant, vary

__all__ = [
    "Assessment",
    "CaseFaults",
    "ClaimExplanation",
    "Comparison",
    "Curve",
    "DecidedClaim",
    "Difference",
    "EnterpriseSize",
    "ExaminedClaim",
    "Forecast",
    "Indicators",
    "InputFaults",
    "InstitutionExplanation",
    "Issue",
    "JointAssessment",
    "JudgedInstitution",
    "Policy",
    "PolicyFaults",
    "Portfolio",
    "Result",
    "ResultRefused",
    "SettledClaim",
    "Settlement",
    "SharedRecoveries",
    "SharedRecovery",
    "Solution",
    "TooManyRows",
    "Variant",
    "Verification",
    "__version__",
    "apply_reviews",
    "assess",
    "assess_files",
    "assess_frames",
    "assess_policies",
    "compare",
    "curve",
    "decide_claim",
    "diff",
    "enterprise_size",
    "examine_claim",
    "forecast",
    "half_up",
    "indicators",
    "judge_institution",
    "list_policies",
    "load_policy",
    "portfolio_of_frames",
    "read_portfolio",
    "read_result",
    "read_reviews",
    "settle",
    "settle_files",
    "settle_frames",
    "share_recoveries",
    "solve",
    "split",
    "vary",
    "verify",
    "write_folder",
    "write_template",
    "write_workbook",
]

_NAMES = {
    "assessment": ("Assessment", "assess"),
    "classification.enterprise_size": ("EnterpriseSize", "enterprise_size"),
    "explanation": ("ClaimExplanation", "InstitutionExplanation"),
    "faults.input_faults": ("InputFaults",),
    "issues": ("Issue",),
    "joint_assessment": ("JointAssessment", "assess_policies"),
    "ledger.portfolio": ("Portfolio",),
    "ledger.portfolio_input": ("portfolio_of_frames", "read_portfolio"),
    "ledger.reviews": ("apply_reviews", "read_reviews"),
    "money": ("half_up", "split"),
    "one_case.claim": ("DecidedClaim", "ExaminedClaim", "decide_claim", "examine_claim"),
    "one_case.faults": ("CaseFaults",),
    "one_case.institution": ("JudgedInstitution", "judge_institution"),
    "one_case.recoveries": ("SharedRecoveries", "SharedRecovery", "share_recoveries"),
    "outlook.curve": ("Curve", "curve"),
    "outlook.forecast": ("Forecast", "forecast"),
    "outlook.indicators": ("Indicators", "indicators"),
    "policy.catalogue": ("Policy", "list_policies", "load_policy"),
    "policy.faults": ("PolicyFaults",),
    "record.difference": ("Difference", "diff"),
    "record.faults": ("ResultRefused",),
    "record.reading": ("Result", "read_result"),
    "record.verification": ("Verification", "verify"),
    "report.folder": ("write_folder",),
    "report.sheet": ("TooManyRows",),
    "report.template": ("write_template",),
    "report.workbook": ("write_workbook",),
    "settlement.explanation": ("SettledClaim",),
    "settlement.files": ("settle_files", "settle_frames"),
    "settlement.settle": ("settle",),
    "settlement.settlement": ("Settlement",),
    "streaming": ("assess_files", "assess_frames"),
    "whatif.compare": ("Comparison", "compare"),
    "whatif.solve": ("Solution", "solve"),
    "whatif.variants": ("Variant", "vary"),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
