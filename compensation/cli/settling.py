"""What commands do that take several policies, or a day; `commands` says how they are called.

What computes is imported inside functions, so that ``--help`` is quick.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
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
    from compensation.settlement.drafts import Continued
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
    from compensation.joint_files import assess_policies_files
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
        found = actions.with_reviews(
            reviews,
            lambda decided: assess_policies_files(
                source, chosen, year, budget, as_of=as_of, reviews=decided, step=stages.reach
            ),
        )
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
    continued: Path | None,
) -> int:
    """Settle a programme as of a day, write the result where asked to, and print a summary.

    `continued`: where to write the ledger with what is due as drafts.
    """
    from compensation.report import console
    from compensation.report.output import parts, write_output
    from compensation.report.record import SETTLEMENT
    from compensation.report.settlement_console import drafts_text, settlement_text

    if not policies:
        raise Refusal(NO_POLICY)
    chosen = [_loaded(policy, series) for policy in policies]
    wanted = (
        None
        if output is None
        else _checked_output(output, form, source, policies, series, chosen, SETTLEMENT)
    )
    if continued is not None:
        _check_continued(continued, source, output)
    ledger = None
    with console.progress(language, sys.stderr) as stages:
        stages.start(console.READING)
        if continued is None:
            settlement = _settled(source, chosen, to, from_, budget, stages.reach)
        else:
            settlement, ledger = _settled_to_continue(source, chosen, to, from_, budget)
        if output is not None and wanted is not None:
            stages.start(console.WRITING, parts(wanted))
            write_output(settlement, output, wanted, stages.step)
        if continued is not None and ledger is not None:
            _write_continued(continued, ledger, chosen)
    show(settlement_text(settlement, output, language, sys.stdout))
    if continued is not None and ledger is not None:
        show(drafts_text(ledger, continued, language))
    return DONE


def _check_continued(path: Path, source: Path, output: Path | None) -> None:
    """Refuse a name that is no new workbook's, or that lies in the input or the output."""
    from compensation.report.file_names import check_copy_name
    from compensation.report.overwriting import check_new, check_replaceable

    check_copy_name(path, "--continue")
    check_new(path)
    check_replaceable(path, b"", source, output)


def _settled_to_continue(
    source: Path,
    policies: Sequence[Policy],
    to: datetime.date,
    from_: datetime.date | None,
    budget: Decimal | None,
) -> tuple[Settlement, Continued]:
    """Return the settlement, and the whole ledger with what is due as drafts."""
    from compensation.ledger.intake import read_portfolio
    from compensation.report.continued_ledger import check_fits
    from compensation.settlement.drafts import continued
    from compensation.settlement.settle import settle

    portfolio = read_portfolio(source)
    settlement = settle(portfolio, policies, to, from_, budget)
    ledger = continued(portfolio, settlement)
    check_fits(ledger, policies)  # before the result is written
    return settlement, ledger


def _write_continued(path: Path, ledger: Continued, policies: Sequence[Policy]) -> None:
    from compensation.report.continued_ledger import write_continued
    from compensation.report.output import write_new

    write_new(path, lambda new: write_continued(ledger, policies, new))


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
    if (claim is None) == (institution is None):
        raise Refusal(
            Text(
                "--claim 和 --institution 须且只能指定其中一项",
                "give either --claim or --institution",
            )
        )
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
    if reviews is not None or as_of is not None:
        raise Refusal(
            Text(
                "--to 不与 --reviews、--as-of 一起使用",
                "--to goes without --reviews and --as-of",
            )
        )
    return _explain_settled(
        language, source, to, from_, policies, series, budget, claim, institution
    )


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
    claim: str | None,
    institution: str | None,
) -> int:
    """Print what is due for one claim and why, or for each claim of an institution."""
    from compensation.report import console
    from compensation.report.settlement_console import institution_text

    if not policies:
        raise Refusal(NO_POLICY)
    chosen = [_loaded(policy, series) for policy in policies]
    with console.progress(language, sys.stderr) as stages:
        stages.start(console.READING)
        settlement = _settled(source, chosen, to, from_, budget, stages.reach)
    try:
        if claim is not None:
            text = settlement.explain(claim).describe(language)
        else:
            text = institution_text(settlement, institution or "", language, sys.stdout)
    except KeyError:
        message = Text("截至 {to} 的台账中没有代偿 {id}", "the ledger as of {to} has no claim {id}")
        if claim is None:
            message = Text(
                "截至 {to} 的台账中没有机构 {id}", "the ledger as of {to} has no institution {id}"
            )
        raise Refusal(message.fill(to=to, id=claim or institution)) from None
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
    reach: Callable[[int, int], object],
) -> Settlement:
    from compensation.settlement.files import settle_files

    return settle_files(source, policies, to, from_, budget, step=reach)
