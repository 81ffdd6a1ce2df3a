"""The application: builds it from the settings, routes and middleware."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from api import openapi, page, problems
from api.access import AccessMiddleware
from api.assessing.held import HeldLedgers
from api.assessing.processes import Processes
from api.bodies import UploadLimit
from api.keys import read_keys
from api.middleware import RequestMiddleware
from api.policies import offer, read_own
from api.routes import (
    batch,
    borrower,
    claim,
    comparisons,
    health,
    institution,
    ledgers,
    policies,
    recoveries,
    template,
)
from api.settings import Settings
from compensation import __version__

ROUTES = (
    institution,
    claim,
    batch,
    borrower,
    recoveries,
    ledgers,
    comparisons,
    template,
    policies,
    health,
)
"""The modules of calls; each has a ``router``."""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Return the application; settings come from the environment where none are given.

    Raises `KeysWrong`, `PoliciesWrong` or OSError where keys or own policies cannot be used.
    """
    settings = settings or Settings()
    keys = None if settings.keys_file is None else read_keys(settings.keys_file)
    offer({} if settings.policies_dir is None else read_own(settings.policies_dir))
    app = FastAPI(
        title="风险补偿计算 / Guarantee compensation",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.settings = settings
    problems.install(app)
    for module in ROUTES:
        app.include_router(module.router)
    page.install(app)
    openapi.install(app, root_path=settings.root_path, keys=keys is not None)
    guarded: ASGIApp = AccessMiddleware(app, settings, keys)
    if settings.cors_origins:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Accept-Language", "Authorization", "Content-Type"],
            expose_headers=["Content-Disposition", "Retry-After", "X-Request-ID"],
        )
    return RequestMiddleware(guarded)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the worker processes in the background; /readyz reports when they are ready."""
    app.state.uploads = UploadLimit(app.state.settings)
    app.state.processes = Processes(app.state.settings)
    app.state.held = HeldLedgers(app.state.settings, app.state.processes)
    starting = asyncio.create_task(app.state.processes.start())
    yield
    app.state.held.close()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await app.state.processes.close()
