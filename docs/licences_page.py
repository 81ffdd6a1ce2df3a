"""docs/licences.md: every locked package, with its licence and what brings it."""

from __future__ import annotations

from collections.abc import Iterator

from docs.markdown import WRITTEN_BY, table
from supply_chain.licences import OF_TOOLS, PERMISSIVE, listed
from supply_chain.locks import LOCKS, PROJECT, locked

HEADINGS = ("软件包 package", "版本 version", "许可 licence (SPDX)", "来自 brought by")


def licences() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (WRITTEN_BY, "", "# 依赖与许可 Dependencies and their licences", "")
    yield INTRODUCTION
    shown: set[str] = set()
    licences = listed()
    for file, purpose in LOCKS.items():
        packages = [package for package in locked(file).values() if package.name not in shown]
        shown.update(package.name for package in packages)
        yield from ("", f"## {purpose.zh}", "", f"{purpose.en} (`{file}`).", "")
        yield from table(
            HEADINGS,
            [
                (package.name, package.version, licences[package.name], _by(package.via))
                for package in packages
            ],
        )


def _by(via: tuple[str, ...]) -> str:
    return ", ".join("**本项目 this project**" if who == PROJECT else who for who in via)


INTRODUCTION = f"""\
锁定文件中的每个软件包只列一次，列在最先用到它的部分。运行所需的软件包只允许宽松许可；
开发工具另允许 MPL-2.0。新增软件包须在 `supply_chain/licences.csv` 中登记一行，
并在[决定](decisions/README.md)中写明理由，否则测试不通过。

Every package of the lock files once, in the first part that needs it. What users run is under
permissive licences only ({", ".join(sorted(PERMISSIVE))});
tools for development may also be under {", ".join(sorted(OF_TOOLS - PERMISSIVE))}. A new package
takes a line in `supply_chain/licences.csv`, and a direct one its reason in a
[decision](decisions/README.md); a test fails until both are there. The licences are those that
the packages declare; where one is installed, a test compares.

Wheels also carry binary libraries, named in each package's own licence files. Those of NumPy for
Linux hold libgfortran (GPL-3.0-or-later with the GCC runtime exception) and libquadmath
(LGPL-2.1-or-later); a wheel passed on unchanged carries their texts with it."""
