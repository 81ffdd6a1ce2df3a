"""Who may call, how often, from where; what the log says of it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import httpx
import pytest
from click.testing import CliRunner

from api.__main__ import main
from api.keys import Keys, KeysWrong, add_key, digest_of, read_keys
from tests.api.conftest import Guarded
from tests.api.server import ROOT, Server, environment, running, until


def api_command(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        cwd=ROOT,
        env=environment(**settings),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def refused(**settings: object) -> str:
    """What is said as a service of these settings does not start: the command, in this process."""
    with mock.patch("api.serving.serve", side_effect=AssertionError("it would serve")):
        done = CliRunner().invoke(main, [], env=environment(**settings))
    assert done.exit_code == 2, done
    assert isinstance(done.exception, SystemExit)
    return done.stderr


@pytest.mark.process
def test_what_is_wrong_is_said_by_the_process() -> None:
    done = api_command(host="0.0.0.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == refused(host="0.0.0.0")


@pytest.mark.parametrize(
    "settings",
    [{"host": "0.0.0.0"}, {"host": "example.org"}, {"trusted_proxies": "10.0.0.1"}],
)
def test_it_does_not_start_open_where_others_can_reach_it(settings: dict[str, object]) -> None:
    assert "COMPENSATION_API_KEYS_FILE" in refused(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"port": "x"},
        {"keys_file": "/nowhere"},
        {"rate_limit": "often"},
        {"root_path": "compensation", "allow_open": True},
        # Not everybody, and nobody that would never be met.
        {"trusted_proxies": "*", "allow_open": True},
        {"trusted_proxies": "proxy.example", "allow_open": True},
        {"trusted_proxies": "10.0.0.1/8", "allow_open": True},
    ],
)
def test_wrong_settings_are_said(settings: dict[str, object]) -> None:
    assert refused(**settings)


@pytest.mark.process
def test_a_key_is_made_once_and_kept_only_as_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    made = api_command("keys", "new", "county", keys_file=path)
    key = made.stdout.strip()
    assert made.returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8") == f"county sha256:{digest_of(key)}\n"
    assert key not in path.read_text(encoding="utf-8")
    assert read_keys(path).owner(key) == "county"
    assert read_keys(path).owner(key + "x") is None
    again = api_command("keys", "new", "county", keys_file=path)
    assert again.returncode == 1
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_every_key_is_another(tmp_path: Path) -> None:
    keys = {add_key(tmp_path / "keys", f"name-{number}") for number in range(20)}
    assert len(keys) == 20
    assert all(len(key) >= 43 for key in keys)  # 256 bits in base64


@pytest.mark.parametrize("text", ["", "# none\n", "a b\n", f"a sha256:{'0' * 63}\n"])
def test_a_file_of_keys_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text, encoding="utf-8")
    with pytest.raises(KeysWrong):
        read_keys(tmp_path / "keys")


def test_a_key_belongs_to_one_name() -> None:
    keys = Keys({"a": digest_of("one"), "b": digest_of("two")})
    assert (keys.owner("two"), keys.owner("one"), keys.owner("")) == ("b", "a", None)


@pytest.fixture(scope="module")
def proxied() -> Iterator[Server]:
    """A server behind a proxy on this machine, open on purpose, that allows few calls."""
    with running(
        allow_open=True,
        trusted_proxies="127.0.0.1",
        root_path="/compensation",
        cors_origins="https://intranet.example",
        rate_limit="3/minute",
        body_seconds=1,
    ) as server:
        yield server


@pytest.mark.process
def test_the_rate_is_limited_for_each_forwarded_address(proxied: Server) -> None:
    first, second = ({"X-Forwarded-For": f"10.0.0.{number}"} for number in (1, 2))
    answers = [proxied.client.get("/v1/policies", headers=first) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert proxied.client.get("/v1/policies", headers=second).status_code == 200
    assert proxied.client.get("/healthz", headers=first).status_code == 200  # not counted


@pytest.mark.process
def test_a_body_that_does_not_arrive(proxied: Server) -> None:
    host, port = proxied.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(
            b"POST /v1/assessments HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
            b"X-Forwarded-For: 10.0.0.7\r\nContent-Type: application/json\r\n\r\n{"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
        until(lambda: not proxied.scratch())


@pytest.mark.process
def test_no_metrics_without_a_key_where_others_can_reach_it(proxied: Server) -> None:
    answer = proxied.client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"})
    assert answer.status_code == 401


def test_other_sites_may_call_only_where_they_are_named(proxied: Server, api: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "X-Forwarded-For": "10.0.0.8"}
    for client, origin, allowed in (
        (proxied.client, "https://intranet.example", "https://intranet.example"),
        (proxied.client, "https://evil.example", None),
        (api, "https://intranet.example", None),
    ):
        headers = {**asked, "Origin": origin}
        answer = client.options("/v1/compensation", headers=headers)
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "access-control-allow-credentials" not in answer.headers
        answer = client.get("/healthz", headers=headers)
        assert answer.headers.get("access-control-allow-origin") == allowed


@pytest.mark.process
def test_the_base_path_is_in_the_document(proxied: Server) -> None:
    document = proxied.client.get("/openapi.json").json()
    assert document["servers"] == [{"url": "/compensation"}]
    assert "securitySchemes" not in document["components"]


def test_every_answer_has_the_security_headers(api: httpx.Client) -> None:
    for path in ("/", "/docs", "/v1/policies", "/nothing", "/openapi.json"):
        headers = api.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_the_log_is_json_with_request_ids_and_without_content(guarded: Guarded) -> None:
    client = guarded.server.client
    body = {
        "year": 2022,
        "institutions": [],
        "claims": [],
        "contracts": [{"borrower_name": "张三"}],
    }
    answer = client.post("/v1/assessments?secret=x", json=body, headers=guarded.headers)
    id_ = answer.headers["x-request-id"]
    until(lambda: id_ in guarded.server.logged())
    logged = guarded.server.logged()
    lines = [json.loads(line) for line in logged.splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == id_]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/v1/assessments", 422)
    assert (line["level"], line["key"], line["client"]) == ("info", "tests", "127.0.0.1")
    for content in ("张三", "secret", guarded.key, "borrower"):
        assert content not in logged


@pytest.mark.process
def test_whether_the_service_is_ready_is_told_by_its_settings(tmp_path: Path) -> None:
    add_key(tmp_path / "keys", "somebody")
    hosts, keys = "name.example,0.0.0.0", tmp_path / "keys"
    with running(host="0.0.0.0", keys_file=keys, allowed_hosts=hosts) as started:
        port = started.url.rpartition(":")[2]
        settings = {"host": "0.0.0.0", "port": port, "keys_file": keys, "allowed_hosts": hosts}
        assert api_command("ready", "--seconds", "20", **settings).returncode == 0
        started.process.send_signal(signal.SIGTERM)
        started.process.wait(20)
        unready = api_command("ready", **settings)
        assert (unready.returncode, unready.stdout) == (1, "")
        assert unready.stderr


def test_the_settings_are_listed() -> None:
    listed = CliRunner().invoke(main, ["settings"]).stdout
    assert "COMPENSATION_API_KEYS_FILE=None" in listed
    assert "COMPENSATION_API_RATE_LIMIT=600/minute" in listed
