/** What a settlement says: who owes whom, each institution, the pool, the claims, and one claim in detail. */

import { byNumber, claimsList, institutionCell, openButton, orNone } from "../claims-list.js";
import { el } from "../dom.js";
import { amount, day } from "../format.js";
import { capital, inLanguage, listed, t } from "../i18n.js";
import { downloadButton } from "../ledger.js";
import { backLink, heading } from "../pages.js";
import {
    answersView,
    arithmetic,
    basisView,
    bigAmount,
    conditionList,
    pairs,
    panel,
    printButton,
    printHead,
    warningsView,
} from "../parts.js";
import { policyName } from "../policies.js";
import { longTable, wideTable } from "../tables.js";

const STATUSES = ["approved", "pending", "rejected", "ineligible", "year_open", "not_covered"];
const LEGS = ["to_pay", "to_recall", "to_remit", "to_refund"];

/** `result`: {answer, file, filter}. `download`: fetches the workbook. `open`: shows a claim, by its row. */
export function settlementResult(result, download, open) {
    const { summary } = result.answer;
    return {
        title: t("settlement.resultTitle"),
        focus: result.opened && `open-${result.opened.id}`,
        nodes: [
            backLink("settlement"),
            el("p", { class: "caption" }, t("settlement.title")),
            heading(t("settlement.resultTitle")),
            printHead(answers(result).slice(0, 2)),
            totals(summary),
            el(
                "div",
                { class: "buttons no-print" },
                downloadButton("download", t("download.workbook"), download),
            ),
            notes(summary),
            warningsView(summary),
            el("h2", {}, t("settlement.institutions")),
            institutions(result.answer),
            el("h2", {}, t("pool.title")),
            pool(result.answer),
            el("h2", {}, t("claims.title")),
            el("p", {}, t("settlement.open")),
            claimsList(
                result.answer.settlement,
                result.filter,
                STATUSES,
                result.answer.overview.institution_names,
                (rows, view) => claimsTable(rows, view, open),
            ),
            answersView(t("answers.title"), answers(result), "#/settlement"),
            basisView({
                policies: summary.policies,
                version: summary.version,
                assumptions: summary.assumptions,
            }),
            el("div", { class: "buttons no-print" }, printButton()),
        ],
    };
}

function totals({ to, totals: sums }) {
    return panel(
        "open",
        t("settlement.asOf", { day: day(to) }),
        el("p", {}, direction(sums.net_due)),
        bigAmount(absolute(sums.net_due)),
        pairs([
            ...LEGS.map((leg) => [t(`due.${leg}`), amount(sums[leg])]),
            ...[
                "granted",
                "paid_to_date",
                "outstanding",
                "government_share",
                "remitted_to_date",
            ].map((name) => [t(`due.${name}`), amount(sums[name])]),
            [t("due.government_cost"), amount(sums.government_cost)],
        ]),
    );
}

/** Who pays whom on balance. */
function direction(net) {
    if (/^-/.test(net)) {
        return t("settlement.governmentOwes");
    }
    return /[1-9]/.test(net) ? t("settlement.institutionsOwe") : t("settlement.even");
}

function absolute(net) {
    return net.replace(/^-/, "");
}

function notes({ notes: items }) {
    return (
        items.length > 0 && [
            el("h2", {}, t("settlement.notes")),
            el(
                "ul",
                { class: "warnings" },
                items.map((note) => el("li", {}, capital(inLanguage(note, "message")))),
            ),
        ]
    );
}

function institutions({ settlement_institutions: rows, overview, summary }) {
    const columns = [
        { title: t("institutions.institution") },
        { title: t("settlement.claims"), number: true, by: ofRow("claims") },
        ...LEGS.map((leg) => ({ title: inYuan(leg), number: true, by: ofRow(leg) })),
        { title: t("settlement.net"), wrapped: true, by: ofRow("net_due") },
    ];
    const cells = (row) => [
        row.claims,
        ...LEGS.map((leg) => orNone(row[leg])),
        netText(row.net_due),
    ];
    const all = [...rows, null];
    return longTable(t("settlement.institutions"), columns, all, (row) =>
        row === null
            ? [t("settlement.total"), ...cells(summary.totals)]
            : [institutionCell(row, overview), ...cells(row)],
    );
}

/** What orders institutions; their total, which is no row, stays last. */
function ofRow(name) {
    return (row) => (row === null ? null : byNumber(name)(row));
}

function netText(net) {
    if (!/[1-9]/.test(net)) {
        return t("settlement.even");
    }
    const key = /^-/.test(net) ? "settlement.governmentPays" : "settlement.institutionPays";
    return t(key, { amount: orNone(absolute(net)) });
}

function inYuan(name) {
    return t("due.inYuan", { name: t(`due.${name}`) });
}

function pool({ pool_statement: lines, summary }) {
    const columns = [{ title: t("pool.line") }, { title: t("pool.amount"), number: true }];
    const named = (line) =>
        ["closing", "available"].includes(line)
            ? el("strong", {}, t(`pool.${line}`))
            : t(`pool.${line}`);
    const period = t("pool.period", { from: day(summary.from), to: day(summary.to) });
    return [
        el("p", {}, period),
        wideTable(
            t("pool.title"),
            columns,
            lines.map(({ line, amount: yuan }) => [named(line), orNone(yuan)]),
        ),
    ];
}

function claimsTable(rows, view, open) {
    const amounts = ["payout", "granted"];
    const columns = [
        { title: t("claims.claim"), by: (row) => row.claim_id },
        { title: t("claims.date"), by: (row) => row.payout_date ?? "" },
        { title: t("claims.status"), wrapped: true, by: (row) => STATUSES.indexOf(row.status) },
        ...amounts.map((name) => ({ title: inYuan(name), number: true, by: byNumber(name) })),
        { title: inYuan("due"), wrapped: true },
        { title: t("settlement.net"), wrapped: true, by: byNumber("net_due") },
    ];
    const cellsOf = (row) => [
        [
            openButton(caseId(row), row.claim_id, () => open(row)),
            el("p", { class: "hint" }, ofContract(row)),
        ],
        row.payout_date ?? t("none"),
        [t(`status.${row.status}`), row.closed ? el("p", { class: "hint" }, t("due.closed")) : ""],
        ...amounts.map((name) => orNone(row[name])),
        dueText(row),
        netText(row.net_due),
    ];
    return longTable(t("claims.title"), columns, rows, cellsOf, view);
}

/** What a case goes by on the page: a contract, whose id it has, may have a case for each of its years. */
export function caseId({ claim_id: id, contract_id: contract, year }) {
    return id === contract ? `${id}-${year}` : id;
}

/** The contract of a claim; the year of a contract. */
function ofContract({ claim_id: id, contract_id: contract, year }) {
    if (id !== contract) {
        return t("claims.contract", { id: contract });
    }
    return year === null ? "" : t("settlement.ofYear", { year });
}

/** What of the four is due for a claim. */
function dueText(row) {
    const due = LEGS.filter((leg) => /[1-9]/.test(row[leg]));
    return due.length === 0
        ? t("none")
        : due.map((leg) => el("div", {}, `${t(`due.${leg}`)} ${orNone(row[leg])}`));
}

function answers({ answer: { summary }, file }) {
    const { from, to, budget } = summary;
    return [
        [t("settlement.policies"), listed(summary.policies.map(({ id }) => policyName(id)))],
        [t("settlement.to"), day(to)],
        [t("settlement.period"), t("pool.period", { from: day(from), to: day(to) })],
        [t("ledger.file"), file],
        ...(budget === null ? [] : [[t("settlement.budget"), amount(budget)]]),
    ];
}

/** One claim: what is due, its conditions and the arithmetic. */
export function claimPage({ opened: { row, explained, trouble } }) {
    const title = t("settlement.claim", { id: row.claim_id });
    return {
        title,
        nodes: [
            backLink("settlement/result"),
            el("p", { class: "caption" }, t("settlement.resultTitle")),
            heading(title),
            panel(
                "open",
                netText(row.net_due),
                pairs([
                    [t("claims.status"), t(`status.${row.status}`)],
                    [
                        t("settlement.policies"),
                        row.policy === null ? t("none") : policyName(row.policy),
                    ],
                    ...(row.claim_id === row.contract_id
                        ? [[t("settlement.year"), row.year ?? t("none")]]
                        : []),
                    ...["granted", "paid_to_date", ...LEGS].map((name) => [
                        t(`due.${name}`),
                        amount(row[name]),
                    ]),
                ]),
            ),
            explained === null
                ? el("p", { class: "working", role: "status" }, trouble ?? t("working"))
                : explanation(explained, row.policy),
            el("div", { class: "buttons no-print" }, printButton()),
        ],
    };
}

function explanation({ conditions, sections }, policy) {
    const lines = sections.flatMap((section) => section.lines);
    return [
        conditions.length > 0 && [
            el("h2", {}, t("conditions.title")),
            conditionList(conditions, policy),
        ],
        sections.map(({ title, lines: own }) => [
            el("h2", {}, title),
            arithmetic(title, own, "", lines),
        ]),
    ];
}
