"""The application: settings in, everything wired together out."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from api import problems
from api.middleware import Envelope
from api.routes import health, policies
from api.settings import Settings
from compensation import __version__

ROUTES = (health, policies)
"""The modules of calls; each has a ``router``."""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Return the application; settings come from the environment where none are given."""
    app = FastAPI(
        title="风险补偿计算 / Guarantee compensation",
        version=__version__,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings or Settings()
    problems.install(app)
    for module in ROUTES:
        app.include_router(module.router)
    return Envelope(app)
