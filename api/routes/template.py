"""GET /v1/template.xlsx: the empty workbook to fill in."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.assessing.calls import WORKBOOK
from api.assessing.jobs import XLSX_TYPE
from api.bodies import answer_type
from api.language import RequestLanguage
from api.openapi import PROBLEMS
from api.policies import PolicyId, policy_of_id
from compensation import write_template
from compensation.language import Language
from compensation.policy import GENERAL_POLICY

router = APIRouter(tags=["assessments"])


@router.get(
    "/v1/template.xlsx",
    response_class=Response,
    responses=WORKBOOK,
    openapi_extra={PROBLEMS: ["not-acceptable"]},
)
async def get_template(
    request: Request,
    language: RequestLanguage,  # noqa: ARG001 - documents the header that chooses it
    policy: Annotated[
        PolicyId, Query(description="政策编号。 / The id of a policy.")
    ] = GENERAL_POLICY,
    lang: Annotated[  # noqa: ARG001 - read by `api.problems`
        Language | None,
        Query(description="消息的语言；模板本身为中文。 / Language of messages."),
    ] = None,
) -> Response:
    """填报模板 / The template.

    批量测算用的空白工作簿：各表的标题、说明、下拉选项与示例（中文），以及政策所需的其他列。

    The empty workbook for an assessment: headings, notes, lists to choose from and examples (in
    Chinese), and the columns that the policy needs.
    """
    answer_type(request, (XLSX_TYPE,))
    content = await run_in_threadpool(_template, policy)
    return Response(
        content,
        media_type=XLSX_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="template-{policy}.xlsx"',
            "Content-Language": "zh",
        },
    )


@functools.cache
def _template(policy: str) -> bytes:
    """Return the workbook of a policy; it is the same each time."""
    with tempfile.TemporaryDirectory(prefix="compensation-api-") as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, policy_of_id(policy))
        return path.read_bytes()
