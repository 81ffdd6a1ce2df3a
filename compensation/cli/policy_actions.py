"""What the commands below ``policies`` do; `policy_commands` says how they are called.

What computes is imported inside, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compensation.cli.process import DONE, FOUND, WRONG, complain, show
from compensation.cli.usage import Refusal
from compensation.language import Language, Text, visible

if TYPE_CHECKING:
    from compensation.policy_tools.new_policy import Answer


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


def show_policy(
    language: Language,
    policy: str,
    series: Sequence[Path],
    output: Path | None,
    *,
    toml: bool,
    html: bool,
) -> int:
    """Print one policy, or write it to a new file: in words, as a page, or its file."""
    from compensation.policy.catalogue import load_policy
    from compensation.report.policy_page import policy_page
    from compensation.report.policy_text import policy_text

    if toml and html:
        raise Refusal(Text("--toml 和 --html 只能选一个", "choose --toml or --html, not both"))
    chosen = load_policy(policy, series)
    if toml:
        text = chosen.text
    else:
        text = policy_page(chosen) if html else policy_text(chosen, language, sys.stdout)
    _print_or_write(text, output, language)
    return DONE


def check_policy(language: Language, path: Path, series: Sequence[Path]) -> int:
    """Say what is wrong with a policy file."""
    from compensation.policy.catalogue import load_policy
    from compensation.policy.faults import PolicyFaults
    from compensation.report.policy_overview import overview_text

    try:
        policy = load_policy(path, series)
    except PolicyFaults as wrong:
        complain(wrong.describe(language))
        unread = any(fault.kind == "unreadable" for fault in wrong.faults)
        return WRONG if unread else FOUND
    show(visible(overview_text(policy, language)))
    return DONE


def test_policy(language: Language, policy: str, cases: Path | None, series: Sequence[Path]) -> int:
    """Compute the worked cases of a policy, and say what was expected and what came."""
    from compensation.policy.catalogue import load_policy
    from compensation.policy_tools.worked_cases import cases_beside, read_cases, run_case
    from compensation.report.worked_cases import outcomes_text

    chosen = load_policy(policy, series)
    found = read_cases(cases_beside(policy) if cases is None else cases, chosen)
    outcomes = [run_case(chosen, case) for case in found]
    show(visible(outcomes_text(outcomes, language)))
    if any(outcome.faults for outcome in outcomes):
        return WRONG
    return DONE if all(outcome.same for outcome in outcomes) else FOUND


def diff_policies(language: Language, first: str, second: str, series: Sequence[Path]) -> int:
    """Say in words what changes from one policy to another."""
    from compensation.policy.catalogue import load_policy
    from compensation.record.policy_changes import changes_text, policy_changes

    one, other = (load_policy(policy, series) for policy in (first, second))
    found = policy_changes(one, other)
    show(visible(changes_text(one, other, found, language)))
    return FOUND if found.figures else DONE


def convert_policy(
    language: Language, path: Path, output: Path | None, series: Sequence[Path]
) -> int:
    """Print or write a policy file of format 1 in format 2."""
    from compensation.policy.catalogue import load_policy
    from compensation.policy_tools.rewriting import in_second_format

    _print_or_write(in_second_format(load_policy(path, series)), output, language)
    return DONE


def new_policy(
    language: Language, sheet: Path | None, blank: Path | None, output: Path | None
) -> int:
    """Print or write a policy file made of answers; or write an empty sheet for them."""
    from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
    from compensation.policy_tools.new_policy import policy_of_answers, read_answers
    from compensation.report.output import write_new
    from compensation.report.overwriting import check_new
    from compensation.report.question_sheet import write_questions

    if blank is not None:
        if sheet is not None or output is not None:
            raise Refusal(Text("--blank 只能单独使用", "--blank stands alone"))
        check_new(blank)
        write_new(blank, write_questions)
        show(visible(_WRITTEN.fill(path=blank).get(language)))
        return DONE
    if output is not None:
        check_new(output)
    answers = _asked(language) if sheet is None else read_answers(sheet)
    text = policy_of_answers(answers, "" if sheet is None else sheet.name)
    policy_of_texts({POLICY_TEXT: text})  # raises `PolicyFaults` if it would not pass the checks
    _print_or_write(text, output, language)
    return DONE


def _asked(language: Language) -> dict[str, Answer]:
    """Ask every question on the terminal; an answer that is none is asked for again."""
    import click

    from compensation.policy_tools.new_policy import QUESTIONS, Answer, Wrong

    answers = {}
    for question in QUESTIONS:
        hint = question.hint.get(language)
        shown = question.what.get(language) + (f" [{hint}]" if hint else "")
        while True:
            said = click.prompt(shown, default="", show_default=False, err=True)
            if not said.strip() and not question.required:
                break
            try:
                question.read(said)
            except Wrong as wrong:
                expected = Text("应为{expected}", "expected: {expected}")
                complain(expected.fill(expected=wrong.expected).get(language))
                continue
            clause = ""
            if question.cited:
                asked = Text(
                    "  条款（整份文件的，直接回车）", "  clause (Enter: of the whole document)"
                )
                clause = click.prompt(asked.get(language), default="", show_default=False, err=True)
            answers[question.id] = Answer(said, clause)
            break
    return answers


_WRITTEN = Text("已写入 {path}", "written to {path}")


def _print_or_write(text: str, output: Path | None, language: Language) -> None:
    """Print a text, or write it to a new file."""
    from compensation.report.output import write_new
    from compensation.report.overwriting import check_new

    if output is None:
        show(text.removesuffix("\n"))
        return
    check_new(output)
    write_new(output, lambda new: new.write_text(text, encoding="utf-8", newline="\n"))
    show(visible(_WRITTEN.fill(path=output).get(language)))
