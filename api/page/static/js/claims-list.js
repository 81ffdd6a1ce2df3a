/** A list of claims to look through, and the cells that such lists have in common. */

import { el } from "./dom.js";
import { number } from "./format.js";
import { t } from "./i18n.js";
import { asWritten } from "./parts.js";

/** How many claims stand in the table at first, and how many more each time. */
export const STEP = 20;

/**
 * The claims with a filter by status and by words; what is typed there is kept in `filter`. `tableOf`: the table of the
 * rows that are found.
 */
export function claimsList(rows, filter, statuses, tableOf) {
    const table = el("div", {});
    const status = el("p", { role: "status", class: "filter-status" });
    const words = el("input", {
        class: "input",
        id: "filter-words",
        type: "search",
        value: filter.words ?? "",
        autocomplete: "off",
        oninput: () => {
            filter.words = words.value;
            show();
        },
    });
    const outcome = el(
        "select",
        {
            class: "input",
            id: "filter-status",
            onchange: () => {
                filter.status = outcome.value;
                show();
            },
        },
        el("option", { value: "" }, t("claims.all")),
        statuses.map((each) =>
            el("option", { value: each, selected: filter.status === each }, t(`status.${each}`)),
        ),
    );
    function show() {
        const wanted = (filter.words ?? "").trim().toLowerCase();
        const found = rows.filter(
            (row) => (!filter.status || row.status === filter.status) && holds(row, wanted),
        );
        status.textContent = t("claims.found", { found: found.length, all: rows.length });
        table.replaceChildren(tableOf(found));
    }
    show();
    return [
        el(
            "div",
            { class: "filters no-print" },
            el(
                "div",
                {},
                el("label", { class: "field-label", for: "filter-words" }, t("claims.words")),
                words,
            ),
            el(
                "div",
                {},
                el("label", { class: "field-label", for: "filter-status" }, t("claims.status")),
                outcome,
            ),
        ),
        status,
        table,
    ];
}

function holds(row, wanted) {
    return [row.claim_id, row.contract_id, row.borrower_id, row.institution_id].some((id) =>
        id?.toLowerCase().includes(wanted),
    );
}

/** An institution by its name, with its id below; by its id alone where it has no name. */
export function institutionCell({ institution_id: id }, { institution_names: names }) {
    const name = new Map(Object.entries(names)).get(id);
    return name === undefined ? id : [asWritten(name), el("p", { class: "hint" }, id)];
}

export function orNone(value) {
    return value === null ? t("none") : number(value);
}
