"""The recoveries of one claim explained: what could be distributed to date, and to whom it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from compensation.explanation.lines import Lines, names_in_formulas, yuan
from compensation.language import Text, same
from compensation.ledger.dictionary import GOVERNMENT, party_name
from compensation.policy.model import Cited
from compensation.rules import award

if TYPE_CHECKING:
    from compensation.assessment import Assessment


def recovery_lines(assessment: Assessment, claim: int, payout: str, lines: Lines) -> None:
    """Write down, recovery by recovery, what could be distributed to date and to whom it went.

    `claim`: the row of the claim in the input. `payout`: as the award's lines print it.
    """
    portfolio, recovered = assessment.portfolio, assessment.recovered
    sorted_claims = portfolio.links.recovery_claim[recovered.order]
    places = np.flatnonzero(sorted_claims == claim)
    if not len(places):
        return
    lines.given("payout", Text("代偿金额", "payout"), payout)
    parties = names_in_formulas((GOVERNMENT, *portfolio.parties))
    for place, (party, name) in enumerate(parties.items()):
        title = Text("政府补偿后{party}承担", "borne by the {party} after compensation")
        fen = int(recovered.weights[claim, place])
        lines.given(f"bears_{name}", title.fill(party=party_name(party)), yuan(fen))
    returns = assessment.policy.rules.returns
    ids = portfolio.column("recoveries", "recovery_id")
    day = portfolio.numbers("recoveries", "recovery_date")[recovered.order]
    previous: dict[str, str] = {}
    amounts: list[tuple[int, str, str]] = []
    for number, place in enumerate(places.tolist(), 1):
        source = int(recovered.order[place])
        mark = f"r{number}"
        of = same(str(ids[source].as_py()))
        for column, title in (
            ("proceeds", Text("{id} 追偿所得", "{id} proceeds")),
            ("cost", Text("{id} 追偿费用", "{id} cost")),
        ):
            fen = int(portfolio.numbers("recoveries", column)[source])
            lines.given(f"{mark}_{column}", title.fill(id=of), yuan(fen))
        amounts.append((int(day[place]), f"{mark}_proceeds", f"{mark}_cost"))
    for number, place in enumerate(places.tolist(), 1):
        _one_recovery(assessment, number, place, amounts, parties, previous, lines, returns)


def _one_recovery(
    assessment: Assessment,
    number: int,
    place: int,
    amounts: list[tuple[int, str, str]],
    parties: dict[str, str],
    previous: dict[str, str],
    lines: Lines,
    cited: Cited,
) -> None:
    """Write down one recovery: net to date, the highest so far, what is distributed, to whom."""
    recovered, mark = assessment.recovered, f"r{number}"
    net = assessment.policy.rules.returns.costs == "net"
    today = amounts[number - 1][0]
    received = [proceeds for _, proceeds, _ in amounts[:number]]
    spent = [cost for day, _, cost in amounts if day <= today] if net else []
    formula = " + ".join(received) + "".join(f" − {cost}" for cost in spent)
    net_name = lines.follows(
        f"{mark}_net",
        Text("截至当日净追偿", "net to date"),
        formula,
        [*received, *spent],
        yuan(int(recovered.sorted.net_to_date[place])),
        cited,
    )
    earlier = [previous["highest"]] if "highest" in previous else []
    highest = lines.follows(
        f"{mark}_highest",
        Text("历次最高净追偿", "highest net so far"),
        f"max({', '.join([*earlier, net_name, '0'])})",
        [*earlier, net_name],
        yuan(int(recovered.sorted.highest_to_date[place])),
    )
    to_date = min(int(recovered.sorted.highest_to_date[place]), _payout(assessment, place))
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
        int(recovered.sorted.distributed[place]),
    )
    over = int(recovered.sorted.highest_to_date[place]) - to_date
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
        int(recovered.sorted.surplus[place]),
    )
    bears = {f"{mark}_{name}_to_date": f"bears_{name}" for name in parties.values()}
    weights = recovered.weights[_claim(assessment, place)]
    parts = award.borne(np.array([to_date]), weights[None, :])[0]
    lines.split(
        f"{mark}_to_date",
        bears,
        {name: yuan(int(parts[k])) for k, name in enumerate(bears)},
        {name: party_name(party) for name, party in zip(bears, parties, strict=True)},
        Text("累计返还{party}", "returned to date to the {party}"),
    )
    for k, (party, name) in enumerate(parties.items()):
        title = Text("本次返还{party}", "to the {party}").fill(party=party_name(party))
        _difference(
            lines,
            previous,
            f"{mark}_{name}_to_date",
            (f"{mark}_to_{name}", title),
            int(recovered.sorted.parts[place, k]),
        )
    previous["highest"] = highest


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


def _claim(assessment: Assessment, place: int) -> int:
    order = assessment.recovered.order
    return int(assessment.portfolio.links.recovery_claim[order[place]])


def _payout(assessment: Assessment, place: int) -> int:
    return int(assessment.gathering.books.payout[_claim(assessment, place)])
