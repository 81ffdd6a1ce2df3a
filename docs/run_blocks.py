"""Run the commands and the Python that the pages show, and put in what they print.

Blocks of a page are run in order, in one empty folder that holds the repository's `examples`:

- ```console: each line that begins with `$ ` is run, what follows it is its output. The commands
  known are `compensation …`, `head -n N FILE`, `cp FILE FILE`, `export NAME=VALUE` and `echo $?`;
  `… | head -n N` and `… | tail -n N` cut the output. `curl …` and `jq …` are run as they stand, by
  a shell.
- ```python: run; all blocks of a page share their names. A ```text block whose info says
  `prints` holds what was printed since the last such block.
- `<!-- file: NAME -->` before a block: the block is written to that file.
- `<!-- reviewed: FILE CLAIM DECISION DECISION -->`: fills two cells of a review sheet, as a person
  would; `<!-- edited: FILE TEXT TEXT -->` puts the second text in place of the first. A text with
  spaces is quoted, as in a shell.

A page that asks 127.0.0.1:8000 asks a real server, which is started for it on a free port.

A test compares the pages with what this script makes of them.

    python -m docs.run_blocks
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

import openpyxl

from compensation.cli import main as compensation
from compensation.cli.process import DEFECT
from tests.api.server import running

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PAGES = (
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    DOCS / "command-line.md",
    DOCS / "command-line.zh-CN.md",
    DOCS / "tutorial.md",
    DOCS / "tutorial.zh-CN.md",
    DOCS / "settlement.md",
    DOCS / "settlement.zh-CN.md",
    DOCS / "how-to-years.md",
    DOCS / "how-to-years.zh-CN.md",
    DOCS / "outlook.md",
    DOCS / "outlook.zh-CN.md",
    DOCS / "before-you-decide.md",
    DOCS / "before-you-decide.zh-CN.md",
    DOCS / "python.md",
    DOCS / "api-by-example.md",
    DOCS / "api-by-example.zh-CN.md",
    DOCS / "policy-format.md",
    DOCS / "policy-format.zh-CN.md",
    *sorted((DOCS / "policy").glob("*.md")),
)
SERVICE = "http://127.0.0.1:8000"
"""Where the pages say that the service is."""

_PIECE = re.compile(
    r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$"
    r"|^<!-- (?P<does>file|reviewed|edited): (?P<with>.*?) -->$",
    re.MULTILINE | re.DOTALL,
)
_CUT = re.compile(r"(?P<command>.*) \| (?P<end>head|tail) -n (?P<lines>[0-9]+)")


class PageRun:
    """One page being run: its environment, the last exit code, the names of its Python.

    `service`: where the server is that it asks, in place of the address it shows.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.environment: dict[str, str] = {}
        self.code = 0
        self.names: dict[str, object] = {"__name__": "page"}
        self.printed = ""
        self.next_file: str | None = None

    def piece(self, found: re.Match[str]) -> str:
        """Run one block or remark; return it with its output as it is now."""
        if found["does"] == "file":
            self.next_file = found["with"]
            return found[0]
        if found["does"] == "edited":
            file, before, after = shlex.split(found["with"])
            text = Path(file).read_text(encoding="utf-8")
            Path(file).write_text(text.replace(before, after), encoding="utf-8")
            return found[0]
        if found["does"] == "reviewed":
            file, claim, *decisions = found["with"].split()
            review(Path(file), claim, decisions)
            return found[0]
        info, body = found["info"], found["body"]
        if self.next_file is not None:
            path = Path(self.next_file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
            self.next_file = None
        elif info == "console":
            body = "".join(self.console(body))
        elif info == "python":
            self.python(body)
        elif info == "text prints":
            body, self.printed = self.printed, ""
        return f"```{info}\n{body}```"

    def console(self, body: str) -> Iterator[str]:
        """Yield each command of a block and what it prints."""
        for line in body.splitlines(keepends=True):
            if line.startswith("$ "):
                yield line
                yield self.command(line.removeprefix("$ ").strip())

    def command(self, line: str) -> str:
        """Run one command; return what it prints, errors too."""
        cut = _CUT.fullmatch(line)
        if cut is not None:
            whole = self.command(cut["command"]).splitlines(keepends=True)
            lines = int(cut["lines"])
            return "".join(whole[:lines] if cut["end"] == "head" else whole[-lines:])
        name, *arguments = shlex.split(line)
        if name == "export":
            self.environment |= dict(argument.split("=", 1) for argument in arguments)
            return ""
        if line == "echo $?":
            return f"{self.code}\n"
        if name == "cp":
            shutil.copy(*arguments)
            return ""
        if name == "head":
            _, count, file = arguments
            text = Path(file).read_text(encoding="utf-8")
            return "".join(text.splitlines(keepends=True)[: int(count)])
        if name in ("curl", "jq"):
            return self.shell(line)
        if name != "compensation":
            raise ValueError(f"no such command in a page: {line}")
        output = io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            self.code = compensation(arguments)
        if self.code == DEFECT:
            raise RuntimeError(f"{line}: {output.getvalue()}")
        return output.getvalue()

    def shell(self, line: str) -> str:
        """Run one line in a shell; return what it prints, once it has gone well."""
        command = ["bash", "-o", "pipefail", "-c", line.replace(SERVICE, self.service)]
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
        if done.returncode:
            raise RuntimeError(f"{line}: {done.stderr or done.stdout}")
        return done.stdout

    def python(self, body: str) -> None:
        """Run a block of Python."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(body.replace(SERVICE, self.service), "<page>", "exec"), self.names)
        self.printed += output.getvalue()


def review(path: Path, claim: str, decisions: list[str]) -> None:
    """Fill in the decisions on a claim in a result workbook's review sheet."""
    book = openpyxl.load_workbook(path)
    sheet = book["审核表"]
    rows = list(sheet.iter_rows())
    heads = next(row for row in rows if any(cell.value == "代偿编号" for cell in row))
    place = {cell.value: index for index, cell in enumerate(heads)}
    row = next(row for row in rows if row[place["代偿编号"]].value == claim)
    for heading, decision in zip(("财政金融局审核", "行业主管部门审核"), decisions, strict=True):
        row[place[heading]].value = decision
    book.save(path)


def asks(page: Path) -> bool:
    """Say whether a page asks the service."""
    return SERVICE in page.read_text(encoding="utf-8")


def rendered(page: Path, service: str | None = None) -> str:
    """Return the text of a page with every output as it is now.

    `service`: a server that a page may ask; without one, a page that asks has one started.
    """
    text = page.read_text(encoding="utf-8")
    clean: Mapping[str, str] = {"COMPENSATION_LANG": ""}
    with contextlib.ExitStack() as stack:
        if service is None:
            service = stack.enter_context(running()).url if asks(page) else SERVICE
        stack.enter_context(contextlib.chdir(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.enter_context(mock.patch.dict(os.environ, clean))
        shutil.copytree(ROOT / "examples", "examples")
        return _PIECE.sub(PageRun(service).piece, text)


def main() -> None:
    """Bring every page up to date."""
    for page in PAGES:
        page.write_text(rendered(page), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
