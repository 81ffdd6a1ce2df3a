"""The lines that explanations are made of.

An arithmetic line has a name, a value as printed, and a formula over the names of lines above it,
in yuan and ratios: whoever has the lines can recompute each of them without this library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from compensation.explanation.deciding import why
from compensation.explanation.values import exact, mere_number, natural, printed, ratios_in
from compensation.language import Language, Text, joined
from compensation.money import PRINTED_SCALE
from compensation.policy.model import BASIS_NAMES, Basis, Cited
from compensation.policy.wording import is_multiple
from compensation.rules.shown import steps_shown
from compensation.rules.steps import Step, Steps, Unit, terms_of
from compensation.rules.variables import Variable
from compensation.values.printing import decimal_of, ratio, yuan


@dataclass(frozen=True)
class Line:
    """One line of arithmetic.

    `formula`: over names of lines above, with + − × /, min, max, and half_up and floor to the fen;
    ``floor(x, 100)`` cuts to whole 100 yuan, half_up and ceil round to them. Empty where the value
    is given. `terms`: the names in it and their values. A value that no decimal is exactly is a
    fraction: 1234/365.
    `clause`, `basis`, `note`: what the line rests on, where the policy says it. `why`: what the
    tests looked at by which the policy has this line and no other, and why not those asked before.
    """

    name: str
    title: Text
    value: str
    formula: str = ""
    terms: Mapping[str, str] | None = None
    clause: str = ""
    basis: Basis | None = None
    note: Text = Text("", "")
    why: tuple[Text, ...] = ()

    def describe(self, language: Language) -> str:
        """Return the line as text: name, formula, the same with numbers, and the value.

        What decided it stands below, a line for each element of the policy that was asked.
        """
        parts = [f"{self.title.get(language)} {self.name}"]
        if self.terms:
            parts.append(self.formula)
            filled = _filled(self.formula, self.terms)
            parts += [filled] if filled != self.value else []
        parts.append(self.value)
        line = in_words(" = ".join(parts), language)
        # 放大倍数不低于 5 的，0.3%: what depends on a multiple need not be one.
        multiple = "%" not in self.title.zh and is_multiple(self.title, ())
        line = natural(line, language, multiple=multiple)
        if "/" in self.value and self.value != UNDEFINED:
            top, bottom = Fraction(self.value).as_integer_ratio()
            line += f" ≈ {ratio((2 * top * PRINTED_SCALE + bottom) // (2 * bottom))}"
        line += _source(self.clause, self.basis, self.note, language)
        return "\n".join([line, *(f"    {each.get(language)}" for each in self.why)])

    def as_dict(self, language: Language) -> dict[str, Any]:
        """Return the line for JSON."""
        return {
            "name": self.name,
            "title": self.title.get(language),
            "formula": self.formula or None,
            "terms": {n: in_words(value, language) for n, value in (self.terms or {}).items()},
            "value": in_words(self.value, language),
            "clause": self.clause or None,
            "basis": self.basis,
            "note": self.note.get(language) or None,
            "why": [each.get(language) for each in self.why],
        }


@dataclass(frozen=True)
class ConditionLine:
    """One condition: what was found, what the limit is, whether it is met, and what it rests on.

    `actual` is as printed, None where blank or undefined, and then `why` says so. `gap`: how far
    the value is from the limit, as printed; None where there is none. `needed`: the smallest
    change that would meet it, in natural units, where one measure alone can; None where it is met.
    `about`: what is tested, where the limit does not say it.
    """

    id: str
    passed: bool
    actual: Text | None
    limit: Text
    clause: str
    basis: Basis
    note: Text
    why: Text = Text("", "")
    gap: str | None = None
    needed: Needed | None = None
    about: Text = Text("", "")

    def natural(self, text: Text, language: Language) -> str:
        """Return a text with the values of the condition as people read them."""
        multiple = is_multiple(self.about, ratios_in(self.limit.en))
        return natural(text.get(language), language, multiple=multiple)

    def describe(self, language: Language) -> str:
        """Return the condition as one line of text."""
        verdict = _MET if self.passed else _NOT_MET
        actual = _BLANK if self.actual is None else self.actual
        # Where the id says the same in English, it is enough.
        same_words = self.about.en.replace(" ", "_") == self.id
        zh = f"{self.about.zh} {self.id}".lstrip()
        en = self.id if same_words else f"{self.about.en} {self.id}".lstrip()
        line = Text(
            f"[{verdict.zh}] {zh}：实际 {actual.zh}，要求 {self.limit.zh}",
            f"[{verdict.en}] {en}: actual {actual.en}, limit {self.limit.en}",
        )
        needed = Text("", "") if self.needed is None else self.needed.message
        more = [said for said in (self.why, needed) if said.zh]
        line = joined([self.natural(line, language), *more], "；", "; ")
        return line.get(language) + _source(self.clause, self.basis, self.note, language)

    def as_dict(self, language: Language) -> dict[str, Any]:
        """Return the condition for JSON."""
        return {
            "id": self.id,
            "passed": self.passed,
            "actual": None if self.actual is None else self.actual.get(language),
            "limit": self.limit.get(language),
            "gap": self.gap,
            "clause": self.clause,
            "basis": self.basis,
            "note": self.note.get(language),
            "why": self.why.get(language) or None,
            "message": self.describe(language),
            "needed": None if self.needed is None else self.needed.as_dict(language),
        }


_MET, _NOT_MET = Text("满足", "met"), Text("不满足", "not met")
_BLANK = Text("未填或未定义", "blank or undefined")


def section(
    title: Text, lines: Iterable[ConditionLine | Line], language: Language
) -> list[Text | str]:
    """Return lines of text under their title."""
    return [title, *(f"  {line.describe(language)}" for line in lines)]


def titled(case: Text, name: str) -> Text:
    """Return a kind of case and a name as the beginning of a text."""
    return Text(case.zh + name, case.en.capitalize() + name)


POLICY = Text("政策 {id} {digest}", "Policy {id} {digest}")
CONDITIONS = Text("条件", "Conditions")
RECOVERIES = Text("追偿返还（元）", "Recoveries (yuan)")

NOT_CITED: tuple[str, None, Text] = ("", None, Text("", ""))


@dataclass(frozen=True)
class Needed:
    """The smallest change of one measure that meets a condition, the others being as they are.

    `value`: yuan with two decimals, or a number of borrowers; None where no change of it can.
    """

    measure: str
    value: str | None
    unit: str
    message: Text

    def as_dict(self, language: Language) -> dict[str, Any]:
        """Return it for JSON."""
        return {"value": self.value, "unit": self.unit, "message": self.message.get(language)}


UNDEFINED = "无法计算/undefined"
"""What stands for the value of a variable that is blank or undefined, in both languages."""
UNDEFINED_WORDS = Text("无法计算", "undefined")


def in_words(value: str, language: Language) -> str:
    """Return a text of values in one language."""
    return value.replace(UNDEFINED, UNDEFINED_WORDS.get(language))


def _printed(step: Step, row: int) -> str:
    """Return the value of a step as lines show it."""
    if isinstance(step.values, Variable) and step.unit is Unit.EXACT:
        return exact(step.values, row) or UNDEFINED
    if isinstance(step.values, Variable):
        shown = printed(step.values, row)
        return UNDEFINED if shown is None else shown.en
    if step.unit is Unit.NUMBER:
        return mere_number(decimal_of(step.value(row), 6))
    return (yuan if step.unit is Unit.YUAN else ratio)(step.value(row))


def lines_at(steps: Steps, row: int) -> tuple[Line, ...]:
    """Return one row of the steps as lines."""
    return lines_of(steps_shown(steps, row), row)


def lines_of(steps: Iterable[Step], row: int = 0) -> tuple[Line, ...]:
    """Return the steps of a row as lines."""
    values: dict[str, str] = {}
    lines = []
    for step in steps:
        value = values[step.name] = _printed(step, row if step.of is None else 0)
        terms = {name: values[name] for name in terms_of(step.formula)} if step.formula else None
        cited = _citation(step.cited)
        line = Line(step.name, step.title, value, step.formula, terms, *cited, why(step, row))
        lines.append(line)
    return tuple(lines)


def _citation(cited: Cited | None) -> tuple[str, Basis | None, Text]:
    return NOT_CITED if cited is None else (cited.clause, cited.basis, cited.said)


def _source(clause: str, basis: Basis | None, note: Text, language: Language) -> str:
    if basis is None:
        return ""
    said = joined([BASIS_NAMES[basis], *([note] if note.zh else [])], "：", ": ")
    return Text(f"〔{clause}，{said.zh}〕", f" [{clause}, {said.en}]").get(language)


def _filled(formula: str, terms: Mapping[str, str]) -> str:
    """Return the formula with each name replaced by its value."""

    def value(name: re.Match[str]) -> str:
        found = terms.get(name[0], name[0])
        return f"({found})" if "/" in found and found != UNDEFINED else found

    return re.sub(r"[^\W\d]\w*", value, formula)
