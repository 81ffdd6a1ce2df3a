"""How fast POST /v1/compensation answers, beside a call that does everything but compute.

    python -m benchmarks.api_load [--seconds 10] [--connections 16]

Both calls are served by one process, with the same request and response models and the same layers
around them; the second answers a constant. So the difference is what computing one case costs, and
the second's time is reading, checking and writing. They take turns, in several rounds, so that
neither has the quieter machine. wrk makes the load where it is installed (Debian: wrk); else a
few lines of asyncio do, which take more of the machine from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

CALL = "/v1/compensation"
CONSTANT = "/v1/constant"
PORT = 8765
ROUNDS = 3
EXAMPLE: dict[str, Any] = {
    "policy": "jiyuan-2022",
    "institution": {
        "government_backed": True,
        "small_agri_share": "0.92",
        "balance_growth": "0.25",
        "borrower_growth": "0.21",
        "payout_rate": "0.015",
    },
    "claim": {
        "borrower_type": "small_enterprise",
        "borrower_exposure": "3000000.00",
        "payout_date": "2022-06-30",
        "principal": "1000000.00",
        "interest": "20000.00",
        "shares": {
            "institution": "0.4",
            "lender": "0.2",
            "reguarantor": "0.2",
            "national_fund": "0.2",
        },
        "finance_review": "approved",
        "industry_review": "approved",
    },
}
"""The contract's own example."""


class Load(NamedTuple):
    """What a round of load came to."""

    per_second: float
    p99_ms: float


def serve() -> None:
    """Serve the API with the constant call beside the real one."""
    import uvicorn

    from api.app import create_app
    from api.routes import compensation
    from api.settings import Settings

    route: Any = next(r for r in compensation.router.routes if getattr(r, "path", "") == CALL)
    hints = get_type_hints(route.endpoint, include_extras=True)
    case = next(name for name, kind in hints.items() if hasattr(kind, "model_validate"))
    answer = asyncio.run(_answer(route.endpoint, hints[case]))

    async def constant(**_parameters: Any) -> Any:
        return answer

    # The same parameters, so that the same is read and checked.
    parameters = inspect.signature(route.endpoint).parameters.values()
    constant.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(annotation=hints[each.name]) for each in parameters]
    )
    compensation.router.add_api_route(
        CONSTANT,
        constant,
        methods=["POST"],
        response_model=route.response_model,
        include_in_schema=False,
    )
    settings = Settings(rate_limit="1000000000/minute")
    uvicorn.run(create_app(settings), port=PORT, log_level="warning", access_log=False)


async def _answer(endpoint: Any, request: Any) -> Any:
    """Return what the real call answers to the example."""
    return await endpoint(request.model_validate(EXAMPLE), "zh")


def measure(path: str, seconds: int, connections: int) -> Load:
    """Load one call for some seconds."""
    if shutil.which("wrk"):
        return _with_wrk(path, seconds, connections)
    return asyncio.run(_with_asyncio(path, seconds, connections))


def _with_wrk(path: str, seconds: int, connections: int) -> Load:
    script = (
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = [=[{json.dumps(EXAMPLE)}]=]\n"
        "done = function(summary, latency, requests)\n"
        '  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.duration,\n'
        "    latency:percentile(99), summary.errors.status))\nend\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        ran = subprocess.run(
            [
                *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", file.name),
                f"http://127.0.0.1:{PORT}{path}",
            ],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+)", ran.stdout)
    assert found is not None, ran.stdout
    requests, duration, p99, wrong = map(int, found.groups())
    assert wrong == 0, f"{wrong} answers were errors"
    return Load(requests / duration * 1e6, p99 / 1000)


async def _with_asyncio(path: str, seconds: int, connections: int) -> Load:
    body = json.dumps(EXAMPLE).encode()
    request = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        while time.perf_counter() < end:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = re.search(rb"(?i)content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            times.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    return Load(len(times) / seconds, statistics.quantiles(times, n=100)[98] * 1000)


def main() -> None:
    """Start the server, load both calls in turns, and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", nargs="?", choices=["run", "serve"], default="run")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=16)
    arguments = parser.parse_args()
    if arguments.mode == "serve":
        serve()
        return
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks.api_load", "serve"]
    server = subprocess.Popen(command, cwd=root, env=os.environ)
    try:
        _until_it_answers(server)
        loads: dict[str, list[Load]] = {CONSTANT: [], CALL: []}
        for path in loads:
            measure(path, 2, arguments.connections)  # warm up
        for _ in range(ROUNDS):
            for path, found in loads.items():
                found.append(measure(path, arguments.seconds, arguments.connections))
    finally:
        server.terminate()
        server.wait()
    report(loads, arguments.connections)


def report(loads: dict[str, list[Load]], connections: int) -> None:
    """Print requests per second and p99 of both calls (the middle round), and their ratio."""
    print(f"{'wrk' if shutil.which('wrk') else 'asyncio'}, {connections} connections")
    rates = {}
    for path, found in loads.items():
        middle = sorted(found)[len(found) // 2]
        rates[path] = middle.per_second
        each = 1000 / middle.per_second
        print(
            f"{path:18} {middle.per_second:8.0f} requests/s   {each:6.2f} ms each   "
            f"p99 {middle.p99_ms:7.1f} ms"
        )
    ratio = rates[CALL] / rates[CONSTANT]
    spent = 1000 / rates[CALL] - 1000 / rates[CONSTANT]
    print(f"{ratio:.2f} of the constant's rate; computing takes {spent:.2f} ms of each request")


def _until_it_answers(server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz"):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


if __name__ == "__main__":
    main()
