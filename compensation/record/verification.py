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

from compensation.language import Text
from compensation.ledger.reviews import Reviews, read_reviews
from compensation.policy.catalogue import Policy, PolicyPath
from compensation.record.cells import cells_of_table
from compensation.record.comparison import TableDifference, compared
from compensation.record.faults import ResultRefused
from compensation.record.kept_rules import held_against, rules_of
from compensation.record.policies import PolicyDifference
from compensation.record.reading import Result, as_read, opened
from compensation.record.recomputing import (
    Computed,
    computed_again,
    lists_as_told,
    shown_again,
    tables_as_told,
)
from compensation.record.shown import SHOWN_KEYS, types_of
from compensation.record.summaries import (
    ListDifference,
    ValueDifference,
    list_differences,
    value_differences,
)
from compensation.report.record import column_types
from compensation.schema.column import ColumnType

RECOMPUTED = ("year", "from", "to", "budget", "as_of", "totals", "columns")
"""What of a summary comes out of the computation; what is looked at apart is not among it."""


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
    (second): cells, totals, assumptions, notes and warnings. Of a workbook the tables are also
    what its sheets repeat for people. `assessment`: what comes out now; a `Settlement` where the
    result is one, a `JointAssessment` of a year under several policies. `policies`: what it was
    computed under.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> assess(ledger, "jiyuan-2022", 2022).to_csv("kept")
    >>> sum(table.compared for table in verify("kept", "examples/jiyuan-2022.xlsx").tables)
    269
    """

    result: Result
    assessment: Computed = field(repr=False)
    policies: tuple[Policy, ...] = field(repr=False)
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
            or self.result.layout.summary in self.result_changed
        )


def verify(
    result: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    reviews: str | os.PathLike[str] | None = None,
    policy: PolicyPath | Sequence[PolicyPath] | None = None,
    series: Sequence[PolicyPath] = (),
    step: Callable[[int, int], object] | None = None,
) -> Verification:
    """Compute a result again from its input, and say what differs.

    `result`: a workbook or a folder that this program wrote. `path`: the input. `reviews`: the
    filled review sheet, which must be given where the run took one. `policy`, `series`: what the
    kept policy is held against, in place of the package's policy of that id, one for each policy
    where there are several; what is computed with is the kept one. `step`: as for `assess_files`.

    Raises `ResultRefused` where the result can't be read or does not go with the arguments;
    `InputFaults` where the input, and `PolicyFaults` where a policy, is wrong.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> assess(ledger, "jiyuan-2022", 2022).to_csv("kept")
    >>> verify("kept", "examples/jiyuan-2022.xlsx").same
    True
    """
    read = opened(result)
    said = read.summary
    decisions = _reviews(read, reviews)
    names = said["rules"]
    rules_changed = tuple(part for part in read.changed if part in names or part in read.texts)
    kept, used = rules_of(read.path, said, read.texts, rules_changed)
    given = [policy] if isinstance(policy, str | os.PathLike) else policy or ()
    held = [own or other for own, other in zip(kept, used, strict=True)]
    against = held_against(held, given, series)
    computed = computed_again(read, path, used, decisions, step)
    now = computed.summary
    tables = tables_as_told(said, computed)
    columns = {name: column_types(table) for name, table in tables.items()}
    return Verification(
        read,
        computed,
        tuple(used),
        _input_changed(said, now),
        said["reviews"] != now["reviews"],
        rules_changed,
        against,
        _program_changed(said, now),
        tuple(part for part in read.changed if part not in rules_changed),
        (
            *(_compared(read, name, table) for name, table in tables.items()),
            *_shown_compared(read, computed),
        ),
        tuple(value_differences(said, {**now, "columns": columns}, RECOMPUTED)),
        list_differences(said, lists_as_told(said, computed)),
    )


def _compared(result: Result, name: str, recomputed: pa.Table) -> TableDifference:
    """Return what differs between a table of the result and the same as it comes out now."""
    types = {column: ColumnType(kind) for column, kind in column_types(recomputed).items()}
    cells = as_read(name, cells_of_table(recomputed), types, result.form)
    return compared(name, result.layout.key(name), result.cells[name], cells, types)


def _shown_compared(result: Result, computed: Computed) -> Iterator[TableDifference]:
    """Yield what differs in the sheets that repeat the result; another version may word them so."""
    if result.summary["version"] != computed.summary["version"]:
        return
    for sheet, key, again in shown_again(result, computed):
        types = dict.fromkeys(again.column_names, ColumnType.TEXT)
        if sheet in SHOWN_KEYS:
            types |= types_of(sheet)
        cells = as_read(sheet, again, types, result.form)
        yield compared(sheet, key, result.shown[sheet], cells, types)


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
