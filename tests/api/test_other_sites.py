"""Pages of other sites start no work, whatever a browser lets them send; programs may call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.server import ROOT, Server, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser


pytestmark = pytest.mark.process

NAMED = "https://intranet.example"
OTHER = "https://evil.example"
WORKBOOK = ROOT / "examples" / "jiyuan-2022.xlsx"


@pytest.fixture(scope="module")
def naming() -> Iterator[Server]:
    with running(cors_origins=NAMED) as started:
        yield started


def sent(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    files: dict[str, Any] = {"file": ("a.xlsx", WORKBOOK.read_bytes())}
    return client.post(
        "/v1/assessments",
        files=files,
        data={"policy": "jiyuan-2022", "year": "2022"},
        headers=headers,
    )


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        (None, None, 200),  # a program
        (None, "none", 200),
        ("own", "same-origin", 200),
        ("own", None, 200),
        ("OWN", None, 200),
        ("null", "same-origin", 200),
        ("http://127.0.0.1:8000", "same-origin", 200),  # a proxy that names another host to us
        (NAMED, "cross-site", 200),
        (NAMED, None, 200),
        (OTHER, "cross-site", 403),
        (OTHER, None, 403),
        ("null", "cross-site", 403),
        ("null", None, 403),
        ("", None, 403),
        ("http://127.0.0.1:1", "same-site", 403),
        ("http://127.0.0.1:1", None, 403),
        ("own", "cross-site", 403),
        (None, "cross-site", 403),
        (None, "same-site", 403),
        (None, "something new", 403),
        (NAMED + ".evil.example", "cross-site", 403),
        (NAMED.replace("https", "http"), "cross-site", 403),
    ],
)
def test_who_may_start_work(
    naming: Server, origin: str | None, site: str | None, status: int
) -> None:
    own = {"own": naming.url, "OWN": naming.url.upper()}
    headers = {"Origin": None if origin is None else own.get(origin, origin)}
    headers["Sec-Fetch-Site"] = site
    answer = sent(naming.client, {name: said for name, said in headers.items() if said is not None})
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "COMPENSATION_API_CORS_ORIGINS" in answer.json()["detail"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/v1/compensation", "/v1/recoveries/returns", "/nothing", "/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_no_call_that_may_do_something(
    api: httpx.Client, method: str, path: str, language: str
) -> None:
    headers = {"Origin": OTHER, "Accept-Language": language}
    answer = api.request(method, path, json={}, headers=headers)
    assert (answer.status_code, answer.headers["content-language"]) == (403, language)
    said = answer.json()
    assert said["type"].endswith(":forbidden")
    assert ("another site" in said["detail"]) == (language == "en")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_links_from_other_sites_work(api: httpx.Client, method: str) -> None:
    headers = {"Origin": OTHER, "Sec-Fetch-Site": "cross-site"}
    for path in ("/", "/docs", "/v1/policies", "/v1/template.xlsx"):
        assert api.request(method, path, headers=headers).status_code == 200


FORM = """
<form method="post" enctype="multipart/form-data" action="URL/v1/assessments">
<input name="policy" value="jiyuan-2022">
<input name="year" value="2022"><input name="file" type="file"></form>
<script>
const transfer = new DataTransfer();
transfer.items.add(new File(["PK"], "a.xlsx"));
document.querySelector("[type=file]").files = transfer.files;
document.forms[0].submit();
</script>
"""


def test_a_form_that_a_page_of_another_site_submits(
    server: Server, browser: Browser, tmp_path: Path
) -> None:
    page_of_another = tmp_path / "page.html"
    page_of_another.write_text(FORM.replace("URL", server.url), encoding="utf-8")
    page = browser.new_page()
    with page.expect_response(f"{server.url}/v1/assessments") as answered:
        page.goto(page_of_another.as_uri())
    assert answered.value.status == 403
    page.close()
