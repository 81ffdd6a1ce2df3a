"""What a policy file may leave out, and what then holds: the product's defaults.

A default is added to what the file says before it is checked, so that nothing after this knows the
difference, and a change of a default changes the digest of the policies that rest on it. A result
lists the defaults that it used after the policy's own assumptions.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compensation.language import Text
from compensation.policy.model import BOUNDS
from compensation.policy.named_tests import with_named_tests
from compensation.policy.variables import INSTITUTION

Table = dict[str, Any]

CLAUSE = Text("产品默认口径", "default of the program")
PAYOUT = "claims.payout"
CITED_LISTS = (
    "indicators",
    "quantities",
    "institution_conditions",
    "claim_conditions",
    "base",
    "caps",
    "payers",
    "stages",
    "definitions",
    "series",
)
"""Lists of elements that rest on a clause."""
CITED_TABLES = (
    "effective",
    "trigger",
    "beneficiary",
    "review",
    "budget",
    "returns",
    "expected_institutions",
    "compensation",
)
"""Tables that rest on a clause."""


DAYS = {
    "payout": "claims.payout_date",
    "contract": "contracts.start_date",
    "institution": "year.end",
}
"""The day that puts a case into a year, by what a case is."""


class Default(NamedTuple):
    """One default: where it stands in the file, what it says there, and why."""

    id: str
    note: Text
    says: Callable[[Table], Table]


def _beneficiary(data: Table) -> str:
    party = data.get("beneficiary")
    named = party.get("party") if isinstance(party, dict) else None
    return named if isinstance(named, str) else "institution"


def _lost(data: Table) -> object:
    """Return what the beneficiary bears with others, see `check_caps.lost_of`."""
    returns = data.get("returns")
    if not isinstance(returns, dict):
        return PAYOUT
    before, parts = returns.get("recovered_before"), returns.get("parts")
    less = [] if before is None else [before]
    for part in parts if isinstance(parts, list) else []:
        borne_by = part.get("borne_by") if isinstance(part, dict) else None
        if isinstance(borne_by, list) and "of" in part and _beneficiary(data) not in borne_by:
            less.append(part["of"])
    return {"minus": [PAYOUT, *less]} if less else PAYOUT


def _day(data: Table) -> str:
    trigger = data.get("trigger")
    named = trigger.get("date") if isinstance(trigger, dict) else None
    return named if isinstance(named, str) else DAYS.get(str(data.get("record")), DAYS["payout"])


TABLE_DEFAULTS = (
    Default(
        "trigger",
        Text(
            "文件没有规定的，代偿按代偿日期、合同按起始日期归入年度",
            "where the document is silent, a claim belongs to the year of its payout, and a "
            "contract to that of its start",
        ),
        lambda data: {"date": _day(data)},
    ),
    Default(
        "beneficiary",
        Text(
            "文件没有规定的，补偿付给担保机构",
            "where the document is silent, compensation goes to the guarantee institution",
        ),
        lambda _: {"party": "institution"},
    ),
    Default(
        "review",
        Text(
            "文件没有规定的，财政和行业主管部门都审核通过才支付",
            "where the document is silent, both authorities approve before anything is paid",
        ),
        lambda _: {"required": ["finance_review", "industry_review"]},
    ),
    Default(
        "budget",
        Text(
            "文件没有规定的，预算不足时按比例分配",
            "where the document is silent, a budget that falls short is shared in proportion",
        ),
        lambda _: {"method": "pro_rata"},
    ),
    Default(
        "returns",
        Text(
            "文件没有规定的，追偿所得扣除费用后按各方承担的比例返还",
            "where the document is silent, recoveries go back net of costs, by what each bore",
        ),
        lambda _: {"costs": "net"},
    ),
)
"""Tables that a file may leave out."""
BORNE = Default(
    "borne",
    Text(
        "文件没有规定的，补偿不超过受偿方自己承担的金额",
        "where the document is silent, no more is compensated than the beneficiary bore",
    ),
    lambda data: {"at_most": {"borne_by": _beneficiary(data), "of": _lost(data)}},
)
ELIGIBLE = Default(
    "institution",
    Text(
        "文件没有规定的，机构要在业务归属年度满足机构条件",
        "where the document is silent, the institution meets its conditions in the year of the "
        "claim",
    ),
    lambda _: {"value": INSTITUTION, "is": True},
)
EFFECTIVE = Default(
    "effective",
    Text(
        "文件没有规定的，业务的日期在施行期内才补偿",
        "where the document is silent, a claim is compensated if its day is among the effective "
        "days",
    ),
    lambda data: {"value": _day(data), "within": "effective"},
)


def with_defaults(data: Mapping[str, Any]) -> Table:
    """Return what a policy file says, with what it leaves out.

    What is unsound stays as it is, so that the checks speak of it.
    """
    found = {key: _plain_times(value) for key, value in with_named_tests(data).items()}
    if isinstance(found.get("base"), dict):
        found["base"] = [found["base"]]
    _cite(found)
    for default in TABLE_DEFAULTS:
        if default.id not in found:
            found[default.id] = _said(default, found)
    for name in ("institution_conditions", "claim_conditions", "caps"):
        found.setdefault(name, [])
    conditions, caps = found["claim_conditions"], found["caps"]
    if isinstance(conditions, list):
        found["claim_conditions"] = _conditions(found, conditions)
    payout = data.get("record", "payout") == "payout"
    if isinstance(caps, list) and payout and not any(map(_caps_borne, caps)):
        found["caps"] = [*caps, _element(BORNE, found, "caps")]
    return found


def _plain_times(value: Any) -> Any:
    """Return a part of a file with tests of working days written as what they count.

    As with any time, the later date is not before the earlier one unless the test says so.
    """
    if isinstance(value, list):
        return [_plain_times(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _plain_times(each) for key, each in value.items()}
    if found.get("unit") != "working_days" or not {"since", "value"} <= found.keys():
        return found
    del found["unit"]
    since, day = found.pop("since"), found.pop("value")
    counted: Table = {"value": {"working_days": [since, day]}}
    if "calendar" in found:
        counted["value"]["calendar"] = found.pop("calendar")
    counted |= {name: found.pop(name) for name in BOUNDS if name in found}
    if {"at_least", "above"} & counted.keys():
        return {**found, **counted}
    return {**found, "all": [{"value": day, "at_least": since}, counted]}


def _said(default: Default, data: Table) -> Table:
    note = {"zh": default.note.zh, "en": default.note.en}
    return {**default.says(data), "clause": CLAUSE.zh, "basis": "default", "note": note}


def _element(default: Default, data: Table, *lists: str) -> Table:
    """Return a default as an element of a list, with an id that the lists have not taken."""
    listed = [data.get(name) for name in ("institution_conditions", "claim_conditions", *lists)]
    taken = {
        each.get("id")
        for elements in listed
        if isinstance(elements, list)
        for each in elements
        if isinstance(each, dict)
    }
    id_ = default.id
    while id_ in taken:
        id_ += "_default"
    return {"id": id_, **_said(default, data)}


def _conditions(data: Table, conditions: list[Any]) -> list[Any]:
    """Return the conditions of claims, with those that go without saying."""
    tested = [each.get("value") for each in conditions if isinstance(each, dict)]
    added = []
    if data["institution_conditions"] and INSTITUTION not in tested:
        added.append(_element(ELIGIBLE, data))
    effective, day = data.get("effective"), _day(data)
    excludes = isinstance(effective, dict) and effective.get("excludes", True) is True
    limited = any(_limits_days(each, day) for each in conditions)
    if excludes and not limited:
        added.append(_element(EFFECTIVE, data))
    return [*conditions, *added]


def _limits_days(condition: object, day: object) -> bool:
    """Return whether a condition says on which days a case counts, not how far from another."""
    if not isinstance(condition, dict) or condition.get("value") != day or "since" in condition:
        return False
    limits = (condition.get(name) for name in BOUNDS)
    return "within" in condition or any(isinstance(each, datetime.date) for each in limits)


def _caps_borne(cap: object) -> bool:
    """Return whether a cap is on what somebody bore, or is too unsound to tell."""
    if not isinstance(cap, dict):
        return True
    limit = cap.get("at_most")
    return "borne_by" in str(limit) and not {"per", "payer", "when"} & cap.keys()


def _cite(data: Table) -> None:
    """Give each element that names no clause or basis those of the file as a whole."""
    document = data.get("document")
    number = document.get("number") if isinstance(document, dict) else None
    common = {"clause": data.pop("clause", number), "basis": data.pop("basis", None)}
    common = {key: value for key, value in common.items() if value is not None}
    if not common:
        return
    for name in CITED_LISTS:
        if isinstance(listed := data.get(name), list):
            data[name] = [_with(common, each) for each in listed]
    for name in CITED_TABLES:
        if name in data:
            data[name] = _with(common, data[name])
    if isinstance(rates := data.get("rates"), dict):
        rates = dict(rates)
        for name in ("tiers", "additions"):
            if isinstance(listed := rates.get(name), list):
                rates[name] = [_with(common, each) for each in listed]
        for name in ("bounds", "decided"):
            if name in rates:
                rates[name] = _with(common, rates[name])
        data["rates"] = rates


def _with(common: Table, element: object) -> object:
    return {**common, **element} if isinstance(element, dict) else element
