"""What `compare` does; `commands` says how it is called.

What computes is imported inside, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from compensation.cli.outputs import checked_output, policies_given, write_result
from compensation.cli.process import DONE, FOUND, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text

if TYPE_CHECKING:
    from datetime import date

    from compensation.ledger.portfolio import Portfolio
    from compensation.policy.catalogue import Policy


def compare(
    language: Language,
    source: Path,
    years: Sequence[int],
    policies: Sequence[str],
    settings: Sequence[str],
    series: Sequence[Path],
    budget: Decimal | None,
    as_of: date | None,
    reviews: Path | None,
    strict_dates: bool,
    html: bool,
    solved: str | None,
    target: str | None,
    low: Decimal | None,
    high: Decimal | None,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
) -> int:
    """Compare policies over the years of a ledger, or find the value that meets a target."""
    from compensation.report import console
    from compensation.report.comparison_console import comparison_text, solution_text
    from compensation.report.comparison_page import comparison_page
    from compensation.report.record import COMPARISON
    from compensation.whatif.compare import compare, variants_of
    from compensation.whatif.solve import Solution, solve

    chosen, read = policies_given(policies, series, years[0])
    if (solved is None) != (target is None):
        raise Refusal(Text("--solve 和 --target 要一起用", "--solve and --target go together"))
    if solved is None and (low is not None or high is not None):
        raise Refusal(Text("--from、--to 要和 --solve 一起用", "--from and --to go with --solve"))
    if solved is not None and len(chosen) != 1:
        raise Refusal(Text("--solve 只用于一项政策", "--solve is for one policy"))
    # Before anything is read: what is wrong with settings needs no ledger.
    variants = variants_of(chosen, settings, () if strict_dates else years)
    wanted = checked_output(output, form, source, read, chosen, COMPARISON, reviews)
    solution: Solution | None = None
    with console.progress(language, sys.stderr) as stages:
        portfolio = _portfolio(source, chosen, reviews)
        if solved is not None and target is not None:
            solution = solve(
                portfolio,
                chosen[0],
                years,
                solved,
                target,
                settings,
                budget,
                low=low,
                high=high,
                strict_dates=strict_dates,
                as_of=as_of,
            )
            comparison = solution.comparison
        else:
            comparison = compare(
                portfolio,
                variants,
                years,
                budget=budget,
                strict_dates=strict_dates,
                as_of=as_of,
            )
        write_result(comparison, output, wanted, stages)
    if html:
        show(comparison_page(comparison, solution))
    else:
        if solution is not None:
            show(solution_text(solution, language, sys.stdout))
        show(comparison_text(comparison, output, language, sys.stdout))
    return DONE if solution is None or solution.met else FOUND


def _portfolio(source: Path, policies: Sequence[Policy], reviews: Path | None) -> Portfolio:
    """Return the ledger with the decisions of a review sheet."""
    from compensation.ledger.reviews import apply_reviews, read_reviews
    from compensation.streaming import no_review_sheet, portfolio_for

    portfolio = portfolio_for(source, policies)
    if reviews is not None:
        decided = read_reviews(reviews)
        for policy in policies:
            if policy.rules.record != "payout":
                no_review_sheet(policy, decided)
        portfolio = apply_reviews(portfolio, decided)
    return portfolio
