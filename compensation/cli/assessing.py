"""What `assess` does, and `explain` of a year; `commands` says how they are called.

What computes is imported inside, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from compensation.cli.outputs import (
    check_copy,
    checked_output,
    loaded_policies,
    policies_given,
    write_result,
)
from compensation.cli.process import DONE, complain, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text, day, visible

if TYPE_CHECKING:
    from datetime import date

    from compensation.assessment import Assessment
    from compensation.faults.groups import FaultGroup
    from compensation.faults.input_faults import Faults
    from compensation.joint_assessment import Assessed
    from compensation.ledger.portfolio import Ledgers
    from compensation.ledger.reviews import Reviews
    from compensation.policy.catalogue import Policy

Result = TypeVar("Result")


def assess(
    language: Language,
    source: Path,
    year: int,
    policies: Sequence[str],
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
    from compensation.faults.input_faults import Faults, InputFaults
    from compensation.report import console
    from compensation.report.record import ASSESSMENT, JOINT

    chosen, read = policies_given(policies, series, year)
    layout = ASSESSMENT if len(chosen) == 1 else JOINT
    wanted = checked_output(output, form, source, read, chosen, layout, reviews)
    if faults is not None:
        from compensation.report.fault_list import BEGINNING
        from compensation.report.file_names import check_list_name
        from compensation.report.overwriting import check_replaceable

        check_list_name(faults)
        spared = [*read, *([] if reviews is None else [reviews])]
        check_replaceable(faults, BEGINNING, source, output, spared)
    if marked is not None:
        check_copy(marked, "--marked", source, output)

    def list_faults(found: Faults) -> None:
        if faults is not None:
            from compensation.report.fault_list import write_fault_list
            from compensation.report.output import write_new

            write_new(faults, lambda path: write_fault_list(found, path, language))

    try:
        with console.progress(language, sys.stderr) as stages:
            assessment = _with_reviews(
                reviews,
                lambda decided: _assessed(
                    source, chosen, year, budget, as_of, decided, stages.reach
                ),
            )
            list_faults(Faults())
            if output is not None and wanted == "xlsx":
                from compensation.report.reviews_kept import check_reviews_kept

                check_reviews_kept(output, assessment)
            write_result(assessment, output, wanted, stages)
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


def _mark(
    found: Faults, path: Path, source: Path, policies: Sequence[Policy], language: Language
) -> None:
    """Write a copy of the input with its faults marked."""
    from compensation.report.marked_copy import write_marked_copy
    from compensation.report.output import write_new

    write_new(path, lambda new: write_marked_copy(source, found, new, policies, language))


def _assessed(
    source: Path,
    policies: Sequence[Policy],
    year: int,
    budget: Decimal | None,
    as_of: date | None,
    reviews: Reviews | None,
    reach: Callable[[int, int], object],
) -> Assessed:
    """Assess the input under one policy or several."""
    if len(policies) == 1:
        from compensation.streaming import assess_files

        return assess_files(
            source, policies[0], year, budget, as_of=as_of, reviews=reviews, step=reach
        )
    from compensation.joint_assessment import assess_policies_files

    return assess_policies_files(
        source, policies, year, budget, as_of=as_of, reviews=reviews, step=reach
    )


def _with_reviews(reviews: Path | None, run: Callable[[Reviews | None], Result]) -> Result:
    """Return what comes of a run with the reviews of a file, if one is given.

    Raises `InputFaults` with what is wrong with either.
    """
    from compensation.faults.input_faults import InputFaults

    decided = None
    groups: list[FaultGroup] = []
    if reviews is not None:
        from compensation.ledger.reviews import read_reviews

        try:
            decided = read_reviews(reviews)
        except InputFaults as wrong:
            groups += wrong.faults.groups
    try:
        result = run(decided)
    except InputFaults as wrong:
        groups += wrong.faults.groups
    if groups:
        raise InputFaults(groups)
    return result


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
    from compensation.report.console import progress
    from compensation.streaming import assess_files

    (chosen,) = loaded_policies([policy], series)
    with progress(language, sys.stderr) as stages:
        assessment = _with_reviews(
            reviews,
            lambda decided: assess_files(
                source, chosen, year, budget, as_of=as_of, reviews=decided, step=stages.reach
            ),
        )
    if claim is not None:
        _known_claim(assessment, claim)
        text = assessment.explain(claim).describe(language)
    else:
        _row_of(assessment.ledgers, "institutions", "institution_id", institution or "")
        text = assessment.explain_institution(institution or "").describe(language)
    show(visible(text))
    return DONE


def _known_claim(assessment: Assessment, claim: str) -> None:
    """Refuse a claim that the input lacks, or that is not of the year."""
    import numpy as np

    from compensation.ledger.portfolio import NO_DAY
    from compensation.policy.case_words import CASES

    row = _row_of(assessment.ledgers, "claims", "claim_id", claim)
    if row in assessment.claim_rows:
        return
    days = int(assessment.inputs.column(assessment.policy.rules.trigger.date).numerator[row])
    raise Refusal(
        Text(
            "{case} {claim} 不属于 {year} 年度：日期为 {day}",
            "{case} {claim} is not of the year {year}: its date is {day}",
        ).fill(
            case=CASES[assessment.policy.rules.record].case,
            claim=claim,
            year=assessment.year,
            day=Text("空", "blank") if days == NO_DAY else day(np.datetime64(days, "D").item()),
        )
    )


def _row_of(ledgers: Ledgers, table: str, column: str, wanted: str) -> int:
    """Return the row of an id; refuse one that the input lacks."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from compensation.schema import dictionary

    ids = ledgers.column(table, column)
    row = pc.index(ids, pa.scalar(wanted, ids.type)).as_py()
    if row < 0:
        raise Refusal(
            Text("输入中没有 {column} {wanted}", "the input has no {column} {wanted}").fill(
                column=dictionary.table(table).column(column).title, wanted=wanted
            )
        )
    return int(row)
