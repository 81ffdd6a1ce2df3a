"""An issue has one shape, whatever it is of: one line for people, one document for programs."""

from __future__ import annotations

import pytest

from compensation import CaseFaults, InputFaults, decide_claim
from compensation.faults.groups import whole
from compensation.faults.input_faults import Faults
from compensation.issues import Issue, Place, Severity
from compensation.language import Text

WRONG, EXPECTED = Text("有误", "is wrong"), Text("金额", "an amount")


@pytest.mark.parametrize(
    ("where", "zh", "names"),
    [
        (Place(), "", {}),
        (
            Place("claims", 7, "principal"),
            "代偿（claims） 第 7 行 代偿本金（principal）：",
            {"row": 7},
        ),
        (Place("no table", column="principal"), "no table 代偿本金（principal）：", {}),
        (Place("claims", column="no_column"), "代偿（claims） no_column：", {}),
        (
            Place(path=("claim", "shares", "a/b", 0)),
            "claim.shares.a/b.0：",
            {"pointer": "/claim/shares/a~1b/0"},
        ),
        (Place(path=()), "", {"pointer": ""}),
        (Place(parameter="budget"), "budget：", {"parameter": "budget"}),
        (
            Place("claims", 1, path=("claims", 0)),
            "代偿（claims） 第 1 行：",
            {"row": 1, "pointer": "/claims/0"},
        ),
    ],
)
def test_an_issue_reads_and_is_written_alike_wherever_it_is(
    where: Place, zh: str, names: dict[str, object]
) -> None:
    issue = Issue("wrong", WRONG, where, "1\n", EXPECTED)
    assert issue.describe("zh") == zh + r"有误（值 '1\n'）；应为 金额"
    said = issue.document("en")
    shape = {"kind": "wrong", "message": "is wrong", "expected": "an amount", "value": "1\n"}
    assert shape.items() <= said.items()
    if where.table is None:
        assert said == shape | names
    else:
        assert names.items() <= said.items()
        assert said["table"] == where.table
        assert ("table_title" in said) == (where.table == "claims")


def test_a_table_and_a_column_have_headings() -> None:
    assert Place("claims", 1, "principal").headings("zh") == ("代偿", "代偿本金")
    assert Place("claims", 1, "principal").headings("en")[0] == "claims (代偿)"
    assert Place("claims", 1, "x").headings("zh") == ("代偿", "x")
    assert Place().headings("zh") == (None, None)


def test_nothing_of_the_input_steers_the_terminal() -> None:
    assert "\x1b" not in Issue("wrong", Text("\x1b[31m", "x"), Place("\x1b")).describe()


def test_warnings_say_that_they_are_some() -> None:
    groups = [whole("wrong", WRONG), whole("other", WRONG)]
    assert {each.severity for each in Faults(groups, Severity.WARNING)} == {Severity.WARNING}
    assert {each.severity for each in InputFaults(groups).faults} == {Severity.ERROR}
    assert Faults(groups, Severity.WARNING)[0].severity is Severity.WARNING


def test_faults_of_cases_have_the_shape() -> None:
    with pytest.raises(CaseFaults) as raised:
        decide_claim("jiyuan-2022", {}, {})
    assert {type(each) for each in raised.value.faults} == {Issue}
    assert all(each.path and each.where.pointer for each in raised.value.faults)
