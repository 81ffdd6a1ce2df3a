"""The files of locked requirements: what each is for, and what stands in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from compensation.language import Text

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "guarantee-compensation"
"""The name of this project, as lock files write it."""

LOCKS = {
    "requirements-service.lock": Text(
        zh="运行：程序库、命令行与接口服务，离线安装包即由此组成",
        en="Running: the library, the command line and the service; what the offline bundle holds",
    ),
    "requirements-spark.lock": Text(
        zh="可选：在 Apache Spark 上运行",
        en="Optional: running on Apache Spark",
    ),
    "requirements.lock": Text(
        zh="开发：测试、检查与基准",
        en="Development: tests, checks and benchmarks",
    ),
    "requirements-tools.lock": Text(
        zh="开发：覆盖率、变异测试、模糊测试、漏洞查询与物料清单",
        en="Development: coverage, mutation testing, fuzzing, the audit and the bill of materials",
    ),
}
"""Every lock file with its purpose; a package belongs to the first that names it."""

SHIPPED = ("requirements-service.lock", "requirements-spark.lock")
"""The locks of what users run; the others are tools of those who work on the project."""

PIN = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)[^\n]*\n(?P<rest>(?:[ ].*\n?)*)", re.MULTILINE
)
VIA = re.compile(r"^ +# +(?:via )?(?P<who>[a-z0-9-]+)(?= \(|$)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Locked(NamedTuple):
    """A package as a lock file pins it.

    `via` names the packages that require it; ``guarantee-compensation`` among them means that
    pyproject.toml does.
    """

    name: str
    version: str
    via: tuple[str, ...]
    hashes: tuple[str, ...]


def locked(file: str) -> dict[str, Locked]:
    """Return what a lock file pins, by normalised name, in the file's order."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {
        pin["name"]: Locked(
            pin["name"],
            pin["version"],
            tuple(via["who"] for via in VIA.finditer(pin["rest"]) if via["who"] != "via"),
            tuple(HASH.findall(pin["rest"])),
        )
        for pin in PIN.finditer(text)
    }
