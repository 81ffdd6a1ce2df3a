from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.ledger.one_column import DATE, meaning, numbers, padded, texts

FIRST = datetime.date(1900, 1, 1)
EVERY_DAY = [FIRST + datetime.timedelta(n) for n in range((datetime.date(2200, 1, 1) - FIRST).days)]
SOME_DAYS = [
    day for n, day in enumerate(EVERY_DAY) if not n % 13 or (day + datetime.timedelta(1)).day == 1
]
"""Every thirteenth day, and the last of every month: enough where every day stands elsewhere."""
WRITTEN = {
    "2022-03-01": "{0:04}-{1:02}-{2:02}",
    "2022-3-1": "{0}-{1}-{2}",
    "2022/3/1": "{0}/{1}/{2}",
    "2022/03/01": "{0}/{1:02}/{2:02}",
    "2022.3.1": "{0}.{1}.{2}",
    "20220301": "{0}{1:02}{2:02}",
    "2022年3月1日": "{0}年{1}月{2}日",
}


@pytest.mark.slow
@pytest.mark.parametrize("form", WRITTEN.values(), ids=WRITTEN)
def test_days_of_three_centuries_in_each_form(form: str) -> None:
    days = EVERY_DAY if form == WRITTEN["2022年3月1日"] else SOME_DAYS
    assert texts(DATE, [form.format(day.year, day.month, day.day) for day in days]) == days


@pytest.mark.slow
def test_every_day_as_a_real_date_and_as_a_number() -> None:
    real = pa.array(EVERY_DAY, pa.date32())
    assert meaning(DATE, moment=real).values == EVERY_DAY
    form = [day.year * 10_000 + day.month * 100 + day.day for day in EVERY_DAY]
    assert meaning(DATE, number=pa.array(form)).values == EVERY_DAY
    some = pa.array(SOME_DAYS, pa.date32())
    assert meaning(DATE, moment=padded(some)).values == SOME_DAYS
    for unit in ("s", "ms", "us", "ns"):
        assert meaning(DATE, moment=some.cast(pa.timestamp(unit))).values == SOME_DAYS
    form = [day.year * 10_000 + day.month * 100 + day.day for day in SOME_DAYS]
    for kind in (pa.uint64(), pa.float64(), pa.decimal128(21, 2)):
        assert meaning(DATE, number=pa.array(form).cast(kind)).values == SOME_DAYS


@pytest.mark.slow
@pytest.mark.parametrize("form", WRITTEN.values(), ids=WRITTEN)
def test_no_day_that_does_not_exist(form: str) -> None:
    exists = {(day.year, day.month, day.day) for day in EVERY_DAY}
    missing = [
        (year, month, day)
        for year in (1900, 2000, 2022, 2024, 2100, 2199)
        for month in range(14)
        for day in (*range(33), 99)
        if (year, month, day) not in exists
    ]
    cells = [form.format(*parts) for parts in missing]
    assert set(texts(DATE, cells)) == {"no_such_date"}


DAY = datetime.date(2022, 3, 1)
FORMS: list[tuple[str, Any]] = [
    (" 2022-03-01\u3000", DAY),
    ("２０２２－０３－０１", DAY),
    ("2022 年 3 月 1 日", DAY),
    ("2022-03-01 00:00", DAY),
    ("2022-03-01 00:00:00", DAY),
    ("2022-03-01T00:00:00", DAY),
    ("2022-03-01T00:00:00.000000", DAY),
    ("2022/3/1 0:00", DAY),
    ("2022/3/1  0:00:00.000", DAY),
    ("2022年3月1日 00:00:00", DAY),
    ("20220301 00:00:00", DAY),
    ("2022-03-01 00:00:01", "time_of_day"),
    ("2022-03-01 12:30", "time_of_day"),
    ("2022-03-01T23:59:59.999", "time_of_day"),
    ("2022-03-01 00:00:00.001", "time_of_day"),
    ("2022-03-01 24:00:00", "time_of_day"),
    ("2022-02-30", "no_such_date"),
    ("2022-02-30 12:00", "no_such_date"),
    ("2022-13-01", "no_such_date"),
    ("20221301", "no_such_date"),
    ("0000-01-01", "no_such_date"),
    ("1899-12-31", "out_of_range"),
    ("1900-01-01", datetime.date(1900, 1, 1)),
    ("2199-12-31", datetime.date(2199, 12, 31)),
    ("2200-01-01", "out_of_range"),
    ("44621", "bare_serial"),
    ("44621.5", "bare_serial"),
    ("2022", "day_missing"),
    ("202203", "day_missing"),
    ("2022-03", "day_missing"),
    ("2022-03/01", "not_a_date"),
    ("22-03-01", "ambiguous_date"),
    ("2022-003-01", "not_a_date"),
    ("03/01/2022", "ambiguous_date"),
    ("2022年3月", "day_missing"),
    ("2022年3月1", "not_a_date"),
    ("2022030", "not_a_date"),
    ("202203011", "not_a_date"),
    ("2022-03-01T", "not_a_date"),
    ("2022-03-01 00", "not_a_date"),
    ("2022-03-01T00:00:00Z", DAY),
    ("2022-03-01T00:00:00+08:00", DAY),
    ("2022-02-28T16:00:00Z", "time_of_day"),
    ("2022-03-01Z", "not_a_date"),
    ("٢٠٢٢-٠٣-٠١", "not_a_date"),
    ("二〇二二年三月一日", DAY),
    ("二○二二年三月一日", DAY),
    ("二零二二年三月一号", DAY),
    ("贰零贰贰年零叁月零壹日", DAY),
    ("2022年三月一日", DAY),
    ("二〇二二年十二月三十一日", datetime.date(2022, 12, 31)),
    ("贰零贰贰年壹拾贰月叁拾壹日", datetime.date(2022, 12, 31)),
    ("二〇二二年十一月二十日", datetime.date(2022, 11, 20)),
    ("二〇二二年二月三十日", "no_such_date"),
    ("二〇二二年十三月一日", "no_such_date"),
    ("二千零二十二年三月一日", "not_a_date"),
    ("二〇二二年三月", "not_a_date"),
    ("三月一日", "not_a_date"),
    ("2022. 3. 1", DAY),
    ("2022.03.01.", DAY),
    ("2022年3月1日。", DAY),
    ("2022/3", "day_missing"),
    ("2022.3", "day_missing"),
    ("2022年", "day_missing"),
    ("202213", "bare_serial"),
    ("22-3-1", "ambiguous_date"),
    ("22.3.1", "ambiguous_date"),
    ("22年3月1日", "ambiguous_date"),
    ("1/3/22", "ambiguous_date"),
    ("1.3.2022", "ambiguous_date"),
    ("1-Mar-22", "ambiguous_date"),
    ("1 March 2022", "ambiguous_date"),
    ("Mar 1, 2022", "ambiguous_date"),
    ("-2022-03-01", "not_a_date"),
    ("长期", "not_a_date"),
    ("NaT", "not_a_date"),
]


@pytest.mark.parametrize(("cell", "expected"), FORMS)
def test_forms_of_text(cell: str, expected: Any) -> None:
    assert texts(DATE, [cell]) == [expected]


def test_a_cell_means_the_same_whatever_stands_around_it() -> None:
    cells = pa.array([cell for cell, _ in FORMS for _ in range(2)])
    expected = [expected for _, expected in FORMS for _ in range(2)]
    assert meaning(DATE, text=padded(cells)).verdicts() == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (20220301.0, DAY),
        (20220301.5, "not_a_date"),
        (20220230.0, "no_such_date"),
        (18991231.0, "out_of_range"),
        (22000101.0, "out_of_range"),
        (2022.0, "day_missing"),
        (202203.0, "day_missing"),
        (202213.0, "not_a_date"),
        (44621.0, "bare_serial"),
        (44621.5, "bare_serial"),
        (0.0, "not_a_date"),
        (-44621.0, "not_a_date"),
        (2022030.0, "not_a_date"),
        (202203010.0, "not_a_date"),
        (float("nan"), "not_a_date"),
        (float("inf"), "not_a_date"),
        (1e300, "not_a_date"),
    ],
)
def test_forms_of_numbers(cell: float, expected: Any) -> None:
    assert numbers(DATE, [cell], pa.float64()) == [expected]
    assert numbers(DATE, [None, cell], pa.float64()) == [None, expected]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_timestamp_is_a_date_only_at_midnight(unit: str) -> None:
    tick = np.array(1, f"m8[{unit}]")
    days = np.array(["1900-01-01", "1969-12-31", "1970-01-01", "2022-03-01"], f"M8[{unit}]")
    edge = np.array(["1899-12-31", "2200-01-01"], f"M8[{unit}]")
    array = pa.array(np.concatenate([days, days + tick, days - tick, edge]))
    verdicts = meaning(DATE, moment=array).verdicts()
    assert verdicts[:4] == days.astype("M8[D]").tolist()
    assert verdicts[4:12] == ["time_of_day"] * 8
    assert verdicts[12:] == ["out_of_range"] * 2


def test_a_truth_is_no_date() -> None:
    assert meaning(DATE, boolean=pa.array([True, None])).verdicts() == ["not_a_date", None]
