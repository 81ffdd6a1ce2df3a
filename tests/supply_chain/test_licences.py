from __future__ import annotations

from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from supply_chain import licences
from supply_chain.locks import LOCKS, PROJECT, ROOT, locked


def test_every_lock_file_is_known() -> None:
    assert {path.name for path in ROOT.glob("*.lock")} == set(LOCKS)


@pytest.mark.slow
@pytest.mark.parametrize("file", LOCKS)
def test_every_package_of_a_lock_is_read_with_hashes_and_who_requires_it(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    packages = locked(file).values()
    assert len(packages) == text.count("==") - text.count("== '")
    assert sum(len(package.hashes) for package in packages) == text.count("--hash=sha256:")
    for package in packages:
        assert package.hashes
        assert package.via
        assert all(who == PROJECT or who in locked(file) for who in package.via), package.name


@pytest.mark.slow
def test_a_package_has_one_version_in_all_locks() -> None:
    versions = {(name, locked(file)[name].version) for file in LOCKS for name in locked(file)}
    assert len(versions) == len({name for name, _ in versions})


def test_every_package_is_listed_under_a_licence_that_its_use_allows() -> None:
    assert [*licences.faults_of_the_list()] == []


def test_the_list_says_what_installed_packages_declare() -> None:
    assert [*licences.faults_of_what_is_installed()] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("", "requirements-service.lock: click has no line in licences.csv"),
        ("click,GPL-3.0-only", "requirements-service.lock: click is under GPL-3.0-only"),
        ("click,AGPL-3.0-or-later", "requirements-service.lock: click is under AGPL"),
        ("click,MPL-2.0", "requirements-service.lock: click is under MPL-2.0"),
        ("click,MIT AND GPL-2.0-only", "requirements-service.lock: click is under MIT AND GPL"),
        ("click,UNKNOWN", "requirements-service.lock: click is under UNKNOWN"),
        ("click,", "requirements-service.lock: click is under "),
        ("click,MIT\nleft-pad,MIT", "licences.csv: left-pad is in no lock file"),
    ],
)
def test_what_is_wrong_with_the_list_is_told(
    line: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = licences.LISTED.read_text(encoding="utf-8")
    changed = tmp_path / "licences.csv"
    changed.write_text(text.replace("click,BSD-3-Clause", line), encoding="utf-8")
    assert changed.read_text(encoding="utf-8") != text
    monkeypatch.setattr(licences, "LISTED", changed)
    assert any(told.startswith(fault) for told in licences.faults_of_the_list())


def test_another_licence_than_the_listed_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = licences.LISTED.read_text(encoding="utf-8")
    changed = tmp_path / "licences.csv"
    changed.write_text(text.replace("click,BSD-3-Clause", "click,MIT"), encoding="utf-8")
    monkeypatch.setattr(licences, "LISTED", changed)
    [told] = licences.faults_of_what_is_installed()
    assert told.startswith("click ")
    assert "declares BSD-3-Clause" in told


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT AND PSF-2.0", "MIT AND PSF-2.0"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        (
            "Classifier: License :: OSI Approved :: BSD License\nLicense: BSD-3-Clause",
            "BSD-3-Clause",
        ),
        ("Classifier: License :: OSI Approved :: BSD License", None),
        ("License: do what you like", None),
        ("Summary: says nothing", None),
    ],
)
def test_what_metadata_declares(metadata: str, licence: str | None, tmp_path: Path) -> None:
    folder = tmp_path / "some-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Name: some\nVersion: 1.0\n{metadata}\n", encoding="utf-8")
    assert licences.declared(PathDistribution(folder)) == licence


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        *(("MIT", True), ("MIT AND GPL-3.0-only", False), ("GPL-2.0-only OR MIT", True)),
        *(("MIT AND BSD-3-Clause OR GPL-2.0-only", True), ("MPL-2.0", False), ("", False)),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("(MIT OR GPL-2.0-only) AND MIT", False),  # not understood, and so not allowed
    ],
)
def test_expressions(licence: str, permissive: bool) -> None:
    assert licences.allows(licences.PERMISSIVE, licence) is permissive
