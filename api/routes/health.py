"""GET /healthz, /readyz and /metrics: the state of the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from api.assessing.processes import Processes
from api.language import doc
from api.metrics import CONTENT_TYPE, Metrics
from api.models import AnswerModel
from api.openapi import ALWAYS, GUARDED, problem_responses
from api.problems import Problem
from compensation import __version__

router = APIRouter(tags=["service"])


class Health(AnswerModel):
    """服务在运行。 / The service is running."""

    status: Literal["ok"] = doc("固定为 ok。", "Always ok.")
    version: str = doc("版本。", "The version.", examples=[__version__])


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="存活 / Liveness",
    description="进程在运行，并能应答。\n\nThe process runs and answers.",
    responses=problem_responses(*ALWAYS),
)
async def health() -> Health:
    """Return that the service is running."""
    return Health(status="ok", version=__version__)


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="就绪 / Readiness",
    description="可以接受请求：计算进程已能启动。\n\n"
    "The service can take requests: worker processes can be started.",
    responses=problem_responses(*ALWAYS, "busy"),
)
async def ready(request: Request) -> Health:
    """Answer if worker processes can be started."""
    processes: Processes = request.app.state.processes
    if not processes.ready:
        raise Problem("busy")
    return Health(status="ok", version=__version__)


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="指标 / Metrics",
    description="供 Prometheus 读取的运行指标。\n\nFigures of the service, for Prometheus.",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_responses(*ALWAYS, *GUARDED),
    },
)
async def metrics(request: Request) -> Response:
    """Return the metrics."""
    kept: Metrics = request.app.state.metrics
    return Response(kept.text(), headers={"Content-Type": CONTENT_TYPE})
