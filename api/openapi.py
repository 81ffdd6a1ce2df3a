"""The OpenAPI document: FastAPI generates it, this module adds what FastAPI does not know.

These are the problems of every call, the models of bodies that FastAPI does not read, the API keys
and the description. The summary and the description of a call are the docstring of its endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.models import REF
from api.numbers import YUAN_AMOUNT
from api.problems import MEDIA_TYPE, TITLES, ProblemDocument, WrongValuesDocument, document
from compensation import __version__
from compensation.issues import Issue, Place
from compensation.language import Text

DESCRIPTION = """\
政府性融资担保风险补偿的计算：机构与业务是否符合条件、补偿多少、追偿所得如何返还。
金额精确到分，每个数字都注明条款与依据。

* 金额单位为元，比率 92% 写作 0.92，均为十进制数的文本；请求中也可以是 JSON 数字，
  按所写的十进制数精确读取，不经过浮点数。应答中一律为文本。空值为 null。
* 一项政策需要填写什么，见 `GET /v1/policies/{policy_id}/inputs`。
* 消息的语言由 `Accept-Language` 决定：zh（默认）或 en。
* 错误一律为 `application/problem+json`（RFC 9457）；422 列出全部错误，
  过多时列出前一部分，并说明共有多少处。

Computes risk compensation for government-backed financing guarantees: eligibility, amounts, and the
distribution of recoveries. Exact to the fen; every figure names its clause and basis.

* Amounts are in yuan, and a ratio such as 92% is 0.92. Both are texts of decimal numbers. Requests
  may hold JSON numbers instead, which are read exactly as they are written and never as floats;
  answers always hold texts. A blank is null.
* `GET /v1/policies/{policy_id}/inputs` lists the inputs of a policy.
* `Accept-Language` chooses the language of messages: zh (the default) or en.
* Errors are `application/problem+json` (RFC 9457); a 422 lists all of them; if there are
  too many, it lists the first ones and their number.
"""
TAGS = {
    "eligibility": ("是否符合条件", "Eligibility"),
    "compensation": ("单笔测算", "Single claims"),
    "recoveries": ("追偿返还", "Distribution of recoveries"),
    "assessments": ("批量测算", "Portfolios"),
    "settlements": ("年度清算", "Settlement as of a day"),
    "records": ("结果复核", "Results that were kept"),
    "comparisons": ("政策测算", "What if"),
    "policies": ("政策", "Policies"),
    "service": ("服务状态", "Service status"),
}

ALWAYS = ("misdirected", "defect", "busy")
"""Problems of every call."""
GUARDED = ("key-needed", "too-many-requests")
"""Problems of calls that need a key and are rate-limited."""
WITH_BODY = ("malformed", "forbidden", "timeout", "too-large", "unsupported-type", "wrong-values")
"""Problems of calls with a body."""
PROBLEMS = "x-problems"
"""The member of ``openapi_extra`` that names further problems of a call; it is not published."""

_referred: dict[str, type[BaseModel]] = {}
"""The models of `reference`, by name."""


def reference(model: type[BaseModel]) -> dict[str, str]:
    """Return the schema of a body that FastAPI does not read itself; the document has its model."""
    _referred[model.__name__] = model
    return {"$ref": REF.format(model=model.__name__)}


def _problem_responses(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the ``responses`` of an operation with these problems (see `TITLES`)."""
    said: dict[str, dict[str, Any]] = {}
    for name in sorted(names, key=lambda name: TITLES[name][0]):
        number, title = TITLES[name]
        status = str(number)
        model = WrongValuesDocument if name == "wrong-values" else ProblemDocument
        words = f"{title.zh}。 / {title.en[0].upper()}{title.en[1:]}."
        if status in said:
            said[status]["description"] += " " + words
            continue
        errors = [_TOO_FINE] if name == "wrong-values" else []
        example = document(name, "zh", "5c0b4a59-6a3c-4d55-8b5a-2f6f0d3f9a11", errors=errors)
        content = {"schema": reference(model), "example": example}
        said[status] = {"description": words, "content": {MEDIA_TYPE: content}}
        if status in ("429", "503"):
            said[status]["headers"] = {"Retry-After": _SECONDS}
    return said


_SECONDS = {
    "description": "多少秒后可以再试。 / Seconds until the next attempt.",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}


_TOO_FINE = Issue(
    "too_many_decimals",
    Text("小数位数过多", "too many decimals"),
    Place(path=("claim", "principal")),
    "0.005",
    YUAN_AMOUNT.expected,
)


def operation_id(route: APIRoute) -> str:
    """Return the name of an endpoint as generated clients have it: assessPortfolio."""
    first, *words = route.name.split("_")
    return first + "".join(map(str.capitalize, words))


def install(app: FastAPI, *, root_path: str, keys: bool) -> None:
    """Have the application serve the document at /openapi.json; it is built once.

    ``root_path``: the path below which the service is reached, empty for none.
    """

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, root_path=root_path, keys=keys)
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]


def _document(app: FastAPI, *, root_path: str, keys: bool) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=__version__,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": f"{zh} / {en}"} for name, (zh, en) in TAGS.items()],
        servers=[{"url": root_path or "/"}],
        contact={"name": "本服务的管理员 / The operator of this service"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    for path, operations in made["paths"].items():
        for operation in operations.values():
            _complete(operation, path, guarded=path.startswith(("/v1/", "/metrics")), keys=keys)
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, model in _referred.items():
        own = model.model_json_schema(ref_template=REF)
        schemas |= own.pop("$defs", {}) | {name: own}
    for part in parts(made):
        if part.get("default") == "" and part.get("minLength"):
            del part["default"]  # where nothing is given, something else stands there
        if isinstance(text := part.get("description"), str) and text != DESCRIPTION:
            part["description"] = _in_paragraphs(text)
        if "oneOf" in part and "discriminator" not in part:  # a date is a text, too
            part["anyOf"] = part.pop("oneOf")
    if keys:
        made["components"]["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "访问密钥，由管理员发给。 / An API key; ask the operator.",
            }
        }
    return made


def _in_paragraphs(docstring: str) -> str:
    """Return a docstring with a line for each paragraph; Chinese goes on without a blank."""
    joined = re.sub(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])", "", docstring)
    return re.sub(r"(?<!\n)\n(?!\n)", " ", joined)


def _complete(operation: dict[str, Any], path: str, *, guarded: bool, keys: bool) -> None:
    """Add to an operation what all of its kind have: problems, the key, the parts of its text.

    The text is the docstring of the endpoint: a line for the summary, then the description.
    """
    summary, _, text = operation["description"].partition("\n\n")
    operation["summary"] = summary.removesuffix(".")
    operation["description"] = text
    problems = [*ALWAYS, *operation.pop(PROBLEMS, ())]
    problems += GUARDED if guarded else ()
    problems += WITH_BODY if "requestBody" in operation else ()
    if "422" in operation["responses"] and "requestBody" not in operation:  # there are parameters
        problems.append("wrong-values")
    if "{" in path:
        problems.append("not-found")
    operation["responses"] |= _problem_responses(problems)
    done = operation["responses"]["200"]
    if done["description"] == "Successful Response":
        done["description"] = "成功。 / Done."
    if keys and guarded:
        operation["security"] = [{"key": []}]


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every JSON object of a document."""
    if isinstance(value, Mapping):
        yield value  # type: ignore[misc]
        for part in list(value.values()):
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)
