/** The result of a ledger: totals, pictures, the claims to look through, the workbook to take away. */

import { bars, sharedBar } from "../charts.js";
import { claimsList, institutionCell, orNone, STEP } from "../claims-list.js";
import { el } from "../dom.js";
import { amount } from "../format.js";
import { listed, t } from "../i18n.js";
import { downloadButton } from "../ledger.js";
import { backLink, heading } from "../pages.js";
import {
    answersView,
    basisView,
    bigAmount,
    pairs,
    panel,
    printButton,
    warningsView,
} from "../parts.js";
import { chosen, conditionTitle, setupPairs } from "../policies.js";
import { longTable, wideTable } from "../tables.js";
import { parties } from "./sharing.js";

const STATUSES = ["approved", "pending", "rejected", "ineligible"];

/** `result`: {answer, file, filter}. `download`: what the button for the workbook does. */
export function portfolioResult(result, download) {
    const { summary } = result.answer;
    return {
        title: t("portfolio.resultTitle"),
        nodes: [
            backLink("portfolio/file"),
            el("p", { class: "caption" }, t("portfolio.title")),
            heading(t("portfolio.resultTitle")),
            totals(summary),
            el(
                "div",
                { class: "buttons no-print" },
                downloadButton("download", t("portfolio.download"), download),
            ),
            pictures(result.answer),
            warningsView(summary),
            el("h2", { id: "institutions-title" }, t("institutions.title")),
            institutions(result.answer),
            el("h2", { id: "claims-title" }, t("claims.title")),
            claims(result),
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

function budgetPair({ budget }) {
    return budget === null ? [] : [[t("portfolio.budget"), amount(budget)]];
}

function totals({ totals: sums }) {
    const lines = [
        [
            t("totals.institutions"),
            t("totals.of", { part: sums.eligible_institutions, whole: sums.institutions }),
        ],
        [t("totals.claims"), t("totals.of", { part: sums.eligible_claims, whole: sums.claims })],
        [t("totals.compensation"), amount(sums.compensation)],
        [t("totals.distributed"), amount(sums.distributed)],
        [t("totals.to_government"), amount(sums.to_government)],
        [t("totals.to_government_in_year"), amount(sums.to_government_in_year)],
        [t("totals.surplus"), amount(sums.surplus)],
    ];
    return panel(
        "open",
        t("totals.payable"),
        bigAmount(sums.payable),
        pairs(lines),
    );
}

function pictures({ overview }) {
    const outcomes = STATUSES.map((status) => ({
        name: t(`status.${status}`),
        value: overview.by_status[status].compensation,
        note: overview.by_status[status].claims,
    }));
    const named = new Map(parties().map(({ id, title }) => [id, title]));
    const borne = Object.entries(overview.borne).map(([name, value]) => ({
        name: named.get(name) ?? name,
        value,
    }));
    return [
        el("h2", {}, t("overview.title")),
        bars(t("overview.outcomes"), t("chart.outcome"), outcomes),
        sharedBar(t("overview.borne"), t("chart.who"), borne),
    ];
}

function institutions({ institutions: rows, overview }) {
    const columns = [
        { title: t("institutions.institution") },
        { title: t("institutions.eligible"), wrapped: true },
        { title: t("institutions.rate"), number: true },
        { title: t("institutions.claims"), number: true },
        { title: t("institutions.compensation"), number: true },
        { title: t("institutions.payable"), number: true },
    ];
    const cells = rows.map((row) => [
        institutionCell(row, overview),
        row.eligible ? t("yes") : t("institutions.no", { reasons: reasonsText(row.reasons) }),
        orNone(row.rate),
        t("totals.of", { part: row.eligible_claims, whole: row.claims }),
        orNone(row.compensation),
        orNone(row.payable),
    ]);
    return wideTable(t("institutions.title"), columns, cells);
}

function reasonsText(reasons) {
    return listed(reasons.map((id) => conditionTitle(id)));
}

function claims({ answer, filter }) {
    return claimsList(answer.claims, filter, STATUSES, claimsTable);
}

function claimsTable(rows) {
    const amounts = ["payout", "base", "rate", "compensation", "payable"];
    const columns = [
        { title: t("claims.claim") },
        { title: t("claims.date") },
        { title: t("claims.status"), wrapped: true },
        ...amounts.map((name) => ({ title: t(`claims.${name}`), number: true })),
    ];
    const cellsOf = (row) => {
        const reasons = reasonsText(row.reasons);
        return [
            [
                row.claim_id,
                row.contract_id === null
                    ? ""
                    : el("p", { class: "hint" }, t("claims.contract", { id: row.contract_id })),
            ],
            row.payout_date,
            [t(`status.${row.status}`), reasons ? el("p", { class: "hint" }, t("claims.unmet", { reasons })) : ""],
            ...amounts.map((name) => orNone(row[name])),
        ];
    };
    return longTable(t("claims.title"), columns, rows, STEP, cellsOf);
}
