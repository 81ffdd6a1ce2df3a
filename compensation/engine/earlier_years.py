"""Which claims count against a cap over years: those of earlier years, by what was paid.

So the year assessed has the room that earlier years left, whatever was paid for later ones since;
those have what is left then. A settlement decides the earlier years, too, and counts what it grants
for them as paid: carried out, it comes to the same again.
Source: the specification of settlements, section 12, which says it of settlements.
"""

from __future__ import annotations

from compensation.columns import Flags
from compensation.engine.inputs import RuleInputs
from compensation.policy.catalogue import Policy
from compensation.policy.model import Definition, Note
from compensation.policy.variables import COMPENSATED_BEFORE
from compensation.rules.decision import variables_needed

EARLIER_YEARS_COUNT = Definition(
    id="cap_over_all_years",
    clause="—",
    basis="assumption",
    note=Note(
        zh="历年或近几年合计的上限，先扣除所计以前年度的已补偿金额（笔数的上限扣除已补偿的笔数），"
        "清算时扣除以前年度的核准补偿，不论是否已拨付；以后年度的不扣",
        en="a cap over all or several years is reduced by what was paid for cases of the earlier "
        "ones that it counts, or by their number; a settlement counts what is granted for them, "
        "paid or not; what was paid for later years does not count",
    ),
)
"""The rule as results list it among what they assume."""


def earlier_claims(inputs: RuleInputs) -> Flags:
    """Return which claims are of years before the one that is decided."""
    if inputs.ledgers.years is not None:
        before: Flags = inputs.ledgers.years < inputs.year
        return before
    # A blank day is later than any.
    earlier: Flags = inputs.case_days() <= inputs.ends[0]
    return earlier


EARLIER_BASES_COUNT = Definition(
    id="base_over_years",
    clause="—",
    basis="assumption",
    note=Note(
        zh="历年或近几年合计的基数上限，计入以前年度已补偿的业务（清算时为核准补偿的），按本政策由台账"
        "算得的基数全额计；没有得到补偿的不计",
        en="a cap on the base over all or several years counts the cases of earlier years that "
        "were compensated (in a settlement, that are granted something), with their whole base as "
        "this policy computes it from the ledger",
    ),
)
"""What counts of earlier years' bases, as results list it among what they assume."""
ALL_EARLIER_COUNT = Definition(
    id="all_over_years",
    clause="—",
    basis="assumption",
    note=Note(
        zh="无论补偿与否全部计入的、历年或近几年合计的基数上限，计入本政策施行期内以前年度的各笔业务，"
        "按本政策由台账算得的金额全额计",
        en="a cap on the base over all or several years that counts all cases counts those of "
        "earlier years in which this policy was in force, with all that it computes of them from "
        "the ledger",
    ),
)
"""What counts of earlier years where all cases do, as results list it among what they assume."""
CASES_BEFORE_COUNT = Definition(
    id="compensated_before",
    clause="—",
    basis="assumption",
    note=Note(
        zh="以前年度补偿次数、得到补偿的年数按已补偿金额大于 0 的业务计，清算时按核准补偿；"
        "当年的各笔不计入",
        en="cases of earlier years, and the years, count as compensated where something was paid "
        "for them, in a settlement where something is granted; cases of the same year do not count",
    ),
)
"""What counts as compensated before, as results list it among what they assume."""


EARLIER_RETURNS_COUNT = Definition(
    id="net_of_returns",
    clause="—",
    basis="assumption",
    note=Note(
        zh="减去追偿返还政府（出资方）的上限，减去的是上年末以前的追偿按本政策应返还的部分，不论是否已上缴；"
        "当年的追偿从下一年度起减去",
        en="a cap that is net of returns takes off what recoveries up to the end of the year "
        "before return to government, or to the payer, by this policy, handed over or not; those "
        "of the year itself count from the next year on",
    ),
)
"""What caps net of returns take off, as results list it among what they assume."""


def counts_earlier_years(policy: Policy) -> list[Definition]:
    """Return the rules of this file that matter under a policy."""
    found = []
    over_years = [cap for cap in policy.rules.caps if cap.years != "this"]
    if any(cap.on != "base" for cap in over_years):
        found.append(EARLIER_YEARS_COUNT)
    if any(cap.net_of_returns for cap in over_years):
        found.append(EARLIER_RETURNS_COUNT)
    if any(cap.on == "base" and not cap.counts_all for cap in over_years):
        found.append(EARLIER_BASES_COUNT)
    if any(cap.counts_all for cap in over_years):
        found.append(ALL_EARLIER_COUNT)
    if COMPENSATED_BEFORE & variables_needed(policy).keys():
        found.append(CASES_BEFORE_COUNT)
    return found
