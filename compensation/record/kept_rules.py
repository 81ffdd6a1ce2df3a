"""The rules that a result keeps, as policies: to compute with, and to be held against others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compensation.language import Text
from compensation.policy.catalogue import (
    POLICY_TEXT,
    Policy,
    PolicyPath,
    list_policies,
    load_policy,
    policy_of_texts,
)
from compensation.policy.faults import PolicyFaults
from compensation.record.faults import ResultRefused
from compensation.record.policies import (
    PolicyDifference,
    of_policy,
    policy_difference,
    together,
    without_news,
)
from compensation.record.summary_reading import policies_said, policy_prefix


def kept_policy(summary: Mapping[str, Any], kept: Mapping[str, str], id_: str) -> Policy | None:
    """Return a policy of the texts that a result keeps; None where its own text is not kept.

    Raises `PolicyFaults`.
    """
    prefix = policy_prefix(summary, id_)
    texts = {
        name.removeprefix(prefix): text
        for name, text in kept.items()
        if name.startswith(prefix) and name.endswith(".toml")
    }
    return policy_of_texts(texts) if POLICY_TEXT in texts else None


def packaged(id_: str) -> Policy | None:
    """Return the package's policy of this id, if it has one."""
    return load_policy(id_) if id_ in list_policies() else None


def rules_of(
    path: object, summary: Mapping[str, Any], kept: Mapping[str, str], changed: Sequence[str]
) -> tuple[list[Policy | None], list[Policy]]:
    """Return the kept policies, and those to compute with; `changed`: texts not as kept.

    Where some are not, the package's policy is computed with, if it is the recorded one; the kept
    one may then be none that can be read. Raises `PolicyFaults`, and `ResultRefused` where there is
    neither.
    """
    found: list[Policy | None] = []
    used: list[Policy] = []
    for recorded in policies_said(summary):
        try:
            policy = kept_policy(summary, kept, recorded["id"])
        except PolicyFaults:
            if not changed:
                raise
            policy = None
        own = packaged(recorded["id"])
        is_own = own is not None and own.digest == recorded["digest"]
        taken = own if changed and is_own else policy
        if taken is None:
            text = Text(
                "结果“{path}”所存的规则缺失或已损坏：{names}",
                "the rules that the result “{path}” keeps are missing or damaged: {names}",
            )
            raise ResultRefused(text.fill(path=path, names=", ".join(changed)))
        found.append(policy)
        used.append(taken)
    return found, used


def held_against(
    policies: Sequence[Policy], given: Sequence[PolicyPath], series: Sequence[PolicyPath]
) -> PolicyDifference | None:
    """Return what policies say differently from those that they are held against.

    Those are the ``given`` ones of their ids, or else the package's; one given alone is held
    against a policy that stands alone, whatever its id. None where there is none for any policy.
    Raises `ResultRefused` where one is given whose id is none of the result's.
    """
    others = [load_policy(policy, series) for policy in given]
    ids = [policy.id for policy in policies]
    if len(policies) == len(others) == 1:
        by_id = {ids[0]: others[0]}
    else:
        by_id = {other.id: other for other in others}
    if strange := [id_ for id_ in by_id if id_ not in ids]:
        raise ResultRefused(
            Text(
                "给出的政策 {strange} 不在结果所用的政策 {ids} 之中",
                "the policies given, {strange}, are not among those of the result: {ids}",
            ).fill(strange=", ".join(strange), ids=", ".join(ids))
        )
    found = []
    for policy in policies:
        own = packaged(policy.id)
        other = by_id.get(policy.id) or (None if own is None else load_policy(own, series))
        if other is not None:
            difference = without_news(policy_difference(policy, other), policy, other)
            found.append(difference if len(ids) == 1 else of_policy(policy.id, difference))
    return together(found) if found else None
