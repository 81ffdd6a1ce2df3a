"""Serving: uvicorn as the settings want it.

uvicorn bounds no wait for a client; the reverse proxy of the deployment guide does. Alone, the
service holds slow connections until they end, and answers others meanwhile.
"""

from __future__ import annotations

import gc
import resource

import uvicorn
from starlette.types import ASGIApp

from api.logs import log_config
from api.settings import Settings

MOST_FILES = 65_536
"""Open files that the service asks the system for; each connection is one."""
_COLLECT_EVERY = 50_000
"""Objects made and kept since garbage was last collected; an answer takes some hundreds."""


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until told to stop; exits with 3 where the address cannot be listened on."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    # What the service is made of stays as long as it: collecting garbage need not go through it.
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
