"""What the commands do that take several policies, or a day; `commands` defines their arguments.

The modules that compute are imported inside functions, so that ``--help`` is quick.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from compensation.cli import assessing
from compensation.cli.outputs import (
    check_copy,
    checked_output,
    policies_given,
    policy_named,
    write_result,
)
from compensation.cli.process import DONE, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text, visible

if TYPE_CHECKING:
    from compensation.policy.catalogue import Policy
    from compensation.settlement.drafts import Continued
    from compensation.settlement.settlement import Settlement


def settle(
    language: Language,
    source: Path,
    to: datetime.date,
    from_: datetime.date | None,
    policies: Sequence[str],
    series: Sequence[Path],
    budget: Decimal | None,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
    continued: Path | None,
) -> int:
    """Settle as of a day, write the result if ``output`` is given, and print a summary.

    `continued`: the file for the ledger with the amounts due as drafts.
    """
    from compensation.report import console
    from compensation.report.record import SETTLEMENT
    from compensation.report.settlement_console import drafts_text, settlement_text
    from compensation.settlement.files import settle_files

    chosen, read = policies_given(policies, series, to.year)
    wanted = checked_output(output, form, source, read, chosen, SETTLEMENT)
    if continued is not None:
        check_copy(continued, "--continue", source, output)
    ledger = None
    with console.progress(language, sys.stderr) as stages:
        if continued is None:
            settlement = settle_files(source, chosen, to, from_, budget, step=stages.reach)
        else:
            settlement, ledger = _settled_to_continue(source, chosen, to, from_, budget)
        write_result(settlement, output, wanted, stages)
        if continued is not None and ledger is not None:
            from compensation.report.continued_ledger import write_continued
            from compensation.report.output import write_new

            write_new(continued, partial(write_continued, ledger, chosen))
    show(settlement_text(settlement, output, language, sys.stdout))
    if continued is not None and ledger is not None:
        show(drafts_text(ledger, continued, language))
    return DONE


def _settled_to_continue(
    source: Path,
    policies: Sequence[Policy],
    to: datetime.date,
    from_: datetime.date | None,
    budget: Decimal | None,
) -> tuple[Settlement, Continued]:
    """Return the settlement, and the whole ledger with what is due as drafts."""
    from compensation.report.continued_ledger import check_fits
    from compensation.settlement.drafts import continued
    from compensation.settlement.settle import settle
    from compensation.streaming import portfolio_for

    portfolio = portfolio_for(source, policies)
    settlement = settle(portfolio, policies, to, from_, budget)
    ledger = continued(portfolio, settlement)
    check_fits(ledger, policies)  # before the result is written
    return settlement, ledger


def explain(
    language: Language,
    source: Path,
    year: int | None,
    to: datetime.date | None,
    from_: datetime.date | None,
    policies: Sequence[str],
    series: Sequence[Path],
    budget: Decimal | None,
    as_of: datetime.date | None,
    reviews: Path | None,
    claim: str | None,
    institution: str | None,
) -> int:
    """Print the arithmetic of one claim or institution, in a year or as of a day."""
    if (claim is None) == (institution is None):
        raise Refusal(
            Text(
                "--claim 和 --institution 须且只能指定其中一项",
                "give either --claim or --institution",
            )
        )
    if year is not None and to is None and from_ is None:
        policy_named(policies, year)
        if len(policies) > 1:
            raise Refusal(Text("--year 只用于一项政策", "--year takes one policy"))
        return assessing.explain(
            language, source, year, policies[0], series, budget, as_of, reviews, claim, institution
        )
    if to is None or year is not None:
        raise Refusal(
            Text(
                "--year（年度核算）和 --to（清算）须且只能指定其中一项；--from 与 --to 一起使用",
                "give either --year (an assessment) or --to (a settlement); --from goes with --to",
            )
        )
    if reviews is not None or as_of is not None:
        raise Refusal(
            Text(
                "--to 不与 --reviews、--as-of 一起使用",
                "--to cannot be used with --reviews or --as-of",
            )
        )
    return _explain_settled(
        language, source, to, from_, policies, series, budget, claim, institution
    )


def _explain_settled(
    language: Language,
    source: Path,
    to: datetime.date,
    from_: datetime.date | None,
    policies: Sequence[str],
    series: Sequence[Path],
    budget: Decimal | None,
    claim: str | None,
    institution: str | None,
) -> int:
    """Print what is due for one claim, with the arithmetic, or for each claim of an institution."""
    from compensation.report import console
    from compensation.report.settlement_console import institution_text
    from compensation.settlement.files import settle_files

    chosen, _ = policies_given(policies, series, to.year)
    with console.progress(language, sys.stderr) as stages:
        settlement = settle_files(source, chosen, to, from_, budget, step=stages.reach)
    try:
        if claim is not None:
            years = settlement.explain_years(claim)
            text = "\n\n".join(each.describe(language) for each in years)
        else:
            text = institution_text(settlement, institution or "", language, sys.stdout)
    except KeyError:
        message = Text(
            "截至 {to} 的台账中没有{case} {id}", "the ledger as of {to} has no {case} {id}"
        )
        if claim is None:
            message = Text(
                "截至 {to} 的台账中没有机构 {id}", "the ledger as of {to} has no institution {id}"
            )
        from compensation.policy.case_words import words_of

        named, case = institution if claim is None else claim, words_of(chosen).case
        raise Refusal(message.fill(to=to, id=named, case=case)) from None
    show(visible(text))
    return DONE
