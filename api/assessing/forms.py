"""Forms (multipart/form-data): parsed and validated.

By RFC 7578 programs write ``filename``, and the parser recognises a file by nothing else; it takes
the last of several. Some write ``filename*`` (RFC 5987) instead or in addition; it is exact, so it
is appended as one more ``filename``.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import BinaryIO, get_origin
from urllib.parse import unquote_to_bytes

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from api.assessing.jobs import AnyForm, Upload
from api.language import LANGUAGES
from api.problems import Problem, wrong_values, wrong_values_problem
from compensation.issues import Issue, Place
from compensation.language import Language, Text

_PIECE = 2**18
MAX_FIELDS = 40
MAX_FIELD_BYTES = 2**16

_REASONS = {
    "Missing boundary": Text("Content-Type 没有写 boundary", "the Content-Type names no boundary"),
    "The Content-Disposition": Text("有一部分没有名称", "a part has no name"),
    "Too many files": Text("文件过多", "there are too many files"),
    "Too many fields": Text(
        f"字段超过 {MAX_FIELDS} 个", f"there are more than {MAX_FIELDS} fields"
    ),
    "Part exceeded": Text(
        f"有字段超过 {MAX_FIELD_BYTES} 字节", f"a field is larger than {MAX_FIELD_BYTES} bytes"
    ),
}
"""Our messages by the beginning of Starlette's, which are in English only."""
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
_LEDGER = Text(
    "一个 .xlsx 工作簿，或一个装有 CSV 文件的 zip 压缩包",
    "one .xlsx workbook, or a zip of CSV files",
)
_WORKBOOK = Text("一个 .xlsx 工作簿", "one .xlsx workbook")


async def receive_form(
    request: Request, model: type[AnyForm], path: Path, language: Language
) -> tuple[Upload, Language]:
    """Store the file of a form; return its fields, and the language of the answer.

    Raises `Problem` where the form cannot be taken apart, or has no file.
    """
    parser = FormParser(
        request.headers,
        request.stream(),
        max_files=len(model.FILES),
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise _unreadable(error.message, model) from error
    try:
        upload, files = _upload_of(form, model)
        for name, file in files.items():
            to = path if name == "file" else path.parent / name / path.name
            await run_in_threadpool(_copy, file.file, to)
        asked = form.get("lang")
    finally:
        await form.close()
    return upload, LANGUAGES.get(str(asked), language)


def _upload_of(form: FormData, model: type[AnyForm]) -> tuple[Upload, dict[str, UploadFile]]:
    """Return the fields of a form, and its files; raises `Problem` where one is missing."""
    named = {field.alias or name: field for name, field in model.model_fields.items()}
    repeated = {name for name, field in named.items() if get_origin(field.annotation) is list}
    times = Counter(name for name, _ in form.multi_items())
    message = Text("表单中出现了多次", "the form has it more than once")
    once = Text("只给出一次", "to be given once")
    wrong = [
        Issue("given_twice", message, Place(parameter=name), expected=once)
        for name, count in times.items()
        if count > 1 and name not in repeated
    ]
    files: dict[str, UploadFile] = {}
    for name in model.FILES:
        file, required = form.get(name), named[name].is_required()
        if isinstance(file, UploadFile):
            if file.size or required:  # a form sends an empty file where none was chosen
                files[name] = file
        elif file or required:
            message = Text("缺少文件", "there is no file")
            expected = _LEDGER if name == "file" else _WORKBOOK
            wrong.append(Issue("missing", message, Place(parameter=name), expected=expected))
    texts: dict[str, object] = {**form, **dict.fromkeys(model.FILES, "")}
    texts |= {name: form.getlist(name) for name in repeated & texts.keys()}
    for name, field in named.items():
        if not field.is_required() and texts.get(name) in ("", [""]):
            del texts[name]  # nothing was filled in
    fields = None
    try:
        fields = model.model_validate(texts)
    except ValidationError as error:
        wrong += wrong_values(error.errors(), "form")
    if any(issue.kind == "missing" for issue in wrong):
        raise wrong_values_problem(wrong, LANGUAGES.get(str(texts.get("lang"))))
    names = {name: file.filename or "" for name, file in files.items()}
    return Upload(names.pop("file"), fields, tuple(wrong), names), files


def _copy(source: BinaryIO, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as target:
        shutil.copyfileobj(source, target, _PIECE)


def _unreadable(said: str, model: type[AnyForm]) -> Problem:
    """Return the problem of a form that Starlette cannot parse; ``said``: its message."""
    reason = next((text for begin, text in _REASONS.items() if said.startswith(begin)), _NO_PARTS)
    names = {f.alias or name: f.is_required() for name, f in model.model_fields.items()}
    del names["file"]
    fields, required = (
        Text("、".join(each), ", ".join(each))
        for each in (list(names), [name for name, needed in names.items() if needed])
    )
    return Problem("malformed", _MESSAGE.fill(reason=reason, fields=fields, required=required))


class FormParser(MultiPartParser):
    """Starlette's parser, extended to ``filename*``."""

    def on_headers_finished(self) -> None:
        """Process the headers of a part."""
        disposition = self._current_part.content_disposition
        if disposition is not None and b"*" in disposition:
            self._current_part.content_disposition = with_plain_name(disposition)
        super().on_headers_finished()


_EXTENDED_NAME = re.compile(rb";\s*filename\*=\s*\"?(?:([\w-]*)'[^']*')?([^;\"]*)", re.IGNORECASE)
"""The charset and the text of ``filename*``."""


def with_plain_name(disposition: bytes) -> bytes:
    """Return a Content-Disposition that has the name of ``filename*`` as its last ``filename``.

    >>> with_plain_name(b"form-data; name=file; filename*=utf-8''%61%20b.xlsx")[-21:]
    b'; filename="a b.xlsx"'
    """
    found = _EXTENDED_NAME.search(disposition)
    if found is None:
        return disposition
    charset, text = found[1] or b"utf-8", found[2]
    try:
        name = unquote_to_bytes(text).decode(charset.decode(), "replace")
    except (LookupError, ValueError):  # no such charset
        name = text.decode("latin-1")
    quoted = name.replace("\\", r"\\").replace('"', r"\"")
    return disposition + f'; filename="{quoted}"'.encode(errors="replace")
