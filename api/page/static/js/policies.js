/** The policies and what their forms ask for, from the service; and the choice of one and of a year. */

import { getJson } from "./api.js";
import { el } from "./dom.js";
import { Form, problemText } from "./form.js";
import { day } from "./format.js";
import { capital, language, t } from "./i18n.js";
import * as kinds from "./kinds.js";
import { draw } from "./screen.js";
import { keepForm } from "./tab.js";

/** Policy, year, and what else the first page of a task asks; one for all tasks, so that it is chosen once. */
export const start = new Form("start");
keepForm(start);

const KEPT_AS = "policy";
const lists = new Map();
const details = new Map();

/** Load the policies in the language of the page; once. */
export async function loadPolicies() {
    if (!lists.has(language())) {
        const { policies } = await getJson("v1/policies");
        lists.set(
            language(),
            policies.map((policy) => ({
                ...policy,
                name: policy.name[language()],
                issuer: capital(policy.issuer[language()]),
            })),
        );
    }
}

/** Load what the chosen policy looks at, in the language of the page; once. */
export async function loadChosen() {
    await loadInputs(start.typed("policy"));
}

/** Load what a policy looks at, in the language of the page; once. */
export async function loadInputs(id) {
    if (id && !details.has(`${language()}/${id}`)) {
        const brief = lists.get(language()).find((policy) => policy.id === id);
        const path = `v1/policies/${encodeURIComponent(id)}`;
        const [inputs, { rates }] = await Promise.all([getJson(`${path}/inputs`), getJson(path)]);
        details.set(`${language()}/${id}`, { ...brief, ...inputs, tiers: rates?.tiers ?? [] });
    }
}

/** The chosen policy: its id, name and effective period, and its inputs and tiers; undefined before `loadChosen`. */
export function chosen() {
    return inputsOf(start.typed("policy"));
}

/** The same of any policy; undefined before `loadInputs`. */
export function inputsOf(id) {
    return details.get(`${language()}/${id}`);
}

/** Whether the cases of the chosen policy are payouts, which are recovered and shared. */
export function arePayouts() {
    return chosen().record === "payout";
}

/** A text about the cases of the chosen policy, by what they are called. */
export function ofCases(key, said) {
    return t(arePayouts() ? key : `${key}.other`, said);
}

/** The name of a condition, or of whatever else a reason names. `policy`: the id of the one that has it. */
export function conditionTitle(id, policy = start.typed("policy")) {
    const { conditions = [] } = inputsOf(policy) ?? {};
    return conditions.find((condition) => condition.id === id)?.title ?? id;
}

/** What a policy is called. */
export function policyName(id) {
    return lists.get(language())?.find((policy) => policy.id === id)?.name ?? id;
}

/**
 * The policies to choose from, those of one issuer together. `payouts`: only those whose cases are payouts; `year`:
 * only those that cover a day of it.
 */
export function policyChoices(payouts = false, year = null) {
    const groups = new Map();
    for (const each of offered(payouts)) {
        if (year === null || yearsOf(each).includes(year)) {
            const { id, name, issuer } = each;
            const choice = { value: id, title: name, hint: effectiveText(each), group: issuer };
            groups.set(issuer, [...(groups.get(issuer) ?? []), choice]);
        }
    }
    return [...groups.values()].flat();
}

export function chosenYear() {
    return Number(start.typed("year"));
}

/** What a result was computed under. */
export function setupNow() {
    return `${start.typed("policy")}/${start.typed("year")}`;
}

function offered(payouts) {
    const policies = lists.get(language()) ?? [];
    return payouts ? policies.filter(({ record }) => record === "payout") : policies;
}

/** The fields with which a task begins: the year, then a policy that covers it. `payouts`: as for `policyChoices`. */
export function setupFields(payouts = false) {
    const years = [...new Set(offered(payouts).flatMap(yearsOf))].sort((one, other) => other - one);
    if (!years.includes(chosenYear())) {
        start.type("year", "");
    }
    const fields = [
        {
            name: "year",
            kind: kinds.choice,
            label: t("setup.year"),
            what: t("setup.yearOnly"),
            hint: t("setup.year.hint"),
            choices: years.map((year) => ({
                value: String(year),
                title: t("setup.yearName", { year }),
            })),
            pointer: "/year",
            onChange: () => draw(),
        },
    ];
    if (start.typed("year")) {
        const choices = policyChoices(payouts, chosenYear());
        if (!choices.some(({ value }) => value === start.typed("policy"))) {
            start.type("policy", choices.find(({ value }) => value === lastUsed())?.value ?? "");
        }
        fields.push({
            name: "policy",
            kind: kinds.choice,
            label: t("setup.policy"),
            what: t("setup.policyName"),
            hint: t("setup.policy.hint", { year: start.typed("year") }),
            choices,
            pointer: "/policy",
        });
    }
    return fields;
}

/** The policies that are not offered, since they cover no day of the chosen year. `payouts`: as for `policyChoices`. */
export function notOffered(payouts = false) {
    const others = offered(payouts).filter((each) => !yearsOf(each).includes(chosenYear()));
    return (
        start.typed("year") &&
        others.length > 0 &&
        el(
            "details",
            { id: "not-offered" },
            el("summary", {}, t("setup.others", { year: chosenYear(), count: others.length })),
            el(
                "ul",
                {},
                others.map((each) =>
                    el(
                        "li",
                        {},
                        t("setup.other", { name: each.name, effective: effectiveText(each) }),
                    ),
                ),
            ),
        )
    );
}

/** The policy of the last computation in this browser; the only one that is ever chosen beforehand. */
function lastUsed() {
    try {
        return localStorage.getItem(KEPT_AS);
    } catch {
        return null; // the browser keeps nothing
    }
}

function remember() {
    try {
        localStorage.setItem(KEPT_AS, start.typed("policy"));
    } catch {
        // the browser keeps nothing
    }
}

function effectiveText({ effective }) {
    return effective.to
        ? t("setup.fromTo", { from: day(effective.from), to: day(effective.to) })
        : t("setup.from", { from: day(effective.from) });
}

/** The years of which a policy covers a day, the newest first. */
function yearsOf({ effective }) {
    const first = Number(effective.from.slice(0, 4));
    const last = effective.to
        ? Number(effective.to.slice(0, 4))
        : Math.max(first, new Date().getFullYear());
    return Array.from({ length: last - first + 1 }, (_, place) => last - place);
}

/** What was chosen, for the list of answers. */
export function setupPairs(from = start) {
    return [
        [t("setup.policyName"), policyName(from.typed("policy"))],
        [t("setup.yearOnly"), t("setup.yearName", { year: from.typed("year") })],
    ];
}

/** Load with the problem, if there is one, shown on the form. Answers whether all went well. */
export async function loaded(form) {
    try {
        await loadChosen();
        remember();
        return true;
    } catch (problem) {
        form.errors = [{ text: problemText(problem), language: language() }];
        draw("errors");
        return false;
    }
}
