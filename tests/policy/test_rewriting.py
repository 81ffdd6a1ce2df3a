"""A text of format 1 becomes one of format 2: what it says, its order and its comments stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from compensation.policy.catalogue import HERE, load_policy
from compensation.policy.faults import PolicyFaults
from compensation.policy.reading import parse
from compensation.policy_tools.rewriting import in_second_format, written
from compensation.policy_tools.toml_comments import layout_of
from tests.command import run_here

FILES = [
    *HERE.glob("files/*.toml"),
    *HERE.glob("series/*.toml"),
    *HERE.glob("worked/*.toml"),
    *Path(__file__).parent.glob("invented/*.toml"),
]
FIRST = '''\
# 虚构政策
# 第二行

format = 1 # 版本
id = "invented"
name = { zh = "虚构\\"政策\\"", en = """an # invented
policy""" }
issuer = { zh = "虚构市", en = 'a \\ city' }

[document] # 文件
number = "虚构〔2024〕1号"
title = { zh = "虚构办法", en = "invented measures" }

[effective]
from = 2024-01-01
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

# ---- 条件 ----

[[institution_conditions]]
# 担保机构的性质
column = "institutions.government_backed"
id = "backed"
is = true
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[[claim_conditions]]
id = "filed"
column = "claims.filed_date" # 申报
of = "claims.payout_date"
within_days = 90
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[[columns]]
table = "claims"
name = "filed_date"
heading = "申报日"
type = "date"
required = true
note = { zh = "申报日", en = "filed on" }

[trigger]
date = "claims.payout_date"
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

# 基数
[base]
of = "principal"
party = "institution"
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[beneficiary]
party = "institution"
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[rates]
kind = "ladder"

[[rates.tiers]]
rate = 0.20
when = [
    # 机构指标
    { indicator = "small_agri_share", at_least = 0.90 },
]
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[[rates.tiers]]
# 其余
rate = 0.10
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[[caps]]
id = "borne"
share_of_borne = 1
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[review]
required = []
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[budget]
method = "pro_rata"
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

[returns]
costs = "net"
clause = "1"
basis = "text"
note = { zh = "一", en = "one" }

# 末尾
'''


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A policy file of format 1."""
    path = tmp_path / "first.toml"
    path.write_bytes(FIRST.replace("\n", "\r\n").encode())
    return path


def comments_in(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def headings_in(text: str) -> list[str]:
    return [line.partition("#")[0].strip() for line in text.splitlines() if line.startswith("[")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_text_written_anew_says_the_same_in_the_same_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    data = parse(text, path.name)
    again = written(data, layout_of(text))
    assert parse(again, path.name) == data
    assert sorted(comments_in(again)) == sorted(comments_in(text))
    assert written(parse(again, path.name), layout_of(again)) == again


def test_comments_and_order_stay(first: Path) -> None:
    policy = load_policy(first)
    text = in_second_format(policy)
    assert headings_in(text) == headings_in(FIRST)
    kept, found = (
        [comment for comment in comments_in(each) if "invented" not in comment]
        for each in (FIRST, text)
    )
    assert found == kept
    lines = text.splitlines()
    assert lines[:5] == ["# 虚构政策", "# 第二行", "", "# 版本", "format = 2"]
    assert lines[lines.index("[document]") - 1] == "# 文件"
    assert lines[lines.index("# 机构指标") + 1].startswith("when = [")
    assert lines[lines.index("# ---- 条件 ----") + 1] == ""
    assert lines[-1] == "# 末尾"
    first.write_text(text, encoding="utf-8")
    assert load_policy(first).digest == policy.digest


def test_the_command_prints_or_writes_the_file(first: Path) -> None:
    printed = run_here("policies", "convert", first)
    assert (printed.returncode, printed.stderr) == (0, "")
    place = first.with_name("second.toml")
    done = run_here("policies", "convert", first, "-o", place)
    assert done.returncode == 0
    assert place.read_text(encoding="utf-8") == printed.stdout
    assert run_here("policies", "diff", first, place).returncode == 0
    again = run_here("policies", "convert", first, "-o", place)
    assert again.returncode == 2
    assert place.read_text(encoding="utf-8") == printed.stdout


def test_a_file_of_format_2_is_not_converted(first: Path) -> None:
    done = run_here("policies", "convert", HERE / "files" / "jiyuan-2022.toml", "--lang", "en")
    assert done.returncode == 2
    assert "is of format 2 already" in done.stderr
    first.write_text(FIRST.replace("rate = 0.20", "rate = 2"), encoding="utf-8")
    assert run_here("policies", "convert", first).returncode == 2


def test_a_text_that_would_say_something_else_is_refused(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> str:
        return written(parse(FIRST.replace("0.20", "0.30"), "a"), layout_of(FIRST))

    monkeypatch.setattr("compensation.policy_tools.rewriting.written", wrong)
    with pytest.raises(PolicyFaults) as error:
        in_second_format(load_policy(first))
    assert [fault.kind for fault in error.value.faults] == ["not_converted"]
