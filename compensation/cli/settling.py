"""What commands do that take several policies, or a day; `commands` says how they are called."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from compensation.cli import actions
from compensation.cli.process import DONE, show
from compensation.cli.usage import DEFAULT_POLICY, Refusal
from compensation.language import Language, Text, visible

if TYPE_CHECKING:
    from compensation.policy.catalogue import Policy
    from compensation.report.output import Form
    from compensation.report.record import Layout
    from compensation.settlement.settlement import Settlement

NO_POLICY = Text("缺少 --policy，至少指定一项政策", "--policy is missing; name at least one policy")


def assess(language: Language, policies: Sequence[str], **values: Any) -> int:
    """Compute a year's compensation under one policy, or under several together."""
    if len(policies) > 1:
        return _assess_together(language, policies, **values)
    policy = policies[0] if policies else DEFAULT_POLICY
    return actions.assess(language, policy=policy, **values)


def _assess_together(
    language: Language,
    policies: Sequence[str],
    source: Path,
    year: int,
    series: Sequence[Path],
    budget: Decimal | None,
    as_of: datetime.date | None,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
    reviews: Path | None,
    faults: Path | None,
    marked: Path | None,
) -> int:
    """Compute a year's compensation under several policies."""
    from compensation.joint_assessment import assess_policies
    from compensation.ledger.intake import read_portfolio
    from compensation.ledger.reviews import apply_reviews, read_reviews
    from compensation.report import console
    from compensation.report.folder import write_folder
    from compensation.report.output import parts, unwritable
    from compensation.report.record import JOINT

    chosen = [_loaded(policy, series) for policy in policies]
    wanted = (
        None
        if output is None
        else _checked_output(
            output, form, source, policies, [*series, *filter(None, [reviews])], chosen, JOINT
        )
    )
    if wanted == "xlsx" or faults is not None or marked is not None:
        raise Refusal(
            Text(
                "多项政策的结果只写成文件夹，且不用 --faults 和 --marked",
                "under several policies the result is a folder, without --faults and --marked",
            )
        )
    with console.progress(language, sys.stderr) as stages:
        stages.start(console.READING)
        portfolio = read_portfolio(source)
        if reviews is not None:
            portfolio = apply_reviews(portfolio, read_reviews(reviews))
        found = assess_policies(portfolio, chosen, year, budget, as_of=as_of)
        if output is not None and wanted is not None:
            stages.start(console.WRITING, parts(wanted))
            with unwritable(output):
                write_folder(found.tables, found.summary, output, wanted, stages.step, found.texts)
    show(console.summary_text(found, output, language, sys.stdout))
    return DONE


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
) -> int:
    """Settle a programme as of a day, write the result where asked to, and print a summary."""
    from compensation.report import console
    from compensation.report.output import parts, write_output
    from compensation.report.record import SETTLEMENT
    from compensation.report.settlement_console import settlement_text

    if not policies:
        raise Refusal(NO_POLICY)
    chosen = [_loaded(policy, series) for policy in policies]
    wanted = (
        None
        if output is None
        else _checked_output(output, form, source, policies, series, chosen, SETTLEMENT)
    )
    with console.progress(language, sys.stderr) as stages:
        stages.start(console.READING)
        settlement = _settled(source, chosen, to, from_, budget)
        if output is not None and wanted is not None:
            stages.start(console.WRITING, parts(wanted))
            write_output(settlement, output, wanted, stages.step)
    show(settlement_text(settlement, output, language, sys.stdout))
    return DONE


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
    """Print why one claim or institution comes out as it does, in a year or as of a day."""
    if year is not None and to is None and from_ is None:
        policy = _only(policies)
        return actions.explain(
            language, source, year, policy, series, budget, as_of, reviews, claim, institution
        )
    if to is None or year is not None:
        raise Refusal(
            Text(
                "--year（年度核算）和 --to（清算）须且只能指定其中一项；--from 与 --to 一起使用",
                "give either --year (an assessment) or --to (a settlement); --from goes with --to",
            )
        )
    if claim is None or any(option is not None for option in (institution, reviews, as_of)):
        raise Refusal(
            Text(
                "清算只能说明一笔代偿：--to 与 --claim 一起使用，"
                "不用 --institution、--reviews、--as-of",
                "a settlement explains one claim: give --claim with --to, without --institution,"
                " --reviews and --as-of",
            )
        )
    return _explain_settled(language, source, to, from_, policies, series, budget, claim)


def _only(policies: Sequence[str]) -> str:
    """Return the policy of an assessment; the default where none is given."""
    if len(policies) > 1:
        raise Refusal(Text("--year 只用于一项政策", "--year takes one policy"))
    return policies[0] if policies else DEFAULT_POLICY


def _explain_settled(
    language: Language,
    source: Path,
    to: datetime.date,
    from_: datetime.date | None,
    policies: Sequence[str],
    series: Sequence[Path],
    budget: Decimal | None,
    claim: str,
) -> int:
    """Print what is due for one claim, and why."""
    from compensation.report import console

    if not policies:
        raise Refusal(NO_POLICY)
    chosen = [_loaded(policy, series) for policy in policies]
    with console.progress(language, sys.stderr) as stages:
        stages.start(console.READING)
        settlement = _settled(source, chosen, to, from_, budget)
    try:
        text = settlement.explain(claim).describe(language)
    except KeyError:
        message = Text(
            "截至 {to} 的台账中没有代偿 {claim}", "the ledger as of {to} has no claim {claim}"
        )
        raise Refusal(message.fill(to=to, claim=claim)) from None
    show(visible(text))
    return DONE


def _loaded(policy: str, series: Sequence[Path]) -> Policy:
    from compensation.policy.catalogue import load_policy

    return load_policy(policy, series)


def _checked_output(
    output: Path,
    form: Literal["csv", "parquet"] | None,
    source: Path,
    policies: Sequence[str],
    others: Sequence[Path],
    chosen: Sequence[Policy],
    layout: Layout,
) -> Form:
    """Return what is written; refuses an output that would overwrite something else.

    `others`: files that the run reads, beside its input and its policies.
    """
    from compensation.report.file_names import check_output_name
    from compensation.report.output import form_of
    from compensation.report.overwriting import check_output
    from compensation.settlement.summary import texts_of_policies

    wanted = form_of(output, form or "csv")
    if wanted == "xlsx" and form is not None:
        raise Refusal(
            Text(
                "--format 用于文件夹；以 .xlsx 结尾的输出是工作簿",
                "--format is for folders; an output that ends in .xlsx is a workbook",
            )
        )
    check_output_name(output)
    files = [Path(policy) for policy in policies if Path(policy).is_file()]
    texts = texts_of_policies(chosen)
    check_output(output, wanted, source, [*files, *others], texts, layout)
    return wanted


def _settled(
    source: Path,
    policies: Sequence[Policy],
    to: datetime.date,
    from_: datetime.date | None,
    budget: Decimal | None,
) -> Settlement:
    from compensation.ledger.intake import read_portfolio
    from compensation.settlement.settle import settle_when_read

    return settle_when_read(partial(read_portfolio, source), policies, to, from_, budget)
