/** What explains a case, typed or of a ledger: its conditions, and the arithmetic with the lines that decide first. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { conditionList, foldedArithmetic } from "./parts.js";

/** The conditions of a case; those of its institution too, where it fails them. */
export function conditionsView(conditions, institution = { eligible: true }) {
    return [
        el("h2", {}, t("conditions.title")),
        conditionList(conditions),
        !institution.eligible && [
            el("h2", {}, t("conditions.ofInstitution")),
            conditionList(institution.conditions),
        ],
    ];
}

/** The lines that decide what is paid. */
const DECIDING =
    /^(payout|base|rate|tier_rate|decided_rate|cap_.*|compensation_at_rate|compensation|compensation_paid|approved_amount|granted|due|payable)$/;

export function arithmeticView(lines) {
    return foldedArithmetic(t("arithmetic.title"), lines, ({ name }) => DECIDING.test(name), {
        ending: "arithmetic-ending",
    });
}
