"""/docs: the OpenAPI document to read and to try, without anything from outside.

Swagger UI's files come from the package fastapi-swagger, which carries them and is used for nothing
else; the page and its script are ours, so that a strict Content-Security-Policy holds.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response

_OWN = Path(__file__).parent
_SWAGGER = Path(str(resources.files("fastapi_swagger"))) / "resources"
FILES = {
    "docs": (_OWN / "docs.html", "text/html; charset=utf-8"),
    "docs/start.js": (_OWN / "start.js", "text/javascript"),
    "docs/swagger-ui.css": (_SWAGGER / "swagger-ui.css", "text/css"),
    "docs/swagger-ui-bundle.js": (_SWAGGER / "swagger-ui-bundle.js", "text/javascript"),
}
"""What is served, by path: the file and its media type."""


def install(app: FastAPI) -> None:
    """Have the application serve the page and its files."""
    for name in FILES:
        app.add_api_route(f"/{name}", _server_of(name), methods=["GET"], include_in_schema=False)


def _server_of(name: str):  # type: ignore[no-untyped-def]
    path, kind = FILES[name]

    async def serve() -> Response:
        return FileResponse(path, media_type=kind, headers={"Cache-Control": "no-cache"})

    return serve
