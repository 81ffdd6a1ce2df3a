"""Behind a real nginx, set up as deploy/nginx.conf shows: TLS and a base path there, plain here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks.proxy import free_port, in_front
from tests.api.large import large_body
from tests.api.server import Server, running, until
from tests.missing import program
from tests.one_case.example import CLAIM, RATIOS
from tests.page.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser


pytestmark = pytest.mark.process

BASE = "/buchang"
LIMIT = 30
MAX_UPLOAD = 100_000
CASE = {"policy": "jiyuan-2022", "institution": RATIOS, "claim": CLAIM}
JSON = {"Content-Type": "application/json"}


@dataclass
class Proxied:
    """The service, and nginx in front of it."""

    url: str
    plain_url: str
    server: Server

    def client(self, address: str) -> httpx.Client:
        """Somebody at an address of their own, all of which are on this machine."""
        transport = httpx.HTTPTransport(verify=False, local_address=address)
        return httpx.Client(transport=transport, base_url=self.url, timeout=30)

    def client_of(self, answer: httpx.Response) -> str:
        """The address that the log has for a request."""
        id_ = answer.headers["x-request-id"]
        until(lambda: id_ in self.server.logged())
        (line,) = [line for line in self.server.logged().splitlines() if id_ in line]
        return str(json.loads(line)["client"])


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    nginx = program("nginx", package="nginx-light")
    openssl = program("openssl", package="openssl")
    folder = tmp_path_factory.mktemp("nginx")
    certificate, key = folder / "buchang.crt", folder / "buchang.key"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost"
    written = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *request.split(), *written], check=True, capture_output=True)
    port, plain_port = free_port(), free_port()
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "/etc/nginx/tls/buchang": str(folder / "buchang"),
    }
    with (
        running(
            root_path=BASE,
            trusted_proxies="127.0.0.1",
            allow_open=True,
            rate_limit=f"{LIMIT}/minute",
            max_upload_bytes=MAX_UPLOAD,
        ) as server,
        in_front(nginx, folder, server.url, changes, port),
    ):
        url = f"https://127.0.0.1:{port}{BASE}"
        yield Proxied(url, f"http://127.0.0.1:{plain_port}", server)


def test_page_and_documents_work_in_a_browser_below_the_base_path(
    proxied: Proxied, browser: Browser
) -> None:
    context = browser.new_context(ignore_https_errors=True)
    visitor = Visitor(context, proxied.url, "zh", 1280)
    visitor.page.set_default_timeout(60_000)  # a whole browser, beside other tests
    visitor.check_institution()
    assert "补偿比例 20%" in visitor.page.locator(".panel").inner_text()
    visitor.page.goto(f"{proxied.url}/docs")
    visitor.page.locator("#operations-policies-listPolicies .opblock-summary").click()
    visitor.page.locator(".opblock-body .execute").click()
    answered = visitor.page.locator(".live-responses-table")
    answered.wait_for()
    assert "jiyuan-2022" in answered.inner_text()
    visitor.leave()  # which fails if anything was asked for outside the base path


def test_links_and_redirects_stay_below_the_base_path(proxied: Proxied) -> None:
    with proxied.client("127.0.0.11") as client:
        document = client.get("/openapi.json").json()
        assert document["servers"] == [{"url": BASE}]
        for path in ("/page", "/v1/policies/"):
            answer = client.get(path)
            if answer.is_redirect:
                assert answer.headers["location"].startswith(proxied.url), path
            else:
                assert answer.headers["content-type"] == "application/problem+json"
        to_base = client.get(proxied.url)
        assert (to_base.status_code, to_base.headers["location"]) == (308, f"{BASE}/")
        plain = client.get(f"{proxied.plain_url}{BASE}/docs?x=1")
        assert plain.status_code == 308
        assert plain.headers["location"] == f"https://127.0.0.1{BASE}/docs?x=1"
        outside = client.get(proxied.url.removesuffix(BASE) + "/healthz")
        assert outside.status_code in (403, 404)  # nginx itself, which has nothing there
        assert "x-request-id" not in outside.headers


def test_what_a_client_claims_to_be_is_not_believed(proxied: Proxied) -> None:
    claims = {"X-Forwarded-For": "10.9.9.9, 127.0.0.1", "Forwarded": "for=10.9.9.9"}
    with proxied.client("127.0.0.12") as client:
        assert proxied.client_of(client.get("/healthz", headers=claims)) == "127.0.0.12"
    # Past the proxy, from an address that is none: the service believes nothing of it.
    transport = httpx.HTTPTransport(local_address="127.0.0.13")
    with httpx.Client(transport=transport, base_url=proxied.server.url) as client:
        assert proxied.client_of(client.get("/healthz", headers=claims)) == "127.0.0.13"


def test_each_client_of_the_proxy_has_a_rate_of_its_own(proxied: Proxied) -> None:
    """One client uses up its rate, whatever addresses it claims; another is answered."""
    with proxied.client("127.0.0.14") as client:
        # A new minute may begin meanwhile.
        for number in range(2 * LIMIT + 1):
            answer = client.get("/v1/policies", headers={"X-Forwarded-For": f"10.0.0.{number}"})
            if answer.status_code == 429:
                break
    assert number >= LIMIT
    assert answer.status_code == 429
    with proxied.client("127.0.0.15") as client:
        assert client.get("/v1/policies").status_code == 200


def test_figures_and_problems_come_through(proxied: Proxied) -> None:
    with proxied.client("127.0.0.16") as client:
        done = client.post("/v1/compensation", json=CASE)
        assert (done.status_code, done.json()["compensation"]) == (200, "204000.00")
        wrong = client.post("/v1/compensation", json={**CASE, "policy": "none"})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"] == "/policy"
        assert client.get("/metrics").status_code == 401


def test_an_upload_that_is_refused_early_gets_its_answer(proxied: Proxied) -> None:
    # Unread content would have the connection reset while nginx still sends: a 502.
    body = large_body(40_000)
    with proxied.client("127.0.0.18") as client:
        for _ in range(LIMIT):
            client.get("/v1/policies")
        for _ in range(3):
            answer = client.post("/v1/assessments", content=body, headers=JSON)
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("announced", [True, False])
def test_what_is_too_large_is_refused_by_the_service(proxied: Proxied, announced: bool) -> None:
    body: Any = large_body(40_000)
    assert len(body) > 20 * MAX_UPLOAD
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    with proxied.client("127.0.0.17") as client:
        answer = client.post("/v1/assessments", content=body if announced else pieces, headers=JSON)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert "100000" in answer.json()["detail"]
