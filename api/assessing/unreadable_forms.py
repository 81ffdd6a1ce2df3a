"""Why a form (multipart/form-data) cannot be taken apart, and what a form is to be."""

from __future__ import annotations

from api.models.assessments import FormFields
from api.problems import Problem
from compensation.language import Text

MAX_FIELDS = 10
MAX_FIELD_BYTES = 2**16

_REASONS = {
    "Missing boundary": Text("Content-Type 没有写 boundary", "the Content-Type names no boundary"),
    "The Content-Disposition": Text("有一部分没有名称", "a part has no name"),
    "Too many files": Text("文件不止一个", "there is more than one file"),
    "Too many fields": Text(
        f"字段超过 {MAX_FIELDS} 个", f"there are more than {MAX_FIELDS} fields"
    ),
    "Part exceeded": Text(
        f"有字段超过 {MAX_FIELD_BYTES} 字节", f"a field is larger than {MAX_FIELD_BYTES} bytes"
    ),
}
"""By how Starlette begins to say it, in English alone."""
_NO_PARTS = Text(
    "内容没有按 boundary 分成各部分，或某一部分的头部写错",
    "the content is not divided into parts by the boundary, or the head of a part is wrong",
)
_MESSAGE = Text(
    "表单无法读取：{reason}。"
    "应为 multipart/form-data：一个名为 file 的文件，以及字段 {fields}（year 必填）",
    "the form cannot be read: {reason}. Expected is multipart/form-data: one file called file, and "
    "the fields {fields} (year is required)",
)


def unreadable_form(said: str) -> Problem:
    """Return the problem of a form of which Starlette has ``said`` why it cannot be read."""
    reason = next((text for begin, text in _REASONS.items() if said.startswith(begin)), _NO_PARTS)
    fields = Text("、".join(FormFields.model_fields), ", ".join(FormFields.model_fields))
    return Problem("malformed", _MESSAGE.fill(reason=reason, fields=fields))
