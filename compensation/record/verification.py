"""Whether a result comes out again, and if not, what was changed: input, rules, program, result.

The recorded run is repeated: the input as it is now, under the policy whose text the result keeps,
with the recorded year and budget. Every cell is compared with what comes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from compensation.assessment import Assessment
from compensation.guards import GUARDS
from compensation.language import Text
from compensation.ledger.dictionary import ColumnType
from compensation.ledger.reviews import Reviews, read_reviews
from compensation.parts import assess_files
from compensation.policy.catalogue import POLICY_TEXT, Policy, PolicyPath, load_policy
from compensation.policy.faults import PolicyFaults
from compensation.record.cells import cells_of_table
from compensation.record.comparison import TableDifference, compared
from compensation.record.faults import ResultRefused
from compensation.record.policies import PolicyDifference, policy_difference, without_news
from compensation.record.reading import KEYS, Result, as_read, kept_policy, opened, packaged
from compensation.record.shown import SHOWN_KEYS, computed_shown, types_of
from compensation.record.summaries import (
    LATER_TOTAL,
    ListDifference,
    ValueDifference,
    list_difference,
    value_differences,
)
from compensation.report.record import SUMMARY, column_types
from compensation.results import GRANTS, warning_rows

RECOMPUTED = ("year", "budget", "as_of", "totals", "columns")
"""What of a summary comes out of the computation; what is looked at apart is not among it."""
LISTS = ("assumptions", "warnings")
LATER_WARNINGS = GUARDS.union(
    ("headings_not_read", "total_differs", "hidden_rows", "hidden_column", "hidden_sheet")
)
"""Kinds of warnings that results of the first programs lack; see `summaries.LATER_TOTAL`."""


@dataclass(frozen=True, eq=False)
class Verification:
    """What came of computing a result again.

    `input_changed`: the tables of the input whose content is not what was recorded, "parties" if
    who shares is not. `reviews_changed`: whether the review sheet is another one. `rules_changed`:
    texts of rules that are not as they were kept. `policy_against`: what the kept policy (first)
    and the one it is held against (the package's of that id, or the one given) say differently, but
    for newer values of reference series; None where there is none to hold it against.
    `program_changed`: the version that wrote the result, if it is another one, and data of the
    program that are not what the result keeps. `result_changed`: files, sheets and the summary that
    are not as they were written.

    `tables`, `values`, `lists`: where the result says one thing (first) and another comes out now
    (second): cells, totals, assumptions and warnings. Of a workbook the tables are also what its
    sheets 汇总 and 审核表 repeat.
    """

    result: Result
    assessment: Assessment = field(repr=False)
    input_changed: tuple[str, ...]
    reviews_changed: bool
    rules_changed: tuple[str, ...]
    policy_against: PolicyDifference | None
    program_changed: tuple[str, ...]
    result_changed: tuple[str, ...]
    tables: tuple[TableDifference, ...]
    values: tuple[ValueDifference, ...]
    lists: tuple[ListDifference, ...]

    @property
    def comes_out(self) -> bool:
        """Whether every cell and total, and every assumption and warning, comes out again."""
        return not (self.values or self.lists) and all(table.same for table in self.tables)

    @property
    def figures_changed(self) -> bool:
        """Whether the kept policy has other figures than the one it is held against."""
        return self.policy_against is not None and bool(self.policy_against.figures)

    @property
    def same(self) -> bool:
        """Whether input, reviews and rules are those of the record, and everything comes out again.

        The program may be of another version; the files of the tables may have been written anew.
        """
        return self.comes_out and not (
            self.input_changed
            or self.reviews_changed
            or self.rules_changed
            or self.figures_changed
            or SUMMARY in self.result_changed
        )


def verify(
    result: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    reviews: str | os.PathLike[str] | None = None,
    policy: PolicyPath | None = None,
    series: Sequence[PolicyPath] = (),
    step: Callable[[int, int], object] | None = None,
) -> Verification:
    """Compute a result again from its input, and say what differs.

    `result`: a workbook or a folder that this program wrote. `path`: the input. `reviews`: the
    filled review sheet, which must be given where the run took one. `policy`, `series`: what the
    kept policy is held against, in place of the package's policy of that id; what is computed with
    is the kept one. `step`: as for `assess_files`.

    Raises `ResultRefused` where the result can't be read or does not go with the arguments;
    `InputFaults` where the input, and `PolicyFaults` where a policy, is wrong.
    """
    read = opened(result)
    said = read.summary
    decisions = _reviews(read, reviews)
    kept, used, rules_changed = _rules(read)
    against = _against(said["policy"]["id"], policy, series)
    assessment = assess_files(
        path,
        used,
        said["year"],
        said["budget"],
        as_of=said.get("as_of"),
        reviews=decisions,
        step=step,
    )
    now = assessment.summary
    tables = _tables(said, assessment)
    columns = {name: column_types(table) for name, table in tables.items()}
    lists = (list_difference(key, said, _as_told(said, assessment)) for key in LISTS)
    return Verification(
        read,
        assessment,
        _input_changed(said, now),
        said["reviews"] != now["reviews"],
        rules_changed,
        None if against is None else _held_against(kept or used, against),
        _program_changed(said, now),
        tuple(part for part in read.changed if part not in rules_changed),
        (
            *(_compared(read, name, table) for name, table in tables.items()),
            *_shown_compared(read, assessment),
        ),
        tuple(value_differences(said, {**now, "columns": columns}, RECOMPUTED)),
        tuple(difference for difference in lists if difference is not None),
    )


def _as_told(said: Mapping[str, Any], assessment: Assessment) -> Mapping[str, Any]:
    """Return the summary that comes out now, without warnings that the record could not have."""
    if LATER_TOTAL in said["totals"]:
        return assessment.summary
    groups = [group for group in assessment.warnings.groups if group.kind not in LATER_WARNINGS]
    return {**assessment.summary, "warnings": [row for g in groups for row in warning_rows(g)]}


def _tables(said: Mapping[str, Any], assessment: Assessment) -> dict[str, pa.Table]:
    """Return the tables that come out now.

    A ledger that has got its first approved amount or closed claim since the day of the record has
    columns for them that the record could not have, and that say nothing of that day.
    """
    tables = dict(assessment.tables)
    ledgers, later = assessment.ledgers, list(GRANTS)
    new = set(later).isdisjoint(said["columns"]["claims"]) and "as_of" in said
    filled = ("approved_amount", "closed_date")
    if new and not any(ledgers.known("claims", name).any() for name in filled):
        own = [name for name in tables["claims"].column_names if name not in later]
        tables["claims"] = tables["claims"].select(own)
    return tables


def _compared(result: Result, name: str, recomputed: pa.Table) -> TableDifference:
    """Return what differs between a table of the result and the same as it comes out now."""
    types = {column: ColumnType(kind) for column, kind in column_types(recomputed).items()}
    cells = as_read(cells_of_table(recomputed), types, result.form)
    return compared(name, KEYS[name], result.cells[name], cells, types)


def _shown_compared(result: Result, assessment: Assessment) -> Iterator[TableDifference]:
    """Yield what differs in the sheets that repeat the result; another version may word them so."""
    if result.summary["version"] != assessment.summary["version"]:
        return
    for sheet, cells in result.shown.items():
        types = types_of(sheet)
        said = result.summary["totals"]
        computed = as_read(computed_shown(sheet, assessment, said), types, result.form)
        yield compared(sheet, SHOWN_KEYS[sheet], cells, computed, types)


def _reviews(result: Result, path: str | os.PathLike[str] | None) -> Reviews | None:
    """Return the decisions to take, if the run took some; refuse what does not go with it."""
    if bool(result.summary["reviews"]) == (path is not None):
        return None if path is None else read_reviews(path)
    if path is None:
        raise ResultRefused(
            Text(
                "结果“{path}”是按一份填好的审核表计算的；请用 --reviews 给出",
                "the result “{path}” was computed with a filled review sheet; give it by --reviews",
            ).fill(path=result.path)
        )
    raise ResultRefused(
        Text(
            "结果“{path}”不是按审核表计算的；请去掉 --reviews",
            "the result “{path}” was computed without a review sheet; leave out --reviews",
        ).fill(path=result.path)
    )


def _rules(result: Result) -> tuple[Policy | None, Policy, tuple[str, ...]]:
    """Return the kept policy, the one to compute with, and the texts that are not as kept.

    Where some are not, the package's policy is computed with, if it is the recorded one; the kept
    one may then be none that can be read.
    """
    named = result.summary["rules"]
    changed = tuple(part for part in result.changed if part in named or part in result.texts)
    try:
        kept = None if POLICY_TEXT not in result.texts else kept_policy(result.texts)
    except PolicyFaults:
        if not changed:
            raise
        kept = None
    recorded = result.summary["policy"]
    own = packaged(recorded["id"])
    if changed and own is not None and own.digest == recorded["digest"]:
        return kept, own, changed
    if kept is None:
        text = Text(
            "结果“{path}”所存的规则缺失或已损坏：{names}",
            "the rules that the result “{path}” keeps are missing or damaged: {names}",
        )
        raise ResultRefused(text.fill(path=result.path, names=", ".join(changed)))
    return kept, kept, changed


def _against(id_: str, policy: PolicyPath | None, series: Sequence[PolicyPath]) -> Policy | None:
    if policy is not None:
        return load_policy(policy, series)
    own = packaged(id_)
    return load_policy(own, series) if own is not None else None


def _held_against(kept: Policy, against: Policy) -> PolicyDifference:
    return without_news(policy_difference(kept, against), kept, against)


def _input_changed(said: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tables of the input that are not what was recorded."""
    if said["input_digest"] == now["input_digest"]:
        return ()
    then, since = (
        {name: table for name, table in summary["inputs"].items() if table["rows"]}
        for summary in (said, now)
    )
    changed = [name for name in {**since, **then} if then.get(name) != since.get(name)]
    if said["reviews"] != now["reviews"] and "claims" in changed:
        changed.remove("claims")  # other reviews make other claims
    return (*changed, *(["parties"] if said["parties"] != now["parties"] else []))


def _program_changed(said: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the version that wrote the result, if it is another, and data that are others now."""
    version = [] if said["version"] == now["version"] else [said["version"]]
    data = [name for name in now["rules"] if name.endswith(".csv")]
    return (*version, *(name for name in data if said["rules"].get(name) != now["rules"][name]))
