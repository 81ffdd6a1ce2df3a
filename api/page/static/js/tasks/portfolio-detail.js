/** One claim, or one institution, of a ledger: what it came to and why, as for a single case. */

import { arithmeticView, conditionsView } from "../case-view.js";
import { nameOf } from "../claims-list.js";
import { el } from "../dom.js";
import { amount, day, number } from "../format.js";
import { institutionView } from "../institution-view.js";
import { t } from "../i18n.js";
import { backLink, heading } from "../pages.js";
import {
    arithmetic,
    asWritten,
    basisView,
    bigAmount,
    pairs,
    panel,
    printButton,
    printHead,
} from "../parts.js";
import { ofCases, setupPairs } from "../policies.js";

export function claimDetail({ opened, answer }) {
    const { row } = opened;
    return detailPage(ofCases("portfolio.claim", { id: row.claim_id }), opened, answer.summary, [
        verdict(row),
        pairs([
            ...setupPairs(),
            [t("institutions.institution"), ofInstitution(row, answer)],
            ...(row.contract_id === null ? [] : [[t("claims.contractOf"), row.contract_id]]),
            [ofCases("claims.date"), day(row.payout_date)],
        ]),
    ]);
}

export function institutionDetail({ opened, answer }) {
    const title = t("portfolio.institution", {
        name: nameOf(opened.row.institution_id, answer.overview.institution_names),
    });
    return detailPage(title, opened, answer.summary, [pairs(setupPairs())]);
}

function detailPage(title, { step, explained, trouble }, summary, nodes) {
    const explain = step === "claim" ? ofClaim : (answer) => institutionView(answer, false);
    return {
        title,
        nodes: [
            backLink("portfolio/result"),
            el("p", { class: "caption" }, t("portfolio.resultTitle")),
            heading(title),
            printHead([]),
            nodes,
            explained === null
                ? el("p", { class: "working", role: "status" }, trouble ?? t("working"))
                : explain(explained),
            basisView(summary),
            el("div", { class: "buttons no-print" }, printButton()),
        ],
    };
}

/** The institution of a claim, which may have failed its own conditions. */
function ofInstitution({ institution_id: id }, { overview, institutions }) {
    const name = asWritten(nameOf(id, overview.institution_names));
    const { eligible } = institutions.find((each) => each.institution_id === id);
    return eligible ? name : [name, t("portfolio.institutionNot")];
}

function verdict({ eligible, status, rate, compensation, payable }) {
    if (!eligible) {
        return panel("no", t("one-case.no"));
    }
    return panel(
        status === "approved" ? "yes" : status === "rejected" ? "no" : "open",
        t("one-case.yes"),
        bigAmount(compensation),
        rate !== null && el("p", {}, t("one-case.rate", { rate: number(rate) })),
        el("p", {}, t(`status.${status}.long`)),
        status === "approved" && pairs([[t("one-case.payable"), amount(payable)]]),
    );
}

function ofClaim({ conditions, arithmetic: lines, recoveries }) {
    return [
        conditionsView(conditions),
        arithmeticView(lines),
        recoveries.length > 0 && [
            el("h2", {}, t("portfolio.recoveries")),
            arithmetic(t("portfolio.recoveries"), recoveries, "", [...lines, ...recoveries]),
        ],
    ];
}
