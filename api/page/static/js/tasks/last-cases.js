/** The last cases of this tab, to be opened again. */

import { el } from "../dom.js";
import { amount, day } from "../format.js";
import { t } from "../i18n.js";
import { policyName } from "../policies.js";
import { keep, recalled } from "../tab.js";

const KEPT_AS = "cases";
const MOST = 10;

/** The newest first: [{id, typed, request, compensation}], `typed` by the names of the forms. */
export function lastCases() {
    return recalled(KEPT_AS) ?? [];
}

/** Keep a case as the newest, {typed, request, compensation}; the same case once more stays one. */
export function keepCase(one) {
    const cases = lastCases();
    const same = cases.find(typedAs(one.typed));
    const others = cases.filter((each) => each !== same);
    const id = same?.id ?? Math.max(0, ...cases.map((each) => each.id)) + 1;
    keep(KEPT_AS, [{ id, ...one }, ...others].slice(0, MOST));
}

/** The last cases of which something else was typed. */
export function otherCases(typed) {
    const same = typedAs(typed);
    return lastCases().filter((each) => !same(each));
}

function typedAs(typed) {
    const text = JSON.stringify(typed);
    return (each) => JSON.stringify(each.typed) === text;
}

/** What tells a case from others: its day, what it comes to, the policy. */
export function caseName({ typed: { start }, request, compensation }) {
    const { payout_date: date } = request.claim;
    return t("cases.name", {
        date: date ? day(date) : start.year,
        compensation: amount(compensation),
        policy: policyName(start.policy),
    });
}

/** The list of them, each a button. `open`: what it does with the case. */
export function casesView(open) {
    const cases = lastCases();
    return (
        cases.length > 0 && [
            el("h2", {}, t("cases.title")),
            el(
                "ul",
                { id: "last-cases" },
                cases.map((each) =>
                    el(
                        "li",
                        {},
                        el(
                            "button",
                            { type: "button", class: "link", onclick: () => open(each) },
                            caseName(each),
                        ),
                    ),
                ),
            ),
            el("p", { class: "hint" }, t("cases.hint")),
        ]
    );
}
