"""The self-check page: static files, served as they are at ``/`` and below ``/page``.

There is no build step. All addresses in the files are relative, so the page works below any path.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
REVALIDATED = {"Cache-Control": "no-cache"}
"""Asked for anew each time, by ETag: after an upgrade no browser mixes old files with new ones."""


class _Revalidated(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(REVALIDATED)
        return response


def install(app: FastAPI) -> None:
    """Have the application serve the page."""
    app.mount("/page", _Revalidated(directory=STATIC), name="page")
    app.add_api_route("/", _index, methods=["GET"], include_in_schema=False)


async def _index() -> FileResponse:
    return FileResponse(STATIC / "index.html", headers=REVALIDATED)
