/** What explains an institution, of figures typed or of a ledger: verdict, conditions, next tier, indicators. */

import { el } from "./dom.js";
import { number } from "./format.js";
import { t } from "./i18n.js";
import { arithmetic, asWritten, conditionList, panel } from "./parts.js";

/** `named`: whether its name stands above. */
export function institutionView(answer, named) {
    const unmet = answer.conditions.filter((condition) => !condition.passed).length;
    const name = answer.institution_name ?? answer.institution_id;
    const rate = answer.rate
        ? el("p", {}, t("self-check.rate", { rate: number(answer.rate) }))
        : answer.eligible && el("p", {}, t("self-check.noOwnRate"));
    const summary = unmet
        ? el("p", {}, t("self-check.unmet", { count: unmet, of: answer.conditions.length }))
        : null;
    return el(
        "section",
        { class: "institution" },
        named && el("h2", {}, asWritten(name)),
        panel(
            answer.eligible ? "yes" : "no",
            t(answer.eligible ? "self-check.yes" : "self-check.no"),
            rate,
            summary,
        ),
        el("h2", {}, t("conditions.title")),
        conditionList(answer.conditions),
        nextTier(answer),
        answer.indicators?.length > 0 && [
            el("h2", {}, t("indicators.title")),
            arithmetic(t("indicators.title"), answer.indicators),
        ],
    );
}

/** What the next tier takes beyond the conditions that are listed anyway. */
function nextTier({ conditions, next_tier: tier, rate }) {
    if (!tier) {
        return rate && el("p", { class: "note" }, t("tier.highest"));
    }
    const listed = (one) =>
        conditions.some(({ id, limit }) => id === one.id && limit === one.limit);
    const further = tier.conditions.filter((condition) => !listed(condition));
    return [
        el("h2", {}, t(rate ? "tier.next" : "tier.first", { rate: number(tier.rate) })),
        further.length > 0 ? conditionList(further) : el("p", {}, t("tier.same")),
        tier.worth?.length > 0 && [
            el("h3", {}, t("tier.worth")),
            arithmetic(t("tier.worth"), tier.worth),
        ],
    ];
}
