"""What each command does; `commands` says how it is called.

What computes is imported inside functions, so that ``--help`` is quick. Each command returns the
exit code, and raises what is wrong with the input, the arguments or the output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from compensation.cli.process import DONE, FOUND, WRONG, complain, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text, day, visible
from compensation.values.dates import date_of

if TYPE_CHECKING:
    from datetime import date

    from compensation.assessment import Assessment
    from compensation.ledger.fault_groups import FaultGroup
    from compensation.ledger.faults import Faults
    from compensation.ledger.portfolio import Ledgers
    from compensation.ledger.reviews import Reviews
    from compensation.policy.catalogue import Policy

Ran = TypeVar("Ran")


def assess(
    language: Language,
    source: Path,
    year: int,
    policy: str,
    series: Sequence[Path],
    budget: Decimal | None,
    as_of: date | None,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
    reviews: Path | None,
    faults: Path | None,
    marked: Path | None,
) -> int:
    """Compute a year's compensation, write it where asked to, and print a summary."""
    from compensation.ledger.faults import Faults, InputFaults
    from compensation.report import console
    from compensation.report.fault_list import BEGINNING, write_fault_list
    from compensation.report.file_names import check_copy_name, check_list_name, check_output_name
    from compensation.report.output import form_of, parts, real, write_new, write_output
    from compensation.report.overwriting import check_new, check_output, check_replaceable
    from compensation.report.reviews_kept import check_reviews_kept

    chosen = _policy(policy, series)
    # A policy's id is no path: a folder of that name may be written to.
    files = [Path(policy)] if Path(policy).is_file() else []
    spared = [*files, *series, *([] if reviews is None else [reviews])]
    if output is not None:
        wanted = form_of(output, form or "csv")
        if wanted == "xlsx" and form is not None:
            raise Refusal(
                Text(
                    "--format 用于文件夹；以 .xlsx 结尾的输出是工作簿",
                    "--format is for folders; an output that ends in .xlsx is a workbook",
                )
            )
        check_output_name(output)
        # A result may take the place of the workbook that the reviews were read from.
        same = wanted == "xlsx" and reviews is not None and real(reviews) == real(output)
        others = [path for path in spared if not (same and path == reviews)]
        check_output(output, wanted, source, others, chosen.texts)
    if faults is not None:
        check_list_name(faults)
        check_replaceable(faults, BEGINNING, source, output, spared)
    if marked is not None:
        check_copy_name(marked, "--marked")
        check_new(marked)

    def list_faults(found: Faults) -> None:
        if faults is not None:
            write_new(faults, lambda path: write_fault_list(found, path, language))

    try:
        with console.progress(language, sys.stderr) as stages:
            stages.start(console.READING)
            assessment = _assessed(source, chosen, year, budget, as_of, reviews, stages.reach)
            list_faults(Faults())
            if output is not None:
                if wanted == "xlsx":
                    check_reviews_kept(output, assessment)
                stages.start(console.WRITING, parts(wanted))
                write_output(assessment, output, wanted, stages.step)
    except InputFaults as wrong:
        found = wrong.faults
        _write_anyway(lambda: list_faults(found), language)
        if marked is not None:
            _write_anyway(lambda: _mark(found, marked, source, chosen, language), language)
        raise
    show(console.summary_text(assessment, output, language, sys.stdout))
    return DONE


def _write_anyway(write: Callable[[], object], language: Language) -> None:
    """Write what tells of faults; that it can't be written hides none of them."""
    from compensation.report.output import OutputUnwritable

    try:
        write()
    except OutputUnwritable as error:
        complain(error.describe(language))


def _mark(found: Faults, path: Path, source: Path, policy: Policy, language: Language) -> None:
    """Write a copy of the input with its faults marked."""
    from compensation.report.marked_copy import write_marked_copy
    from compensation.report.output import write_new

    write_new(path, lambda new: write_marked_copy(source, found, new, policy, language))


def _assessed(
    source: Path,
    policy: Policy,
    year: int,
    budget: Decimal | None,
    as_of: date | None,
    reviews: Path | None,
    reach: Callable[[int, int], object],
) -> Assessment:
    """Assess the input with the reviews; raises `InputFaults` with what is wrong with either."""
    from compensation.parts import assess_files

    return with_reviews(
        reviews,
        lambda decided: assess_files(
            source, policy, year, budget, as_of=as_of, reviews=decided, step=reach
        ),
    )


def with_reviews(reviews: Path | None, run: Callable[[Reviews | None], Ran]) -> Ran:
    """Run with the decisions of a review sheet; raises `InputFaults` with the faults of both."""
    from compensation.ledger.faults import InputFaults

    decided = None
    groups: list[FaultGroup] = []
    if reviews is not None:
        from compensation.ledger.reviews import read_reviews

        try:
            decided = read_reviews(reviews)
        except InputFaults as wrong:
            groups += wrong.faults.groups
    try:
        ran = run(decided)
    except InputFaults as wrong:
        groups += wrong.faults.groups
    if groups:
        raise InputFaults(groups)
    return ran


def _policy(policy: str, series: Sequence[Path] = ()) -> Policy:
    from compensation.policy.catalogue import load_policy

    return load_policy(policy, series)


def explain(
    language: Language,
    source: Path,
    year: int,
    policy: str,
    series: Sequence[Path],
    budget: Decimal | None,
    as_of: date | None,
    reviews: Path | None,
    claim: str | None,
    institution: str | None,
) -> int:
    """Print why one claim or one institution comes out as it does."""
    from compensation.report.console import READING, progress

    chosen = _policy(policy, series)
    with progress(language, sys.stderr) as stages:
        stages.start(READING)
        assessment = _assessed(source, chosen, year, budget, as_of, reviews, stages.reach)
    if claim is not None:
        _known_claim(assessment, claim)
        text = assessment.explain(claim).describe(language)
    else:
        _known_institution(assessment, institution or "")
        text = assessment.explain_institution(institution or "").describe(language)
    show(visible(text))
    return DONE


def _known_claim(assessment: Assessment, claim: str) -> None:
    """Refuse a claim that the input lacks, or that is not of the year."""
    from compensation.ledger.portfolio import NO_DAY

    row = _row_of(assessment.ledgers, "claims", "claim_id", claim)
    if row in assessment.claim_rows:
        return
    days = int(assessment.gathering.column(assessment.policy.rules.trigger.date).numerator[row])
    raise Refusal(
        Text(
            "代偿 {claim} 不属于 {year} 年度：日期为 {day}",
            "claim {claim} is not of the year {year}: its date is {day}",
        ).fill(
            claim=claim,
            year=assessment.year,
            day=Text("空", "blank") if days == NO_DAY else day(date_of(days)),
        )
    )


def _known_institution(assessment: Assessment, institution: str) -> None:
    """Refuse an institution that the input lacks."""
    _row_of(assessment.ledgers, "institutions", "institution_id", institution)


def _row_of(ledgers: Ledgers, table: str, column: str, wanted: str) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    from compensation.ledger import dictionary

    ids = ledgers.column(table, column)
    row = pc.index(ids, pa.scalar(wanted, ids.type)).as_py()
    if row < 0:
        raise Refusal(
            Text("输入中没有 {column} {wanted}", "the input has no {column} {wanted}").fill(
                column=dictionary.table(table).column(column).title, wanted=wanted
            )
        )
    return int(row)


def verify(
    language: Language,
    result: Path,
    source: Path,
    reviews: Path | None,
    policies: Sequence[str],
    series: Sequence[Path],
) -> int:
    """Compute a result again and say what differs."""
    from compensation.record.verification import verify
    from compensation.record.wording import verification_text
    from compensation.report.console import READING, progress

    with progress(language, sys.stderr) as stages:
        stages.start(READING)
        found = verify(
            result, source, reviews=reviews, policy=policies, series=series, step=stages.reach
        )
    show(verification_text(found, language, sys.stdout))
    return DONE if found.same else FOUND


def diff(language: Language, first: Path, second: Path) -> int:
    """Say what differs between two results."""
    from compensation.record.difference import diff
    from compensation.record.wording import difference_text

    found = diff(first, second)
    show(difference_text(found, language, sys.stdout))
    return DONE if found.same else FOUND


def template(language: Language, path: Path, policy: str, series: Sequence[Path]) -> int:
    """Write an empty workbook to fill in."""
    from compensation.report.output import WORKBOOK_SUFFIX, write_new
    from compensation.report.overwriting import check_new
    from compensation.report.template import write_template

    if path.suffix.lower() != WORKBOOK_SUFFIX:
        text = Text(
            "模板的文件名要以 .xlsx 结尾：{path}", "the name of a template ends in .xlsx: {path}"
        )
        raise Refusal(text.fill(path=path))
    check_new(path)
    chosen = _policy(policy, series)
    write_new(path, lambda new: write_template(new, chosen))
    text = Text("模板已写到 {path}（政策 {policy}）", "the template is in {path} (policy {policy})")
    show(visible(text.fill(path=path, policy=chosen.id).get(language)))
    return DONE


def list_policies(language: Language) -> int:
    """Print the policies of the package."""
    from compensation.policy import catalogue
    from compensation.report.policy_text import list_text

    show(
        list_text(
            [catalogue.load_policy(id_) for id_ in catalogue.list_policies()], language, sys.stdout
        )
    )
    return DONE


def show_policy(language: Language, policy: str, series: Sequence[Path], *, toml: bool) -> int:
    """Print one policy."""
    from compensation.report.policy_text import policy_text

    chosen = _policy(policy, series)
    text = chosen.text.removesuffix("\n") if toml else policy_text(chosen, language)
    show(text)
    return DONE


def check_policy(language: Language, path: Path, series: Sequence[Path]) -> int:
    """Say what is wrong with a policy file."""
    from compensation.policy.catalogue import load_policy
    from compensation.policy.faults import PolicyFaults
    from compensation.report.policy_text import overview_text

    try:
        policy = load_policy(path, series)
    except PolicyFaults as wrong:
        complain(wrong.describe(language))
        unread = any(fault.kind == "unreadable" for fault in wrong.faults)
        return WRONG if unread else FOUND
    show(visible(overview_text(policy, language)))
    return DONE
