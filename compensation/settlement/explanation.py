"""One claim of a settlement explained: decision, payments, recoveries, and what is due."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from compensation.arrays import flags
from compensation.cards import no_such
from compensation.engine.movements import Movements, is_there
from compensation.engine.run import Decided
from compensation.explanation.claim import STATUS_NAMES
from compensation.explanation.conditions import condition_lines, unmet_of, with_reasons
from compensation.explanation.lines import (
    CONDITIONS,
    RECOVERIES,
    ConditionLine,
    Line,
    lines_of,
    section,
    titled,
)
from compensation.explanation.recoveries import ClaimRecoveries, recovery_steps
from compensation.language import Language, Text, joined
from compensation.ledger.records import Record
from compensation.policy.case_words import CASES, words_of
from compensation.policy.quantities import payer_names
from compensation.rules import award
from compensation.rules.indicators import NO_YEAR
from compensation.rules.late_steps import late_steps
from compensation.rules.payers import left_to_remit, steps_of_fixed
from compensation.rules.pool import LEGS
from compensation.rules.set_off import SET_OFF, WHOLE
from compensation.rules.settlement import (
    PAID_TO_DATE,
    REMITTED_TO_DATE,
    STATUSES,
    Entry,
    netted,
)
from compensation.rules.shown import steps_shown
from compensation.rules.stages import STAGE_SHARE
from compensation.rules.steps import Step, Steps, names_in_formulas
from compensation.schema.dictionary import table
from compensation.settlement.payers import handed_over, parts_of_leg, weights_of_payers
from compensation.settlement.settled import Settled
from compensation.settlement.tables import due_of
from compensation.values.dates import date_of

SETTLED_STATUS_NAMES = {
    **STATUS_NAMES,
    "not_covered": Text("没有适用的政策", "no policy in force on its day"),
    "year_open": Text("年度未结束，尚未核定", "its year is not over, so nothing is decided"),
}
ENDED = Text(
    "合同在该年度之前已结束，不予补偿", "the contract had ended before the year, so it gets nothing"
)
NO_DATE = Text("尚无日期，还不属于任何年度", "no date yet, so of no year")
DECISION = Text("补偿核定（元）", "Decision (yuan)")
GRANT = Text("核准金额与拨付（元）", "Granted and paid (yuan)")
DUE = Text("应缴应付（元）", "Due (yuan)")
LATE_CHARGE = Text("逾期缴回（元）", "Late returns (yuan)")
CLOSED = Text("已结案", "closed")
LAST_OF_DECISION = "compensation"
PART_OF_LEG = Text("{leg}（{payer}）", "{leg}, part of the {payer}")
TO_BE_PAID = re.compile(r"\bpayable(?=_|\b)")
"""What is payable for a case, and by whom, in names and formulas."""
REMITTED_TO = Text(
    "累计已上缴中归{payer}的（按追偿先后）",
    "of it, of the {payer} (recoveries in the order in which they came in)",
)
GOVERNMENT_TO_DATE = re.compile("r([0-9]+)_(government|payer_.+)_to_date")
"""The steps that say what government, or each payer, is returned to date, for each recovery."""


@dataclass(frozen=True)
class SettledClaim:
    """What is due for a claim, and why.

    `policy_id`: None where no policy covers it. `conditions`: each one of its policy, none where
    nothing is decided. `unmet`: what it does not meet. `sections`: the arithmetic, under its
    titles; a line's formula is over names of lines above, also of earlier sections. The last line
    is `government_cost`, or `late_charge` where the policy charges for late returns. `by_year`:
    whether the case is one of several years.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> settlement = settle(ledger, ["jiyuan-2022"], "2022-12-31")
    >>> settlement.explain("DC2022-07").status.en
    'approved'
    """

    claim_id: str
    status: Text
    closed: bool
    year: int | None
    policy_id: str | None
    conditions: tuple[ConditionLine, ...]
    sections: tuple[tuple[Text, tuple[Line, ...]], ...]
    record: Record = "payout"
    unmet: tuple[Text, ...] = ()
    by_year: bool = False

    @property
    def arithmetic(self) -> tuple[Line, ...]:
        """All lines, in order."""
        return tuple(line for _, lines in self.sections for line in lines)

    def describe(self, language: Language = "zh") -> str:
        """Return the explanation as text for people."""
        case = titled(CASES[self.record].case, f" {self.claim_id}")
        if self.by_year:
            case = joined([case, Text(f"（{self.year} 年度）", f", {self.year}")], "", "")
        status = joined([self.status, *([CLOSED] if self.closed else [])], "，", ", ")
        lines: list[Text | str] = [with_reasons(joined([case, status], "：", ": "), self.unmet)]
        if self.policy_id is not None:
            zh = f"政策 {self.policy_id}，{self.year} 年度"
            lines.append(Text(zh, f"Policy {self.policy_id}, year {self.year}"))
        if self.conditions:
            lines += section(CONDITIONS, self.conditions, language)
        for title, arithmetic in self.sections:
            lines += section(title, arithmetic, language)
        return joined(lines, "\n", "\n").get(language)

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the explanation for JSON."""
        return {
            "claim_id": self.claim_id,
            "status": self.status.get(language),
            "closed": self.closed,
            "year": self.year,
            "policy": self.policy_id,
            "conditions": [condition.as_dict(language) for condition in self.conditions],
            "sections": [
                {"title": title.get(language), "lines": [line.as_dict(language) for line in lines]}
                for title, lines in self.sections
            ],
        }


def explain_claim(of: Settled, claim_id: str, year: int | None = None) -> SettledClaim:
    """Explain one claim; KeyError where the ledger has no claim of that id on the day.

    `year`: which of its years, where a contract has a case for each; without it, of several, a
    KeyError that names them.
    """
    rows = _rows_of(of, claim_id)
    years = of.covered.year[rows].tolist()
    if year is not None:
        rows = [row for row, own in zip(rows, years, strict=True) if own == year]
    if len(rows) != 1:
        case, listed = words_of(of.policies).case, ", ".join(map(str, years))
        zh = f"{case.zh} {claim_id!r} 所属年度为 {listed}，请指明其中一个"
        en = f"{case.en} {claim_id!r} has the years {listed}; say which"
        raise KeyError(f"{zh} / {en}")
    return _explained(of, rows[0])


def explain_years(of: Settled, claim_id: str) -> tuple[SettledClaim, ...]:
    """Explain a claim in each of its years; contracts and institutions may have several."""
    return tuple(_explained(of, row) for row in _rows_of(of, claim_id))


def _rows_of(of: Settled, claim_id: str) -> list[int]:
    """Return the rows of a claim, by year; KeyError where there is none."""
    ids = of.ledgers.column("claims", "claim_id")
    rows: list[int] = np.flatnonzero(flags(pc.equal(ids, claim_id))).tolist()
    if not rows:
        raise no_such(words_of(of.policies).case, claim_id, dict.fromkeys(ids.to_pylist()))
    return rows


def _explained(of: Settled, row: int) -> SettledClaim:
    place, year = int(of.covered.policy[row]), int(of.covered.year[row])
    decided, own_row = _decided(of, row)
    conditions: tuple[ConditionLine, ...] = ()
    unmet: tuple[Text, ...] = ()
    if decided is not None:
        policy = decided.policy
        outcomes = decided.decisions.conditions
        conditions = condition_lines(policy, policy.rules.claim_conditions, outcomes, own_row)
        unmet = unmet_of(policy, decided.cases, decided.decisions, own_row)
    return SettledClaim(
        of.ledgers.column("claims", "claim_id")[row].as_py(),
        _status(of, row),
        bool(of.claims.closed[row]),
        None if year == NO_YEAR else year,
        None if place < 0 else of.policies[place].id,
        conditions,
        _sections(of, row, decided, own_row),
        of.policies[0].rules.record,
        unmet,
        of.ledgers.years is not None,
    )


def _status(of: Settled, row: int) -> Text:
    if of.covered.ended[row]:
        return ENDED
    if of.covered.year[row] == NO_YEAR:
        return NO_DATE
    return SETTLED_STATUS_NAMES[STATUSES[of.claims.status[row]]]


def _decided(of: Settled, row: int) -> tuple[Decided | None, int]:
    """Return the year that decided a claim, and the claim's row in it."""
    for year in of.decided:
        found = np.flatnonzero(year.claim_rows == row)
        if len(found):
            return year, int(found[0])
    return None, -1


def _sections(
    of: Settled, row: int, decided: Decided | None, own_row: int
) -> tuple[tuple[Text, tuple[Line, ...]], ...]:
    """Return the arithmetic in sections; a step that an earlier one has recorded is left out."""

    def by_payer(*legs: str) -> list[Step]:
        return [step for leg in legs for step in _by_payer(of, leg, row, decided, own_row)]

    titled = [
        (DECISION, [] if decided is None else _of_decision(decided, own_row)),
        (GRANT, [*_granted(of, row, decided, own_row), *by_payer("to_pay", "to_recall")]),
        (RECOVERIES, _recovered(of, row)),
        (DUE, [*_remitted(of, row), *_due(of, row, by_payer("to_remit", "to_refund"))]),
        (LATE_CHARGE, _late(of, row)),
    ]
    seen: set[str] = set()
    lines = iter(lines_of(step for _, steps in titled for step in _new(steps, seen)))
    seen = set()
    return tuple(
        (title, tuple(next(lines) for _ in _new(steps, seen))) for title, steps in titled if steps
    )


def _new(steps: Sequence[Step], seen: set[str]) -> list[Step]:
    """Return the steps whose names have not been seen, each once."""
    new = {step.name: step for step in reversed(steps) if step.name not in seen}
    seen |= set(new)
    return [step for step in steps if new.get(step.name) is step]


def _at(steps: Steps, row: int) -> list[Step]:
    """Return the steps of a row with its values alone."""
    return [step.alone(row) for step in steps_shown(steps, row)]


def _of_decision(decided: Decided, row: int) -> list[Step]:
    """Return the steps of a decision up to the compensation, and the stage that it has come to."""
    steps = _at(decided.decisions.steps, row)
    names = [step.name for step in steps]
    stage = [step for step in steps if step.name == STAGE_SHARE]
    return steps[: names.index(LAST_OF_DECISION) + 1] + stage


def _granted(of: Settled, row: int, decided: Decided | None, own_row: int) -> list[Step]:
    """Return the steps of what is granted and paid; what is set off as the decision has it."""
    steps = [*_paid(of, row), *_at(of.granted.steps, row)]
    if decided is None or decided.decisions.set_off is None:
        return steps
    of_decision = _at(decided.decisions.steps, own_row)
    names, whole = ([step.name for step in each] for each in (of_decision, steps))
    own = of_decision[names.index(WHOLE) + 1 : names.index(SET_OFF) + 1]
    place = whole.index(SET_OFF)
    return [*steps[:place], *own, *steps[place + 1 :]]


def _by_payer(of: Settled, leg: str, row: int, decided: Decided | None, own_row: int) -> list[Step]:
    """Return the steps of the payers' parts of what is due, split as what is payable is."""
    amount, place = due_of(of, leg)[row : row + 1], int(of.covered.policy[row])
    if not amount[0] or place < 0:
        return []
    rules = of.policies[place].rules
    names = names_in_formulas(tuple(payer_names(rules)))
    if leg == "to_remit" and of.returned.under[place].recovered.payers is not None:
        return _to_named_payers(of, row, place)
    weights = weights_of_payers(of.policies, of.covered, of.decided)[place][1][row : row + 1]
    if not weights.any():
        return []
    parts = dict(zip(names.values(), award.among_payers(amount, weights)[0].tolist(), strict=True))
    if decided is None:
        steps, own_row = steps_of_fixed(rules, amount, weights[0]), 0
    else:
        steps = decided.decisions.steps
    titles = dict(zip(names.values(), payer_names(rules).values(), strict=True))
    found = []
    for step in _at(steps, own_row):
        payer = step.name.removeprefix("payable_")
        if payer != step.name and payer in parts:
            name, formula = (TO_BE_PAID.sub(leg, text) for text in (step.name, step.formula))
            title = PART_OF_LEG.fill(leg=LEGS[leg], payer=titles[payer].text)
            found.append(Step(name, title, parts[payer], formula=formula))
        elif step.name.startswith("paid_by_"):
            found.append(step)
    return found


def _to_named_payers(of: Settled, row: int, place: int) -> list[Step]:
    """Return the steps of what is remitted to payers by name, beside what each has got."""
    under, found = of.returned.under[place], list[Step]()
    own = int(np.flatnonzero(under.rows == row)[0])
    got = handed_over(under, of.policies[place], of.remitted)[own].tolist()
    parts = parts_of_leg(of, "to_remit", due_of(of, "to_remit"))[place][1][row].tolist()
    recoveries = int((under.recovered.claim == own).sum())
    names = payer_names(of.policies[place].rules)
    for payer, has, part in zip(names_in_formulas(tuple(names)).values(), got, parts, strict=True):
        title = list(names.values())[len(found) // 2].text
        had = Step(f"remitted_to_{payer}", REMITTED_TO.fill(payer=title), has)
        due = PART_OF_LEG.fill(leg=LEGS["to_remit"], payer=title)
        formula = left_to_remit(payer, recoveries, had.name)
        found += [had, Step(f"to_remit_{payer}", due, part, formula=formula)]
    return found


def _paid(of: Settled, row: int) -> list[Step]:
    if not is_there(of.ledgers, "payments"):
        return []
    entries = _entries(of, of.payments, row, "payment_id")
    return netted("paid_to_date", PAID_TO_DATE, "p", entries).at(0)


def _remitted(of: Settled, row: int) -> list[Step]:
    entries = _entries(of, of.remittances, row, "remittance_id")
    return netted("remitted_to_date", REMITTED_TO_DATE, "s", entries).at(0)


def _entries(of: Settled, movements: Movements, row: int, id_column: str) -> list[Entry]:
    """Return a claim's payments or remittances by day; those of a day that went there first."""
    rows = np.flatnonzero(movements.claim == row)
    rows = rows[np.lexsort((movements.back[rows], movements.day[rows]))]
    kinds = [Text(c.zh, c.value) for c in table(movements.table).column("kind").choices]
    ids = of.ledgers.column(movements.table, id_column)
    title = Text("{id} {day} {kind}", "{id} {day} {kind}")
    return [
        Entry(
            title.fill(
                id=str(ids[place].as_py()),
                day=date_of(int(movements.day[place])),
                kind=kinds[int(movements.back[place])],
            ),
            int(movements.amount[place]),
            bool(movements.back[place]),
        )
        for place in rows.tolist()
    ]


def _recovered(of: Settled, row: int) -> list[Step]:
    """Return the steps of a claim's recoveries; government bears what it has paid by then."""
    under = next(each for each in of.returned.under if (each.rows == row).any())
    order = under.recovered.order
    owner = of.ledgers.links.recovery_claim[under.recoveries][order]
    places = np.flatnonzero(owner == row)
    if not len(places):
        return []
    rows = under.recoveries[order[places]]
    ids = of.ledgers.column("recoveries", "recovery_id")
    recoveries = ClaimRecoveries(
        [str(ids[place].as_py()) for place in rows.tolist()],
        of.ledgers.numbers("recoveries", "proceeds")[rows],
        of.ledgers.numbers("recoveries", "cost")[rows],
        under.recovered.sorted,
        int(np.flatnonzero(under.rows == row)[0]),
        places.tolist(),
    )
    steps, borne = recovery_steps(recoveries), int(of.granted.borne[row])
    if any(step.name == "bears_government" and step.values != borne for step in steps):
        return steps  # it bears no more than the beneficiary did, whatever was paid
    return list(_linked(steps, "bears_government", "borne_by_government"))


def _due(of: Settled, row: int, by_payer: Sequence[Step]) -> list[Step]:
    """Return the steps of what is due; government's share is that of the last recovery.

    `by_payer`: of the payers' parts; they stand before the net and what government bears.
    """
    steps = _at(of.legs.steps, row)
    steps[-2:-2] = by_payer
    names = [s.name for s in _recovered(of, row)]
    found = [match for name in names if (match := GOVERNMENT_TO_DATE.fullmatch(name))]
    shares = [match[0] for match in found if match[1] == found[-1][1]]
    return list(_linked(steps, "government_share", " + ".join(shares))) if shares else steps


def _late(of: Settled, row: int) -> list[Step]:
    """Return the steps of what is charged on late returns, where the policy charges."""
    if of.late is None:
        return []
    shares = [step for step in _recovered(of, row) if GOVERNMENT_TO_DATE.fullmatch(step.name)]
    remitted = _remitted(of, row)[:-1]
    return late_steps(of.late, row, of.period.end, shares, remitted)


def _linked(steps: Iterable[Step], name: str, source: str) -> Iterable[Step]:
    """Yield the steps; the one of a name follows from a step of an earlier section."""
    for step in steps:
        yield step._replace(formula=source) if step.name == name else step
