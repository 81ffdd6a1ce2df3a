"""Own policies over HTTP: checked at the start, offered as those of the package, with digests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import policies
from api.app import create_app
from api.examples import PORTFOLIO
from api.policies import PoliciesWrong, read_own
from api.settings import Settings
from compensation import list_policies, load_policy
from tests.api.server import running
from tests.api.test_access import refused

OWN = Path(__file__).parents[2] / "examples" / "own-policy.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    shutil.copy(OWN, tmp_path / "mine.toml")
    (tmp_path / "mine.cases.toml").write_text("no policy")
    (tmp_path / "readme.txt").write_text("no policy either")
    yield tmp_path
    policies.offer({})


@pytest.mark.process
def test_own_policies_are_computed_with(folder: Path) -> None:
    own = load_policy(OWN)
    with running(policies_dir=folder) as server:
        listed = server.client.get("/v1/policies").json()["policies"]
        assert [each["id"] for each in listed] == sorted((*list_policies(), own.id))
        assert {"id": own.id, "digest": own.digest}.items() <= listed[
            [each["id"] for each in listed].index(own.id)
        ].items()
        document = server.client.get("/openapi.json").json()
        assert own.id in str(document["components"]["schemas"]["ClaimCase"])
        # What the service has read counts, whatever becomes of the file.
        (folder / "mine.toml").write_text("changed")
        year = own.rules.effective.from_.year
        body = {**PORTFOLIO, "policy": own.id, "year": year, "claims": [], "recoveries": []}
        answer = server.client.post("/v1/assessments", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["summary"]["policy"] == {"id": own.id, "digest": own.digest}


def test_a_wrong_file_stops_the_start_with_its_faults(folder: Path) -> None:
    text = OWN.read_text("utf-8")
    (folder / "b.toml").write_text("format = 2\nid = 'b'\n")
    (folder / "c.toml").write_text(text)
    with pytest.raises(PoliciesWrong) as caught:
        create_app(Settings(policies_dir=folder))
    said = str(caught.value)
    assert "b.toml" in said
    assert "mine.toml" in said or "c.toml" in said
    assert "已有 / there is a policy" in said
    assert policies.policy_ids() == list_policies()


def test_an_id_of_the_package_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(load_policy("jiyuan-2022").text)
    with pytest.raises(PoliciesWrong, match="jiyuan-2022"):
        read_own(tmp_path)


def test_the_command_says_so_and_ends(folder: Path) -> None:
    (folder / "b.toml").write_text("nothing = 1\n")
    assert "b.toml" in refused(policies_dir=folder)
