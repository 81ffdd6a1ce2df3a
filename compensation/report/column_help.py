"""What each column of the template means and where a clerk finds it; Chinese, as the template is.

No unit of money is named here: what stands in a comment is read as the unit of its column.
"""

from __future__ import annotations

from compensation.schema.column import Column
from compensation.schema.parties import SHARE_PREFIX

_HELP = {
    "institutions.institution_id": (
        "本表和“担保合同”表共用的机构代码",
        "统一社会信用代码，或系统内的机构编号",
    ),
    "institutions.institution_name": ("机构全称", "营业执照"),
    "institutions.government_backed": ("是否在政府性融资担保机构名单内", "主管部门公布的名单"),
    "institutions.opening_balance": ("年初全部在保业务的余额", "上年末业务统计报表"),
    "institutions.opening_borrowers": (
        "年初有在保余额的借款人数，一人计一户",
        "上年末业务统计报表",
    ),
    "institutions.opening_year": ("", "上年末报表的次年"),
    "contracts.contract_id": ("一份担保合同占一行", "担保（委托保证）合同"),
    "contracts.institution_id": ("承保的机构", "“机构”表"),
    "contracts.borrower_id": (
        "同一借款人始终用同一代码，单户担保余额按它合计",
        "统一社会信用代码，或系统内的客户编号",
    ),
    "contracts.borrower_name": ("借款人名称，不参与计算", "借款合同"),
    "contracts.borrower_type": ("承保时的借款人类型", "客户划型资料，按《中小企业划型标准规定》"),
    "contracts.guaranteed_amount": ("担保的主债权本金", "担保合同，或借款借据"),
    "contracts.start_date": ("担保责任开始之日", "借款借据的放款日"),
    "contracts.release_date": ("仍在保的不填", "解除担保通知，或结清证明"),
    "contracts.lender": ("放款的银行，不参与计算", "借款合同"),
    "contracts.industry": ("所属行业，类别或国民经济行业代码均可", "营业执照，或统计登记"),
    "contracts.employees": ("年末从业人员数", "客户划型资料"),
    "contracts.revenue": ("年营业收入", "划型所用年度的财务报表"),
    "contracts.total_assets": ("年末资产总额", "划型所用年度的财务报表"),
    "releases.contract_id": ("部分解除的是哪份合同", "“担保合同”表"),
    "releases.release_date": ("部分担保责任解除之日", "还款凭证"),
    "releases.amount": ("当日解除的担保金额", "还款凭证"),
    "claims.claim_id": ("一次代偿占一行", "代偿台账，或代偿通知书"),
    "claims.contract_id": ("代偿的是哪份合同", "“担保合同”表"),
    "claims.payout_date": ("代偿款付给银行之日", "代偿付款凭证"),
    "claims.principal": ("代偿款中的本金", "代偿证明，或代偿付款凭证"),
    "claims.interest": ("代偿款中的利息；没有则不填", "代偿证明，或代偿付款凭证"),
    "claims.finance_review": ("财政金融局的审核结论；未审的不填", "审核表"),
    "claims.industry_review": ("行业主管部门的审核结论；未审的不填", "审核表"),
    "claims.compensation_paid": ("本笔此前已收到的补偿；另填“拨付”表时不填", "补偿资金到账凭证"),
    "claims.finance_review_date": ("财政金融局审核之日", "审核表"),
    "claims.industry_review_date": ("行业主管部门审核之日", "审核表"),
    "claims.approved_amount": ("", "审核表，或核定文件"),
    "claims.closed_date": ("本笔了结之日", "结案文件"),
    "recoveries.recovery_id": ("一次追偿到账占一行", "追偿台账"),
    "recoveries.claim_id": ("追回的是哪笔代偿", "“代偿”表"),
    "recoveries.recovery_date": ("追偿款到账之日", "收款凭证"),
    "recoveries.proceeds": ("追回的金额，未扣费用", "收款凭证"),
    "recoveries.cost": ("诉讼费、执行费等追偿费用；没有则不填", "费用凭证"),
    "payments.payment_id": ("一次拨付或收回占一行", "拨付台账"),
    "payments.claim_id": ("为哪笔代偿拨付", "“代偿”表"),
    "payments.payment_date": ("款项支付或收回之日", "支付凭证"),
    "payments.amount": ("支付或收回的金额", "支付凭证"),
    "payments.kind": ("付给机构为拨付，从机构收回为收回；不填为拨付", "支付凭证"),
    "payments.voucher": ("供核对，不参与计算", "支付凭证"),
    "remittances.remittance_id": ("一次上缴或退回占一行", "上缴台账"),
    "remittances.claim_id": ("哪笔代偿的追偿所得", "“代偿”表"),
    "remittances.remittance_date": ("款项缴付或退回之日", "缴款凭证"),
    "remittances.amount": ("缴付或退回的金额", "缴款凭证"),
    "remittances.kind": ("缴给财政为上缴，财政退还为退回；不填为上缴", "缴款凭证"),
    "remittances.voucher": ("供核对，不参与计算", "缴款凭证"),
    "pool.entry_id": ("资金池的一笔收支占一行", "资金池专户台账"),
    "pool.entry_date": ("收支发生之日", "专户银行对账单"),
    "pool.kind": ("收支的性质", "专户银行对账单"),
    "pool.amount": ("收支的金额，收入、支出都填正数", "专户银行对账单"),
    "pool.voucher": ("供核对，不参与计算", "记账凭证"),
    "institution_years.institution_id": ("一家机构一个年度占一行", "“机构”表"),
    "institution_years.year": ("", "该年度的报表或文件"),
    "contract_years.contract_id": ("一份合同一个年度占一行", "“担保合同”表"),
    "contract_years.year": ("", "该年度的报表或文件"),
}


def help_for(table: str, column: Column) -> tuple[str, str]:
    """Return what a column means, and where it is found.

    A share is found in the contract. Of a column that a policy adds, only its heading is known.

    >>> from compensation.schema.dictionary import CLAIMS
    >>> help_for("claims", CLAIMS.columns[2])
    ('代偿款付给银行之日', '代偿付款凭证')
    """
    if column.name.startswith(SHARE_PREFIX):
        return "按约定承担的风险比例", "担保合同，或银担、再担保分险协议"
    return _HELP.get(f"{table}.{column.name}", ("", ""))
