/** The result of a ledger: totals, pictures, the claims to look through, the workbook to take away. */

import { bars, sharedBars } from "../charts.js";
import {
    byNumber,
    claimsList,
    institutionCell,
    nameOf,
    openButton,
    orNone,
} from "../claims-list.js";
import { el } from "../dom.js";
import { amount, number } from "../format.js";
import { capital, listed, t } from "../i18n.js";
import { downloadButton } from "../ledger.js";
import { backLink, heading } from "../pages.js";
import {
    answersView,
    basisView,
    bigAmount,
    pairs,
    panel,
    printButton,
    printHead,
    warningsView,
} from "../parts.js";
import { arePayouts, chosen, conditionTitle, ofCases, setupPairs } from "../policies.js";
import { longTable } from "../tables.js";
import { parties } from "./sharing.js";

/** The sums of what recoveries return. */
const RETURNED = ["distributed", "to_government", "to_government_in_year", "surplus"];
const STATUSES = ["approved", "pending", "rejected", "ineligible"];

/**
 * `result`: {answer, file, filter, views, opened}. `download`: what the button for the workbook does. `open`: shows a
 * `claim`, or an `institution`, in detail, by its row; after that the focus comes back to it.
 */
export function portfolioResult(result, download, open) {
    const { summary, returns } = result.answer;
    const view = (name) => (result.views[name] ??= {});
    return {
        title: t("portfolio.resultTitle"),
        focus: result.opened && `open-${result.opened.id}`,
        nodes: [
            backLink("portfolio/file"),
            el("p", { class: "caption" }, t("portfolio.title")),
            heading(t("portfolio.resultTitle")),
            printHead([institutionPair(result.answer), ...setupPairs()]),
            totals(summary),
            el(
                "div",
                { class: "buttons no-print" },
                downloadButton("download", t("download.workbook"), download),
            ),
            pictures(result.answer),
            warningsView(summary),
            el("h2", { id: "institutions-title" }, t("institutions.title")),
            institutions(result.answer, view("institutions"), open.institution),
            folded(
                "indicators-table",
                t("indicators.all"),
                indicators(result.answer, view("indicators")),
            ),
            el("h2", { id: "claims-title" }, ofCases("claims.title")),
            el("p", { class: "hint no-print" }, ofCases("portfolio.open")),
            claims(result, open.claim),
            returns.length > 0 &&
                folded(
                    "returns-table",
                    t("returns.all", { count: returns.length }),
                    recovered(returns, view("returns")),
                ),
            answersView(
                t("answers.title"),
                [...setupPairs(), [t("ledger.file"), result.file], ...budgetPair(summary)],
                "#/portfolio/file",
            ),
            basisView({
                policy: summary.policy,
                version: summary.version,
                assumptions: summary.assumptions,
            }),
            el("div", { class: "buttons no-print" }, printButton()),
        ],
    };
}

/** Whose ledger it is, where it is of one institution. */
function institutionPair({ institutions: rows, overview }) {
    const name =
        rows.length === 1 ? nameOf(rows[0].institution_id, overview.institution_names) : "";
    return [t("institutions.institution"), name];
}

function budgetPair({ budget }) {
    return budget === null ? [] : [[t("portfolio.budget"), amount(budget)]];
}

function totals({ totals: sums }) {
    const lines = [
        [
            t("totals.institutions"),
            t("totals.of", { part: sums.eligible_institutions, whole: sums.institutions }),
        ],
        [
            ofCases("totals.claims"),
            t("totals.of", { part: sums.eligible_claims, whole: sums.claims }),
        ],
        ...["compensation", ...(arePayouts() ? RETURNED : [])].map((name) => [
            t(`totals.${name}`),
            amount(sums[name]),
        ]),
    ];
    return panel("open", t("totals.payable"), bigAmount(sums.payable), pairs(lines));
}

function pictures({ overview }) {
    const outcomes = STATUSES.map((status) => ({
        name: t(`status.${status}`),
        value: overview.by_status[status].compensation,
        count: overview.by_status[status].claims,
    }));
    const named = new Map(parties().map(({ id, title }) => [id, title]));
    const borne = Object.entries(overview.borne).map(([name, value]) => ({
        name: named.get(name) ?? name,
        value,
    }));
    return [
        el("h2", {}, t("overview.title")),
        bars(ofCases("overview.outcomes"), t("chart.outcome"), outcomes),
        arePayouts() && sharedBars(t("overview.borne"), t("chart.who"), borne),
    ];
}

function folded(id, title, table) {
    return el("details", { id }, el("summary", {}, title), table);
}

function institutionColumn({ institution_names: names }) {
    const by = ({ institution_id: id }) => nameOf(id, names);
    return { title: t("institutions.institution"), wrapped: true, by };
}

function institutions({ institutions: rows, overview }, view, open) {
    const amounts = ["compensation", "payable"];
    const columns = [
        institutionColumn(overview),
        {
            title: t("institutions.eligible"),
            wrapped: true,
            by: ({ eligible }) => Number(!eligible),
        },
        { title: t("institutions.rate"), number: true, by: byNumber("rate") },
        { title: ofCases("institutions.claims"), number: true, by: byNumber("claims") },
        ...amounts.map((name) => ({
            title: t(`institutions.${name}`),
            number: true,
            by: byNumber(name),
        })),
    ];
    const cells = (row) => [
        institutionCell(row, overview, (id, name) => openButton(id, name, () => open(row))),
        row.eligible ? t("yes") : t("institutions.no", { reasons: reasonsText(row.reasons) }),
        orNone(row.rate),
        t("totals.of", { part: row.eligible_claims, whole: row.claims }),
        ...amounts.map((name) => orNone(row[name])),
    ];
    return longTable(t("institutions.title"), columns, rows, cells, view);
}

/** What the policy looks at of each institution, as far as the result has it. */
function indicators({ institutions: rows, overview }, view) {
    const { ratios, amounts } = chosen().institution;
    const asked = new Map([...ratios, ...amounts].map((input) => [input.name, input]));
    const shown = [...asked.values()].filter(
        ({ name, type }) => type !== "boolean" && name in rows[0],
    );
    const columns = [
        institutionColumn(overview),
        ...shown.map(({ name, title, type }) => ({
            title: type === "money" ? t("due.inYuan", { name: capital(title) }) : capital(title),
            number: true,
            by: byNumber(name),
        })),
    ];
    const cells = (row) => [
        institutionCell(row, overview),
        ...shown.map(({ name }) => (row[name] === null ? t("none") : number(String(row[name])))),
    ];
    return longTable(t("indicators.all"), columns, rows, cells, view);
}

/** What recoveries returned, and to whom. */
function recovered(rows, view) {
    const titles = new Map([
        ["proceeds", t("recoveries.proceeds")],
        ["cost", t("recoveries.cost")],
        ["distributed", t("returns.amount")],
        ["surplus", t("returns.excess")],
        ...parties().map(({ id, title }) => [`to_${id}`, t("returns.to", { party: title })]),
    ]);
    const amounts = [...titles.keys()].filter((name) => name in rows[0]);
    const columns = [
        { title: t("returns.recovery"), by: (row) => row.recovery_id },
        { title: t("claims.claim"), by: (row) => row.claim_id },
        { title: t("recoveries.recovery_date"), by: (row) => row.recovery_date },
        ...amounts.map((name) => ({
            title: t("due.inYuan", { name: titles.get(name) }),
            number: true,
            by: byNumber(name),
        })),
    ];
    const cells = (row) => [
        row.recovery_id,
        row.claim_id,
        row.recovery_date,
        ...amounts.map((name) => orNone(row[name])),
    ];
    return longTable(t("returns.title"), columns, rows, cells, view);
}

function reasonsText(reasons) {
    return listed(reasons.map((id) => conditionTitle(id)));
}

function claims({ answer, filter }, open) {
    const { institution_names: names } = answer.overview;
    const table = (rows, view) => claimsTable(rows, view, open);
    return claimsList(answer.claims, filter, STATUSES, names, table);
}

function claimsTable(rows, view, open) {
    const amounts = [...(arePayouts() ? ["payout"] : []), "base", "rate", "compensation", "payable"];
    const columns = [
        { title: ofCases("claims.claim"), by: (row) => row.claim_id },
        { title: ofCases("claims.date"), by: (row) => row.payout_date },
        { title: t("claims.status"), wrapped: true, by: (row) => STATUSES.indexOf(row.status) },
        ...amounts.map((name) => ({
            title: t(`claims.${name}`),
            number: true,
            by: byNumber(name),
        })),
    ];
    const cellsOf = (row) => {
        const reasons = reasonsText(row.reasons);
        return [
            [
                openButton(row.claim_id, row.claim_id, () => open(row)),
                row.contract_id !== null &&
                    row.contract_id !== row.claim_id &&
                    el("p", { class: "hint" }, t("claims.contract", { id: row.contract_id })),
            ],
            row.payout_date,
            [
                t(`status.${row.status}`),
                reasons && el("p", { class: "hint" }, t("claims.unmet", { reasons })),
            ],
            ...amounts.map((name) => orNone(row[name])),
        ];
    };
    return longTable(ofCases("claims.title"), columns, rows, cellsOf, view);
}
