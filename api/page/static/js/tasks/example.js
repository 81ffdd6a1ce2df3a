/** Ways to begin with something filled in: an example, or what was saved. */

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { fill, openField } from "./saved.js";

const yuan = (text) => ({ text, unit: 0 });
const tenThousand = (text) => ({ text, unit: 4 });
const percent = (text) => ({ text, none: false });

/** Invented; under jiyuan-2022. The institution's part caps what the rate comes to. */
const EXAMPLE = {
    start: { year: "2022", policy: "jiyuan-2022" },
    claim: {
        payout_date: "2022-08-30",
        borrower_type: "farmer",
        borrower_exposure: yuan("120000"),
        principal: yuan("120000"),
        interest: yuan("2345.67"),
        finance_review: "approved",
        industry_review: "approved",
        compensation_paid: yuan("2000"),
    },
    sharing: {
        institution: percent("10"),
        lender: percent("20"),
        reguarantor: percent("40"),
        national_fund: percent("30"),
    },
    institution: {
        form: "amounts",
        government_backed: "yes",
        opening_balance: tenThousand("40000"),
        closing_balance: tenThousand("47000"),
        opening_borrowers: "300",
        closing_borrowers: "350",
        small_agri_balance: tenThousand("42000"),
        released_amount: tenThousand("32000"),
        payout_amount: tenThousand("700"),
    },
};

/** The ways, for a task. `forms`: what they fill, by name; `begin`: what comes then. */
export function shortcuts(task, forms, begin) {
    return el(
        "div",
        { class: "shortcuts" },
        exampleButton(forms, begin),
        openField(task, forms, begin),
    );
}

function exampleButton(forms, begin) {
    const fillIn = () => {
        fill(forms, EXAMPLE);
        begin();
    };
    return el(
        "button",
        { type: "button", class: "button button-plain", id: "fill-example", onclick: fillIn },
        t("example.fill"),
    );
}
