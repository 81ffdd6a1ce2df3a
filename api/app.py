"""The application: settings in, everything wired together out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from api import problems
from api.access import Gate
from api.assessing.processes import Processes
from api.keys import read_keys
from api.middleware import Envelope
from api.routes import assessments, health, policies
from api.settings import Settings
from compensation import __version__

ROUTES = (policies, assessments, health)
"""The modules of calls; each has a ``router``."""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Return the application; settings come from the environment where none are given.

    Raises `KeysWrong` or OSError where the file of keys cannot be used.
    """
    settings = settings or Settings()
    keys = None if settings.keys_file is None else read_keys(settings.keys_file)
    app = FastAPI(
        title="风险补偿计算 / Guarantee compensation",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    problems.install(app)
    for module in ROUTES:
        app.include_router(module.router)
    return Envelope(Gate(app, settings, keys))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.processes = Processes(app.state.settings)
    await app.state.processes.start()
    yield
