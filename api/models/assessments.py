"""What goes into an assessment, and what comes out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from api.assessing.order import DEFAULT_POLICY
from api.models import Received
from api.numbers import Budget, Year
from compensation.language import Language

Cell = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "null"},
            ]
        }
    ),
]
Row = dict[str, Cell]
"""One row: column names or Chinese headings, and cells as they may stand in a file."""
PolicyId = Annotated[
    str,
    Field(
        max_length=60,
        description="政策编号。 / The id of a policy.",
        examples=[DEFAULT_POLICY],
    ),
]
Rows = Annotated[list[Row], Field(description="表的各行。 / The rows of the table.")]


class Fields(Received):
    """What an assessment is told beside its tables."""

    policy: PolicyId = DEFAULT_POLICY
    year: Year
    budget: Annotated[
        Budget | None,
        Field(description="预算(元);没有则不设限。 / Budget in yuan; none is without limit."),
    ] = None


class FormFields(Fields):
    """The fields of a form beside its file."""

    lang: Annotated[
        Language | None,
        Field(description="消息的语言,优先于 Accept-Language。 / Language of messages."),
    ] = None


class Body(Fields):
    """A whole portfolio as JSON."""

    institutions: Rows
    contracts: Rows
    claims: Rows
    releases: Rows | None = None
    recoveries: Rows | None = None
