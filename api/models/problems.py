"""Errors as the OpenAPI document describes them; `api.problems` writes them."""

from __future__ import annotations

from pydantic import BaseModel, Field


class WrongValueDocument(BaseModel):
    """一处错误。 / One wrong value."""

    kind: str = Field(description="错误种类，固定的名称。 / A stable name.", examples=["too_large"])
    message: str = Field(description="哪里错了。 / What is wrong.")
    expected: str | None = Field(description="应为什么。 / What was expected.")
    value: str | None = Field(description="收到的值。 / What was sent.")
    pointer: str = Field(
        "",
        description="在 JSON 请求体中的位置（RFC 6901）。 / Where in a JSON body.",
        examples=["/claim/principal"],
    )
    parameter: str = Field("", description="查询参数或表单字段。 / The parameter or form field.")
    table: str = Field("", description="输入表的名称。 / The input table.")
    row: int = Field(0, description="行号，与文件中的相同。 / The row, as the file numbers it.")
    column: str = Field("", description="列名。 / The column.")
    table_title: str = Field("", description="表名，供人阅读。 / The table, for people.")
    column_title: str = Field("", description="列名，供人阅读。 / The column, for people.")


class ProblemDocument(BaseModel):
    """错误（RFC 9457）。 / An error, RFC 9457."""

    type: str = Field(
        description="错误类型。 / What kind of problem.",
        examples=["urn:guarantee-compensation:problem:not-found"],
    )
    title: str = Field(description="错误类型的名称。 / Its name.")
    status: int = Field(description="HTTP 状态码。 / The HTTP status.", examples=[404])
    detail: str = Field(description="这一次的情况。 / What happened this time.")
    instance: str = Field(
        description="这一次请求的编号，与日志相同。 / The request's id, as in the log.",
        examples=["urn:uuid:5c0b4a59-6a3c-4d55-8b5a-2f6f0d3f9a11"],
    )


class WrongValuesDocument(ProblemDocument):
    """422：全部不正确的值。 / 422: every wrong value."""

    errors: list[WrongValueDocument]
