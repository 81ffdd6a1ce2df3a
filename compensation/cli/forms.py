"""What `form` does: an application for compensation, or the details of one claim, to be filled in.

What computes is imported inside, so that ``--help`` is quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from compensation.cli.outputs import check_copy, policies_given
from compensation.cli.process import DONE, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text, visible


def form(
    language: Language,
    source: Path,
    output: Path,
    claim: str | None,
    application: bool,
    year: int | None,
    policies: Sequence[str],
    series: Sequence[Path],
    institution: str | None,
    as_of: date | None,
) -> int:
    """Write the form of a claim, or an institution's application for a year."""
    from compensation.ledger.portfolio_input import read_portfolio
    from compensation.report.output import write_new

    if application == (claim is not None):
        raise Refusal(
            Text(
                "--claim 和 --application 须且只能指定其中一项",
                "give either --claim or --application",
            )
        )
    if application and year is None:
        raise Refusal(Text("--application 须与 --year 一起使用", "--application goes with --year"))
    check_copy(output, "-o", source, None)
    try:
        if claim is not None:
            from compensation.report.claim_form import write_claim_form

            portfolio, wanted = read_portfolio(source), claim
            write_new(output, lambda path: write_claim_form(portfolio, wanted, path))
        else:
            assert year is not None
            _apply(source, output, year, policies, series, institution, as_of)
    except KeyError as error:
        raise Refusal(Text(*str(error.args[0]).split(" / "))) from None
    text = Text("表格已写入 {path}", "the form is in {path}").fill(path=output)
    show(visible(text.get(language)))
    return DONE


def _apply(
    source: Path,
    output: Path,
    year: int,
    policies: Sequence[str],
    series: Sequence[Path],
    institution: str | None,
    as_of: date | None,
) -> None:
    from compensation.assessment import assess
    from compensation.ledger.portfolio_input import read_portfolio
    from compensation.report.application_form import write_application
    from compensation.report.output import write_new

    if len(policies) > 1:
        raise Refusal(Text("--application 只用于一项政策", "--application takes one policy"))
    (policy,), _ = policies_given(policies, series, year)
    assessment = assess(read_portfolio(source), policy, year, as_of=as_of)
    ids = assessment.ledgers.column("institutions", "institution_id").to_pylist()
    if institution is None and len(ids) > 1:
        raise Refusal(
            Text(
                "台账有多家机构，请用 --institution 指定一家：{ids}",
                "the ledger has several institutions; name one with --institution: {ids}",
            ).fill(ids=", ".join(ids[:20]))
        )
    wanted = ids[0] if institution is None else institution
    write_new(output, lambda path: write_application(assessment, wanted, path))
