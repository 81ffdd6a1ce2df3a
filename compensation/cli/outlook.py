"""What `indicators`, `curve` and `forecast` do; `outlook_commands` says how they are called.

What computes is imported inside functions, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

from compensation.cli.outputs import checked_output, policies_given, write_result
from compensation.cli.process import DONE, show
from compensation.language import Language, visible


def indicators(
    language: Language,
    source: Path,
    years: range,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
) -> int:
    """Compute the indicators of every institution over years, write and print them."""
    from compensation.ledger.portfolio_input import read_portfolio
    from compensation.outlook.indicators import indicators
    from compensation.report import console
    from compensation.report.indicators_console import indicators_text
    from compensation.report.record import INDICATORS

    wanted = checked_output(output, form, source, [], [], INDICATORS)
    with console.progress(language, sys.stderr) as stages:
        found = indicators(read_portfolio(source), years)
        write_result(found, output, wanted, stages)
    show(visible(indicators_text(found, output, language, sys.stdout)))
    return DONE


def curve(
    language: Language,
    source: Path,
    policy: str | None,
    series: Sequence[Path],
    year: int,
    along: str,
    from_: Decimal,
    to: Decimal,
    institution: str | None,
    strict_dates: bool,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
) -> int:
    """Compute compensation along one indicator of an institution, write and print it."""
    from compensation.ledger.portfolio_input import read_portfolio
    from compensation.outlook.curve import curve
    from compensation.report import console
    from compensation.report.curve_console import curve_text
    from compensation.report.curve_svg import curve_svg
    from compensation.report.output import parts, write_tables
    from compensation.report.record import CURVE
    from compensation.results import text_digest

    (chosen,), read = policies_given([] if policy is None else [policy], series, year)
    wanted = checked_output(output, form, source, read, [chosen], CURVE)
    with console.progress(language, sys.stderr) as stages:
        found = curve(
            read_portfolio(source),
            chosen,
            year,
            along,
            from_,
            to,
            institution=institution,
            strict_dates=strict_dates,
        )
        if output is not None and wanted is not None and wanted != "xlsx":
            stages.start(console.WRITING, parts(wanted))
            kept = {**chosen.texts, "curve.svg": curve_svg(found, language)}
            rules = {name: text_digest(text) for name, text in kept.items()}
            summary = {**found.summary, "rules": rules}
            write_tables(found.tables, summary, output, wanted, kept, stages.step)
    show(visible(curve_text(found, output, language, sys.stdout)))
    return DONE


def forecast(
    language: Language,
    source: Path,
    policy: str | None,
    series: Sequence[Path],
    base_year: int,
    years: int,
    growth: tuple[Decimal, ...],
    payout_rate: tuple[Decimal, ...],
    recovery_rate: tuple[Decimal, ...] | None,
    strict_dates: bool,
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
) -> int:
    """Compute the years after a base year under three assumptions, write and print them."""
    from compensation.ledger.portfolio_input import read_portfolio
    from compensation.outlook.forecast import forecast
    from compensation.report import console
    from compensation.report.forecast_console import forecast_text
    from compensation.report.record import FORECAST

    (chosen,), read = policies_given([] if policy is None else [policy], series, base_year)
    wanted = checked_output(output, form, source, read, [chosen], FORECAST)
    with console.progress(language, sys.stderr) as stages:
        found = forecast(
            read_portfolio(source),
            base_year,
            years,
            growth,
            payout_rate,
            recovery_rate,
            chosen,
            strict_dates=strict_dates,
        )
        write_result(found, output, wanted, stages)
    show(visible(forecast_text(found, output, language, sys.stdout)))
    return DONE
