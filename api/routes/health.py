"""GET /healthz, /readyz and /metrics: the state of the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from api.assessing.processes import Processes
from api.language import doc
from api.models import AnswerModel
from api.problems import Problem
from compensation import __version__

router = APIRouter(tags=["service"])


class Health(AnswerModel):
    """服务在运行。 / The service is running."""

    status: Literal["ok"] = doc("固定为 ok。", "Always ok.")
    version: str = doc("版本。", "The version.", examples=[__version__])


@router.get("/healthz")
async def get_health() -> Health:
    """存活 / Liveness.

    进程在运行，并能应答。

    The process runs and answers.
    """
    return Health(status="ok", version=__version__)


@router.get("/readyz")
async def get_readiness(request: Request) -> Health:
    """就绪 / Readiness.

    可以接受请求：计算进程已能启动。

    The service can take requests: worker processes can be started.
    """
    processes: Processes = request.app.state.processes
    if not processes.ready:
        raise Problem("busy")
    return Health(status="ok", version=__version__)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics() -> Response:
    """指标 / Metrics.

    供 Prometheus 读取的运行指标。

    Figures of the service, for Prometheus.
    """
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_PLAIN_1_0_0})
