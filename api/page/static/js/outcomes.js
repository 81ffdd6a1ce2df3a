/** What cases and institutions came to, side by side. */

import { el } from "./dom.js";
import { amount, number } from "./format.js";
import { listed, t } from "./i18n.js";
import { asWritten } from "./parts.js";
import { conditionTitle } from "./policies.js";
import { wideTable } from "./tables.js";

/** A table of them. `heads`: what each is; `rows`: a title, and a text of each; where these differ, they stand out. */
export function sideBySide(caption, heads, rows) {
    const columns = [t("compare.item"), ...heads].map((title) => ({ title, wrapped: true }));
    const marked = rows.map(([title, ...texts]) => [
        title,
        ...texts.map((text) =>
            el(texts.every((each) => each === texts[0]) ? "span" : "strong", {}, asWritten(text)),
        ),
    ]);
    return wideTable(caption, columns, marked);
}

/** The rows for answers on cases. */
export function caseRows(answers) {
    return rowsOf(answers, [
        [t("claims.status"), ({ status }) => t(`status.${status}`)],
        [t("institutions.rate"), rateText],
        [t("compare.atRate"), (answer) => amount(answer.compensation_at_rate)],
        [t("compare.compensation"), (answer) => amount(answer.compensation)],
        [t("one-case.payable"), (answer) => amount(answer.payable)],
        [t("compare.unmet"), unmetText],
    ]);
}

/** The rows for answers on institutions. */
export function institutionRows(answers) {
    return rowsOf(answers, [
        [t("institutions.eligible"), ({ eligible }) => t(eligible ? "yes" : "no")],
        [t("institutions.rate"), rateText],
        [t("compare.unmet"), unmetText],
    ]);
}

function rowsOf(answers, rows) {
    return rows.map(([title, textOf]) => [title, ...answers.map(textOf)]);
}

function rateText({ rate }) {
    return rate === null ? t("none") : number(rate);
}

function unmetText({ conditions, policy }) {
    const unmet = conditions.filter(({ passed }) => !passed);
    return listed(unmet.map(({ id }) => conditionTitle(id, policy.id))) || t("none");
}
