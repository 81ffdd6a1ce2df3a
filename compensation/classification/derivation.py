"""The borrower type of contracts that do not say it. Source: the contract, section 7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation import arrays
from compensation.arrays import arrow
from compensation.classification.enterprise_size import lacks, size_class
from compensation.classification.industries import industry_keys, industry_problem
from compensation.classification.size_table import INDICATOR_NAMES, INDICATORS
from compensation.language import Text

EXPECTED = Text(
    "借款人类型，或据以推出它的行业、从业人员、营业收入、资产总额",
    "a borrower type, or the industry, employees, revenue and total assets to derive it from",
)


class Problem(NamedTuple):
    """Rows whose type cannot be derived, for one reason."""

    kind: str
    message: Text
    column: str
    rows: npt.NDArray[np.int64]


class Derived(NamedTuple):
    """(rows,) size classes, meaningless where a problem names the row."""

    classes: npt.NDArray[np.int8]
    problems: list[Problem]


def derive_classes(columns: Mapping[str, pa.Array]) -> Derived:
    """Return the size class of each row from industry, employees, revenue and total_assets.

    Amounts are int64 fen. An industry that is unknown, too broad or not covered is a problem, never
    a type; so is a missing indicator that the industry goes by.
    """
    industry = columns["industry"]
    keys = industry_keys(industry)
    values = {name: _numbers(columns[name]) for name in INDICATORS}
    known = {name: arrays.known(columns[name]) for name in INDICATORS}
    problems = [
        *_industry_problems(industry, keys),
        *(
            Problem(
                "cannot_derive_type",
                Text(
                    "没有填借款人类型，推出它还缺少{name}",
                    "there is no borrower type, and {name} is missing to derive it",
                ).fill(name=INDICATOR_NAMES[name]),
                name,
                np.flatnonzero(lacking),
            )
            for name in INDICATORS
            if (lacking := lacks(keys, name, known[name])).any()
        ),
    ]
    return Derived(size_class(keys, values, known), problems)


def _numbers(column: pa.Array) -> npt.NDArray[np.int64]:
    return arrays.numbers(column)


def _industry_problems(industry: pa.Array, keys: npt.NDArray[np.int8]) -> list[Problem]:
    """Return a problem for each distinct industry that has no size limits."""
    rows = np.flatnonzero(keys < 0)
    if not len(rows):
        return []
    texts = industry.take(arrow(rows))
    problems = []
    for text in pc.unique(texts).to_pylist():
        same = pc.is_null(texts) if text is None else pc.equal(texts, text)
        here = rows[arrays.flags(same)]
        message = industry_problem(text)
        assert message is not None
        if text is None:
            message = Text(
                "没有填借款人类型，也没有填行业", "there is neither a type nor an industry"
            )
        kind = "no_borrower_type" if text is None else "industry"
        column = "borrower_type" if text is None else "industry"
        problems.append(Problem(kind, message, column, here))
    return problems
