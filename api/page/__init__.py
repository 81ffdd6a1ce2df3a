"""The self-check page at ``/`` and below ``/page``, and the OpenAPI document to try at ``/docs``.

All files are served as they are, without a build step; the page's are compressed on the way. All
addresses in them are relative, so the pages work below any path. Swagger UI's files come from the
package fastapi-swagger, which carries them and is used for nothing else; the page around them is
ours, so that a strict Content-Security-Policy holds.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
DOCS = Path(__file__).parent / "docs"
REVALIDATED = {"Cache-Control": "no-cache"}
"""Asked for anew each time, by ETag: after an upgrade no browser mixes old files with new ones."""


class _Revalidated(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(REVALIDATED)
        return response


def install(app: FastAPI) -> None:
    """Have the application serve the pages."""
    app.add_api_route("/", _index, methods=["GET"], include_in_schema=False)
    app.mount("/page", GZipMiddleware(_Revalidated(directory=STATIC)), name="page")
    app.add_api_route("/docs", _docs, methods=["GET"], include_in_schema=False)
    files = _Revalidated(directory=DOCS, packages=[("fastapi_swagger", "resources")])
    app.mount("/docs", files, name="docs")


async def _index() -> FileResponse:
    return FileResponse(STATIC / "index.html", headers=REVALIDATED)


async def _docs() -> FileResponse:
    return FileResponse(DOCS / "docs.html", headers=REVALIDATED)
