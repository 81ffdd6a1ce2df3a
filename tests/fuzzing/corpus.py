"""The corpus: inputs that reach what others do not, and those that once found a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.fuzzing import seeds

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).with_name("inputs")


def folder_of(target: str) -> Path:
    """Return where the inputs of a target lie."""
    return CORPUS / target


def inputs_of(target: str) -> Iterator[bytes]:
    """Yield the inputs of a target that are kept."""
    for path in sorted(folder_of(target).iterdir()):
        yield path.read_bytes()


def seeds_of(target: str) -> Iterator[bytes]:
    """Yield the whole inputs that a target starts from."""
    if target == "workbook":
        yield seeds.workbook()
        yield seeds.shared_strings_workbook()
    elif target == "reviews":
        yield seeds.review_workbook()
    elif target == "csv":
        yield seeds.csv_folder()
        yield seeds.csv_folder("gb18030")
    elif target == "parquet":
        yield seeds.parquet()
        yield seeds.parquet(compression="snappy")
        yield seeds.typed_parquet()
    elif target == "policy":
        for path in [
            *ROOT.glob("compensation/policy/files/*.toml"),
            *ROOT.glob("tests/policy/invented/*.toml"),
        ]:
            yield path.read_bytes()
    elif target == "series":
        whole = ROOT.joinpath("compensation/policy/series/lpr.toml").read_bytes()
        yield whole
        yield whole[: len(whole) // 2]
    elif target == "upload":
        yield seeds.csv_zip()
        yield seeds.workbook()
    elif target == "json":
        yield seeds.json_body()


ODD = (
    *(
        "\0",
        "\ufeff",
        "\u202e",
        "\u200b",
        "\\ud800",
        "&#xD800;",
        "&#0;",
        "&a;",
        "<!DOCTYPE a [<!ENTITY a 'b'>]>",
    ),
    *(
        "=cmd|'/C calc'!A0",
        "\uff1d1+1",
        "NaN",
        "Infinity",
        "1e999",
        "-0",
        "9999999999999.99",
        "10000000000000",
    ),
    *(
        "1e-7",
        "0001-01-01",
        "9999-12-31",
        "2022-02-29",
        "合计",
        "单位:万元",
        "(万元)",
        "40%",
        "share_x",
    ),
    *(
        't="e"',
        't="s"',
        't="str"',
        't="d"',
        "<f>",
        "</f>",
        "XFD1048576",
        'r="A0"',
        "[[",
        "]]",
        "{",
        '"',
    ),
    *(
        'r="AAAAAAA1"',
        'r="A4294967297"',
        '<mergeCell ref="A1:B2"/>',
        'date1904="1"',
        'numFmtId="14"',
    ),
)
"""What readers are known to stumble over."""


def word_list(target: str) -> str:
    """Return words of a target's seeds, and odd ones, as a dictionary of libFuzzer."""
    words = {word for seed in seeds_of(target) for word in re.findall(rb"[\w.:/-]{2,40}", seed)}
    words |= {
        word.encode()
        for seed in seeds_of(target)
        for word in re.findall(r"[\w.:/-]{2,20}", seed.decode(errors="ignore"))
    }
    words |= {word.encode() for word in ODD}
    escaped = ("".join(f"\\x{byte:02X}" for byte in word) for word in sorted(words))
    return "".join(f'"{word}"\n' for word in escaped)


def write_seeds(target: str, folder: Path) -> None:
    """Write the inputs that a target starts from into a folder."""
    for i, content in enumerate(seeds_of(target)):
        folder.joinpath(f"seed-{i}").write_bytes(content)
