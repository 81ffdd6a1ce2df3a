"""Columns of a cluster's own types mean what they mean in a file."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from compensation import assess, portfolio_of_frames
from compensation.spark import assess as assess_on
from tests.spark.running import by_id, frames_on, results_on


@pytest.mark.slow
def test_headings_types_and_ids(spark: SparkSession) -> None:
    day = datetime.date(2022, 3, 1)
    tables = {
        "institutions": pa.table(
            {
                "机构代码": [7, 8],
                "政府性融资担保机构": ["是", "否"],
                "年初在保余额（万元）": [1.5, None],
            }
        ),
        "contracts": pa.table(
            {
                "合同编号": [1, 2, 3],
                "机构代码": ["7 ", " 7", "8"],
                "借款人代码": ["b", "b", "c"],
                "借款人类型": ["农户", "农户", "small_enterprise"],
                "担保金额（元）": ["￥1,000,000", "2000000.10", "3"],
                "start_date": [day, day, day],
                "备注": ["x", "y", "z"],
            }
        ),
        "claims": pa.table(
            {
                "claim_id": [1.0, 2.0],
                "contract_id": [Decimal("1.0"), Decimal("3.0")],
                "payout_date": pa.array(["2022-05-01", "2022-05-02"]).cast(pa.timestamp("us")),
                "principal": [Decimal("10.01"), Decimal("2.50")],
                "财政金融局审核": ["通过", "approved"],
                "industry_review": ["approved", "通过"],
            }
        ),
        "recoveries": pa.table(
            {
                "recovery_id": ["r1", "r2"],
                "claim_id": ["1", "2"],
                "recovery_date": ["2022-06-01", "2022/6/2"],
                "proceeds": ["1.00", "2"],
            }
        ),
    }
    expected = assess(portfolio_of_frames(**tables), "jiyuan-2022", 2022)
    found = results_on(assess_on(spark, frames_on(spark, tables), "jiyuan-2022", 2022))
    for name, table in by_id(expected.tables).items():
        assert found[name].equals(table), name
    assert found["returns"]["to_institution"].to_pylist() == [Decimal("1.00"), Decimal("2.00")]
