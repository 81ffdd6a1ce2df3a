"""The description of one computation, which the service passes to a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from api.assessing.questions import Question
from api.assessing.requests import (
    AssessmentBody,
    AssessmentFields,
    AssessmentForm,
    ComparisonForm,
    DifferenceForm,
    SettlementBody,
    SettlementFields,
    SettlementForm,
    VerificationForm,
)
from api.settings import Settings
from compensation.issues import Issue
from compensation.language import Language

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AnswerForm = Literal["json", "xlsx", "marked"]
AnyForm = AssessmentForm | SettlementForm | ComparisonForm | VerificationForm | DifferenceForm
AnyBody = AssessmentBody | SettlementBody
AnyFields = AssessmentFields | SettlementFields


@dataclass(frozen=True)
class Upload:
    """A file that came in a form, and the form's fields.

    `name`: what the client called the file. `fields`: None where some are wrong, which `wrong`
    says; what is wrong with the file is then reported as well. `others`: what the client called
    further files, by field.
    """

    name: str
    fields: AnyForm | None
    wrong: tuple[Issue, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One assessment or settlement: where its content lies, and how it is to be answered.

    `folder` holds ``content``, the JSON body or the uploaded file; ``answer`` is written beside
    it. `model`: what came, a form or, where `upload` is None, a JSON body. `form`: the result as
    JSON or as a workbook, or instead of it a copy of the upload with its faults marked. `policies`:
    the texts of the service's own, by id, as they were when it started.
    """

    folder: Path
    model: type[AnyForm | AnyBody]
    upload: Upload | None
    form: AnswerForm
    language: Language
    request_id: str
    settings: Settings
    policies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def content(self) -> Path:
        """The file that came."""
        return self.folder / "content"

    def other(self, field_: str) -> Path:
        """Return where a further file of a form lies."""
        return self.folder / field_ / "content"

    @property
    def answer(self) -> Path:
        """The file that goes back."""
        return self.folder / "answer"


class Asked(NamedTuple):
    """What is asked of a held ledger."""

    question: Question
    language: Language
    request_id: str


class Said(NamedTuple):
    """An answer: status, media type and content, unless it is written into the job's folder.

    `defect`: where a failure of ours lies.
    """

    status: int
    media_type: str
    content: bytes
    defect: Any = None
