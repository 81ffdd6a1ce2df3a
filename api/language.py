"""The language of a request, the parsing of Accept headers, and descriptions in both languages."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import Field
from starlette.requests import HTTPConnection

from compensation.language import Language

DEFAULT: Language = "zh"
LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}
_WEIGHT = re.compile(r"0(\.[0-9]*)?|1(\.0*)?", re.ASCII)


def preferred(accept_language: str | None) -> Language:
    """Return the language that an Accept-Language header prefers; Chinese by default.

    >>> preferred("en-GB,en;q=0.9,zh;q=0.1"), preferred("fr"), preferred("zh;q=0, en;q=0.1")
    ('en', 'zh', 'en')
    """
    weights = {"zh": 0.0, "en": 0.0}
    for name, weight in weighted(accept_language or ""):
        primary = name.partition("-")[0]
        if primary in weights:
            weights[primary] = max(weights[primary], weight)
    return "en" if weights["en"] > weights["zh"] else DEFAULT


def weighted(header: str) -> list[tuple[str, float]]:
    """Return the choices of an Accept header in lower case, each with its weight from 0 to 1.

    >>> weighted("en-GB, zh;q=0.5, fr;q=x")
    [('en-gb', 1.0), ('zh', 0.5), ('fr', 0.0)]
    """
    choices = []
    for choice in header.lower().split(","):
        name, *parameters = (part.strip() for part in choice.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        choices.append((name, float(weight) if _WEIGHT.fullmatch(weight) else 0.0))
    return choices


def doc(zh: str, en: str, **more: Any) -> Any:
    """Return a field that the OpenAPI document describes in both languages."""
    return Field(description=f"{zh} / {en}", **more)


def language_of(connection: HTTPConnection) -> Language:
    """Return the language of a request, for errors and middleware."""
    return preferred(connection.headers.get("accept-language"))


async def _language(
    accept_language: Annotated[
        str | None,
        Header(
            description="消息的语言：zh（默认）或 en。 / "
            "The language of messages: zh (the default) or en.",
            examples=["en"],
        ),
    ] = None,
) -> Language:
    return preferred(accept_language)


RequestLanguage = Annotated[Language, Depends(_language)]
"""The type of the parameter of a call that takes the language of the request."""
