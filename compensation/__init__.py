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

_HOMES = {
    "Assessment": "assessment",
    "assess": "assessment",
    "assess_files": "streaming",
    "assess_frames": "streaming",
    "JointAssessment": "joint_assessment",
    "assess_policies": "joint_assessment",
    "EnterpriseSize": "classification.enterprise_size",
    "enterprise_size": "classification.enterprise_size",
    "ClaimExplanation": "explanation",
    "InstitutionExplanation": "explanation",
    "Issue": "issues",
    "InputFaults": "faults.input_faults",
    "Portfolio": "ledger.portfolio",
    "portfolio_of_frames": "ledger.portfolio_input",
    "read_portfolio": "ledger.portfolio_input",
    "half_up": "money",
    "split": "money",
    "Curve": "outlook.curve",
    "curve": "outlook.curve",
    "Forecast": "outlook.forecast",
    "forecast": "outlook.forecast",
    "Indicators": "outlook.indicators",
    "indicators": "outlook.indicators",
    "CaseFaults": "one_case.faults",
    "DecidedClaim": "one_case.claim",
    "ExaminedClaim": "one_case.claim",
    "decide_claim": "one_case.claim",
    "examine_claim": "one_case.claim",
    "JudgedInstitution": "one_case.institution",
    "judge_institution": "one_case.institution",
    "SharedRecoveries": "one_case.recoveries",
    "SharedRecovery": "one_case.recoveries",
    "share_recoveries": "one_case.recoveries",
    "Policy": "policy.catalogue",
    "list_policies": "policy.catalogue",
    "load_policy": "policy.catalogue",
    "PolicyFaults": "policy.faults",
    "Difference": "record.difference",
    "diff": "record.difference",
    "ResultRefused": "record.faults",
    "Result": "record.reading",
    "read_result": "record.reading",
    "Verification": "record.verification",
    "verify": "record.verification",
    "SettledClaim": "settlement.explanation",
    "Settlement": "settlement.settlement",
    "settle": "settlement.settle",
    "settle_files": "settlement.files",
    "settle_frames": "settlement.files",
    "apply_reviews": "ledger.reviews",
    "read_reviews": "ledger.reviews",
    "write_folder": "report.folder",
    "TooManyRows": "report.sheet",
    "write_template": "report.template",
    "write_workbook": "report.workbook",
    "Comparison": "whatif.compare",
    "compare": "whatif.compare",
    "Solution": "whatif.solve",
    "solve": "whatif.solve",
    "Variant": "whatif.variants",
    "vary": "whatif.variants",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
