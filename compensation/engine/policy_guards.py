"""Cells that a policy may read otherwise than was meant: words like those it lists, ids alike.

Each guard yields warnings and changes no figure. They need the policy; those of the year alone are
in `compensation.engine.guards`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, texts
from compensation.columns import Flags, Integers, distinct
from compensation.engine.case_faults import Seen, seen, shared_limit
from compensation.engine.inputs import RuleInputs
from compensation.engine.needed_columns import by_own_headings
from compensation.engine.years_before import amounts_of_which_year, earlier_unpaid
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.alike import plain_form
from compensation.ledger.ids import Index
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import TABLE_OF
from compensation.ledger.row_warnings import warn, yuan_texts
from compensation.policy.model import PolicyFile
from compensation.policy.percent_slips import HALF, TIMES, implausible_from
from compensation.policy.quantities import INDICATOR_PREFIX, groupings, groups_measured, tests_in
from compensation.policy.variables import INDUSTRY, variable_info
from compensation.policy.wording import element_in_words
from compensation.rules.caps import is_pool
from compensation.rules.decision import variables_needed
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import (
    BY_YEAR_OF,
    INSTITUTION_YEARS,
    ROWS_OF,
    table,
)
from compensation.schema.parties import SHARE_UNIT
from compensation.values.printing import percent, ratio_of

LIKE = Text(
    "这一格与政策所列的词相近而不相同，按不同的词处理",
    "the cell is like a word that the policy lists, and not equal to it; it counts as another",
)
LIKE_WHICH = Text("：“{cell}”，政策列有“{word}”", ": “{cell}”; the policy lists “{word}”")
TWO_GROUPS = Text(
    "政策的上限按这一列合计，两个值仅在大小写、全半角、空格、标点、“编号”“号”字样、不可见字符、形似字符或前导零上不同，"
    "按两组计算",
    "a cap of the policy adds up by this column; two values differ only in case, width, blanks, "
    "punctuation, look-alike characters or leading zeros, and count as two groups",
)
TWO_WHICH = Text("：“{cell}”与“{word}”", ": “{cell}” and “{word}”")
INSTITUTION_ID, BORROWER_ID = "contracts.institution_id", "contracts.borrower_id"
SHORTEST = 2
"""Words of fewer characters are in too many others to be like them."""


def policy_guards(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return what the cases at rows ``claims`` say that the policy may read otherwise."""
    found = [
        *near_words(inputs, claims),
        *groups_alike(inputs, claims),
        *earlier_unpaid(inputs, claims),
        *amounts_of_which_year(inputs, claims),
        *ratios_apart(inputs, claims),
        *caps_differ(inputs, claims),
    ]
    return by_own_headings(found, [inputs.policy])


class _Words(NamedTuple):
    """The distinct words that some rows of a column have, by their places in the variable's words.

    `plain`: the words without what is written differently, see `ledger.alike`.
    """

    seen: Seen
    places: Integers
    plain: pa.Array

    def warnings(
        self, kind: str, key: str, message: Text, detail: Text, like: Mapping[int, str]
    ) -> list[FaultGroup]:
        """Return a warning for each row whose word is ``like`` another one, given by its place."""
        variable, rows = self.seen.variable, self.seen.rows
        numbers = variable.numerator[rows]
        of = rows[np.isin(numbers, np.fromiter(like, np.int64, len(like)))]
        places = variable.numerator[of].tolist()
        said = {
            "cell": [variable.words[place] or "" for place in places],
            "word": [like[place] for place in places],
        }
        table, _, column = key.partition(".")
        locate = self.seen.ledgers.unmapped[table].locate
        return warn(self.seen.ledgers, kind, message, table, column, of, detail, said, locate)


def _words(seen: Seen) -> _Words:
    places = distinct(seen.variable.numerator[seen.rows[seen.variable.known[seen.rows]]])
    words = texts([seen.variable.words[place] or "" for place in places.tolist()])
    return _Words(seen, places, plain_form(words))


def near_words(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a warning for each text that is like a word of `one_of`, and not equal to any."""
    rules = inputs.policy.rules
    listed: dict[str, list[str]] = {}
    for test in tests_in(rules):
        name = test.name
        if name is None or test.one_of is None or name.startswith(INDICATOR_PREFIX):
            continue
        if _is_text(rules, name):
            listed.setdefault(name, []).extend(test.one_of)
    listed.pop(INDUSTRY, None)
    for key, words in listed.items():
        found = _words(seen(inputs, claims, key))
        exact = texts([found.seen.variable.words[place] or "" for place in found.places.tolist()])
        other = ~flags(pc.is_in(exact, texts(words)))
        like: dict[int, str] = {}
        for word, plain in zip(words, plain_form(texts(words)).to_pylist(), strict=True):
            for place in found.places[other & _like(found.plain, plain)].tolist():
                like.setdefault(place, word)
        yield from found.warnings("near_word", key, LIKE, LIKE_WHICH, like)


def _is_text(rules: PolicyFile, name: str) -> bool:
    info = variable_info(rules, name)
    return info is not None and info.type is ColumnType.TEXT


def _like(words: pa.Array, listed: str) -> Flags:
    """Return which words are one that is listed, hold it, or are a part of it; in plain form."""
    found = flags(pc.equal(words, listed))
    if len(listed) < SHORTEST:
        return found
    found = found | flags(pc.match_substring(words, listed))
    ends = range(SHORTEST, len(listed) + 1)
    parts = {listed[start:end] for end in ends for start in range(end - SHORTEST + 1)}
    return found | flags(pc.is_in(words, texts(sorted(parts))))


def groups_alike(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a warning for each text by which a cap or a measure groups that is like an earlier one.

    Borrowers of one institution have a warning of their own, whatever the policy says.
    """
    rules = inputs.policy.rules
    looked_at: dict[str, Integers] = {}
    over_years = {cap.id for cap in rules.caps if cap.years != "this"}
    for grouping in (*groupings(rules), *groups_measured(rules)):
        columns = {key for key in grouping.columns if _is_text(rules, key)} - {INSTITUTION_ID}
        if INSTITUTION_ID in grouping.per:
            columns -= {BORROWER_ID}
        for key in sorted(columns):
            looked_at[key] = inputs.every_claim() if grouping.id in over_years else claims
    for key, rows in looked_at.items():
        found = _words(seen(inputs, rows, key))
        first: dict[str, int] = {}
        like: dict[int, str] = {}
        for place, plain in zip(found.places.tolist(), found.plain.to_pylist(), strict=True):
            if first.setdefault(plain, place) != place:
                like[place] = found.seen.variable.words[first[plain]] or ""
        yield from found.warnings("ids_alike", key, TWO_GROUPS, TWO_WHICH, like)


def ratios_apart(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a warning for each ratio of a column without limits that may be a percentage: 1 for 1%.

    That is one of `HALF` at least, and `TIMES` the least of its institution; an institution's value
    of a year, that of its other years. What has limits is refused instead, see
    `policy.percent_slips`; an institution's own row has no others beside it.
    """
    rules = inputs.policy.rules
    looked_at = variables_needed(inputs.policy)
    for column in rules.columns:
        key = f"{column.table}.{column.name}"
        free = column.type == ColumnType.SHARE.value and implausible_from(rules, key) is None
        if not free or column.table == "institutions" or key not in looked_at:
            continue
        of = seen(inputs, claims, key)
        all_years = column.table == INSTITUTION_YEARS.name
        rows = np.arange(of.ledgers.rows(column.table)) if all_years else of.rows
        rows = rows[of.variable.known[rows] & (of.variable.numerator[rows] > 0)]
        values = of.variable.numerator[rows]
        institution = _institution_of(inputs, of.ledgers, column.table, rows)
        least = np.full(inputs.books.institutions, SHARE_UNIT, dtype=np.int64)
        np.minimum.at(least, institution, values)
        least = least[institution]
        far = (values >= int(HALF * SHARE_UNIT)) & (values >= TIMES * least)
        far &= np.isin(rows, of.rows)
        shown = {
            name: [percent(ratio_of(each)) for each in of_cells[far].tolist()]
            for name, of_cells in (("cell", values), ("least", least))
        }
        locate = of.ledgers.unmapped[column.table].locate
        place = (column.table, column.name, rows[far])
        yield from warn(
            of.ledgers, "ratios_apart", PERCENTAGE, *place, PERCENTAGE_WHICH, shown, locate
        )


def _institution_of(inputs: RuleInputs, ledgers: Ledgers, name: str, rows: Integers) -> Integers:
    """Return the institution of each of some rows of a table of some ledgers, as `seen` has it."""
    if ledgers is inputs.ledgers.every_contract:
        return inputs.books.institution[rows].astype(np.int64)
    if name in ROWS_OF:
        name, id_ = ROWS_OF[name], table(name).columns[0].name
        named = ledgers.column(BY_YEAR_OF[name], id_).take(arrow(rows))
        rows = Index(ledgers.column(name, id_)).positions_of(named)
    if name == "institutions":
        return rows
    if name == "recoveries":
        name, rows = "claims", ledgers.links.recovery_claim[rows]
    of = ledgers.links.claim_contract[rows] if name == "claims" else rows
    return ledgers.links.contract_institution[of]


PERCENTAGE = Text(
    "这一比例比同一机构的其他比例大得多，请核对是否把百分数写成了数字（1 是 100%）",
    "the ratio is far above others of the institution; check that it is no percentage written as a "
    "number (1 is 100%)",
)
PERCENTAGE_WHICH = Text("：{cell}，最小的为 {least}", ": {cell}; the least is {least}")


def caps_differ(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a warning for each case that counts up to less than another one of its group.

    A group has one limit where a document says one; of a pool, or a cap that stops, this is a fault
    (`case_faults.uneven_pools`). `claims`: rows of the year's cases.
    """
    name = TABLE_OF[inputs.policy.rules.record]
    id_ = next(column.name for column in table(name).columns if column.unique)
    for cap in inputs.policy.rules.caps:
        alone = cap.per is None or cap.on in ("cases", "payment") or is_pool(cap) or cap.stops
        if alone or cap.limit is None or isinstance(cap.limit, Decimal):
            continue
        of = shared_limit(inputs, cap, claims)
        rows = inputs.case_rows(claims[of.below])
        message = DIFFERENT_LIMITS.fill(cap=element_in_words(inputs.policy, cap.id))
        amounts = {
            each: yuan_texts(fen[of.below])
            for each, fen in (("own", of.fen), ("most", of.most[of.group]))
        }
        yield from warn(
            inputs.ledgers,
            "caps_differ",
            message,
            name,
            id_,
            rows,
            LIMITS_WHICH,
            amounts,
        )


DIFFERENT_LIMITS = Text(
    "政策的{cap}按几笔业务合计，它们算得的上限却不相同，各按自己的上限计",
    "{cap} of the policy is shared by cases for which it comes to different sums; each counts up "
    "to its own",
)
LIMITS_WHICH = Text("：{own} 元，同组最大的为 {most} 元", ": {own} yuan; the most is {most} yuan")
