"""What is wrong with how a policy returns recoveries: who is named, by which shares, up to what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from compensation.language import Text
from compensation.policy.check_tests import TestChecker
from compensation.policy.faults import Findings
from compensation.policy.kinds import Kind
from compensation.policy.model import (
    CostLimits,
    PolicyFile,
    Quantity,
    ReturnShare,
    ReturnStep,
    Test,
)
from compensation.policy.quantities import (
    looks_at_groups,
    names_in,
    names_in_tests,
    operations_in,
    operations_of,
    payer_names,
    resolved,
)
from compensation.policy.variables import COMPUTED_NAMES
from compensation.schema.parties import GOVERNMENT

_NEVER_UNDEFINED = {"sum", "minus", "times", "min", "max", "first_given"}
NO_PAYOUTS = Text(
    "合同和机构年度没有代偿，也就没有追回",
    "contracts and institutions have no payouts, so nothing of them is recovered",
)


class ReturnsChecker:
    """Checks the returns of one policy file."""

    def __init__(self, rules: PolicyFile, tests: TestChecker, findings: Findings) -> None:
        self.rules = rules
        self.returns = rules.returns
        self.tests = tests
        self.quantities = tests.quantities
        self.findings = findings

    def check(self) -> None:
        """Check who gets back before the others, up to what, and what was recovered before.

        That is of columns of the claim and its contract, since it is asked of any year.
        """
        self._check_when(self.returns.when, "returns.when")
        self._check_parts()
        self._check_named()
        if self.returns.shares:
            self._check_shares(self.returns.shares, "returns.shares")
        self._check_costs()
        self._check_reward()
        self._check_late()
        self._check_recovered_before()

    def _check_when(self, when: tuple[Test, ...], key: str) -> None:
        """Check the tests of recoveries, also of their own columns."""
        if when and self.rules.record != "payout":
            self.findings.add("wrong_place", key, NO_PAYOUTS)
            return
        before = len(self.findings.faults)
        self.tests.check_all(when, key, "recovery")
        if len(self.findings.faults) == before:
            self._check_names(names_in_tests(when), key)

    def _check_named(self) -> None:
        """Check the steps, and that nobody is named who has got back all already."""
        full: set[str] = set()
        for number, each in enumerate(self.returns.first, 1):
            key = f"returns.first[{number}]"
            if isinstance(each, str):
                self._check_party(each, key, full)
                full.add(each)
            else:
                self._check_step(each, key, full)
        for number, share in enumerate(self.returns.shares, 1):
            key = f"returns.shares[{number}].party"
            self._check_party(share.party, key, full)
            full.add(share.party)

    def _check_step(self, step: ReturnStep, key: str, full: set[str]) -> None:
        self._check_when(step.when, f"{key}.when")
        if replace(step, when=()) == ReturnStep() or (step.to and step.shares):
            message = Text(
                "一步要写返还谁（to 或 shares，只写一个）或以什么为限（of、up_to）",
                "a step says who gets back (`to` or `shares`, one of them) or up to what (`of`, "
                "`up_to`)",
            )
            self.findings.add("return_step", key, message)
        here: set[str] = set()
        keys = [f"{key}.to[{n}]" for n, _ in enumerate(step.to or (), 1)]
        keys += [f"{key}.shares[{n}].party" for n, _ in enumerate(step.shares, 1)]
        for party, place in zip(step.named, keys, strict=True):
            self._check_party(party, place, full | here)
            here.add(party)
        if not step.limited:
            full |= here
        if step.shares:
            self._check_shares(step.shares, f"{key}.shares")
        for name in ("of", "up_to"):
            quantity = getattr(step, name)
            if quantity is not None:
                self._check_amount(quantity, f"{key}.{name}")

    def _check_party(self, party: str, key: str, full: set[str]) -> None:
        """Check one who gets back; `full`: those who have got back all that they bear."""
        if party in payer_names(self.rules):
            self._check_payer_named(party, key)
        elif party != GOVERNMENT:
            self.quantities.party(party, key)
        if party in full:
            message = Text("{party} 写了两次", "{party} is a duplicate")
            self.findings.add("duplicate_id", key, message, party=party)

    def _check_payer_named(self, payer: str, key: str) -> None:
        """Check that beside a payer that gets back by itself all of them together are not named."""
        if GOVERNMENT in self.returns.named:
            message = Text(
                "government 是全部出资方；写了 {payer} 的，不写 government，各出资方逐一列出",
                "`government` is all payers together: beside {payer}, list each payer instead",
            )
            self.findings.add("payer_first", key, message, payer=payer)

    def _check_shares(self, listed: tuple[ReturnShare, ...], where: str) -> None:
        """Check that shares of recoveries are whole numbers, such as 4 : 3 : 2, or make 1."""
        shares = [each.share for each in listed]
        fixed = [share for share in shares if isinstance(share, Decimal)]
        for place, share in enumerate(shares, 1):
            key = f"{where}[{place}].share"
            if isinstance(share, Decimal):
                low, high = (share < 0, share > 1) if len(fixed) < len(shares) else (share <= 0, 0)
                if low or high:
                    message = Text("份额不能是 {share}", "a share cannot be {share}")
                    self.findings.add("return_share", key, message, share=share)
            elif self.quantities.wanted(share, key, "claim", Kind.RATIO):
                self._check_of_any_year(share, key)
        total = sum(fixed)
        if len(fixed) == len(shares) and any(share % 1 for share in fixed) and total != 1:
            message = Text(
                "各份额合计 {total}：写整数（4、3、2、1），或写合计正好为 1 的份额",
                "the shares come to {total}: write whole numbers (4, 3, 2, 1), or shares that make "
                "exactly 1",
            )
            self.findings.add("return_share", where, message, total=total)

    def _check_parts(self) -> None:
        """Check the parts of the payout that not all bear."""
        before: set[Quantity] = set()
        for number, part in enumerate(self.returns.parts, 1):
            key = f"returns.parts[{number}]"
            self._check_amount(part.of, f"{key}.of")
            if part.of in before:
                message = Text("这一部分写了两次", "this part is a duplicate")
                self.findings.add("duplicate_id", f"{key}.of", message)
            before.add(part.of)
            if set(part.borne_by) == {GOVERNMENT}:
                message = Text(
                    "政府承担的是受偿方的一部分：还要写受偿方",
                    "government bears a part of what the beneficiary does: name that, too",
                )
                self.findings.add("return_part", f"{key}.borne_by", message)
            for place, party in enumerate(part.borne_by, 1):
                here = f"{key}.borne_by[{place}]"
                if party in part.borne_by[: place - 1]:
                    message = Text("{party} 写了两次", "{party} is a duplicate")
                    self.findings.add("duplicate_id", here, message, party=party)
                elif party in payer_names(self.rules):
                    message = Text(
                        "出资方 {party} 合写为 government",
                        "the payer {party} is part of government",
                    )
                    self.findings.add("return_part", here, message, party=party)
                elif party != GOVERNMENT:
                    self.quantities.party(party, here)

    def _check_costs(self) -> None:
        """Check up to what costs are taken off."""
        costs = self.returns.costs
        if not isinstance(costs, CostLimits):
            return
        if costs == CostLimits():
            message = Text(
                '扣除费用的限额要写 of_proceeds 或 at_most；不限的写 costs = "net"',
                'a limit of the costs is `of_proceeds` or `at_most`; without one, costs = "net"',
            )
            self.findings.add("return_costs", "returns.costs", message)
        share, key = costs.of_proceeds, "returns.costs.of_proceeds"
        computed = None if isinstance(share, Decimal) else share
        if computed is not None and self.quantities.wanted(computed, key, "claim", Kind.RATIO):
            self._check_of_any_year(computed, key)
        if costs.at_most is not None:
            self._check_amount(costs.at_most, "returns.costs.at_most")

    def _check_reward(self) -> None:
        """Check what share of recoveries is a reward."""
        reward, key = self.returns.reward, "returns.reward"
        if reward is None:
            return
        if self.rules.record != "payout":
            self.findings.add("wrong_place", key, NO_PAYOUTS)
        elif reward in (0, 1):
            message = Text("奖励比例要大于 0、小于 1", "a reward is a share above 0 and below 1")
            self.findings.add("return_reward", key, message)

    def _check_late(self) -> None:
        """Check until when returns are handed over, and what is charged for a day."""
        late, key = self.returns.late, "returns.late"
        if late is None:
            return
        if self.rules.record != "payout":
            self.findings.add("wrong_place", key, NO_PAYOUTS)
            return
        if self.quantities.wanted(late.due, f"{key}.due", "recovery", Kind.DATE):
            self._check_names(names_in(late.due), f"{key}.due")
        if isinstance(late.rate, Decimal) and not 0 < late.rate < 1:
            message = Text(
                "每日加收的比例要大于 0、小于 1；万分之五写 0.0005",
                "a rate for a day is above 0 and below 1: 0.05% is 0.0005",
            )
            self.findings.add("return_late", f"{key}.rate", message)
        elif self.quantities.wanted(late.rate, f"{key}.rate", "recovery", Kind.RATIO):
            self._check_names(names_in(late.rate), f"{key}.rate")

    def _check_amount(self, quantity: Quantity, key: str) -> None:
        """Check an amount of each claim: of columns of the claim and its contract, or fixed."""
        if self.rules.record != "payout":
            self.findings.add("wrong_place", key, NO_PAYOUTS)
        elif isinstance(quantity, Decimal):
            if quantity <= 0 or quantity % Decimal("0.01"):
                message = Text(
                    "限额要大于 0，最多 2 位小数", "a limit is above 0, with at most 2 decimals"
                )
                self.findings.add("return_limit", key, message)
        elif self.quantities.wanted(quantity, key, "claim", Kind.MONEY):
            self._check_of_any_year(quantity, key)

    def _check_of_any_year(self, quantity: Quantity, key: str) -> None:
        """Check that a quantity is of columns of the claim and its contract, in whatever year."""
        wrong = ["measure"] if looks_at_groups(self.rules, quantity) else []
        self._check_names(names_in(quantity), key, wrong)

    def _check_names(self, used: set[str], key: str, wrong: Iterable[str] = ()) -> None:
        """Check that what is looked at has a value in whatever year; `wrong`: what has none."""
        of_a_year, tables = COMPUTED_NAMES - {"claims.payout"}, ("claims.", "contracts.")
        wrong = [
            *sorted(
                name
                for name in resolved(self.rules, used)
                if name in of_a_year or not name.startswith((*tables, "recoveries."))
            ),
            *wrong,
        ]
        if wrong:
            message = Text(
                "追偿不分年度，只能用代偿表、担保合同表中填报的列，不能用 {names}",
                "recoveries are of any year: only columns of claims and contracts that the ledger "
                "holds are used here, not {names}",
            )
            self.findings.add("wrong_place", key, message, names=", ".join(wrong))

    def _check_recovered_before(self) -> None:
        before, key = self.returns.recovered_before, "returns.recovered_before"
        if before is None or not self.quantities.wanted(before, key, "claim", Kind.MONEY):
            return
        if self.rules.record != "payout":
            self.findings.add("wrong_place", key, NO_PAYOUTS)
            return
        names = resolved(self.rules, names_in(before))
        used = {name for each in operations_of(before) for name in operations_in(each)}
        own = names_in(before) - names
        if own or used - _NEVER_UNDEFINED or not all(n.startswith("claims.") for n in names):
            message = Text(
                "只能用代偿表中的金额列，及其和、差、倍数、较大或较小者",
                "only amounts of the claims table are used here, their sum, difference, multiples, "
                "the larger or smaller of them",
            )
            self.findings.add("wrong_place", key, message)
