"""Calls about a whole ledger: assessments, settlements, and results that were kept."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.calls import answer_about, asks, result_of
from api.assessing.requests import (
    AssessmentBody,
    AssessmentForm,
    DifferenceForm,
    ReviewedForm,
    SettlementBody,
    SettlementForm,
    VerificationForm,
)
from api.assessing.results import Assessed, DifferenceAnswer, SettlementAnswer, VerificationAnswer
from api.language import RequestLanguage

router = APIRouter()


@asks(router, "/v1/assessments", AssessmentBody, Assessed, tag="assessments", workbook=True)
async def assess_portfolio(request: Request, language: RequestLanguage) -> Response:
    """批量测算 / Assess a portfolio.

    机构、担保合同、解保、代偿、追偿各表以 JSON 给出，一并测算。列名与单元格的写法同填报模板。
    按 Accept 返回 JSON 或结果工作簿。客户端断开即停止计算。也接受 uploadPortfolio 的表单。

    Computes all tables of a portfolio, given as JSON. Columns and cells are written as in the
    template. Accept chooses JSON or the result workbook. A client that goes away stops the
    computing. The form of uploadPortfolio is taken here, too.
    """
    return await result_of(request, language, AssessmentForm, AssessmentBody)


@asks(router, "/v1/assessments/upload", AssessmentForm, Assessed, tag="assessments", workbook=True)
async def upload_portfolio(request: Request, language: RequestLanguage) -> Response:
    """上传台账测算 / Assess an uploaded portfolio.

    上传工作簿或 CSV 压缩包，各表一并测算。按 Accept 返回 JSON 或结果工作簿。

    Computes all tables of an uploaded workbook or zip of CSV files. Accept chooses JSON or the
    result workbook.
    """
    return await result_of(request, language, AssessmentForm)


@asks(router, "/v1/assessments/reviewed", ReviewedForm, Assessed, tag="assessments", workbook=True)
async def assess_reviewed(request: Request, language: RequestLanguage) -> Response:
    """按审核表测算 / Assess by a review sheet.

    上传台账和填好的审核表，审核意见以审核表为准。按 Accept 返回 JSON 或结果工作簿。

    Computes an uploaded ledger; the decisions of the filled review sheet take the place of the
    ledger's. Accept chooses JSON or the result workbook.
    """
    return await result_of(request, language, ReviewedForm)


@asks(router, "/v1/assessments/marked.xlsx", AssessmentForm, tag="assessments")
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """标出错误的台账 / Mark the faults.

    表单同批量测算。返回所上传台账的副本：错误的单元格以红色标出并附说明，前面是错误清单；
    副本只有内容，没有格式和公式。没有错误时清单为空。

    Takes the form of an assessment and returns a copy of the uploaded ledger: wrong cells are red
    and have a note, and a list of the faults stands in front. The copy has values only, no formats
    or formulas. Without faults the list is empty.
    """
    return await answer_about(request, language, AssessmentForm, "marked")


@asks(router, "/v1/settlements", SettlementBody, SettlementAnswer, tag="settlements", workbook=True)
async def settle_portfolio(request: Request, language: RequestLanguage) -> Response:
    """年度清算 / Settle as of a day.

    截至清算日，各笔代偿的核定、拨付、追偿、上缴，以及应拨付、应收回、应上缴、应退回的金额；
    并列出各机构合计与资金池收支。各表以 JSON 给出。按 Accept 返回 JSON 或结果工作簿。
    也接受 uploadSettlement 的表单。

    What is decided, paid, recovered and due for every claim as of the end of a day, and who owes
    whom; sums for each institution and the statement of the pool. Tables come as JSON. Accept
    chooses JSON or the result workbook. The form of uploadSettlement is taken here, too.
    """
    return await result_of(request, language, SettlementForm, SettlementBody)


@asks(
    router,
    "/v1/settlements/upload",
    SettlementForm,
    SettlementAnswer,
    tag="settlements",
    workbook=True,
)
async def upload_settlement(request: Request, language: RequestLanguage) -> Response:
    """上传台账清算 / Settle an uploaded ledger.

    上传工作簿或 CSV 压缩包，按清算日清算；policy 可以有多个。按 Accept 返回 JSON 或结果工作簿。

    Settles an uploaded workbook or zip of CSV files as of a day; there may be several fields
    policy. Accept chooses JSON or the result workbook.
    """
    return await result_of(request, language, SettlementForm)


@asks(router, "/v1/settlements/marked.xlsx", SettlementForm, tag="settlements")
async def mark_faults_of_settlement(request: Request, language: RequestLanguage) -> Response:
    """标出错误的台账 / Mark the faults.

    表单同年度清算；副本同批量测算的。

    Takes the form of a settlement; the copy is as that of an assessment.
    """
    return await answer_about(request, language, SettlementForm, "marked")


@asks(router, "/v1/verifications", VerificationForm, VerificationAnswer, tag="records")
async def verify_result(request: Request, language: RequestLanguage) -> Response:
    """复核结果 / Verify a result.

    按结果所存的规则，用现在的台账重新计算，逐格比较，并指出变动的是台账、规则、程序还是结果本身。

    Computes a result again from the ledger as it is now, by the rules that the result keeps;
    compares every cell, and says what was changed: ledger, rules, program or the result itself.
    """
    return await answer_about(request, language, VerificationForm)


@asks(router, "/v1/differences", DifferenceForm, DifferenceAnswer, tag="records")
async def compare_results(request: Request, language: RequestLanguage) -> Response:
    """比较两个结果 / Compare two results.

    两个结果工作簿的选项、台账、规则、合计和各表有何不同。

    How two result workbooks differ: options, ledger, rules, totals and tables.
    """
    return await answer_about(request, language, DifferenceForm)
