"""Errors as problem details (RFC 9457, application/problem+json).

Calls raise `Problem`. The handlers turn all other errors (an unknown path, values that pydantic
refuses, an internal error) into problems. Messages are in the language of the request.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from api.language import LANGUAGES, doc, language_of
from api.policies import none_given
from compensation.issues import Issue, Place
from compensation.language import Language, Text
from compensation.pydantic_errors import JSON, issue_of

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:guarantee-compensation:problem:"

RETRY_AFTER = "5"
"""Seconds after which a client may retry when the service is busy."""

TITLES: dict[str, tuple[int, Text]] = {
    "bad-request": (400, Text("请求有误", "the request is wrong")),
    "malformed": (400, Text("请求体无法读取", "the request body cannot be read")),
    "key-needed": (401, Text("需要访问密钥", "an API key is needed")),
    "forbidden": (403, Text("不允许访问", "access is not allowed")),
    "not-found": (404, Text("没有这个地址或资源", "there is no such address or resource")),
    "method-not-allowed": (
        405,
        Text("该地址不支持这种方法", "the address does not take this method"),
    ),
    "not-acceptable": (406, Text("无法给出所要的格式", "the form asked for cannot be given")),
    "timeout": (408, Text("请求迟迟未到", "the request did not arrive in time")),
    "too-large": (413, Text("内容过大", "the content is too large")),
    "unsupported-type": (415, Text("不支持这种内容类型", "the content type is not supported")),
    "misdirected": (421, Text("服务不认这个主机名", "the service does not go by this host name")),
    "wrong-values": (422, Text("有不正确的值", "some values are wrong")),
    "too-many-requests": (429, Text("请求过于频繁", "too many requests")),
    "defect": (500, Text("服务内部出错", "the service failed")),
    "busy": (503, Text("服务繁忙", "the service is busy")),
    "took-too-long": (503, Text("计算超时", "the computation took too long")),
}
"""Status and title of each problem. The key is the last part of its type."""

_BY_STATUS = {TITLES[name][0]: name for name in reversed(TITLES)}
"""The problem that stands for a status where nothing more is known: the first that has it."""


class _Document(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class WrongValueDocument(_Document):
    """一处错误。 / One wrong value."""

    kind: str = doc("错误种类，固定的名称。", "A stable name.", examples=["too_large"])
    message: str = doc("哪里错了。", "The error message.")
    expected: str | None = doc("应为什么。", "The expected value.")
    value: str | None = doc("收到的值。", "The value that was sent.")
    pointer: str = Field(default="", examples=["/claim/principal"])
    """在 JSON 请求体中的位置（RFC 6901）。 / The place in a JSON body."""
    parameter: str = doc("查询参数或表单字段。", "The parameter or form field.", default="")
    table: str = doc("输入表的名称。", "The input table.", default="")
    row: int = doc("行号，与文件中的相同。", "The row, as the file numbers it.", default=0)
    column: str = doc("列名。", "The column.", default="")
    table_title: str = doc("表名，供人阅读。", "The title of the table.", default="")
    column_title: str = doc("列名，供人阅读。", "The title of the column.", default="")


class ProblemDocument(_Document):
    """错误（RFC 9457）。 / An error, RFC 9457."""

    type: str = Field(examples=["urn:guarantee-compensation:problem:not-found"])
    """错误类型。 / The type of the problem."""
    title: str = doc("错误类型的名称。", "Its name.")
    status: int = doc("HTTP 状态码。", "The HTTP status.", examples=[404])
    detail: str = doc("这一次的情况。", "The details of this occurrence.")
    instance: str = Field(examples=["urn:uuid:5c0b4a59-6a3c-4d55-8b5a-2f6f0d3f9a11"])
    """这一次请求的编号，与日志相同。 / The request's id, as in the log."""


class WrongValuesDocument(ProblemDocument):
    """422：全部不正确的值。 / 422: every wrong value."""

    errors: list[WrongValueDocument]


class Problem(HTTPException):
    """A problem that a call answers with.

    `name`: one of `TITLES`, which gives status and title. `errors`: each wrong value, all of them.
    `language`: overrides Accept-Language.
    """

    def __init__(
        self,
        name: str,
        detail: Text | None = None,
        *,
        errors: Sequence[Issue] = (),
        headers: Mapping[str, str] | None = None,
        language: Language | None = None,
    ) -> None:
        super().__init__(TITLES[name][0], name, headers)
        self.language = language
        self.name = name
        self.text = detail
        self.errors = errors


def busy(detail: Text) -> Problem:
    """Return the 503 of a request that may be sent again in some seconds."""
    return Problem("busy", detail, headers={"Retry-After": RETRY_AFTER})


def took_too_long(seconds: int) -> Problem:
    """Return the problem of a computation that was stopped."""
    message = Text("计算超过 {most} 秒", "computing took longer than {most} seconds")
    return Problem("took-too-long", message.fill(most=seconds))


def too_much_memory() -> Problem:
    """Return the problem of an input that needs more memory than is allowed."""
    message = Text(
        "计算所需的内存超过了允许的限度", "computing this needs more memory than is allowed"
    )
    return Problem("too-large", message)


MOST_LISTED = 1000
"""The most wrong values that an answer lists, except for assessments."""


def wrong_values_problem(
    errors: Sequence[Issue],
    language: Language | None = None,
    *,
    most: int = MOST_LISTED,
    unlisted: int = 0,
) -> Problem:
    """Return the 422 of some wrong values: the first ``most``, and how many there are.

    `unlisted`: how many more there are than those given.
    """
    listed, total = errors[:most], len(errors) + unlisted
    detail = Text(
        "{total} 处的值不正确；列出 {listed} 处", "{total} values are wrong; {listed} are listed"
    ).fill(total=total, listed=len(listed))
    return Problem(
        "wrong-values",
        detail if total > len(listed) else None,
        errors=listed,
        language=language,
    )


NO_POLICY = Text("须指明政策，程序不作默认", "a policy must be named: there is no default")


def wrong_values(errors: Iterable[Mapping[str, Any]], within: str | None = None) -> list[Issue]:
    """Return pydantic's errors as issues, all of them, in their order.

    `within`: "body" or "form", where the errors do not say it themselves.
    """
    prefix = () if within is None else (within,)
    return [_wrong_value(error, *prefix, *error["loc"]) for error in errors]


def _wrong_value(error: Mapping[str, Any], within: str, *steps: str | int) -> Issue:
    if within == "body":
        # The path of a member whose name is wrong ends in a step of pydantic's own.
        where = Place(path=steps[:-1] if steps[-1:] == ("[key]",) else steps)
    else:
        where = Place(parameter=str(steps[0]) if steps else None)
    issue = issue_of(error, JSON, where)
    if issue.kind == "missing" and steps[-1:] in (("policy",), ("policies",)):
        return replace(issue, message=NO_POLICY, expected=none_given(error["input"]))
    return issue


def document(
    name: str,
    language: Language,
    request_id: str,
    detail: Text | None = None,
    errors: Iterable[Issue] = (),
) -> dict[str, Any]:
    """Return the JSON document of a problem."""
    status, title = TITLES[name]
    listed = [error.document(language) for error in errors]
    if detail is None and name == "wrong-values":
        detail = _counted(len(listed))
    said: dict[str, Any] = {
        "type": TYPE_PREFIX + name,
        "title": title.get(language),
        "status": status,
        "detail": (detail or title).get(language),
        "instance": f"urn:uuid:{request_id}",
    }
    if name == "wrong-values":
        said["errors"] = listed
    return said


def _counted(count: int) -> Text:
    many = "value is" if count == 1 else "values are"
    return Text(f"{count} 处的值不正确", f"{count} {many} wrong")


def json_bytes(content: object) -> bytes:
    """Return the JSON of an answer; lone surrogates in a wrong value are escaped."""
    return json.dumps(content, ensure_ascii=False).encode(errors="backslashreplace")


def response_of(connection: HTTPConnection, problem: Problem) -> Response:
    """Return a problem as the answer to a request."""
    language = problem.language or language_of(connection)
    request_id = connection.scope.get("request_id", "")
    content = document(problem.name, language, request_id, problem.text, problem.errors)
    return Response(
        json_bytes(content),
        TITLES[problem.name][0],
        {**(problem.headers or {}), "Content-Language": language, "Vary": "Accept-Language"},
        MEDIA_TYPE,
    )


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        # Static files send no Allow header, and routes with GET do not name HEAD.
        allowed = (error.headers or {}).get("Allow", "GET")
        error.headers = {"Allow": "GET, HEAD" if allowed == "GET" else allowed}
    if not isinstance(error, Problem):
        error = Problem(_BY_STATUS.get(error.status_code, "bad-request"), headers=error.headers)
    return response_of(request, error)


async def _on_values(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    language = LANGUAGES.get(request.query_params.get("lang", ""))
    return response_of(request, wrong_values_problem(wrong_values(error.errors()), language))


async def _on_defect(request: Request, _error: Exception) -> Response:
    return response_of(request, Problem("defect"))


def install(app: FastAPI) -> None:
    """Register the handlers of all errors; `api.middleware` logs internal errors."""
    app.add_exception_handler(Exception, _on_defect)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_values)
