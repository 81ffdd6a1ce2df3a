"""nginx in front of a service on this machine, set up as deploy/nginx.conf shows."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "deploy" / "nginx.conf"


def nginx() -> str | None:
    """Return the path of nginx; None where it is not installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def free_port() -> int:
    """Return a port of this machine that is free at the moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def plain(port: int) -> dict[str, str]:
    """Return the changes with which nginx listens without TLS and serves no base path."""
    return {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "location /buchang/ {": "location / {",
    }


@contextmanager
def in_front(
    program: str, folder: Path, service: str, changes: Mapping[str, str], waits_on: int
) -> Iterator[None]:
    """Run nginx with the sample, once ``changes`` are made to it, until it listens.

    `service`: the address of the service. `waits_on`: the port that nginx listens on.
    """
    sample = SAMPLE.read_text(encoding="utf-8")
    if "/etc/nginx/tls/buchang" not in changes:
        sample = re.sub(r"(?m)^ *ssl_.*\n", "", sample)
    for known, ours in {"http://127.0.0.1:8000/": f"{service}/", **changes}.items():
        assert known in sample, known
        sample = sample.replace(known, ours)
    aside = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{aside}{sample}}}\n",
        encoding="utf-8",
    )
    command = [program, "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    log = folder / "log"
    with log.open("wb") as output:
        front = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        while not _listens(waits_on):
            if front.poll() is not None:
                raise AssertionError(log.read_text(encoding="utf-8"))
            time.sleep(0.01)
        yield
    finally:
        front.terminate()
        front.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
