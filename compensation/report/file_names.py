"""Which names outputs may have: a name that promises another kind of file is refused."""

from __future__ import annotations

import os
from pathlib import Path

from compensation.language import Text
from compensation.report.output import WORKBOOK_SUFFIX
from compensation.report.overwriting import OutputRefused

OLD_WORKBOOKS = (".xls", ".et")
OTHER_WORKBOOKS = (*OLD_WORKBOOKS, ".xlsm", ".xlsb", ".xltx", ".ods", ".numbers")
TABLE_FILES = (".csv", ".parquet")
OTHER_FILES = (".tsv", ".txt", ".json", ".zip", ".gz", ".pdf", ".doc", ".docx", ".html")


def check_output_name(path: Path) -> None:
    """Refuse a result whose name is that of a file which is neither a workbook nor a folder.

    Without an ending in .xlsx the output is a folder, which nobody calls result.xls or result.csv.
    A folder of such a name that exists is meant as it is. Raises `OutputRefused`.
    """
    suffix = path.suffix.lower()
    if os.path.isdir(path):  # noqa: PTH112 - a name that is too long is refused later
        return
    if suffix in OLD_WORKBOOKS:
        message = Text(
            "“{path}”：{suffix} 是旧格式，结果写成 .xlsx；请改用以 .xlsx 结尾的文件名",
            "“{path}”: {suffix} is an old format; results are written as .xlsx, so choose a name"
            " that ends in .xlsx",
        )
    elif suffix in OTHER_WORKBOOKS:
        message = Text(
            "“{path}”：无法写出 {suffix} 文件；请改用以 .xlsx 结尾的文件名",
            "“{path}”: {suffix} files cannot be written; choose a name that ends in .xlsx",
        )
    elif suffix in TABLE_FILES:
        message = Text(
            "“{path}”：结果有多张表，{suffix} 文件写在一个文件夹中；请给出文件夹的名称"
            "（不带 {suffix}），格式用 --format {form} 指定，或改用以 .xlsx 结尾的文件名",
            "“{path}”: a result has several tables, and their {suffix} files go to a folder; give"
            " the name of a folder (without {suffix}) and --format {form}, or a name that ends in"
            " .xlsx",
        )
    elif suffix in OTHER_FILES:
        message = Text(
            "“{path}”：无法写出 {suffix} 文件；请给出以 .xlsx 结尾的文件名，或文件夹的名称",
            "“{path}”: {suffix} files cannot be written; give a name that ends in .xlsx, or the"
            " name of a folder",
        )
    else:
        return
    raise OutputRefused(message.fill(path=path, suffix=suffix, form=suffix.removeprefix(".")))


def check_list_name(path: Path) -> None:
    """Refuse a list of faults that is called a workbook: it is CSV. Raises `OutputRefused`."""
    suffix = path.suffix.lower()
    if suffix in (WORKBOOK_SUFFIX, *OTHER_WORKBOOKS):
        message = Text(
            "“{path}”：--faults 写出的是 CSV 文本，请改用以 .csv 结尾的文件名；"
            "要得到标出错误的工作簿，请用 --marked",
            "“{path}”: --faults writes CSV, so choose a name that ends in .csv; --marked writes a"
            " workbook with the faults marked",
        )
        raise OutputRefused(message.fill(path=path))


def check_copy_name(path: Path, option: str) -> None:
    """Refuse a copy of the input that is not called a workbook. Raises `OutputRefused`."""
    if path.suffix.lower() != WORKBOOK_SUFFIX:
        message = Text(
            "“{path}”：{option} 写出的是工作簿，请改用以 .xlsx 结尾的文件名",
            "“{path}”: {option} writes a workbook; choose a name that ends in .xlsx",
        )
        raise OutputRefused(message.fill(path=path, option=option))
