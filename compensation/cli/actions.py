"""What commands do that neither assess nor settle; `commands` says how they are called.

What computes is imported inside functions, so that ``--help`` is quick. Each command returns the
exit code, and raises what is wrong with the input, the arguments or the output.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from compensation.cli.outputs import loaded_policies
from compensation.cli.process import DONE, FOUND, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text, visible


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
    from compensation.report.console import progress

    with progress(language, sys.stderr) as stages:
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
    (chosen,) = loaded_policies([policy], series)
    write_new(path, lambda new: write_template(new, chosen))
    text = Text("模板已写入 {path}（政策 {policy}）", "the template is in {path} (policy {policy})")
    show(visible(text.fill(path=path, policy=chosen.id).get(language)))
    return DONE
