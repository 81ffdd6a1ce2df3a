"""What `indicators` does; `outlook_commands` says how it is called.

What computes is imported inside functions, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from compensation.cli.outputs import checked_output
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
    from compensation.report.output import parts, write_output
    from compensation.report.record import INDICATORS

    wanted = checked_output(output, form, source, [], [], INDICATORS)
    with console.progress(language, sys.stderr) as stages:
        stages.start(console.READING)
        found = indicators(read_portfolio(source), years)
        if output is not None and wanted is not None:
            stages.start(console.WRITING, parts(wanted))
            write_output(found, output, wanted, stages.step)
    show(visible(indicators_text(found, output, language, sys.stdout)))
    return DONE
