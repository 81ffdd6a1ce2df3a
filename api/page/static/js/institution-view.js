/** What explains an institution, of figures typed or of a ledger: verdict, conditions, next tier, indicators. */

import { scales } from "./charts.js";
import { el } from "./dom.js";
import { natural, number } from "./format.js";
import { t } from "./i18n.js";
import { arithmetic, asWritten, conditionList, foldedArithmetic, panel } from "./parts.js";
import { chosen, conditionTitle } from "./policies.js";
import { percent } from "./values.js";

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
        answer.indicators?.length > 0 &&
            foldedArithmetic(t("indicators.title"), answer.indicators, ({ formula }) => formula, {
                id: `all-lines-${answer.institution_id ?? ""}`,
            }),
    );
}

/** Each indicator as a bar, with its limit and those of the tiers as marks on it. */
export function scalesView({ conditions }) {
    const shown = conditions.filter(({ actual, limit }) => isRatio(actual) && LIMIT.test(limit));
    // The lowest first: the policy files list the highest first.
    const tiers = chosen()
        .tiers.filter(
            (tier) => typeof tier.rate === "string" && shown.some(({ id }) => boundOf(tier, id)),
        )
        .reverse();
    const rows = shown.map(({ id, actual, limit }) => {
        const bounds = tiers.map((tier) => boundOf(tier, id));
        return {
            name: conditionTitle(id),
            value: Number(actual),
            marks: [LIMIT.exec(limit)[1], ...bounds.flatMap((bound) => bound?.value ?? [])].map(
                Number,
            ),
            cells: [
                number(actual),
                natural(limit),
                ...bounds.map((bound) => bound?.text ?? t("none")),
            ],
        };
    });
    const head = [
        t("scales.indicator"),
        t("condition.actual"),
        t("condition.limit"),
        ...tiers.map(({ rate }) => t("scales.tier", { rate: percent(rate) })),
    ];
    return rows.length > 0 && scales(t("scales.title"), head, rows);
}

function isRatio(text) {
    return /^-?\d+\.\d{6}$/.test(text ?? "");
}

/** A limit that is one ratio, such as ≥ 0.800000. */
const LIMIT = /^[≥≤<>] (-?\d+\.\d{6})$/;
const BOUNDS = { at_least: "atLeast", above: "above", at_most: "atMost", below: "below" };

/**
 * What a tier asks of an indicator, {value, text}; nothing where it asks nothing, or something else than one number.
 */
function boundOf({ when = [] }, id) {
    const test = when.find(({ value }) => value === `indicator.${id}`) ?? {};
    const [bound, ...others] = Object.keys(BOUNDS).filter((key) => key in test);
    return bound && others.length === 0 && /^-?\d+(\.\d+)?$/.test(test[bound])
        ? { value: test[bound], text: `${t(`sign.${BOUNDS[bound]}`)} ${percent(test[bound])}` }
        : undefined;
}

/** What the next tier takes beyond the conditions that are listed anyway, and what it is worth. */
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
