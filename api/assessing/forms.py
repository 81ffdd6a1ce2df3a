"""Forms (multipart/form-data): taken apart, and checked.

RFC 7578 has programs write ``filename``, and the parser takes nothing else for a file. Some write
``filename*`` of RFC 5987 instead, or both; it says the name exactly, so it counts.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from api.assessing.order import FORM_FIELDS, Task, Upload
from api.policies import DEFAULT_POLICY, unknown_policies
from api.problems import Problem, wrong_values_problem
from api.validation import wrong_values
from compensation.issues import Issue, Place
from compensation.language import Language, Text

_PIECE = 2**18
_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}
_PARAMETER = re.compile(r';\s*(?P<name>[^\s;="]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^;"]*)')
_EXTENDED = re.compile(r"([^']*)'[^']*'(.*)", re.DOTALL)
_NAMES = ("filename", "filename*")
MAX_FIELDS = 40
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
    "应为 multipart/form-data：一个名为 file 的文件，以及字段 {fields}（{required} 必填）",
    "the form cannot be read: {reason}. Expected is multipart/form-data: one file called file, and "
    "the fields {fields} (required: {required})",
)
_MAY_BE_BLANK = ("budget", "as_of", "from", "lang", "explain")


async def receive_form(
    request: Request, task: Task, path: Path, language: Language
) -> tuple[Upload, Language]:
    """Store the file of a form; return what the form says, and the language to answer in.

    Raises `Problem` where the form cannot be taken apart, or has no file.
    """
    parser = FormParser(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise _unreadable(error.message, task) from error
    try:
        upload, file = _upload_of(form, task)
        await run_in_threadpool(_copy, file.file, path)
        asked = form.get("lang")
    finally:
        await form.close()
    return upload, _LANGUAGES.get(str(asked), language)


def _upload_of(form: FormData, task: Task) -> tuple[Upload, UploadFile]:
    """Return what the form says, and its file; raises `Problem` where there is none."""
    model = FORM_FIELDS[task]
    repeated = _repeated(task)
    times = Counter(name for name, _ in form.multi_items())
    message = Text("表单中出现了多次", "the form has it more than once")
    once = Text("只给出一次", "to be given once")
    wrong = [
        Issue("given_twice", message, Place(parameter=name), expected=once)
        for name, count in times.items()
        if count > 1 and name not in repeated
    ]
    file = form.get("file")
    if not isinstance(file, UploadFile):
        message = Text("缺少文件", "there is no file")
        expected = Text(
            "一个 .xlsx 工作簿，或一个装有 CSV 文件的 zip 压缩包",
            "one .xlsx workbook, or a zip of CSV files",
        )
        wrong.append(Issue("missing", message, Place(parameter="file"), expected=expected))
    texts: dict[str, object] = {name: value for name, value in form.items() if name != "file"}
    texts |= {name: form.getlist(name) for name in repeated & texts.keys()}
    blank = {name for name in _MAY_BE_BLANK if texts.get(name) in ("", [""])}
    fields = None
    try:
        fields = model.model_validate({k: v for k, v in texts.items() if k not in blank})
    except ValidationError as error:
        located = [{**each, "loc": ("form", *each["loc"])} for each in error.errors()]
        wrong += wrong_values(located)
    wrong += unknown_policies(texts.get("policy", DEFAULT_POLICY), Place(parameter="policy"))
    if not isinstance(file, UploadFile):
        raise wrong_values_problem(wrong, _LANGUAGES.get(str(texts.get("lang"))))
    return Upload(file.filename or "", fields, tuple(wrong)), file


def _repeated(task: Task) -> set[str]:
    """Return the fields that may be given more than once."""
    return {"policy", "explain"} if task == "settlement" else set()


def _copy(source: BinaryIO, path: Path) -> None:
    with path.open("xb") as target:
        shutil.copyfileobj(source, target, _PIECE)


def _unreadable(said: str, task: Task) -> Problem:
    """Return the problem of a form of which Starlette has ``said`` why it cannot be read."""
    reason = next((text for begin, text in _REASONS.items() if said.startswith(begin)), _NO_PARTS)
    members = FORM_FIELDS[task].model_fields
    names = {field.alias or name: field.is_required() for name, field in members.items()}
    fields, required = (
        Text("、".join(each), ", ".join(each))
        for each in (list(names), [name for name, needed in names.items() if needed])
    )
    return Problem("malformed", _MESSAGE.fill(reason=reason, fields=fields, required=required))


class FormParser(MultiPartParser):
    """Starlette's parser, which is given the name of every file as ``filename``."""

    def on_headers_finished(self) -> None:
        """Take the head of a part; its Content-Disposition is complete."""
        disposition = self._current_part.content_disposition
        if disposition is not None and b"*" in disposition:
            self._current_part.content_disposition = with_plain_name(disposition)
        super().on_headers_finished()


def with_plain_name(disposition: bytes) -> bytes:
    """Return a Content-Disposition with the name that filename* says as filename.

    >>> with_plain_name(b"form-data; name=file; filename*=utf-8''a%20b.xlsx")
    b'form-data; name=file; filename="a b.xlsx"'
    """
    text = disposition.decode("latin-1")
    parameters = [(m["name"], m["value"].strip()) for m in _PARAMETER.finditer(text)]
    extended = {name.lower(): value for name, value in parameters}.get("filename*")
    if extended is None:
        return disposition
    kept = [f"; {name}={value}" for name, value in parameters if name.lower() not in _NAMES]
    name = _decoded(extended.strip('"')).replace("\\", "\\\\").replace('"', '\\"')
    head = text.partition(";")[0] + "".join(kept)
    return head.encode("latin-1") + f'; filename="{name}"'.encode()


def _decoded(value: str) -> str:
    """Return what a value of RFC 5987 says: charset'language'percent-encoded."""
    found = _EXTENDED.fullmatch(value)
    charset, encoded = found.groups() if found else ("", value)
    raw = unquote_to_bytes(encoded.encode("latin-1"))
    try:
        return raw.decode(charset or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")
