/** What explains an institution, of figures typed or of a ledger: verdict, conditions, next tier, indicators. */

import { scales } from "./charts.js";
import { el } from "./dom.js";
import { natural, number } from "./format.js";
import { t } from "./i18n.js";
import { arithmetic, asWritten, conditionList, panel } from "./parts.js";
import { conditionTitle } from "./policies.js";

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
        scalesView(answer),
        conditionList(answer.conditions),
        nextTier(answer),
        answer.indicators?.length > 0 && [
            el("h2", {}, t("indicators.title")),
            arithmetic(t("indicators.title"), answer.indicators),
        ],
    );
}

/** Each indicator as a bar, with its limit and that of the next tier as marks on it. */
export function scalesView({ conditions, next_tier: tier }) {
    const next = new Map((tier?.conditions ?? []).map(({ id, limit }) => [id, limit]));
    const rows = conditions
        .filter(({ actual, limit }) => isRatio(actual) && ratioIn(limit) !== null)
        .map(({ id, actual, limit }) => ({
            name: conditionTitle(id),
            value: Number(actual),
            marks: [ratioIn(limit), ratioIn(next.get(id) ?? limit)],
            cells: [number(actual), natural(limit), ...(tier ? [natural(next.get(id) ?? limit)] : [])],
        }));
    const head = [t("scales.indicator"), t("condition.actual"), t("condition.limit")];
    const further = tier ? [t("scales.tier", { rate: number(tier.rate) })] : [];
    return rows.length > 0 && scales(t("scales.title"), [...head, ...further], rows);
}

function isRatio(text) {
    return /^-?\d+\.\d{6}$/.test(text ?? "");
}

/** The only ratio in a limit such as ≥ 0.800000; null where it is another kind of limit. */
function ratioIn(limit) {
    const found = /^[≥≤<>] (-?\d+\.\d{6})$/.exec(limit);
    return found && Number(found[1]);
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
