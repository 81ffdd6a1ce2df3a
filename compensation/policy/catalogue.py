"""The policies: those shipped with the package by id, anybody's own by path."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from compensation.cards import ROWS_SHOWN, Card, Shown
from compensation.issues import Issue
from compensation.language import Text, joined
from compensation.policy.convert import converted, is_first_format
from compensation.policy.defaults import with_defaults
from compensation.policy.faults import Findings, PolicyFaults, base_element, element, policy_fault
from compensation.policy.lapsing import with_lapsing
from compensation.policy.model import Cited, PolicyFile, Series, SeriesFile, Strict, key_of_field
from compensation.policy.reading import built, parse, read_text
from compensation.policy.series import series_used
from compensation.policy.variables import most_like
from compensation.values.exact import plain

PolicyPath = str | os.PathLike[str]

HERE = Path(__file__).parent
VALIDATED = HERE.joinpath("validated.sha256")
"""Lists the digests of the package's own files as they were when they passed every check."""
POLICY_TEXT = "policy.toml"
SERIES_TEXT = "series-{id}.toml"
"""Under these names results keep the texts of a policy."""


CITED_HEADINGS = (
    Text("编号", "id"),
    Text("条款", "clause"),
    Text("依据", "basis"),
    Text("说明", "note"),
)


class SeriesText(NamedTuple):
    """The text of a file of reference series, and the file's name."""

    file: str
    text: str


class Citation(NamedTuple):
    """Something cited, and where in the policy file it stands."""

    key: str
    cited: Cited

    @property
    def id(self) -> str:
        """Its own id, or the key where it has none."""
        id_ = getattr(self.cited, "id", None)
        return id_ if isinstance(id_, str) else self.key


@dataclass(frozen=True, repr=False)
class Policy(Shown):
    """A policy that has passed every check.

    `digest`: SHA-256 over what the file says and the series it uses, whatever its layout.
    `rules`: the model. `text`: the TOML as read. `source`: the file's name, without folders.
    `series`: the reference series that the policy uses, by id. `texts`: the TOML of the policy and
    of the series that it takes from elsewhere, by the names under which results keep them, of which
    `policy_of_texts` makes the same policy. Two policies are equal if their ids and digests are.

    >>> load_policy("luoyang-2025").id
    'luoyang-2025'
    """

    id: str
    digest: str
    rules: PolicyFile = field(compare=False, repr=False)
    text: str = field(compare=False, repr=False)
    source: str = field(compare=False)
    series: Mapping[str, Series] = field(compare=False, repr=False)
    texts: Mapping[str, str] = field(compare=False, repr=False)

    def _card(self) -> Card:
        rules = self.rules
        effective = rules.effective
        facts: list[tuple[Text, object]] = [
            (Text("发文机关", "issuer"), Text(rules.issuer.zh, rules.issuer.en)),
            (Text("文号", "number"), rules.document.number),
            (Text("适用期间", "in force"), f"{effective.from_} – {effective.to or ''}"),
            (Text("校验码", "digest"), self.digest),
        ]
        rows = [
            (each.id, each.cited.clause, each.cited.basis, Text(*each.cited.said))
            for each in self.cited()
        ]
        return Card(
            Text(rules.name.zh, self.id), facts, CITED_HEADINGS, rows[:ROWS_SHOWN], len(rows)
        )

    def cited(self) -> Iterator[Citation]:
        """Yield everything that rests on a clause or an assumption, in the order of the format.

        Not the default of returns where nothing is recovered: of contracts, institutions' years.
        """
        payouts = self.rules.record == "payout"
        for each in _cited(self.rules, ""):
            if payouts or (each.key, each.cited.basis) != ("returns", "default"):
                yield each
        own = {series.id for series in self.rules.series}
        for id_, series in self.series.items():
            if id_ not in own:
                yield Citation(element("series", 0, id_), series)


def _cited(value: object, key: str) -> Iterator[Citation]:
    if isinstance(value, tuple):
        for position, part in enumerate(value):
            place = element(key, position, getattr(part, "id", None))
            yield from _cited(part, base_element(position, len(value)) if key == "base" else place)
    elif isinstance(value, Strict):
        if isinstance(value, Cited):
            yield Citation(key, value)
        for part in fields(value):
            place = f"{key}.{part.name}" if key else part.name
            yield from _cited(getattr(value, part.name), place)


def list_policies() -> tuple[str, ...]:
    """Return the ids of the policies in the package, sorted.

    >>> "jiyuan-2022" in list_policies()
    True
    """
    return _ids_of_package()


@functools.cache
def _ids_of_package() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _shipped("files")))


def load_policy(policy: PolicyPath | Policy, series: Sequence[PolicyPath] = ()) -> Policy:
    """Return a policy by its id or by the path of a file; a `Policy` is returned as it is.

    `series`: files of reference series, which come before those of the package (a policy's own
    come first). Raises `PolicyFaults` with everything that is wrong.

    >>> load_policy("jiyuan-2022").rules.name.zh
    '济源示范区政府性融资担保风险补偿（2022年）'
    """
    if isinstance(policy, Policy):
        return policy if not series else _built(policy.text, policy.source, series)
    if isinstance(policy, str) and policy in list_policies():
        return _of_package(policy) if not series else _built(*_text_of(policy), series)
    path = Path(policy)
    if isinstance(policy, str) and not (policy and _exists(path)):
        known = list_policies()
        message = Text(
            "既不是政策编号，也不是已有的文件{nearest}；已有政策：{known}",
            "neither the id of a policy nor a file that exists{nearest}; known policies: {known}",
        ).fill(nearest=most_like(policy, known), known=joined(known))
        raise PolicyFaults([policy_fault("unknown_policy", policy, "", message)])
    return _built(read_text(path), path.name, series)


def texts_of_policies(policies: Iterable[Policy]) -> dict[str, str]:
    """Return the texts of policies and of the series they use, by the names that results have."""
    return {
        f"{policy.id}.{name}": text for policy in policies for name, text in policy.texts.items()
    }


def policy_of_texts(texts: Mapping[str, str], source: str = POLICY_TEXT) -> Policy:
    """Return the policy that a result keeps, by its `Policy.texts`.

    `source`: the name of its file in messages. Raises `PolicyFaults`; KeyError if there is no
    `POLICY_TEXT` among the texts.
    """
    others = [SeriesText(name, text) for name, text in texts.items() if name != POLICY_TEXT]
    return _of_text(texts[POLICY_TEXT], source, tuple(others))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _shipped(folder: str) -> list[Path]:
    return list(HERE.joinpath(folder).glob("*.toml"))


def _text_of(policy: str) -> tuple[str, str]:
    name = f"{policy}.toml"
    path = next(path for path in _shipped("files") if path.name == name)
    return read_text(path), name


@functools.cache
def _of_package(policy: str) -> Policy:
    return _built(*_text_of(policy), ())


@functools.cache
def _series_of_package() -> Mapping[str, tuple[Series, str]]:
    return _read_series(list(map(_series_text, _shipped("series"))))


def _series_text(path: Path) -> SeriesText:
    return SeriesText(path.name, read_text(path))


@functools.cache
def _validated() -> frozenset[str]:
    return frozenset(line.split()[0] for line in read_text(VALIDATED).splitlines())


def was_validated(text: str) -> bool:
    """Return whether this very text has passed every check before; see `VALIDATED`.

    It needs no pydantic then, which takes longer to import than a small run lasts.
    """
    return hashlib.sha256(text.encode()).hexdigest() in _validated()


def _as_shipped(text: str) -> bool:
    """Return whether a policy, and the series that it may use, have passed every check before."""
    return all(map(was_validated, [text, *map(read_text, _shipped("series"))]))


def _built(text: str, file: str, series: Sequence[PolicyPath]) -> Policy:
    """Make a policy of a text; ``file`` is its name in messages."""
    texts: list[SeriesText] = []
    faults: list[Issue] = []
    for path in map(Path, series):
        try:
            texts.append(_series_text(path))
        except PolicyFaults as error:
            faults += error.faults
    if faults:
        raise PolicyFaults(faults)
    return _of_text(text, file, tuple(texts))


@functools.lru_cache(maxsize=32)
def _of_text(text: str, file: str, series: tuple[SeriesText, ...]) -> Policy:
    """Return the policy of a text; the one that was made of the same texts before, if it is kept.

    Results keep the policy that others were given, and much is remembered by policy: an equal one
    would be compared, part by part, with the one that it is remembered by.
    """
    data = parse(text, file)
    if is_first_format(data):
        data = converted(data)
    found = dict(_series_of_package())
    if not series and _as_shipped(text):
        rules = built(PolicyFile, with_defaults(data))
    else:
        rules = _checked(data, file, series, found)
    rules = with_lapsing(rules)
    own = {one.id: one for one in rules.series}
    available = _available(found, own)
    chosen = {id_: available[id_] for id_ in sorted(series_used(rules))}
    others = [id_ for id_ in chosen if id_ not in own]
    digest = _digest(rules, {id_: chosen[id_] for id_ in others})
    texts = _texts(text, {id_: found[id_][1] for id_ in others})
    return Policy(rules.id, digest, rules, text, file, MappingProxyType(chosen), texts)


def _checked(
    data: dict[str, Any],
    file: str,
    series: Sequence[SeriesText],
    found: dict[str, tuple[Series, str]],
) -> PolicyFile:
    """Return what a file says once it is checked, and add the series of files to those found."""
    from compensation.policy.checks import check
    from compensation.policy.every_fault import rules_of

    beside: Sequence[Issue] = ()
    given: Mapping[str, tuple[Series, str]] = {}
    try:
        given = _read_series(series)
    except PolicyFaults as error:
        beside = error.faults
    found |= given

    def look(rules: PolicyFile, findings: Findings) -> bool:
        own = {one.id: one for one in rules.series}
        used = series_used(rules) & given.keys() - own.keys()
        _note_unused(rules, given, used, findings)
        return check(rules, _available(found, own), findings)

    return rules_of(data, file, look, beside)


def _available(
    found: Mapping[str, tuple[Series, str]], own: Mapping[str, Series]
) -> dict[str, Series]:
    """Return all series by id; a policy's own come before those of files."""
    return {**{id_: series for id_, (series, _) in found.items()}, **own}


def _texts(policy: str, series: Mapping[str, str]) -> Mapping[str, str]:
    """Return the texts to keep, by name; a file with several series once, by the first of them."""
    texts = {POLICY_TEXT: policy}
    for id_, text in series.items():
        if text not in texts.values():
            texts[SERIES_TEXT.format(id=id_)] = text
    return MappingProxyType({name: text.replace("\r\n", "\n") for name, text in texts.items()})


def _read_series(files: Sequence[SeriesText]) -> dict[str, tuple[Series, str]]:
    """Return the series of some files, by id, with their texts; the same one twice is a fault."""
    found: dict[str, tuple[Series, str]] = {}
    faults: list[Issue] = []
    for file, text in files:
        findings = Findings(file)
        try:
            read = _series_file(text, file, findings)
        except PolicyFaults as error:
            faults += error.faults
            continue
        for position, series in enumerate(read.series):
            if series.id in found:
                message = Text("序列 {id} 已经给出过", "the series {id} has been given already")
                key = element("series", position, series.id)
                findings.add("duplicate_id", key, message, id=series.id)
            found[series.id] = series, text
        faults += findings.faults
    if faults:
        raise PolicyFaults(faults)
    return found


def _series_file(text: str, file: str, findings: Findings) -> SeriesFile:
    data = parse(text, file)
    if was_validated(text):
        return built(SeriesFile, data)
    from compensation.policy.check_series import check_series
    from compensation.policy.validation import validated

    read = validated(SeriesFile, data, file)
    check_series(read.series, findings)
    return read


def _note_unused(
    rules: PolicyFile, given: Collection[str], used: Collection[str], findings: Findings
) -> None:
    """Note it where series files were given and the policy takes none of their series."""
    if not given or used:
        return
    message = Text(
        "给出的序列 {ids} 没有用到：政策 {policy} 不用它，或在自己的 [[series]] 中另有规定",
        "the series given, {ids}, are not used: policy {policy} names none of them, or has them in "
        "its own [[series]]",
    )
    findings.add("unused_series", "series", message, ids=joined(given), policy=rules.id)


def _digest(rules: PolicyFile, series: Mapping[str, Series]) -> str:
    """Return the digest of what a policy says.

    Taken over the model, not over the text: comments, blanks, the order of keys and 0.8 for 0.80
    make no difference; neither does a default that is written out.
    """
    content = {"policy": _plain(rules), "series": {id_: _plain(series[id_]) for id_ in series}}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Return what a model says in lists, texts and numbers, each written in one way only."""
    if isinstance(value, Strict):
        said = {part: getattr(value, part.name) for part in fields(value)}
        return {
            key_of_field(part.name): _plain(inner)
            for part, inner in said.items()
            if inner != part.default
        }
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value
