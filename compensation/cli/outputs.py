"""What a run reads besides its input, and whether its result may be written where it is asked to.

What computes is imported inside, so that ``--help`` is quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from compensation.cli.usage import Refusal
from compensation.language import Text

if TYPE_CHECKING:
    from compensation.joint_assessment import Assessed
    from compensation.outlook.forecast import Forecast
    from compensation.outlook.indicators import Indicators
    from compensation.policy.catalogue import Policy
    from compensation.report.console import Stages
    from compensation.report.output import Form
    from compensation.report.record import Layout
    from compensation.settlement.settlement import Settlement
    from compensation.whatif.compare import Comparison


def policies_given(
    policies: Sequence[str], series: Sequence[Path], year: int
) -> tuple[list[Policy], list[Path]]:
    """Return the policies of a run, one at least, and the files that they are read from."""
    policy_named(policies, year)
    return loaded_policies(policies, series), [*policy_files(policies), *series]


def loaded_policies(policies: Sequence[str], series: Sequence[Path]) -> list[Policy]:
    """Return the policies, by id or file; raises `PolicyFaults`."""
    from compensation.policy.catalogue import load_policy

    return [load_policy(policy, series) for policy in policies]


def policy_named(policies: Sequence[str], year: int) -> None:
    """Refuse a run without a policy, naming those that cover the year: there is no default."""
    if policies:
        return
    from compensation.policies_in_force import in_force_in, none_named

    message = none_named(year, in_force_in(year))
    raise Refusal(Text(f"缺少 --policy：{message.zh}", f"--policy is missing: {message.en}"))


def policy_files(policies: Sequence[str]) -> list[Path]:
    """Return those policies that are files.

    A policy's id is no path: a folder of that name may be written to.
    """
    return [Path(policy) for policy in policies if Path(policy).is_file()]


def checked_output(
    output: Path | None,
    form: Literal["csv", "parquet"] | None,
    source: Path,
    read: Sequence[Path],
    policies: Sequence[Policy],
    layout: Layout,
    reviews: Path | None = None,
) -> Form | None:
    """Return as what the result is written, if it is; refuse to overwrite something else.

    `read`: the files that the run reads, besides its input and the reviews. A workbook may take
    the place of the one that the reviews were read from.
    """
    from compensation.policy.catalogue import texts_of_policies
    from compensation.report.file_names import check_output_name
    from compensation.report.output import form_of, real
    from compensation.report.overwriting import check_output
    from compensation.report.record import ASSESSMENT, CURVE, FORECAST

    if output is None:
        if form is not None:
            raise Refusal(Text("--format 要和 -o 一起用", "--format goes with -o"))
        return None
    wanted = form_of(output, form or "csv")
    if wanted == "xlsx" and not layout.has_workbook:
        raise Refusal(
            Text(
                "这一命令的结果是文件夹；-o 的名称不要以 .xlsx 结尾",
                "the result of this command is a folder: -o must not end in .xlsx",
            )
        )
    if wanted == "xlsx" and form is not None:
        raise Refusal(
            Text(
                "--format 用于文件夹；以 .xlsx 结尾的输出是工作簿",
                "--format is for folders; an output that ends in .xlsx is a workbook",
            )
        )
    check_output_name(output)
    replaced = wanted == "xlsx" and reviews is not None and real(reviews) == real(output)
    others = [*read, *([] if reviews is None or replaced else [reviews])]
    alone = layout in (ASSESSMENT, CURVE, FORECAST)
    texts = policies[0].texts if alone else texts_of_policies(policies)
    check_output(output, wanted, source, others, texts, layout)
    return wanted


def write_result(
    result: Assessed | Settlement | Comparison | Indicators | Forecast,
    output: Path | None,
    wanted: Form | None,
    stages: Stages,
) -> None:
    """Write a result where `checked_output` let it, if anywhere, as a stage of the run."""
    from compensation.report.console import WRITING
    from compensation.report.output import parts, write_output

    if output is not None and wanted is not None:
        stages.start(WRITING, parts(wanted))
        write_output(result, output, wanted, stages.step)


def check_copy(path: Path, option: str, source: Path, output: Path | None) -> None:
    """Raise `OutputRefused` unless the path is a new workbook outside input and output."""
    from compensation.report.file_names import check_copy_name
    from compensation.report.overwriting import check_new, check_replaceable

    check_copy_name(path, option)
    check_new(path)
    check_replaceable(path, b"", source, output)
