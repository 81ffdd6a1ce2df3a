"""The language that a request asks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from compensation.language import Language

DEFAULT: Language = "zh"


def preferred(accept_language: str | None) -> Language:
    """Return the language of an Accept-Language header; Chinese where it asks for neither.

    >>> preferred("en-GB,en;q=0.9,zh;q=0.1"), preferred("fr"), preferred("zh;q=0, en;q=0.1")
    ('en', 'zh', 'en')
    """
    best: Language = DEFAULT
    highest = 0.0
    for choice in (accept_language or "").split(","):
        name, *parameters = choice.split(";")
        primary = name.strip().partition("-")[0].lower()
        if primary == "zh" or primary == "en":
            weight = _weight(parameters)
            if weight > highest or (weight == highest > 0 and primary == DEFAULT and best == "en"):
                best, highest = ("zh" if primary == "zh" else "en"), weight
    return best


def _weight(parameters: list[str]) -> float:
    """Return the q of a choice; 1 where it has none, 0 where it cannot be read."""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0


def language_of(connection: HTTPConnection) -> Language:
    """Return the language of a request outside of a call: for errors and middleware."""
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
"""The parameter type of a call that needs the request's language."""
