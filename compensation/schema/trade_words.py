"""Headings that the trade uses for columns of the dictionary, besides the standard ones.

They come from what guarantee institutions, re-guarantors and banks write in ledgers and returns.
A word of `FURTHER` means the column and nothing else. A word of `DOUBTFUL` may mean it, but may
also be a part of it or another figure: a loan's amount is not what is guaranteed of it, and fees of
one kind are not all costs. Of columns that may be left out, whatever holds a word of `SUSPECT` may
mean them where they are not there: a contract that has fallen due (到期日) need not be released.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

Words = Mapping[str, str]
"""By column, headings with blanks between them."""

_CONTRACT_ID = (
    "担保合同编号 担保合同号 保证合同编号 保证合同号 委托保证合同编号 委托保证合同号"
    " 委托担保合同编号 委托担保合同号 合同号 合同编码 担保业务编号 业务编号 项目编号"
    " contract_no contract_number guarantee_no guarantee_number guarantee_id"
)
_OTHER_CONTRACT = (
    "借款合同编号 借款合同号 贷款合同编号 贷款合同号 主合同编号 主合同号 主债权合同编号 借据号"
    " 借据编号 loan_id loan_no loan_number"
)
_INSTITUTION_ID = (
    "机构编号 机构编码 担保机构代码 担保机构编号 担保机构编码 担保公司代码 担保公司编号"
    " institution_no institution_code"
)
_YEAR = "年份 所属年度 数据年度"
_CLAIM_ID = "代偿号 代偿单号 代偿业务编号 代偿项目编号 代偿流水号 claim_no claim_number"

_FURTHER: Mapping[str, Words] = {
    "institutions": {
        "institution_id": _INSTITUTION_ID + " 机构统一社会信用代码 担保机构统一社会信用代码",
        "institution_name": "担保机构名称 担保公司名称 担保机构 机构全称",
        "government_backed": (
            "是否政府性融资担保机构 是否为政府性融资担保机构 是否政府性担保机构 是否政府性"
            " 政府性担保机构 is_government_backed"
        ),
        "opening_balance": (
            "期初在保余额 年初在保责任余额 年初担保余额 上年末在保余额 上年年末在保余额"
            " balance_at_start_of_year"
        ),
        "opening_borrowers": "期初在保户数 年初在保客户数 上年末在保户数 上年年末在保户数",
    },
    "contracts": {
        "contract_id": _CONTRACT_ID,
        "institution_id": _INSTITUTION_ID,
        "borrower_id": (
            "统一社会信用代码 社会信用代码 借款人统一社会信用代码 借款企业统一社会信用代码"
            " 客户编号 客户代码 客户号 借款人编号 借款企业代码 被担保人代码 债务人代码"
            " 借款人证件号码 借款人证件号 借款人身份证号 身份证号 身份证号码 证件号码"
            " borrower_no borrower_code customer_id customer_no client_id"
        ),
        "borrower_name": (
            "借款企业 借款人 借款企业名称 借款主体 客户名称 企业名称 被担保人 被担保人名称"
            " 被担保企业 债务人 债务人名称 borrower customer_name client_name"
        ),
        "borrower_type": "借款人类别 借款主体类型 被担保人类型",
        "guaranteed_amount": (
            "担保额 承保金额 保证金额 担保本金 担保本金金额 guarantee_amount amount_guaranteed"
        ),
        "start_date": (
            "放款日期 放款日 放款时间 发放日期 贷款发放日 贷款发放日期 借款起始日 借款起始日期"
            " 贷款起始日 贷款起始日期 担保起始日 担保起始日期 担保开始日期 起保日 起保日期"
            " disbursement_date drawdown_date guarantee_start_date"
        ),
        "release_date": (
            "解除日 解除时间 解除担保日期 担保解除日 担保解除日期 责任解除日期 担保责任解除日期"
            " 责任解除日 解除担保责任日期 解除担保责任时间 实际解除日期 实际解除日"
        ),
        "lender": (
            "主债权人 贷款机构 放款银行 放款机构 债权人 债权人名称 债权银行 贷款行 放款行"
            " 合作银行 合作银行名称 贷款银行名称 银行名称 金融机构 金融机构名称 bank lender_name"
        ),
        "industry": "所属行业 行业类别 行业分类 国民经济行业 国民经济行业分类",
        "employees": "从业人数 从业人员数 从业人员人数 职工人数 员工人数 headcount",
        "revenue": "年营业收入 年度营业收入",
        "total_assets": "总资产 资产总计",
    },
    "releases": {
        "contract_id": _CONTRACT_ID,
        "release_date": (
            "解保日期 解保日 解保时间 解除日 解除时间 解除担保日期 担保解除日期 责任解除日期"
        ),
        "amount": "解保金额 解保额 本次解保金额 解除担保金额 解除担保额 release_amount",
    },
    "claims": {
        "claim_id": _CLAIM_ID,
        "contract_id": _CONTRACT_ID,
        "payout_date": (
            "代偿时间 代偿日 代偿发生日期 代偿支付日期 代偿付款日期 代偿划款日期 claim_date"
        ),
        "principal": "代偿本金金额 代偿贷款本金 本金代偿金额 claim_principal",
        "interest": "代偿利息金额 代偿贷款利息 利息代偿金额 代偿息 代偿的利息 claim_interest",
        "finance_review": (
            "财政金融局审核意见 财政金融局审核结果 财政金融局意见 财政局审核 财政部门审核"
            " 财政金融局审核情况 财政金融局审核状态 财政金融局审查意见 财政金融局审批"
            " 财政金融局审批意见 财政局审核意见 财政局意见 财政部门审核意见 财政部门意见"
            " 财政审核意见 财政审核"
        ),
        "industry_review": (
            "行业主管部门审核意见 行业主管部门审核结果 行业主管部门意见 主管部门审核"
            " 主管部门审核意见 主管部门审核结果 主管部门意见 行业主管部门审核情况"
            " 行业主管部门审批意见 行业主管部门审批 行业部门审核 行业部门审核意见 行业部门意见"
        ),
        "compensation_paid": (
            "已拨付金额 已补偿 已补偿资金 已补偿额 已补偿款 已拨付资金 已拨付补偿金额"
            " 已拨付补偿资金 已拨付补偿款 已支付补偿金额 已付补偿金额 已获补偿金额"
            " 已获得补偿金额 已到账补偿金额 已收补偿金额 累计已补偿金额 已拨付 累计已拨付"
            " 累计已拨付金额 累计已补偿 已获补偿 已补偿款项 已收到补偿款 已收补偿款 已到账补偿款"
            " 财政已补偿 财政已拨付 已发放补偿 已发放补偿金额 paid_compensation"
        ),
        "finance_review_date": (
            "财政金融局审核时间 财政金融局审批日期 财政金融局审批时间 财政局审核日期"
            " 财政部门审核日期 财政审核日期"
        ),
        "industry_review_date": (
            "行业主管部门审核时间 行业主管部门审批日期 行业主管部门审批时间 主管部门审核日期"
            " 行业部门审核日期"
        ),
        "approved_amount": "核定金额 核定补偿额 审定补偿金额 审定金额 核准补偿金额",
        "closed_date": "结案时间 结案日",
    },
    "recoveries": {
        "recovery_id": "追偿号 追偿单号 追偿业务编号 追偿流水号 recovery_no recovery_number",
        "claim_id": _CLAIM_ID,
        "recovery_date": (
            "追偿时间 追偿日 追回日期 追回时间 回收日期 回收时间 回款日期 回款时间 收回日期"
            " 追偿回款日期 追偿到账日期"
        ),
        "proceeds": (
            "追回金额 回收金额 收回金额 回款金额 追偿收入 追偿款 追偿回款 追偿回款金额"
            " 追偿所得金额 追偿收回金额 追偿回收金额 追偿到账金额 amount_recovered"
            " recovered_amount"
        ),
        "cost": (
            "诉讼费 诉讼费用 追偿成本 追偿支出 追偿费 追偿费用金额 追偿费用支出 实现债权费用"
            " 实现债权的费用 追偿相关费用 追偿费用合计 清收费用 清收成本"
            " costs recovery_cost recovery_costs"
        ),
    },
    "payments": {
        "payment_id": "拨付号 拨付单号 拨付流水号 payment_no payment_number",
        "claim_id": _CLAIM_ID,
        "payment_date": "拨付时间 拨付日 拨款日期 拨款时间 支付日期 支付时间",
        "amount": "拨付额 拨款金额 支付金额 payment_amount",
        "kind": "拨付类别 payment_kind payment_type",
        "voucher": "凭证编号 凭证号码 voucher_no voucher_number",
    },
    "remittances": {
        "remittance_id": "上缴号 上缴单号 上缴流水号 remittance_no remittance_number",
        "claim_id": _CLAIM_ID,
        "remittance_date": "上缴时间 上缴日 缴款日期 缴款时间 缴库日期",
        "amount": "上缴额 缴款金额 remittance_amount",
        "kind": "上缴类别 remittance_kind remittance_type",
        "voucher": "凭证编号 凭证号码 voucher_no voucher_number",
    },
    "institution_years": {"institution_id": _INSTITUTION_ID, "year": _YEAR},
    "contract_years": {"contract_id": _CONTRACT_ID, "year": _YEAR},
    "pool": {
        "entry_id": "流水号 entry_no entry_number",
        "entry_date": "发生日 发生时间 记账日期 入账日期",
        "kind": "收支类别 entry_kind entry_type",
        "amount": "发生额 发生金额 entry_amount",
        "voucher": "凭证编号 凭证号码 voucher_no voucher_number",
    },
}

_KINDS_OF_COST = (
    "律师费 律师代理费 代理费 保全费 财产保全费 执行费 公告费 评估费 拍卖费 鉴定费 仲裁费 差旅费"
    " lawyer_fees"
)
"""One kind of cost each: beside 诉讼费 they say that it is not the whole cost."""
_DOUBTFUL: Mapping[str, Words] = {
    "institutions": {"opening_balance": "在保余额", "opening_borrowers": "在保户数"},
    "contracts": {
        "contract_id": _OTHER_CONTRACT,
        "guaranteed_amount": (
            "担保责任金额 保证责任金额 责任金额 担保责任额 合同金额 担保合同金额 贷款金额 借款金额"
            " 放款金额 发放金额 贷款本金 主债权金额 主债权本金 债权金额 授信金额 担保额度"
            " 在保金额 在保余额 担保余额 在保责任余额 贷款余额 loan_amount contract_amount"
            " outstanding_amount"
        ),
        "start_date": (
            "起始日 起始时间 开始日期 签订日期 合同签订日期 签约日期 合同日期 生效日期"
            " 合同生效日期 保证期间起始日 担保日期 承保日期 contract_date signing_date"
        ),
    },
    "releases": {
        "contract_id": _OTHER_CONTRACT,
        "release_date": "还款日期 实际还款日期 归还日期 结清日期 repayment_date",
        "amount": "还款金额 归还金额 还款本金 归还本金 解除责任金额 解保责任金额 repayment_amount",
    },
    "claims": {
        "contract_id": _OTHER_CONTRACT,
        "payout_date": "代偿申请日期 代偿通知日期 申请日期",
        "principal": (
            "代偿金额 代偿额 代偿款 代偿总额 代偿金额合计 代偿责任金额 本金 payout payout_amount"
            " claim_amount"
        ),
    },
    "recoveries": {
        "proceeds": (
            "追偿金额 已收回金额 已追回金额 已追偿金额 累计追偿金额 累计回收金额 累计收回金额"
            " 累计追回金额 追偿净额 追偿净收入 追偿净所得 净回收金额 net_proceeds"
        ),
        "cost": _KINDS_OF_COST,
    },
}
_MOVEMENT = "类型|类别|种类|性质|方向|收支|收付|收回|kind|type|direction"
_ABOUT = (
    "方式|状态|情况|意见|说明|备注|原因|来源|依据|文号|编号|编码|代码|凭证|账号|账户|公示|类型|类别|是否|人$"
    "|note|remark|status|number|no$"
)
_NO_AMOUNT = (
    f"{_ABOUT}|日期|时间|日$|年度|年份|单号|号码|比例|比率|占比|率|进度|结果|名称|对象|部门|开户|条件|标准|上限"
    "|经办|系数|银行|起算|次数|单位$|date|time|rate|ratio"
)
_NO_DAY = (
    f"{_ABOUT}|额|本金|利息|款$|率|期限|计划|天数|次数|证明|通知|责任$"
    "|amount|balance|principal|interest|reason|method|type"
)
_NO_MOVEMENT = (
    "日期|编号|额|人|账户|企业|机构|银行|单位|客户|贷款|担保|产品|业务类"
    "|date|amount|borrower|account"
)
_NO_REVIEW = "补偿|拨|金额|资金|日期|时间|人员|人$|文号|编号|date"
SUSPECT: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "contracts": {
        "release_date": (
            "解保|解除|结清|还清|还款|归还|终止|终了|注销|销户|释放|到期|(?<![a-z])end|matur|settle|repay|releas|expir",
            _NO_DAY,
        ),
    },
    "claims": {
        "interest": ("利息|罚息|欠息|息费|interest", _NO_AMOUNT),
        "compensation_paid": (
            "补偿|拨付|拨款|已拨|已付|已结算|预拨|兑付|到账|到位|申领|领取|补助|补贴|compensation|paid|subsid",
            _NO_AMOUNT,
        ),
        "finance_review": ("财政|财金|金融局|审核|审批|finance", _NO_REVIEW),
        "industry_review": ("主管|行业部门|工信|经信|农业农村|发改|科技局|industry_", _NO_REVIEW),
    },
    "recoveries": {"cost": ("费|成本|cost|fees?$", _NO_AMOUNT)},
    "payments": {"kind": (_MOVEMENT, _NO_MOVEMENT)},
    "remittances": {"kind": (_MOVEMENT, _NO_MOVEMENT)},
}
"""What a heading holds that may mean a column, where the table has no such column; and what else it
holds where it means something else. Nobody can list the words that offices use."""
_PARTS: Mapping[str, Words] = {"recoveries": {"cost": _KINDS_OF_COST}}

PARTY_WORDS = {
    "institution": (
        "担保机构 融资担保机构 担保公司 融资担保公司 原担保机构 直保机构 本机构 本公司"
    ),
    "lender": (
        "银行 合作银行 贷款银行 放款银行 债权银行 贷款机构 放款机构 金融机构 银行业金融机构"
        " 合作金融机构 债权人 主债权人"
    ),
    "reguarantor": (
        "再担保机构 再担保 再担保公司 再担保集团 省再担 省再担保 省再担保机构 省再担保公司"
        " 省再担保集团 省级再担保 省级再担保机构"
    ),
    "national_fund": (
        "国家融担基金 国担 国担基金 国家融担 国家基金 国家担保基金 国家融资担保基金"
        " 国家融资担保基金公司"
    ),
}
_OTHER_NAMES = {
    "institution": "担保方 guarantor",
    "lender": "银行方 bank",
    "reguarantor": "再担保方 reguarantor re-guarantor reinsurer",
    "national_fund": "国担方 nationalfund",
}
PARTY_NAMES_IN_HEADINGS = {
    party: tuple(f"{words} {_OTHER_NAMES[party]}".split()) for party, words in PARTY_WORDS.items()
}
"""What a heading calls a party that it may say the share of."""
_SHARE_WORDS = (
    "分担比例 分险比例 风险分担比例 风险承担比例 承担比例 承担风险比例 责任比例 责任分担比例"
    " 分担责任比例 承担责任比例 风险责任比例 代偿分担比例 分摊比例 风险分摊比例"
)
_ENGLISH_SHARES = {
    "institution": "institution_share guarantor_share",
    "lender": "lender_share bank_share",
    "reguarantor": "reguarantor_share reinsurer_share",
    "national_fund": "national_fund_share",
}


def further(table: str, column: str) -> tuple[str, ...]:
    """Return the further headings of a column: each means it and nothing else."""
    return tuple(_FURTHER.get(table, {}).get(column, "").split())


def doubtful(table: str, column: str) -> tuple[str, ...]:
    """Return the headings that may mean a column, or only a part of it, or something else."""
    return tuple(_DOUBTFUL.get(table, {}).get(column, "").split())


def further_shares(party: str) -> tuple[str, ...]:
    """Return the further headings of a party's share; none of a party that is not known."""
    if party not in PARTY_WORDS:
        return ()
    words = (who + what for who, what in product(PARTY_WORDS[party].split(), _SHARE_WORDS.split()))
    return (*words, *_ENGLISH_SHARES[party].split())


def parts(table: str, column: str) -> tuple[str, ...]:
    """Return the doubtful headings that make a further heading of the column doubtful, too."""
    return tuple(_PARTS.get(table, {}).get(column, "").split())


def suspect(table: str, column: str) -> tuple[str, str] | None:
    """Return patterns of what a heading that may mean a column holds, and does not hold."""
    return SUSPECT.get(table, {}).get(column)
