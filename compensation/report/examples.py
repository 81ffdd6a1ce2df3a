"""Invented rows for the example sheets of the template: one institution, a few contracts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal

from compensation.ledger.records import TABLE_OF
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import parts_of_test
from compensation.rules.decision import tests_by_id
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import PAID_BEFORE, ROWS_OF

Value = str | bool | int | Decimal | datetime.date
Row = Mapping[str, Value]


def example_rows(policy: Policy) -> dict[str, list[Row]]:
    """Return a few rows for each table, by column name; dates lie in the policy's first year.

    All names, numbers and amounts are invented. Optional cells that have no value are left out.
    A policy that is not about payouts has rows of institutions and contracts only.
    """
    rows = _rows(policy)
    if policy.rules.record == "payout":
        return rows
    ends = datetime.date(policy.rules.effective.from_.year, 12, 31)
    contracts: list[Row] = [{"release_date": ends, **row} for row in rows["contracts"]]
    none: dict[str, list[Row]] = {name: [] for name in rows}
    kept = {name: rows[name] for name in ("institutions", *ROWS_OF)}
    found = none | kept | {"contracts": contracts}
    # The example has no payments, which would say what was paid.
    cases = TABLE_OF[policy.rules.record]
    nothing: dict[str, Value] = {"compensation_paid": Decimal(0)}
    if policy.rules.trigger.until is not None:
        nothing[PAID_BEFORE.name] = Decimal(0)
    return found | {cases: [{**row, **nothing} for row in found[cases]]}


def _rows(policy: Policy) -> dict[str, list[Row]]:
    year = policy.rules.effective.from_.year

    def day(month: int, day_of_month: int, later: int = 0) -> datetime.date:
        return datetime.date(year + later, month, day_of_month)

    shares: Row = {
        "share_institution": Decimal("0.4"),
        "share_lender": Decimal("0.2"),
        "share_reguarantor": Decimal("0.2"),
        "share_national_fund": Decimal("0.2"),
    }
    contracts: list[Row] = [
        {
            "contract_id": "HT0001",
            "institution_id": "DB01",
            "borrower_id": "JK001",
            "borrower_name": "示例面粉有限公司",
            "borrower_type": "小型企业",
            "guaranteed_amount": Decimal(3000000),
            "start_date": day(3, 15, -1),
            "lender": "示例农村商业银行",
            **shares,
        },
        {
            "contract_id": "HT0002",
            "institution_id": "DB01",
            "borrower_id": "JK002",
            "borrower_name": "示例家庭农场",
            "borrower_type": "新型农业经营主体",
            "guaranteed_amount": Decimal(800000),
            "start_date": day(8, 1),
            "lender": "示例农村商业银行",
            **shares,
        },
        {
            "contract_id": "HT0003",
            "institution_id": "DB01",
            "borrower_id": "JK003",
            "borrower_name": "示例机械配件厂",
            "guaranteed_amount": Decimal("1500000.50"),
            "start_date": day(9, 20),
            "release_date": day(12, 20),
            "lender": "示例城市商业银行",
            **shares,
            "industry": "工业",
            "employees": 35,
            "revenue": Decimal(12000000),
            "total_assets": Decimal(9000000),
        },
    ]
    return {
        "institutions": [
            {
                "institution_id": "DB01",
                "institution_name": "示例融资担保有限公司",
                "government_backed": True,
            }
        ],
        "contracts": contracts,
        "releases": [
            {
                "contract_id": "HT0001",
                "release_date": day(9, 30),
                "amount": Decimal(1000000),
            }
        ],
        "claims": [
            {
                "claim_id": "DC0001",
                "contract_id": "HT0001",
                "payout_date": day(11, 10),
                "principal": Decimal(2000000),
                "interest": Decimal("36500.25"),
                "finance_review": "通过",
                "industry_review": "通过",
            },
            {
                "claim_id": "DC0002",
                "contract_id": "HT0002",
                "payout_date": day(12, 5),
                "principal": Decimal(800000),
                "finance_review": "待审",
                "industry_review": "待审",
            },
        ],
        "recoveries": [
            {
                "recovery_id": "ZC0001",
                "claim_id": "DC0001",
                "recovery_date": day(4, 18, 1),
                "proceeds": Decimal(300000),
                "cost": Decimal(15000),
            }
        ],
        "payments": [
            {
                "payment_id": "BF0001",
                "claim_id": "DC0001",
                "payment_date": day(3, 20, 1),
                "amount": Decimal(100000),
                "kind": "拨付",
                "voucher": "PZ-0320",
            },
            {
                "payment_id": "BF0002",
                "claim_id": "DC0001",
                "payment_date": day(9, 12, 1),
                "amount": Decimal(100000),
                "kind": "收回",
                "voucher": "PZ-0912",
            },
        ],
        "remittances": [
            {
                "remittance_id": "SJ0001",
                "claim_id": "DC0001",
                "remittance_date": day(5, 10, 1),
                "amount": Decimal(14000),
                "kind": "上缴",
                "voucher": "PZ-0510",
            },
            {
                "remittance_id": "SJ0002",
                "claim_id": "DC0001",
                "remittance_date": day(9, 12, 1),
                "amount": Decimal(14000),
                "kind": "退回",
                "voucher": "PZ-0912",
            },
        ],
        "pool": [
            {
                "entry_id": "LS0001",
                "entry_date": day(1, 1),
                "kind": "期初余额",
                "amount": Decimal(0),
            },
            {
                "entry_id": "LS0002",
                "entry_date": day(2, 15, 1),
                "kind": "财政拨入",
                "amount": Decimal(1000000),
                "voucher": "PZ-0215",
            },
        ],
        "institution_years": [
            {"institution_id": "DB01", "year": year},
            {"institution_id": "DB01", "year": year + 1},
        ],
        "contract_years": [
            {"contract_id": "HT0001", "year": year},
            {"contract_id": "HT0001", "year": year + 1},
        ],
    }


def example_cell(policy: Policy, table: str, column: Column) -> Value:
    """Return an invented cell for a column that the rows leave blank; a text passes its test."""
    if column.type is ColumnType.TEXT:
        tests = (test for tests in tests_by_id(policy).values() for test in tests)
        parts = (part for test in tests for part in parts_of_test(test))
        for part in parts:
            if part.name == f"{table}.{column.name}":
                return next(iter((*(part.one_of or ()), *(part.starts_with or ()))), "示例")
    if column.type is ColumnType.CHOICE:
        return column.choices[0].zh
    if column.name == "opening_year":
        return policy.rules.effective.from_.year
    cells: dict[ColumnType, Value] = {
        ColumnType.TEXT: "示例",
        ColumnType.BOOLEAN: True,
        ColumnType.MONEY: Decimal(100000),
        ColumnType.COUNT: 12,
        ColumnType.DATE: datetime.date(policy.rules.effective.from_.year, 12, 15),
        ColumnType.SHARE: Decimal("0.01"),
        ColumnType.DECIMAL: Decimal("4.8"),
    }
    return cells[column.type]
