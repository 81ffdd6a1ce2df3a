"""Serving: runs uvicorn with the settings.

uvicorn has no timeout for slow clients; the reverse proxy of the deployment guide has. Without one,
slow connections stay open while others are answered.
"""

from __future__ import annotations

import gc

import uvicorn
from starlette.types import ASGIApp

try:
    import resource
except ImportError:  # pragma: no cover - on Windows, which has no such limit
    resource = None  # type: ignore[assignment]

from api.logs import log_config
from api.settings import Settings

MOST_FILES = 65_536
"""The limit of open files that the service requests; each connection counts as one."""
_COLLECT_EVERY = 50_000
"""Objects allocated between garbage collections; an answer takes some hundreds."""


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until a signal stops it; exits with 3 where the address cannot be bound."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    # Modules and application live as long as the process: exclude them from garbage collection.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        root_path=settings.root_path,
        http="h11",
        ws="none",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        access_log=False,
        log_config=log_config(settings.log_level),
        server_header=False,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
