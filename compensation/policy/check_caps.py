"""What is wrong with the caps of a policy file: limits, groups, payers, years."""

from __future__ import annotations

from decimal import Decimal

from compensation.language import Text
from compensation.policy.check_quantities import Place, reached
from compensation.policy.check_tests import TestChecker
from compensation.policy.defaults import PAYOUT
from compensation.policy.faults import Findings, element
from compensation.policy.kinds import Kind
from compensation.policy.model import (
    NOBODY,
    Budget,
    Cap,
    Operation,
    PolicyFile,
    Quantity,
    Test,
)
from compensation.policy.quantities import (
    CASE_CAPPED,
    MONTHS_OF,
    PAYER_PREFIX,
    QUANTITY_PREFIX,
    always_known,
    carries_over,
    comes_last,
    decided_before,
    names_in,
    names_in_tests,
    operations_in,
    operations_of,
    paid_columns,
    payer_names,
    resolved,
)
from compensation.policy.variables import (
    BORROWER_BALANCE,
    COMPENSATED_BEFORE,
    COMPUTED_NAMES,
    most_like,
)
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import ROWS_OF


class CapChecker:
    """Checks the caps of one policy file, and the groups that cases make."""

    def __init__(self, rules: PolicyFile, tests: TestChecker, findings: Findings) -> None:
        self.rules = rules
        self.tests = tests
        self.findings = findings

    def check(self) -> None:
        """Check the caps; without one by what was borne, returns could pass it."""
        for position, cap in enumerate(self.rules.caps):
            self._check_cap(cap, element("caps", position, cap.id))
        self.check_groups(self.rules.rates.per, "rates")
        if self.rules.record != "payout":
            return
        party = self.rules.beneficiary.party
        limits = [
            cap.at_most
            for cap in self.rules.caps
            if cap.on == "compensation" and cap.per is None and cap.payer is None and not cap.when
        ]
        lost = lost_of(self.rules)
        if not any(limit is not None and within_borne(limit, party, lost) for limit in limits):
            message = Text(
                "至少要有一项每笔的封顶用到受偿方承担的金额（borne_by）：补偿不能超过受偿方自己承担的"
                "金额；写了 recovered_before 的，按扣除后的代偿损失计",
                "one cap on each claim by what the beneficiary bore (borne_by) is needed: "
                "compensation may not pass it; with recovered_before, of the payout less that",
            )
            self.findings.add("no_cap_by_borne", "caps", message)

    def _check_cap(self, cap: Cap, key: str) -> None:
        quantities = self.tests.quantities
        limits = [name for name in ("at_most", "below", "above") if getattr(cap, name) is not None]
        if cap.sets_off:
            self._check_set_off(cap, key)
            return
        begins = cap.on == "base" or cap.payer is not None
        needed = ("at_most", "below", "above") if begins else ("at_most", "below")
        counted = Kind.COUNT if cap.on == "cases" else Kind.MONEY
        if not set(needed) & set(limits):
            message = Text("要写封顶的金额 at_most", "at_most, the limit, is needed")
            self.findings.add("cap_limit", key, message)
        for name in (*limits, *(n for n in ("of", "in_all") if getattr(cap, n) is not None)):
            limit = getattr(cap, name)
            here = f"{key}.{name}"
            kind = counted if name == "at_most" else Kind.MONEY
            over_years = name == cap.limit_key and cap.years != "this" and cap.on == "compensation"
            place: Place = "cap" if over_years else "claim"
            if cap.per is None and cap.on == "compensation" and name in ("at_most", "above"):
                place = "own_cap" if cap.payer is None else "payer_cap"
            if quantities.wanted(limit, here, place, kind) and decided_before(limit):
                self._check_decided_before(cap, limit, here)
            if kind is Kind.COUNT and isinstance(limit, Decimal) and limit % 1:
                message = Text("次数要写整数", "a number of cases is whole")
                self.findings.add("limit_decimals", here, message)
            if isinstance(limit, Decimal) and not (limit == 0 and name in ("above", "at_most")):
                self.check_limit(limit, here)
        both = (cap.above, cap.at_most)
        if all(isinstance(limit, Decimal) for limit in both) and cap.above >= cap.at_most:  # type: ignore[operator]
            message = Text("above 要低于 at_most", "`above` must be below `at_most`")
            self.findings.add("cap_limit", f"{key}.above", message)
        self._check_form_of_cap(cap, key)
        self._check_pool(cap, key)
        self.check_groups(cap.per, key)
        self._check_kept(cap, key)
        self._check_payer_of_cap(cap, key)
        self.tests.check_all(cap.when, f"{key}.when", "claim")

    def _check_set_off(self, cap: Cap, key: str) -> None:
        """Check an amount that is set off from what is payable: it says no more than of whom."""
        others = cap.written - {"id", "on", "above", "per", "when", "clause", "basis", "note"}
        if cap.above is None or others:
            message = Text(
                '从应付金额中抵扣的（on = "payment"），写抵扣的金额 above，几笔合计的写 per，'
                "可以写 when，不写其他",
                'what is set off from what is payable (on = "payment") has `above`, the amount, '
                "`per` where cases share it, `when` where it is not for all, and nothing else",
            )
            self.findings.add("cap_form", key, message)
        here = f"{key}.above"
        if cap.above is None or not self.tests.quantities.wanted(
            cap.above, here, "claim", Kind.MONEY
        ):
            pass
        elif isinstance(cap.above, Decimal):
            self.check_limit(cap.above, here)
        elif not always_known(cap.above):
            message = Text(
                "抵扣的金额总要有数：只用台账中的列，和 sum、minus、times、min、max 计算",
                "what is set off always has a value: columns of the ledger, computed with by sum, "
                "minus, times, min and max only",
            )
            self.findings.add("wrong_place", here, message)
        if paid_columns(self.rules):
            message = Text(
                "写有各出资方已支付金额（paid）的，不能写抵扣：抵扣的金额不知道算哪一方支付的",
                "set-offs do not go with `paid` of the payers: it is not known whose payments they "
                "are",
            )
            self.findings.add("cap_form", key, message)
        self.check_groups(cap.per, key)
        self.tests.check_all(cap.when, f"{key}.when", "claim")

    def _check_decided_before(self, cap: Cap, limit: Quantity, key: str) -> None:
        """Check that a limit computed from what is decided before it can be, in order."""
        if not _plainly(limit):
            message = Text(
                "{names} 只用 sum、minus、times、min、max、round_to 计算",
                "{names} is computed with by sum, minus, times, min, max and round_to only",
            )
            names = ", ".join(sorted(decided_before(limit)))
            self.findings.add("wrong_place", key, message, names=names)
        if comes_last(cap) and (cap.payer is not None or cap.exceeding == "refuse"):
            message = Text(
                "{name} 只用于每笔的补偿金额上限，不和 payer、refuse 一起写",
                "{name} stands in a cap on the compensation of each case only, without `payer` and "
                '"refuse"',
            )
            self.findings.add("cap_form", key, message, name=CASE_CAPPED)
        place, caps = self.rules.caps.index(cap), self.rules.caps
        for name in sorted(decided_before(limit)):
            payer = name.removeprefix(PAYER_PREFIX)
            later = {payer for each in caps[place + 1 :] for payer in each.payers}
            later |= {taker.payer for each in caps[place + 1 :] for taker in each.takers}
            # Of the payer itself it is what it pays before this cap.
            if name != payer and payer in later - set(cap.payers):
                message = Text(
                    "{payer}承担多少，到这里还没有定：{payer} 自己的上限、超出后由 {payer} 承担的"
                    "上限，都要写在这一项之前",
                    "what {payer} pays is not settled here: the caps on {payer}, and those of "
                    "which {payer} takes the rest, stand above this one",
                )
                self.findings.add("cap_form", key, message, payer=payer)

    def _check_pool(self, cap: Cap, key: str) -> None:
        """Check who comes first in a pool, and the sum of the pools of all groups."""
        self.check_first(cap.first, f"{key}.first")
        self.check_unit(cap.round_to, f"{key}.round_to")
        self.check_unit(cap.at_least, f"{key}.at_least")
        self.check_ratio_unit(cap, key)
        of_pools = ("first", "in_all", "round_to", "ratio_to", "left_over", "at_least")
        wrong = [name for name in of_pools if name in cap.written]
        if cap.exceeding == "pro_rata":
            wrong = ["in_all"] if cap.in_all is not None and not cap.per else []
            if cap.payer is not None and cap.at_least is not None:
                message = Text(
                    "at_least（压缩后不足多少元的不发放）不和 payer 一起写：缺的由 rest 承担",
                    "`at_least` (what is too little once it is cut) does not stand with `payer`: "
                    "`rest` pays what is missing",
                )
                self.findings.add("cap_form", f"{key}.at_least", message)
            if cap.in_all is not None and (cap.left_over == NOBODY or cap.ratio_to is not None):
                message = Text(
                    "舍去的尾差不再分配的，或比例取整的，不写 in_all：各组没有用完的要分给其他组",
                    "where nobody gets what is left over, or the ratio is rounded, leave out "
                    "`in_all`, which gives what groups leave to the others",
                )
                name = "left_over" if cap.ratio_to is None else "ratio_to"
                self.findings.add("cap_form", f"{key}.{name}", message)
        for name in wrong:
            message = Text(
                '{name} 只和 exceeding = "pro_rata" 一起写，in_all（各组合计的资金）还要有 per',
                '`{name}` stands with exceeding = "pro_rata" only, and `in_all` (the money of all '
                "groups) with groups in `per`",
            )
            self.findings.add("cap_form", f"{key}.{name}", message, name=name)

    def check_first(self, first: tuple[Test, ...], key: str) -> None:
        """Check the tests of who comes first, each of which is a turn of its own."""
        self.tests.check_all(first, key, "claim")
        for position, test in enumerate(first):
            if test in first[:position]:
                message = Text(
                    "与前面的一项相同，轮不到", "it is the same as one before, so never its turn"
                )
                self.findings.add("duplicate_id", element(key, position), message)

    def _check_payer_of_cap(self, cap: Cap, key: str) -> None:
        """Check that a cap on what a payer pays says who pays the rest, and goes with its keys."""
        if cap.payer is None and cap.rest is None:
            return
        known = payer_names(self.rules)
        for name in (name for name in ("payer", "rest") if getattr(cap, name) is None):
            message = Text(
                "payer（谁承担的部分）和 rest（超出的部分由谁承担：另一出资方的编号，"
                '不再补偿的写 "nobody"）一起写',
                "`payer` (whose part) and `rest` (who pays what lies above: the id of another "
                'payer, or "nobody" where it falls away) stand together',
            )
            self.findings.add("cap_form", f"{key}.{name}", message)
        several = isinstance(cap.rest, tuple)
        takers = {
            f"{key}.rest[{place}].payer" if several else f"{key}.rest": taker.payer
            for place, taker in enumerate(cap.takers, 1)
        }
        for place, payer in enumerate(cap.payers):
            if payer in cap.payers[:place]:
                message = Text("{id} 写了两次", "{id} is a duplicate")
                self.findings.add("duplicate_id", f"{key}.payer", message, id=payer)
        together = isinstance(cap.payer, tuple)
        of = {
            f"{key}.payer[{place}]" if together else f"{key}.payer": payer
            for place, payer in enumerate(cap.payers, 1)
        }
        for here, value in {**of, **takers}.items():
            if value not in (*known, *([NOBODY] if here in takers else [])):
                message = Text(
                    "没有出资方 {name}{nearest}", "there is no payer {name} in payers{nearest}"
                )
                near = most_like(value or "", known)
                self.findings.add("unknown_payer", here, message, name=value, nearest=near)
        if several:
            self._check_shares_of_rest(cap, f"{key}.rest")
        beyond = cap.of is not None or cap.above is not None
        of_pool = cap.exceeding == "pro_rata" and not beyond and cap.in_all is None
        stops = cap.stops and cap.above is None
        wrong = ("on",) if of_pool or stops else ("on", "exceeding")
        for name in (name for name in wrong if name in cap.written):
            message = Text(
                "{name} 不和 payer 一起写：按出资方的上限计补偿金额，超出的按 rest 办（不写 of、"
                'above、in_all 的，可以写 exceeding = "pro_rata"，按比例分配；不写 above 的，'
                "可以写 stop_before、stop_after，超过后不再承担）",
                "{name} does not stand with `payer`: such a cap counts the compensation, and `rest`"
                ' says what becomes of more (exceeding = "pro_rata" may stand without `of`, '
                "`above` and `in_all`: shared in proportion; stop_before and stop_after without "
                "`above`: the payer pays no more)",
            )
            self.findings.add("cap_form", f"{key}.{name}", message, name=name)
        if cap.years != "this" and (beyond or cap.stops):
            message = Text(
                "写有 of、above 的，或超过后不再承担的出资方的上限只按当年计，不写 years",
                "a cap on a payer with `of` or `above`, or that stops, counts the cases of the "
                "year only",
            )
            self.findings.add("cap_form", f"{key}.years", message)
        elif cap.years != "this" and self.rules.trigger.until:
            message = Text(
                "跨几个年度的业务，以前年度各出资方支付了多少不知道；出资方的上限只按当年计",
                "of cases that belong to several years it is not known what payers paid in the "
                "earlier ones: a cap on a payer counts the year only",
            )
            self.findings.add("cap_form", f"{key}.years", message)
        caps = self.rules.caps
        before = {payer for each in caps[: caps.index(cap) + 1] for payer in each.payers}
        for here, value in takers.items():
            if value in before:
                message = Text(
                    "{name} 的上限要写在这一项之后，否则转给它的部分可能超过它的上限",
                    "the cap on {name} comes after this one, or what it takes over could pass it",
                )
                self.findings.add("cap_form", here, message, name=value)

    def _check_shares_of_rest(self, cap: Cap, key: str) -> None:
        """Check that those who take over what lies above a cap take all of it between them."""
        shares = [taker.share for taker in cap.takers]
        for place, taker in enumerate(cap.takers):
            here = element(key, place)
            self.tests.quantities.wanted(taker.share, f"{here}.share", "claim", Kind.RATIO)
            if taker.payer in (each.payer for each in cap.takers[:place]):
                message = Text("{id} 写了两次", "{id} is a duplicate")
                self.findings.add("duplicate_id", f"{here}.payer", message, id=taker.payer)
        fixed = [share for share in shares if isinstance(share, Decimal)]
        if len(fixed) == len(shares) and (sum(fixed) != 1 or not all(fixed)):
            message = Text(
                "各方承担的份额要大于 0，合计等于 1，现为 {total}",
                "the shares of what lies above are above 0 and make 1, not {total}",
            )
            self.findings.add("payers_total", key, message, total=sum(fixed))

    def _check_form_of_cap(self, cap: Cap, key: str) -> None:
        """Check that the keys of a cap go together."""
        if cap.years != "this":
            self._check_years_of_cap(cap, f"{key}.years")
        if cap.net_of_returns:
            self._check_net_of_returns(cap, f"{key}.net_of_returns")
        self._check_counts_of_cap(cap, f"{key}.counts")
        if cap.on == "cases" and (cap.per is None or "exceeding" in cap.written):
            message = Text(
                "次数的上限和 per 一起写，不写 exceeding：超过次数的不予补偿",
                "a number of cases stands with `per` and without `exceeding`: the cases after them "
                "are refused",
            )
            self.findings.add("cap_form", f"{key}.on", message)
        if cap.exceeding == "pro_rata" and (cap.per is None or cap.on == "base"):
            message = Text(
                "按比例分配（pro_rata）的是几笔业务合计的补偿金额：和 per 一起写，不用于基数",
                "what is shared in proportion (pro_rata) is the compensation of several cases: it "
                "stands with `per`, and not for the base",
            )
            self.findings.add("cap_form", f"{key}.exceeding", message)
        if cap.stops and (cap.per is None or cap.on == "cases"):
            message = Text(
                "stop_before、stop_after 看几笔业务合计的金额：和 per 一起写，不用于次数",
                "what stops (stop_before, stop_after) goes by an amount of several cases: it "
                "stands with `per`, and not for a number of cases",
            )
            self.findings.add("cap_form", f"{key}.exceeding", message)
        if cap.below is not None and (not cap.stops or cap.at_most is not None):
            message = Text(
                "below（达到即停止）只和 stop_before、stop_after 一起写，代替 at_most",
                "`below` (a limit that may not be reached) stands with stop_before or stop_after "
                "only, in place of at_most",
            )
            self.findings.add("cap_form", f"{key}.below", message)
        if cap.on != "base" and cap.payer is None:
            for name in ("above", "of"):
                if getattr(cap, name) is not None:
                    message = Text(
                        '{name} 只用于基数的封顶（on = "base"）和出资方的上限（payer）',
                        '{name} is for caps on the base (on = "base") and on payers (`payer`) only',
                    )
                    self.findings.add("cap_form", f"{key}.{name}", message, name=name)
            return
        if cap.refuses and cap.above is not None:
            message = Text(
                "有起算点 above 的封顶只能计到上限为止（count_up_to）",
                "a cap with `above`, from where it counts, counts up to it (count_up_to)",
            )
            self.findings.add("cap_form", f"{key}.exceeding", message)

    def _check_net_of_returns(self, cap: Cap, key: str) -> None:
        """Check that a cap net of returns is of compensation, of which something can come back."""
        counts = cap.per is not None and cap.years != "this" and cap.on == "compensation"
        other = cap.stops or carries_over(cap)
        if not counts or other or self.rules.record != "payout":
            message = Text(
                "net_of_returns（减去追偿返还政府的）用于几个年度、几笔代偿合计的补偿额：和 per、"
                "years 一起写，不用于基数、笔数、停止补偿和结转的上限",
                "`net_of_returns` is for the compensation of several payouts over several years: "
                "it stands with `per` and `years`, and not on the base, on cases, with caps that "
                "stop or whose limit looks at cap.paid_before",
            )
            self.findings.add("cap_form", key, message)
        elif paid_columns(self.rules) and (cap.payer is not None or self._returns_name_payers()):
            message = Text(
                "payers 中写有 paid 的，出资方的上限和单列出资方的返还不能写 net_of_returns："
                "以前年度各出资方支付了多少没有分年的数；不写 paid，由清算（settle）得出",
                "with `paid` of the payers, caps on payers and returns that name payers do not go "
                "with `net_of_returns`, as what each paid in earlier years is not known by year: "
                "leave out `paid`, and settlements (settle) know it",
            )
            self.findings.add("cap_form", key, message)

    def _returns_name_payers(self) -> bool:
        return not set(self.rules.returns.named).isdisjoint(payer_names(self.rules))

    def _check_counts_of_cap(self, cap: Cap, key: str) -> None:
        """Check that what says which cases use a cap can be so."""
        on_payer = cap.payer is not None and cap.of is not None
        if cap.counts == "all" and (cap.per is None or not (cap.on == "base" or on_payer)):
            message = Text(
                'counts 只用于写有 per 的基数的封顶（on = "base"），和写有 per、of 的出资方的上限'
                "（payer）",
                '`counts` stands with `per`, for caps on the base (on = "base"), and with `per` '
                "and `of` for those on payers (`payer`)",
            )
        elif cap.counts == "all" and cap.exceeding == "refuse":
            message = Text(
                '每笔都计入的，超过的一笔和其后各笔都不予补偿；写 exceeding = "stop_before"',
                "where all cases count, the one that goes over is refused and so are those after "
                'it: write exceeding = "stop_before"',
            )
        elif "counts" in cap.written and cap.counts != "all" and cap.counts_all:
            message = Text(
                "停止补偿的基数封顶总是全部计入；不写 counts",
                "a cap on the base that stops counts all cases: leave out `counts`",
            )
        else:
            return
        self.findings.add("cap_form", key, message)

    def _check_years_of_cap(self, cap: Cap, key: str) -> None:
        """Check that what a cap counts of earlier years is in the ledger."""
        if cap.per is None:
            message = Text(
                "每笔业务的封顶不分年度；years 和 per 一起写",
                "a cap on each claim has no years; `years` stands with `per`",
            )
        elif cap.on == "base" and cap.stops:
            message = Text(
                "停止补偿的基数封顶只按当年计",
                "a cap on the base that stops counts the claims of the year only",
            )
        elif cap.on == "base" and cap.above is not None and not cap.counts_all:
            message = Text(
                "写有 above 的封顶，没有得到补偿的也可能占用，只按当年计；各笔都占用的，"
                '写 counts = "all"',
                "a cap with `above` may be used by what is not compensated, too; it counts the "
                'claims of the year only, unless all use it (counts = "all")',
            )
        elif cap.on == "base" and self.rules.trigger.until is not None:
            message = Text(
                "跨几个年度的合同，以前年度计入的基数不知道；基数的封顶只按当年计",
                "of contracts of several years it is not known what counted in the earlier ones: "
                "a cap on the base counts the year only",
            )
        elif cap.on == "base" and (unknown := self._of_the_year(cap)):
            message = Text(
                "以前年度的业务也要算出计入的金额，只能看合同和代偿的列；{names} 是所计算年度的",
                "what counts of cases of earlier years is computed, too, so that it can look at "
                "columns of contracts and claims only; {names} is of the year assessed",
            ).fill(names=", ".join(sorted(unknown)))
        elif self.rules.record == "institution":
            message = Text(
                "机构表没有以前年度；已补偿的可以设一列填写，从 at_most 中减去",
                "the institutions table has no earlier years; what was paid can be a column, taken "
                "off `at_most`",
            )
        elif self.rules.trigger.until is not None and cap.on == "cases":
            message = Text(
                "跨几个年度的合同，以前年度已补偿金额是一个合计，分不出次数；次数只能按当年计，"
                "不写 years",
                "of contracts of several years one sum of all earlier years is known, not how "
                "often: cases are counted in the year only, without `years`",
            )
        elif self.rules.trigger.until is not None and cap.years != "all":
            message = Text(
                '跨几个年度的合同，以前年度已补偿金额是一个合计，分不出年度；只能写 "all"',
                "of contracts of several years one sum of all earlier years is known, not of "
                'which years: only "all" can be counted',
            )
        else:
            return
        self.findings.add("cap_form", key, message)

    def _of_the_year(self, cap: Cap) -> set[str]:
        """Return what a cap on the base counts with that is of the year assessed."""
        bases = self.rules.base if cap.of is None else ()
        when = cap.when if cap.counts_all else ()
        names = names_in_tests((*when, *(test for base in bases for test in base.when)))
        names = names.union(*map(names_in, (cap.of,) if cap.of else (b.value for b in bases)))
        own = {QUANTITY_PREFIX + each.id: each.value for each in self.rules.quantities}
        uses = {name: names_in(value) & own.keys() for name, value in own.items()}
        reached = names.union(*(reached(name, uses) for name in names & own.keys()))
        said = (when, bases, cap.of or (), tuple(own[name] for name in reached & own.keys()))
        operations = {name for each in operations_of(said) for name in operations_in(each)}
        of_rows = {
            n for n in resolved(self.rules, names) if n.startswith(("claims.", "contracts."))
        }
        of_year = COMPENSATED_BEFORE | {BORROWER_BALANCE}
        of_year_too = operations & {"days_in_year", "measure"}
        return (resolved(self.rules, names) - (of_rows - of_year)) | of_year_too

    def _check_kept(self, cap: Cap, key: str) -> None:
        """Check that what says which cases of a group are kept can be so."""
        self.check_groups(cap.as_one, key, "as_one")
        shared = [of for of in self.rules.caps if of.on == "base" and of.per is not None]
        rates = self.rules.rates
        before = any(not of.counts_all for of in shared)
        before |= rates.per is not None and rates.counts != "all"
        if cap.keep == "highest" and cap.on != "cases":
            message = Text(
                'keep = "highest"（就高）只用于笔数的上限（on = "cases"）',
                'keep = "highest" is for a number of cases (on = "cases") only',
            )
            self.findings.add("cap_form", f"{key}.keep", message)
        elif cap.keep == "highest" and before:
            message = Text(
                "各笔的金额取决于同组哪几笔得到补偿（几笔合用的基数封顶、分段），不能再比较哪一笔"
                '最高；全部计入的写 counts = "all"',
                "what each case comes to depends on which others are compensated, by a cap on the "
                "base or slices that cases share, so that the highest cannot be told; where all "
                'cases count, write counts = "all" there',
            )
            self.findings.add("cap_form", f"{key}.keep", message)
        if "as_one" not in cap.written:
            return
        if cap.keep != "highest" or cap.years != "this" or not cap.as_one:
            message = Text(
                'as_one（哪些列相同的合为一笔）和 keep = "highest" 一起写，只按当年计',
                '`as_one` (the columns by which several count as one) stands with keep = "highest",'
                " and for the year only",
            )
            self.findings.add("cap_form", f"{key}.as_one", message)
        for name in cap.as_one:
            if name in (cap.per or ()):
                message = Text(
                    "{name} 已写在 per 中，同组的都合为一笔，没有可比较的",
                    "{name} stands in `per`, so that all cases of a group would count as one",
                )
                self.findings.add("cap_form", f"{key}.as_one", message, name=name)

    def check_groups(self, per: tuple[str, ...] | None, key: str, name: str = "per") -> None:
        """Check the columns by which cases are taken together."""
        for position, column in enumerate(per or ()):
            self._check_group(column, f"{key}.{name}[{position + 1}]")

    def _check_group(self, name: str, key: str) -> None:
        part, _, column = name.rpartition(" ")
        if self.tests.quantities.kind(column, key, "claim") is None:
            return
        if (
            column.startswith(("indicator.", "year.", "quantity.", "pool.", "cap."))
            or column in COMPUTED_NAMES
            or column.partition(".")[0] in ROWS_OF
        ):
            message = Text(
                "要用机构、担保合同、代偿表中的列",
                "a column of institutions, contracts or claims is needed",
            )
            self.findings.add("wrong_place", key, message)
        elif part and part not in MONTHS_OF:
            message = Text(
                "列名前只能写 {known}", "what may stand before a column is {known}"
            ).fill(known=", ".join(MONTHS_OF))
            self.findings.add("cap_form", key, message)
        elif part:
            self.tests.column_of_type(column, key, "claim", ColumnType.DATE)

    def check_unit(self, unit: Decimal | None, key: str) -> None:
        """Check the unit of amounts: above 0, in whole fen."""
        if unit is not None and (unit <= 0 or unit % Decimal("0.01")):
            message = Text(
                "要大于 0，最多 2 位小数", "an amount above 0 with at most 2 decimals is needed"
            )
            self.findings.add("limit_decimals", key, message)

    def check_ratio_unit(self, of: Budget | Cap, key: str) -> None:
        """Check the unit of the ratio by which money is shared: a power of ten below 1."""
        unit = of.ratio_to
        if unit is not None and unit not in [Decimal(1).scaleb(-digits) for digits in range(1, 7)]:
            message = Text(
                "比例的取整单位写 0.1 至 0.000001 中的一个，按百分数保留两位小数的写 0.0001",
                "the unit of the ratio is one of 0.1 to 0.000001: 0.0001 for percents with two "
                "decimals",
            )
            self.findings.add("limit_decimals", f"{key}.ratio_to", message)
        if unit is not None and of.left_over not in (None, NOBODY):
            message = Text(
                "比例取整的，尾差不再分配：left_over 不写，或写 nobody（不足取整单位的舍去）",
                "what a rounded ratio leaves over is not shared: `left_over` stays out, or is "
                '"nobody" where parts are cut down',
            )
            kind = "cap_form" if isinstance(of, Cap) else "budget_form"
            self.findings.add(kind, f"{key}.left_over", message)

    def check_limit(self, limit: Decimal, key: str) -> None:
        """Check an amount that limits: above 0, in whole fen."""
        if limit <= 0:
            self.findings.add("cap_limit", key, Text("封顶要大于 0", "a cap is above 0"))
        elif limit % Decimal("0.01"):
            message = Text("金额最多 2 位小数", "an amount has at most 2 decimals")
            self.findings.add("limit_decimals", key, message)


def _plainly(limit: Quantity) -> bool:
    """Return whether what is decided before a cap stands in sums, products and roundings only.

    Elsewhere it could not be told beforehand whether the limit has a value at all.
    """
    if not isinstance(limit, Operation) or not decided_before(limit):
        return True
    plain = limit.sum or limit.minus or limit.times or limit.min or limit.max
    if limit.round_to is not None and limit.of is not None:
        plain = (limit.of,)
    return plain is not None and all(map(_plainly, plain))


def lost_of(rules: PolicyFile) -> Quantity:
    """Return what the beneficiary bears with others: the payout, less what came before filing.

    Parts that it does not bear are not of it.
    """
    before = rules.returns.recovered_before
    less = [] if before is None else [before]
    party = rules.beneficiary.party
    less += [part.of for part in rules.returns.parts if party not in part.borne_by]
    return Operation(minus=(PAYOUT, *less)) if less else PAYOUT


def within_borne(limit: Quantity, party: str, lost: Quantity) -> bool:
    """Return whether a limit is surely no more than what a party bore of what was lost."""
    if not isinstance(limit, Operation):
        return False
    if limit.borne_by is not None:
        return limit.borne_by == party and limit.of == lost
    if limit.minus is not None:
        first, *less = limit.minus
        never_negative = all(
            each.startswith(("claims.", "contracts."))
            if isinstance(each, str)
            else isinstance(each, Decimal) and each >= 0
            for each in less
        )
        return never_negative and within_borne(first, party, lost)
    if limit.times is not None:
        others = [each for each in limit.times if not within_borne(each, party, lost)]
        parts = all(isinstance(each, Decimal) and 0 <= each <= 1 for each in others)
        return parts and len(others) == len(limit.times) - 1
    each = [within_borne(operand, party, lost) for operand in limit.min or limit.max or ()]
    return any(each) if limit.min is not None else bool(each) and all(each)
