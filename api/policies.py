"""Policies in requests, by id: those of the package, and the service's own. Never a file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, WithJsonSchema

from api.numbers import Day, Year, parsed
from compensation import Policy, PolicyFaults, list_policies, load_policy
from compensation.language import Text, same
from compensation.policies_in_force import in_force, in_force_in, listed
from compensation.policy import GENERAL_POLICY
from compensation.policy.catalogue import policy_of_texts
from compensation.pydantic_errors import wrong

EXAMPLE_POLICY = "jiyuan-2022"
CASES = ".cases.toml"
"""The end of the names of worked cases, which stand beside policies."""

_known: list[str] = list(list_policies())
"""All ids; the OpenAPI document lists what stands here when it is made."""
_own: dict[str, Policy] = {}


class PoliciesWrong(Exception):
    """Own policies cannot be used; the message says every fault, in both languages."""


def read_own(folder: Path) -> dict[str, Policy]:
    """Return the policies in a folder, a file (*.toml) each, by id.

    Raises `PoliciesWrong` with every fault of every file, OSError where there is no such folder.
    """
    found: dict[str, Policy] = {}
    wrong_files: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.suffix != ".toml" or path.name.endswith(CASES):
            continue
        try:
            policy = load_policy(path)
        except PolicyFaults as error:
            wrong_files += [f"{path.name}: {error.describe(each)}" for each in ("zh", "en")]
            continue
        if policy.id in found or policy.id in list_policies():
            wrong_files.append(
                f"{path.name}：政策编号 {policy.id} 已有 / there is a policy {policy.id} already"
            )
        found[policy.id] = policy
    if wrong_files:
        raise PoliciesWrong("\n".join(wrong_files))
    return found


def offer(own: Mapping[str, Policy]) -> None:
    """Offer own policies, beside those of the package, from now on."""
    _own.clear()
    _own.update(own)
    _known[:] = sorted((*list_policies(), *own))


def own_texts() -> dict[str, dict[str, str]]:
    """Return the own policies as texts, which another process can take over with `offer_texts`."""
    return {id_: dict(policy.texts) for id_, policy in _own.items()}


def offer_texts(own: Mapping[str, Mapping[str, str]]) -> None:
    """Offer the own policies of another process."""
    offer({id_: policy_of_texts(texts) for id_, texts in own.items()})


def policy_ids() -> tuple[str, ...]:
    """Return the ids of all policies, sorted."""
    return tuple(_known)


def policy_of_id(id_: str) -> Policy:
    """Return a policy by its id, one of `policy_ids`."""
    return _own.get(id_) or load_policy(id_)


def _is_known(id_: str) -> str:
    if id_ not in _known:
        message = Text("没有这项政策", "there is no such policy")
        raise wrong("unknown_policy", message, same(", ".join(_known)))
    return id_


PolicyId = Annotated[
    str,
    AfterValidator(_is_known),
    WithJsonSchema(
        {
            "type": "string",
            "enum": _known,
            "description": "政策编号。 / The id of a policy.",
            "examples": [EXAMPLE_POLICY],
        }
    ),
]
PolicyOrGeneral = Annotated[PolicyId, Field(json_schema_extra={"default": GENERAL_POLICY})]
"""A member that may be missing: `GENERAL_POLICY` then says how recoveries are shared."""


def none_given(sent: object) -> Text:
    """Return what is expected where no policy is named: those that cover what was sent.

    `sent`: the members beside which the policy is missing; their year or day is looked at.
    """
    members = sent if isinstance(sent, Mapping) else {}
    claim = members.get("claim")
    days = [members.get("to"), claim.get("payout_date") if isinstance(claim, Mapping) else None]
    found = [date for each in days if (date := parsed(_DAY, each)) is not None]
    year = parsed(_YEAR, members.get("year"))
    policies = list(map(policy_of_id, _known))
    if found:
        return listed(in_force(policies, found[0], found[0]))
    return listed(policies if year is None else in_force_in(year, policies))


_DAY: TypeAdapter[datetime.date] = TypeAdapter(Day)
_YEAR: TypeAdapter[int] = TypeAdapter(Year)
