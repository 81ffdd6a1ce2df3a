"""Every file in bad/ is broken in one way and says on top what must be found, and where.

Its first lines read ``# expect: key | words``; the words stand in the message, in either language.
Nothing else may be found.
"""

import re
from pathlib import Path

import pytest

from compensation.policy.catalogue import load_policy
from compensation.policy.faults import PolicyFaults

HERE = Path(__file__).parent
FILES = sorted((HERE / "bad").glob("*.toml"))
EXPECT = re.compile(r"^# expect: (?P<key>[^|]*?) ?\| (?P<words>.+)$", re.MULTILINE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def faults_of(path: Path) -> PolicyFaults:
    with pytest.raises(PolicyFaults) as raised:
        load_policy(path)
    return raised.value


def test_what_the_broken_files_were_made_from_is_sound() -> None:
    assert load_policy(HERE / "base.toml").id == "invented"


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_file_is_refused_by_file_key_and_reason(path: Path) -> None:
    expected = EXPECT.findall(path.read_text(encoding="utf-8"))
    error = faults_of(path)
    assert sorted(fault.key for fault in error.faults) == sorted(key for key, _ in expected), error
    for key, words in expected:
        found = [fault for fault in error.faults if fault.key == key]
        lines = [fault.describe(language) for fault in found for language in ("zh", "en")]
        assert any(words in line for line in lines), error
    for fault in error.faults:
        assert fault.file == path.name
        assert str(fault) == fault.describe("zh")
        assert CHINESE.search(fault.message.zh)
        assert fault.message.en
        assert not re.search(r"\{\w", fault.message.zh + fault.message.en), "nothing is left blank"
    assert str(error) == error.describe("zh")
    assert str(error).startswith(f"政策文件有 {len(error.faults)} 处错误：\n{path.name}")
    assert error.describe("en").startswith(f"{len(error.faults)} fault")
