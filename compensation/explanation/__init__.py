"""Why a figure is what it is: conditions with their clauses, and arithmetic line by line."""

from compensation.explanation.claim import ClaimExplanation, arithmetic_table, explain_claim
from compensation.explanation.institution import InstitutionExplanation, explain_institution

__all__ = [
    "ClaimExplanation",
    "InstitutionExplanation",
    "arithmetic_table",
    "explain_claim",
    "explain_institution",
]
