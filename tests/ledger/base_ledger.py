"""A small invented ledger of 2022 whose figures under jiyuan-2022 were worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

Rows = list[list[str]]

INSTITUTIONS = """\
机构代码,机构名称,政府性融资担保机构,年初在保余额,年初在保户数
A,示例担保,是,10000000,2"""
CONTRACTS = """\
合同编号,机构代码,借款人代码,借款人名称,借款人类型,担保金额,起始日期,解除日期,担保机构分担比例,银行分担比例,再担保机构分担比例,国家融担基金分担比例
K1,A,00101,甲公司,小型企业,1000000,2021-06-01,2022-05-31,0.4,0.2,0.2,0.2
K2,A,00102,乙公司,小型企业,3000000,2022-03-01,,0.4,0.2,0.2,0.2
K3,A,00103,丙公司,微型企业,2000000,2022-04-01,,0.4,0.2,0.2,0.2
K4,A,00104,丁农户,农户,3000000,2022-01-10,,0.4,0.2,0.2,0.2
K5,A,00105,戊公司,小型企业,2500000,2022-02-01,,0.4,0.2,0.2,0.2
K6,A,00105,戊公司,小型企业,2600000,2022-05-01,,0.1,0.3,0.3,0.3
K7,A,00106,己公司,小型企业,9000000,2021-07-01,2022-06-30,0.4,0.2,0.2,0.2"""
RELEASES = """\
合同编号,解除日期,解除金额
K5,2022-10-01,500000"""
CLAIMS = """\
代偿编号,合同编号,代偿日期,代偿本金,代偿利息,财政金融局审核,行业主管部门审核,已补偿金额
C1,K1,2022-05-20,19000,1000,通过,通过,
C2,K6,2022-11-15,100000,,通过,通过,
C3,K4,2022-12-31,80000,,通过,待审,
C4,K2,2022-12-01,50000,,通过,通过,1000"""
RECOVERIES = """\
追偿编号,代偿编号,追偿日期,追偿所得,追偿费用
R1,C1,2023-03-01,5000,300
R2,C2,2023-04-01,40000,"""

FIGURES = ("32500.00", "19500.00", "44700.00", "4705.00")
"""Compensation, payable, distributed, to government."""


def base_ledger() -> dict[str, Rows]:
    """Return the tables by their Chinese names, the headings first."""
    tables = {
        "机构": INSTITUTIONS,
        "担保合同": CONTRACTS,
        "解保": RELEASES,
        "代偿": CLAIMS,
        "追偿": RECOVERIES,
    }
    return {name: [line.split(",") for line in text.split("\n")] for name, text in tables.items()}


def renamed(rows: Sequence[Sequence[str]], names: dict[str, str]) -> Rows:
    """Return a table with other headings."""
    return [[names.get(heading, heading) for heading in rows[0]], *map(list, rows[1:])]
