"""GET /healthz: the process answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.routing import router as new_router

router = new_router("service")


class Health(BaseModel):
    """The service is there."""

    status: str = Field(description="Always ok.", examples=["ok"])


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="存活 / Liveness",
    description="服务进程在运行。\n\nThe process of the service is running.",
)
async def health() -> Health:
    """Answer."""
    return Health(status="ok")
