"""The recoveries of one claim explained: what could be distributed to date, and to whom it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from compensation.columns import Integers
from compensation.explanation.lines import Lines, yuan
from compensation.language import Text, same
from compensation.ledger.dictionary import GOVERNMENT, party_name
from compensation.policy.model import Returns
from compensation.rules import award
from compensation.rules.returns import Returned
from compensation.rules.steps import names_in_formulas, of_party

if TYPE_CHECKING:
    from compensation.assessment import Assessment


class ClaimRecoveries(NamedTuple):
    """The recoveries of one claim, sorted by day and id, and what was returned; fen, days.

    `parties`: those who shared the payout, without government. `bears`: (1 + parties,) what
    government and each of them bears of it.
    """

    parties: tuple[str, ...]
    bears: Integers
    payout: int
    ids: Sequence[str]
    day: Integers
    proceeds: Integers
    cost: Integers
    returned: Returned


def recoveries_of(assessment: Assessment, claim: int) -> ClaimRecoveries | None:
    """Return the recoveries of a claim of the input, by its row; None where it has none."""
    portfolio, recovered = assessment.portfolio, assessment.recovered
    places = np.flatnonzero(portfolio.links.recovery_claim[recovered.order] == claim)
    if not len(places):
        return None
    rows = recovered.order[places]
    ids = portfolio.column("recoveries", "recovery_id")
    return ClaimRecoveries(
        portfolio.parties,
        recovered.weights[claim],
        int(assessment.gathering.books.payout[claim]),
        [str(ids[row].as_py()) for row in rows.tolist()],
        portfolio.numbers("recoveries", "recovery_date")[rows],
        portfolio.numbers("recoveries", "proceeds")[rows],
        portfolio.numbers("recoveries", "cost")[rows],
        Returned(*(column[places] for column in recovered.sorted)),
    )


def recovery_lines(recoveries: ClaimRecoveries, rule: Returns, lines: Lines) -> None:
    """Write down, recovery by recovery, what could be distributed to date and to whom it went."""
    lines.given("payout", Text("代偿金额", "payout"), yuan(recoveries.payout))
    parties = names_in_formulas((GOVERNMENT, *recoveries.parties))
    for place, (party, name) in enumerate(parties.items()):
        title = Text("政府补偿后{party}承担", "borne by the {party} after compensation")
        fen = int(recoveries.bears[place])
        lines.given(f"bears_{name}", title.fill(party=party_name(party)), yuan(fen))
    rests = _rests(recoveries, parties, lines)
    for place, id_ in enumerate(recoveries.ids):
        for column, amounts, title in (
            ("proceeds", recoveries.proceeds, Text("{id} 追偿所得", "{id} proceeds")),
            ("cost", recoveries.cost, Text("{id} 追偿费用", "{id} cost")),
        ):
            fen = int(amounts[place])
            lines.given(f"r{place + 1}_{column}", title.fill(id=same(id_)), yuan(fen))
    previous: dict[str, str] = {}
    for place in range(len(recoveries.ids)):
        _one_recovery(recoveries, place, parties, rests, previous, lines, rule)


def _rests(
    recoveries: ClaimRecoveries, parties: Mapping[str, str], lines: Lines
) -> Mapping[str, str]:
    """Write down what each party and those after it bear; return the line's name by party's name.

    Every recovery is split over the same amounts, so their sums are written down once.
    """
    rests: dict[str, str] = {}
    rest, fen = "", 0
    title = Text("{party}及其后各方承担", "borne by the {party} and the parties after it")
    for (party, name), bears in reversed(
        list(zip(parties.items(), recoveries.bears.tolist(), strict=True))
    ):
        weight, fen = f"bears_{name}", fen + bears
        if rest and bears:
            title_of_party = title.fill(party=party_name(party))
            names = [weight, rest]
            rest = lines.follows(
                f"rest_{name}", title_of_party, f"{weight} + {rest}", names, yuan(fen)
            )
        elif bears:
            rest = weight
        rests[name] = rest
    return rests


def _one_recovery(
    recoveries: ClaimRecoveries,
    place: int,
    parties: Mapping[str, str],
    rests: Mapping[str, str],
    previous: dict[str, str],
    lines: Lines,
    rule: Returns,
) -> None:
    """Write down one recovery: net to date, the highest so far, what is distributed, to whom."""
    returned, mark = recoveries.returned, f"r{place + 1}"
    received = [f"r{place}_net", f"{mark}_proceeds"] if place else [f"{mark}_proceeds"]
    spent = _costs_of_day(recoveries, place) if rule.costs == "net" else []
    net_name = lines.follows(
        f"{mark}_net",
        Text("截至当日净追偿", "net to date"),
        " + ".join(received) + "".join(f" − {cost}" for cost in spent),
        [*received, *spent],
        yuan(int(returned.net_to_date[place])),
        rule,
    )
    earlier = [previous["highest"]] if "highest" in previous else []
    highest = lines.follows(
        f"{mark}_highest",
        Text("历次最高净追偿", "highest net so far"),
        f"max({', '.join([*earlier, net_name, '0'])})",
        [*earlier, net_name],
        yuan(int(returned.highest_to_date[place])),
    )
    to_date = min(int(returned.highest_to_date[place]), recoveries.payout)
    lines.follows(
        f"{mark}_to_date",
        Text("累计可返还", "distributable to date"),
        f"min({highest}, payout)",
        [highest, "payout"],
        yuan(to_date),
    )
    _difference(
        lines,
        previous,
        f"{mark}_to_date",
        (f"{mark}_distributed", Text("本次返还", "distributed")),
        int(returned.distributed[place]),
    )
    over = int(returned.highest_to_date[place]) - to_date
    lines.follows(
        f"{mark}_surplus_so_far",
        Text("累计超出代偿金额", "above the payout to date"),
        f"max({highest} − payout, 0)",
        [highest, "payout"],
        yuan(over),
    )
    _difference(
        lines,
        previous,
        f"{mark}_surplus_so_far",
        (f"{mark}_surplus", Text("本次超出部分,按合同处理", "surplus, left to the contract")),
        int(returned.surplus[place]),
    )
    _split(recoveries, to_date, mark, parties, rests, lines)
    for k, (party, name) in enumerate(parties.items()):
        title = Text("本次返还{party}", "to the {party}").fill(party=party_name(party))
        _difference(
            lines,
            previous,
            f"{mark}_{name}_to_date",
            (f"{mark}_to_{name}", title),
            int(returned.parts[place, k]),
        )
    previous["highest"] = highest


def _split(
    recoveries: ClaimRecoveries,
    to_date: int,
    mark: str,
    parties: Mapping[str, str],
    rests: Mapping[str, str],
    lines: Lines,
) -> None:
    """Write down what each party gets of the amount to date, and what that leaves to the others.

    Each part names the amount left by a line of its own: spelled out as in `Lines.split`, the
    lines of every recovery would grow with the square of the parties.
    """
    parts = award.borne(np.array([to_date]), recoveries.bears[None, :])[0].tolist()
    left, fen = f"{mark}_to_date", to_date
    for (party, name), part, bears in zip(
        parties.items(), parts, recoveries.bears.tolist(), strict=True
    ):
        what, weight, rest = f"{mark}_{name}_to_date", f"bears_{name}", rests[name]
        title = of_party(_TO_DATE, party)
        if not bears:
            lines.follows(what, title, "0", (), yuan(part))
            continue
        formula = f"half_up({left} × {weight} / {rest})"
        lines.follows(what, title, formula, (left, weight, rest), yuan(part))
        fen -= part
        if rest != weight:
            after = f"{mark}_after_{name}"
            title = of_party(_LEFT, party)
            left = lines.follows(after, title, f"{left} − {what}", (left, what), yuan(fen))


_TO_DATE = Text("累计返还{party}", "returned to date to the {party}")
_LEFT = Text("返还{party}后余下", "left after the {party}")


def _costs_of_day(recoveries: ClaimRecoveries, place: int) -> list[str]:
    """Return the lines with all costs of a day, for its first recovery; none for the others."""
    days = recoveries.day
    if place and days[place - 1] == days[place]:
        return []
    after = int(np.searchsorted(days, days[place], side="right"))
    return [f"r{n}_cost" for n in range(place + 1, after + 1)]


def _difference(
    lines: Lines,
    previous: dict[str, str],
    now: str,
    step: tuple[str, Text],
    fen: int,
) -> None:
    """Write down, as ``step``, what this recovery adds to the one before; ``now``: to date."""
    name, title = step
    what = name.partition("_")[2]
    before = previous.get(what)
    formula = now if before is None else f"{now} − {before}"
    names = [now] if before is None else [now, before]
    lines.follows(name, title, formula, names, yuan(fen))
    previous[what] = now
