"""The model in use, which needs no pydantic, is what pydantic reads in the same file."""

import pickle
from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from compensation.language import Text
from compensation.policy.catalogue import HERE, list_policies, load_policy, was_validated
from compensation.policy.defaults import with_defaults
from compensation.policy.faults import PolicyFaults
from compensation.policy.model import Choice, Note, Operation, PolicyFile, SeriesFile, Strict
from compensation.policy.reading import built, parse, read_text

SHIPPED = sorted([*HERE.glob("files/*.toml"), *HERE.glob("series/*.toml")])
INVENTED = sorted((Path(__file__).parent / "invented").glob("*.toml"))


def model_of(path: Path) -> type[Strict]:
    return SeriesFile if path.parent.name == "series" else PolicyFile


@pytest.mark.slow
@pytest.mark.parametrize("path", [*SHIPPED, *INVENTED], ids=lambda path: path.stem)
def test_pydantic_reads_the_same(path: Path) -> None:
    data = parse(read_text(path), path.name)
    model = model_of(path)
    if model is PolicyFile:
        data = with_defaults(data)
    assert TypeAdapter(model).validate_python(data) == built(model, data)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_files_of_the_package_pass_every_check(path: Path, tmp_path: Path) -> None:
    text = read_text(path)
    assert was_validated(text)
    text += "\n# Not the text that was validated before.\n"
    assert not was_validated(text)
    copy = tmp_path / path.name
    copy.write_text(text, encoding="utf-8")
    if model_of(path) is PolicyFile:
        assert load_policy(copy).digest == load_policy(path.stem).digest
    else:
        # That of the working days, which none uses, is read in test_working_days.
        using = [each for each in map(load_policy, list_policies()) if path.stem in each.series]
        assert using or path.stem == "working-days-cn"
        for policy in using:
            assert load_policy(policy, [copy]).digest == policy.digest


def test_a_changed_file_of_the_package_is_validated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever edits a file of the package hears what is wrong with it, as of any other."""
    text = read_text(HERE / "files" / "jiyuan-2022.toml")
    for folder in ("files", "series"):
        (tmp_path / folder).mkdir()
    changed = text.replace("format = 2", "format = 3")
    (tmp_path / "files" / "changed.toml").write_text(changed, encoding="utf-8")
    monkeypatch.setattr("compensation.policy.catalogue.HERE", tmp_path)
    monkeypatch.setattr("compensation.policy.catalogue._ids_of_package", lambda: ("changed",))
    with pytest.raises(PolicyFaults, match="格式版本为 2"):
        load_policy("changed")


def test_a_part_of_the_model_is_a_frozen_dataclass() -> None:
    note = Note(zh="注", en="note")
    assert repr(note) == "Note(zh='注', en='note')"
    assert [field.name for field in fields(note)] == ["zh", "en"]
    assert replace(note, en="other") == Note(zh="注", en="other") != note
    assert len({note, Note(zh="注", en="note"), replace(note, zh="另")}) == 2
    assert note != ("注", "note")
    with pytest.raises(FrozenInstanceError):
        note.zh = "另"  # type: ignore[misc]
    with pytest.raises(TypeError, match="Choice: missing or unknown: value"):
        Choice()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Choice: missing or unknown: de"):
        Choice(value=Decimal(1), de="")  # type: ignore[call-arg]
    assert built(Note, {"zh": " 注 "}).text == Text("注", "注")


def test_what_the_file_names_is_kept() -> None:
    limit = built(Operation, {"on": " claims.payout_date ", "values": []})
    assert limit.on == "claims.payout_date"
    assert limit.written == {"on", "values"}
    assert Note(zh="注", en="note").written == frozenset()


def test_a_hash_stays_in_its_process() -> None:
    """The hash of a text differs between processes, so a copy that is sent brings none along."""
    rules = load_policy("jiyuan-2022").rules
    assert hash(rules) == hash(rules)
    copy = pickle.loads(pickle.dumps(rules))
    assert copy == rules
    assert "_hash" in vars(rules)
    assert "_hash" not in vars(copy)
    assert hash(copy) == hash(rules)
