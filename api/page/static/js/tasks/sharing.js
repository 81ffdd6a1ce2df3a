/** Who shares a payout, and with what part. */

import { el } from "../dom.js";
import { Form } from "../form.js";
import { t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { chosen } from "../policies.js";
import { keepForm } from "../tab.js";
import { percent, sumOfRatios } from "../values.js";

export const sharing = new Form("sharing");
keepForm(sharing);

/** Government and the parties, in the order in which they are shown. */
export function parties() {
    return [{ id: "government", title: t("party.government") }, ...chosen().parties];
}

export function sharingFields(policy = chosen()) {
    return policy.parties.map((party) => ({
        name: party.id,
        kind: kinds.ratio,
        label: t("sharing.of", { party: party.title }),
        optional: true,
        pointer: `/claim/shares/${party.id}`,
    }));
}

/** Whether the shares make a whole, or none is typed; if not, it is said where they were typed. */
export function addsUp(fields) {
    const typed = fields
        .map((field) => field.kind.read(sharing.typed(field.name), field).value)
        .filter((value) => value !== undefined);
    const total = sumOfRatios(typed);
    if (typed.length > 0 && total !== "1") {
        sharing.errors.push({ name: fields[0].name, key: "sharing.sum", meant: percent(total) });
        return false;
    }
    return true;
}

/** The sum of what has been typed so far, kept up while typing. */
export function sharingTotal(fields) {
    const output = el("output", { class: "total" });
    const say = () => {
        const read = fields.map((field) => field.kind.read(sharing.typed(field.name), field));
        const typed = read.filter((each) => each.value !== undefined).map((each) => each.value);
        output.textContent = typed.length
            ? t("sharing.total", { total: percent(sumOfRatios(typed)) })
            : "";
    };
    say();
    requestAnimationFrame(() => output.closest("form")?.addEventListener("input", say));
    return el("p", { class: "sharing-total" }, output);
}
