/** The last cases of this tab, to be opened again. */

import { el } from "../dom.js";
import { amount, day } from "../format.js";
import { t } from "../i18n.js";
import { policyName } from "../policies.js";
import { keep, recalled } from "../tab.js";

const KEPT_AS = "cases";
const MOST = 10;

/** The newest first: [{typed, date, compensation}], `typed` by the names of the forms. */
export function lastCases() {
    return recalled(KEPT_AS) ?? [];
}

/** Keep a case, unless the same is there: that one becomes the newest. */
export function keepCase(typed, { date, compensation }) {
    const same = JSON.stringify(typed);
    const others = lastCases().filter((each) => JSON.stringify(each.typed) !== same);
    keep(KEPT_AS, [{ typed, date, compensation }, ...others].slice(0, MOST));
}

/** What tells a case from others: its day, what it comes to, the policy. */
export function caseName({ typed: { start }, date, compensation }) {
    return t("cases.name", {
        date: date === null ? start.year : day(date),
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
                { class: "cases", id: "last-cases" },
                cases.map((each) =>
                    el(
                        "li",
                        {},
                        el("button", { type: "button", class: "link", onclick: () => open(each) }, caseName(each)),
                    ),
                ),
            ),
            el("p", { class: "hint" }, t("cases.hint")),
        ]
    );
}
