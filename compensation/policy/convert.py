"""Format 1 of policy files, as format 2 says the same.

This is the only part that knows format 1: what it returns gives the same figures. A part of the
file that is unsound stays as it is, so that the checks speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compensation.policy.quantities import INDICATOR_PREFIX

Table = dict[str, Any]

PER: dict[str, list[str]] = {
    "borrower": ["contracts.institution_id", "contracts.borrower_id"],
    "institution": ["contracts.institution_id"],
    "programme": [],
}
"""What made the groups of a cap in format 1."""
LONGEST = 100_000
"""The most days that a deadline of format 1 could have."""
LIMITS = ("at_least", "above", "at_most", "below")


def is_first_format(data: Mapping[str, Any]) -> bool:
    """Return whether a policy file is one of format 1."""
    return data.get("format") == 1 and not isinstance(data.get("format"), bool)


def converted(data: Mapping[str, Any]) -> Table:
    """Return what a policy file of format 1 holds, in format 2."""
    found = dict(data)
    found["format"] = 2
    if isinstance(effective := found.get("effective"), dict) and not _tests_its_day(data):
        found["effective"] = {**effective, "excludes": False}
    for name in ("institution_conditions", "claim_conditions"):
        _each(found, name, _test)
    _each(found, "indicators", _indicator)
    beneficiary = _party(found.get("beneficiary"))
    if isinstance(base := found.get("base"), dict):
        found["base"] = [_base(base)]
    if isinstance(rates := found.get("rates"), dict):
        found["rates"] = _rates(rates)
    _each(found, "caps", lambda cap: _cap(cap, beneficiary))
    return found


def _tests_its_day(data: Mapping[str, Any]) -> bool:
    """Return whether a condition tests the day of the claim, which then needs no default."""
    trigger, conditions = data.get("trigger"), data.get("claim_conditions")
    day = trigger.get("date", "claims.payout_date") if isinstance(trigger, dict) else None
    listed = conditions if isinstance(conditions, list) else []
    return any(isinstance(each, dict) and each.get("column") == day for each in listed)


def _each(found: Table, name: str, convert: Any) -> None:
    """Convert every table of a list."""
    listed = found.get(name)
    if isinstance(listed, list):
        found[name] = [convert(part) if isinstance(part, dict) else part for part in listed]


def _party(beneficiary: object) -> str:
    party = beneficiary.get("party") if isinstance(beneficiary, dict) else None
    return party if isinstance(party, str) else "institution"


def _test(test: Table) -> Table:
    found: Table = {}
    for key, value in test.items():
        match key:
            case "column":
                found["value"] = value
            case "indicator":
                found["value"] = f"{INDICATOR_PREFIX}{value}"
            case "institution" if value == "eligible":
                found |= {"value": "institution.eligible", "is": True}
            case "any" if isinstance(value, list):
                found["any"] = [_test(part) if isinstance(part, dict) else part for part in value]
            case "within_days":
                # Format 1 let a claim that was filed before the date pass.
                found |= {"at_least": -LONGEST, "at_most": value, "unit": "days"}
            case "of":
                found["since"] = value
            case _ if key in LIMITS:
                found[key] = _limit(value)
            case _:
                found[key] = value
    return found


def _limit(limit: Any) -> Any:
    if isinstance(limit, dict) and "series" in limit:
        reading = {key: value for key, value in limit.items() if key != "plus"}
        return {"sum": [reading, limit["plus"]]} if "plus" in limit else reading
    return limit


def _indicator(indicator: Table) -> Table:
    made_of = ("numerator", "denominator", "growth", "zero_over_zero")
    found = {key: value for key, value in indicator.items() if key not in made_of}
    numerator, denominator = indicator.get("numerator"), indicator.get("denominator")
    if not isinstance(numerator, dict):
        return indicator
    value: Table = _measure(numerator)
    if isinstance(denominator, dict):
        value = {"over": [value, _measure(denominator)]}
        if "zero_over_zero" in indicator:
            value["zero_over_zero"] = indicator["zero_over_zero"]
        if indicator.get("growth"):
            value = {"minus": [value, 1]}
    return {**found, "value": value}


def _measure(measure: Table) -> Table:
    found = {("measure" if key == "of" else key): value for key, value in measure.items()}
    if isinstance(where := found.get("where"), list):
        found["where"] = [_test(part) if isinstance(part, dict) else part for part in where]
    return found


def _base(base: Table) -> Table:
    found = {key: value for key, value in base.items() if key not in ("of", "party", "less")}
    less = base.get("less", [])
    if "of" not in base or not isinstance(less, list):
        return base
    value: Any = f"claims.{base['of']}"
    if "party" in base:
        value = {"borne_by": base["party"], "of": value}
    if less:
        value = {"minus": [value, *less]}
    return {**found, "value": value}


def _rates(rates: Table) -> Table:
    found: Table = {}
    for key, value in rates.items():
        match key:
            case "kind":
                found["hit"] = {"ladder": "first", "ranges": "range"}.get(str(value), value)
            case "over":
                found["by"] = value
            case "tiers" | "additions" if isinstance(value, list):
                found[key] = [
                    _with_when(part) if isinstance(part, dict) else part for part in value
                ]
            case _:
                found[key] = value
    return found


def _with_when(part: Table) -> Table:
    when = part.get("when")
    if not isinstance(when, list):
        return part
    return {**part, "when": [_test(each) if isinstance(each, dict) else each for each in when]}


def _cap(cap: Table, beneficiary: str) -> Table:
    names = ("share_of_borne", "amount", "per", "over", "less")
    found = {key: value for key, value in cap.items() if key not in names}
    less = cap.get("less", [])
    if not isinstance(less, list):
        return cap
    limit: Any = cap.get("amount")
    if "share_of_borne" in cap:
        limit = {"borne_by": beneficiary, "of": "claims.payout"}
        if cap["share_of_borne"] != 1:
            limit = {"times": [limit, cap["share_of_borne"]]}
    if less:
        limit = {"minus": [limit, *less]}
    if limit is not None:
        found["at_most"] = limit
    if cap.get("per", "claim") != "claim":
        found["per"] = PER.get(str(cap["per"]), [str(cap["per"])])
    if "over" in cap:
        found["exceeding"] = cap["over"]
    return found
