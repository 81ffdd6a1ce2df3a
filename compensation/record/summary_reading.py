"""What the summary of a result must say for the result to be the record of a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compensation.language import Text
from compensation.policy.catalogue import POLICY_TEXT
from compensation.record.faults import no_result
from compensation.report.record import ASSESSMENT, JOINT, SETTLEMENT, Layout, own_digest
from compensation.schema.column import ColumnType
from compensation.values.dates import day_of_iso
from compensation.values.kinds import Kind

_SAID = {
    "budget": str | None,
    "reviews": list,
    "version": str,
    "input_digest": str,
    "inputs": dict,
    "parties": list,
    "rules": dict,
    "totals": dict,
    "assumptions": list,
    "warnings": list,
    "columns": dict,
}
"""What a summary of any kind must say, and as what."""
_OF_YEAR = {"year": int}
_OF_PERIOD = {"from": str, "to": str, "notes": list}
_DAYS = ("as_of", "from", "to")


def read_summary(
    path: Path, content: bytes, parts: str, layout: Layout
) -> tuple[Mapping[str, Any], Layout]:
    """Return what a summary says, and which kind of result it is of.

    `parts`: the key of the digests of the tables, files or sheets. `layout`: the kind by the name
    of the summary; one of a year may be under several policies. Raises `ResultRefused` where it is
    not the summary of a record.
    """
    name = layout.summary
    try:
        said = json.loads(content)
        if isinstance(said, dict):
            own_digest(said)  # no digest can be taken of what UTF-8 can't write
    except (ValueError, RecursionError) as error:
        why = Text(f"{name} 不是 JSON：{error}", f"{name} is no JSON: {error}")
        raise no_result(path, why) from error
    if not isinstance(said, dict) or "totals" not in said:
        raise no_result(path, Text(f"{name} 不是结果的汇总", f"{name} is not of a result"))
    if layout is ASSESSMENT and "policy" not in said and "policies" in said:
        layout = JOINT
    own = _OF_PERIOD if layout is SETTLEMENT else _OF_YEAR
    policies = {"policy": dict} if layout is ASSESSMENT else {"policies": list}
    wanted = {**policies, **own, **_SAID, parts: dict}
    wrong = [key for key, kind in wanted.items() if not _is(said.get(key), kind)]
    wrong = wrong or _wrong_inside(said, layout)
    if wrong:
        names = ", ".join(wrong)
        raise no_result(
            path,
            Text(
                f"{name} 中缺少或无法识别：{names}；这样的结果不是完整的核算存证",
                f"{name} lacks, or has as something else: {names};"
                " such a result is no full record of a decision",
            ),
        )
    return said, layout


def policies_said(summary: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return the id and the digest of each policy that a summary names."""
    return [summary["policy"]] if "policy" in summary else summary["policies"]


def policy_prefix(summary: Mapping[str, Any], id_: str) -> str:
    """Return what comes before the names of a policy's texts in a result of this summary."""
    return "" if "policy" in summary else f"{id_}."


def types_said(summary: Mapping[str, Any], table: str) -> dict[str, ColumnType]:
    """Return the types of the columns of a result table, by name."""
    return {name: ColumnType(kind) for name, kind in summary["columns"][table].items()}


def _is(value: object, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _wrong_inside(said: Mapping[str, Any], layout: Layout) -> list[str]:
    """Return what is wrong with the parts of a summary that the reader relies on."""
    wrong = _wrong_policies(said, layout)
    wrong += [
        day
        for day in _DAYS
        if day in said
        and (not isinstance(said[day], str) or isinstance(day_of_iso(said[day]), Kind))
    ]
    if not all(isinstance(each, dict) and "rows" in each for each in said["inputs"].values()):
        wrong.append("inputs")
    known = {kind.value for kind in ColumnType} - {ColumnType.CHOICE.value}
    for table in layout.tables:
        columns, key = said["columns"].get(table), layout.key(table)
        kinds = list(columns.values()) if isinstance(columns, dict) and key in columns else [None]
        if not all(isinstance(kind, str) and kind in known for kind in kinds):
            wrong.append(f"columns.{table}")
    return wrong


def _wrong_policies(said: Mapping[str, Any], layout: Layout) -> list[str]:
    """Return what is wrong with the policies that a summary names, and with their texts."""
    policies = policies_said(said)
    if not policies or not all(
        isinstance(policy, dict) and all(isinstance(policy.get(k), str) for k in ("id", "digest"))
        for policy in policies
    ):
        return [layout.said]
    ids = [policy["id"] for policy in policies]
    if len(set(ids)) < len(ids):
        return [layout.said]
    texts = {policy_prefix(said, id_) + POLICY_TEXT for id_ in ids}
    return [] if texts <= said["rules"].keys() else ["rules"]
