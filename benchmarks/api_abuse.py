"""The API under load and abuse at the same time: does it stay right, up, and of one size?

    python -m benchmarks.api_abuse [--minutes 3] [--connections 200]

On this machine only, against a server that it starts itself with nginx in front of it as
deploy/nginx.conf shows, for a bounded time. All the while, so many connections ask for claims of
their own, each with other amounts, and every answer is compared with the library's, whole; beside
them, clients that are slow in every way. `benchmarks.attacks` go past nginx, to the server itself,
over and over. Then the server is told to stop under that load, and every request has to be
answered, if only by nginx with 503. Prints what it counted; the exit code is 1 where anything is
not as it has to be.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.keys import add_key
from benchmarks.attacks import (
    Answer,
    Attack,
    attacked,
    attacks,
    case,
    first_wrong,
    read_answer,
    request,
)
from benchmarks.processes import family, resident
from benchmarks.proxy import free_port, in_front, nginx, plain
from compensation import decide_claim, load_policy
from compensation.language import Language

CASES = 600
"""Claims that are asked for, over and over, each unlike any other."""
AT_ONCE = 400
"""Requests at a time that nginx takes from one address."""
SLOW_OF_EACH_KIND = 15
FLOOD = 500
"""Requests that another address sends at once, now and then: more than are taken of it."""
GIVE_UP = 8
"""Seconds after which nginx and the server give up a slow client."""
MOST_GROWTH = 0.05


@dataclass
class Tally:
    """What came of it all."""

    answers: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    attacks: Counter[int | None] = field(default_factory=Counter)
    slow: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    stopping: bool = False
    lost: int = 0


@dataclass(frozen=True)
class Question:
    """A request and what the library answers to it."""

    sent: bytes
    expected: Any


def questions(key: str) -> list[Question]:
    """Return claims of all different amounts, in both languages, with the library's answers."""
    policy = load_policy("jiyuan-2022")
    made = []
    for number in range(CASES):
        asked = case(number)
        language: Language = "en" if number % 2 else "zh"
        decided = decide_claim(policy, asked["institution"], asked["claim"])
        sent = request(
            "/v1/compensation",
            json.dumps(asked).encode(),
            f"Accept-Language: {language}",
            key=key,
        )
        made.append(Question(sent, decided.as_dict(language)))
    return made


async def ask(port: int, place: int, asked: list[Question], tally: Tally, end: float) -> None:
    """Ask one question after another on a connection, and on a new one where it was closed."""
    number = place * 7919
    while not tally.stopping and time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        with contextlib.suppress(OSError):
            number = await _ask_on(reader, writer, number, asked, tally, end)
        writer.close()


async def _ask_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    number: int,
    asked: list[Question],
    tally: Tally,
    end: float,
) -> int:
    while time.monotonic() < end:
        number += 1
        question = asked[number % len(asked)]
        began = time.monotonic()
        writer.write(question.sent)
        try:
            answer = await read_answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            tally.lost += 1
            break
        tally.times.append(time.monotonic() - began)
        _judge(question, answer, tally)
        if answer.headers.get("connection") == "close" or (answer.status == 503 and tally.stopping):
            break
    return number


def _judge(question: Question, answer: Answer, tally: Tally) -> None:
    if answer.status == 503 and "retry-after" in answer.headers:
        tally.refused += 1
    elif answer.status != 200 or json.loads(answer.body) != question.expected:
        tally.wrong.append(f"{answer.status} {answer.body[:200]!r}")
    else:
        tally.answers += 1


async def attack(port: int, key: str, tally: Tally, end: float) -> None:
    """Send every attack, over and over."""
    while time.monotonic() < end:
        for one in attacks(key):
            if time.monotonic() > end:
                return
            status = await _attacked(port, one)
            tally.attacks[status] += 1
            allowed = one.unanswered if status is None else status in (*one.statuses, 503)
            if not allowed:
                tally.wrong.append(f"attack {one.name}: {status}")
            await asyncio.sleep(0.01)


async def _attacked(port: int, one: Attack) -> int | None:
    """Attack, again where the connection was closed as one of far too many."""
    for _ in range(4):
        status = await attacked(port, one, GIVE_UP * 3)
        if status is not None or one.unanswered:
            break
        await asyncio.sleep(2)
    return status


async def be_slow(port: int, kind: str, key: str, tally: Tally, end: float) -> None:
    """Be slow in one way, over and over; count who ended it."""
    body = b" " * 5000
    whole = request(body=body, key=key)
    while time.monotonic() < end:
        began = time.monotonic()
        ended = "kept for too long"
        try:
            async with asyncio.timeout(GIVE_UP * 4):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    if kind == "reading":
                        await _never_read(writer, key)
                    else:
                        begin = len(whole) - len(body) if kind == "bodies" else 0
                        writer.write(whole[:begin])
                        for byte in whole[begin:]:
                            writer.write(bytes([byte]))
                            await writer.drain()
                            if reader.at_eof():
                                break
                            await asyncio.sleep(0.2)
                finally:
                    writer.transport.abort()
            ended = "given up by the server"
        except OSError:
            ended = "given up by the server"
        except TimeoutError:
            pass
        tally.slow[f"{kind}: {ended}"] += 1
        if ended == "kept for too long":
            tally.wrong.append(f"slow {kind}: {time.monotonic() - began:.0f} s")


async def _never_read(writer: asyncio.StreamWriter, key: str) -> None:
    """Ask for something large again and again, and never read it."""
    asked = request("/openapi.json", b"", key=key, method="GET")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    while True:
        writer.write(asked)
        await writer.drain()
        await asyncio.sleep(0.05)


async def flood(port: int, key: str, tally: Tally, end: float) -> None:
    """Ask more at once than is taken, now and then: those too many are told so."""
    asked = request("/v1/policies", b"", key=key, method="GET")

    async def one() -> None:
        try:
            async with asyncio.timeout(GIVE_UP * 2):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", port, local_addr=("127.0.0.2", 0)
                )
                try:
                    await asyncio.sleep(1)  # so that they are there together
                    writer.write(asked)
                    answer = await read_answer(reader)
                finally:
                    writer.transport.abort()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            tally.slow["flood: closed"] += 1
            return
        tally.slow[f"flood: {answer.status}"] += 1
        if answer.status == 503 and "retry-after" not in answer.headers:
            tally.wrong.append("a 503 without Retry-After")

    while time.monotonic() < end - 5:
        await asyncio.sleep(10)
        await asyncio.gather(*(one() for _ in range(FLOOD)))


async def weigh(pid: int, tally: Tally, end: float) -> None:
    """Note the memory of the server and of what it has started, in MB, every second."""
    began = time.monotonic()
    while time.monotonic() < end:
        await asyncio.sleep(1)
        memory = sum(map(resident, family(pid))) / 1000
        tally.memory.append((time.monotonic() - began, memory))


async def abuse(server: Running, minutes: float, connections: int) -> Tally:
    """Load and abuse the server for so long, then stop it under load."""
    tally, asked = Tally(), questions(server.key)
    end = time.monotonic() + minutes * 60
    port, key = server.front_port, server.key
    askers = [
        asyncio.create_task(ask(port, place, asked, tally, end + 60))
        for place in range(connections)
    ]
    others = [
        asyncio.create_task(weigh(server.process.pid, tally, end)),
        asyncio.create_task(attack(server.port, key, tally, end)),
        asyncio.create_task(flood(port, key, tally, end)),
        *(
            asyncio.create_task(be_slow(port, kind, key, tally, end))
            for kind in ("heads", "bodies", "reading")
            for _ in range(SLOW_OF_EACH_KIND)
        ),
    ]
    await asyncio.wait(others, timeout=minutes * 60)
    for other in others:
        other.cancel()
    tally.wrong += [
        repr(error)
        for error in await asyncio.gather(*others, return_exceptions=True)
        if isinstance(error, Exception)
    ]
    before = tally.answers
    tally.stopping = True
    server.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*askers)
    print(f"answers after the signal to stop: {tally.answers - before:,}")
    return tally


@dataclass(frozen=True)
class Running:
    """A server of this run: its port and that of nginx, its key, its process, its log."""

    port: int
    front_port: int
    key: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running() -> Iterator[Running]:
    """Start a server that wants a key, behind nginx that gives up slow clients soon."""
    program = nginx()
    if program is None:
        raise SystemExit("nginx is needed (apt-get install nginx-light)")
    with tempfile.TemporaryDirectory() as folder:
        keys, log = Path(folder) / "keys", Path(folder) / "service.log"
        key = add_key(keys, "abuse")
        settings = {
            "PORT": 0,
            "KEYS_FILE": keys,
            "RATE_LIMIT": "1000000000/minute",
            "TRUSTED_PROXIES": "127.0.0.1",
            "BODY_SECONDS": GIVE_UP,
        }
        own = {f"COMPENSATION_API_{name}": str(value) for name, value in settings.items()}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "api"],
                cwd=Path(__file__).parents[1],
                env={**os.environ, **own},
                stderr=output,
            )
        try:
            port, front_port = _port(process, log), free_port()
            changes = plain(front_port) | {
                "client_header_timeout 20s": f"client_header_timeout {GIVE_UP}s",
                "send_timeout          60s": f"send_timeout {GIVE_UP}s",
                "compensation 50;": f"compensation {AT_ONCE};",
            }
            service = f"http://127.0.0.1:{port}"
            with in_front(program, Path(folder), service, changes, front_port):
                yield Running(port, front_port, key, process, log)
        finally:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port that the server says it listens on."""
    for _ in range(600):
        _, found, rest = log.read_text(encoding="utf-8").partition("running on http://127.0.0.1:")
        if found:
            return int(rest.split()[0])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def report(tally: Tally, log: str, code: int) -> int:
    """Print what was counted; return the exit code."""
    times = statistics.quantiles(tally.times, n=100)
    print(
        f"answers, each as the library has it: {tally.answers:,}; refused with 503 and "
        f"Retry-After: {tally.refused:,}; without an answer: {tally.lost:,}"
    )
    print(f"p50 {times[49] * 1000:.0f} ms, p99 {times[98] * 1000:.0f} ms")
    print(
        "attacks: "
        + ", ".join(f"{k or 'no answer'}: {n}" for k, n in sorted(tally.attacks.items(), key=str))
    )
    print("slow clients: " + ", ".join(f"{k}: {n}" for k, n in sorted(tally.slow.items())))
    wrong = list(dict.fromkeys(tally.wrong))
    minutes = [
        statistics.median(mb for at, mb in tally.memory if minute * 60 - 10 <= at < minute * 60)
        for minute in range(1, int(tally.memory[-1][0] + 2) // 60 + 1)
    ]
    print("memory at the end of each minute: " + ", ".join(f"{mb:.1f} MB" for mb in minutes))
    if minutes and minutes[-1] > minutes[0] * (1 + MOST_GROWTH):
        wrong.append(f"memory grew by {minutes[-1] / minutes[0] - 1:.1%}")
    if tally.lost:
        wrong.append(f"{tally.lost} requests without an answer")
    if first_wrong(log):
        wrong.append(first_wrong(log)[:500])
    if code not in (0, -signal.SIGTERM):
        wrong.append(f"the server ended with {code}")
    print("\n".join(["", "Not as it has to be:", *wrong[:20]]) if wrong else "all as it has to be")
    return int(bool(wrong))


def main() -> int:
    """Run it all; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--connections", type=int, default=200)
    options = parser.parse_args()
    with running() as server:
        tally = asyncio.run(abuse(server, min(options.minutes, 30), min(options.connections, 300)))
        code = server.process.wait(120)
        return report(tally, server.log.read_text(encoding="utf-8"), code)


if __name__ == "__main__":
    sys.exit(main())
