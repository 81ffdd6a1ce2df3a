"""How fast POST /v1/compensation answers, beside a call that does everything but compute.

    python -m benchmarks.api_load [--seconds 10] [--connections 16]

Both calls are served by one process, with the same request and response models and the same layers
around them; the second answers a constant, which has passed the response model once. So the
difference is what computing one case costs, and the second's time is reading, checking and writing.
The requests are a thousand different claims: of one institution, as somebody sends them who goes
through a ledger, and each of another institution. The three take turns, in several rounds, so that
none has the quieter machine; on Linux, the server's own processor time says what is left of the
ratio where the machine is busy. wrk makes the load where it is installed (Debian: wrk); else a few
lines of asyncio do, which take more of the machine from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import itertools
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

from pydantic import TypeAdapter

from api.app import create_app
from api.routes import claim
from api.serving import serve as serve_app
from api.settings import Settings
from benchmarks.attacks import CASE

CALL = "/v1/compensation"
CONSTANT = "/v1/constant"
PORT = 8765
ROUNDS = 3
CASES = 1000


class Kind(NamedTuple):
    """A kind of load: the call, and how many institutions its claims are of."""

    call: str
    institutions: int

    def __str__(self) -> str:
        return f"{self.call} ({self.institutions} institution{'s' * (self.institutions > 1)})"


KINDS = (Kind(CONSTANT, 1), Kind(CALL, 1), Kind(CALL, CASES))


class Load(NamedTuple):
    """What a round of load came to; `cpu_ms`: processor time of the server for each request."""

    per_second: float
    p99_ms: float
    cpu_ms: float | None


def bodies(institutions: int) -> list[bytes]:
    """Return requests about different claims, of so many different institutions."""
    made = []
    for n in range(CASES):
        figures = CASE["institution"] | {
            "small_agri_share": f"0.92{n % institutions:04d}",
            "balance_growth": f"0.25{n % institutions:04d}",
        }
        claim = CASE["claim"] | {
            "principal": f"{1_000_000 + n}.{n % 100:02d}",
            "borrower_exposure": f"{3_000_000 + 7 * n}.00",
        }
        made.append(json.dumps(CASE | {"institution": figures, "claim": claim}).encode())
    return made


def serve() -> None:
    """Serve the API with the constant call beside the real one."""
    route: Any = next(r for r in claim.router.routes if getattr(r, "path", "") == CALL)
    hints = get_type_hints(route.endpoint, include_extras=True)
    answer = route.endpoint(TypeAdapter(hints["case"]).validate_python(CASE), "zh")

    def constant(**_parameters: Any) -> Any:
        return answer

    # The same parameters, so that the same is read and checked.
    parameters = inspect.signature(route.endpoint).parameters.values()
    constant.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(annotation=hints[each.name]) for each in parameters]
    )
    claim.router.add_api_route(
        CONSTANT,
        constant,
        methods=["POST"],
        response_model=route.response_model,
        include_in_schema=False,
    )
    settings = Settings(port=PORT, rate_limit="1000000000/minute", log_level="warning")
    serve_app(create_app(settings), settings)


def measure(kind: Kind, seconds: int, connections: int, server: int) -> Load:
    """Load one call for some seconds; ``server``: the server's process id."""
    before = _cpu_seconds(server)
    if shutil.which("wrk"):
        requests, taken, p99 = _with_wrk(kind, seconds, connections)
    else:
        requests, taken, p99 = asyncio.run(_with_asyncio(kind, seconds, connections))
    after = _cpu_seconds(server)
    cpu = None if before is None or after is None else (after - before) * 1000 / requests
    return Load(requests / taken, p99, cpu)


def _cpu_seconds(pid: int) -> float | None:
    """Return the processor time that a process has taken; None where Linux cannot be asked."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _with_wrk(kind: Kind, seconds: int, connections: int) -> tuple[int, float, float]:
    """Return the number of requests, the seconds that they took, and their p99 in ms."""
    texts = ",\n".join(f"[=[{body.decode()}]=]" for body in bodies(kind.institutions))
    script = (
        f"local bodies = {{{texts}}}\nlocal place = 0\n"
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        "request = function()\n  place = place % #bodies + 1\n"
        "  return wrk.format(nil, nil, nil, bodies[place])\nend\n"
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
                f"http://127.0.0.1:{PORT}{kind.call}",
            ],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+)", ran.stdout)
    assert found is not None, ran.stdout
    requests, duration, p99, wrong = map(int, found.groups())
    assert wrong == 0, f"{wrong} answers were errors"
    return requests, duration / 1e6, p99 / 1000


async def _with_asyncio(kind: Kind, seconds: int, connections: int) -> tuple[int, float, float]:
    """Return the same as `_with_wrk`."""
    requests = itertools.cycle(
        f"POST {kind.call} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies(kind.institutions)
    )
    times: list[float] = []
    began = time.perf_counter()

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        while (sent := time.perf_counter()) < began + seconds:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = re.search(rb"(?i)content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            times.append(time.perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    taken = time.perf_counter() - began
    return len(times), taken, statistics.quantiles(times, n=100)[98] * 1000


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
        loads: dict[Kind, list[Load]] = {kind: [] for kind in KINDS}
        for kind in loads:
            measure(kind, 2, arguments.connections, server.pid)  # warm up
        for _ in range(ROUNDS):
            for kind, found in loads.items():
                load = measure(kind, arguments.seconds, arguments.connections, server.pid)
                found.append(load)
    finally:
        server.terminate()
        server.wait()
    report(loads, arguments.connections)


def report(loads: dict[Kind, list[Load]], connections: int) -> None:
    """Print requests per second and p99 of each kind (its middle round), and their ratios."""
    print(f"{'wrk' if shutil.which('wrk') else 'asyncio'}, {connections} connections")
    middle = {kind: sorted(found)[len(found) // 2] for kind, found in loads.items()}
    for kind, load in middle.items():
        print(f"{kind!s:38} {load.per_second:7.0f} requests/s   p99 {load.p99_ms:6.1f} ms", end="")
        print("" if load.cpu_ms is None else f"   processor {load.cpu_ms:.3f} ms each")
    constant = middle.pop(KINDS[0])
    for kind, load in middle.items():
        spent = 1000 / load.per_second - 1000 / constant.per_second
        print(
            f"{kind}: {load.per_second / constant.per_second:.2f} of the constant's rate; "
            f"computing takes {spent:.2f} ms of each request",
            end="",
        )
        cpu = load.cpu_ms and constant.cpu_ms and constant.cpu_ms / load.cpu_ms
        print(f"; by processor time {cpu:.2f}" if cpu else "")


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
