/** A list of claims to look through, and the cells that such lists have in common. */

import { el } from "./dom.js";
import { number } from "./format.js";
import { t } from "./i18n.js";
import { asWritten } from "./parts.js";

/**
 * The claims with a filter by words, by status and, where there are several, by institution; what is chosen there is
 * kept in `filter`. `names`: of institutions by their ids. `tableOf`: the table of the rows that are found, with what
 * keeps its order and page.
 */
export function claimsList(rows, filter, statuses, names, tableOf) {
    const table = el("div", {});
    const status = el("p", { role: "status", class: "filter-status" });
    filter.view ??= {};
    const changed = (name, value) => {
        filter[name] = value;
        filter.view.page = 0;
        show();
    };
    const words = el("input", {
        class: "input",
        id: "filter-words",
        type: "search",
        value: filter.words ?? "",
        autocomplete: "off",
        oninput: () => changed("words", words.value),
    });
    const picker = (name, choices) => {
        const select = el(
            "select",
            { class: "input", id: `filter-${name}`, onchange: () => changed(name, select.value) },
            el("option", { value: "" }, t("claims.all")),
            choices.map(([value, title]) =>
                el("option", { value, selected: filter[name] === value }, title),
            ),
        );
        return labelled(`claims.${name}`, select);
    };
    const ids = [...new Set(rows.map((row) => row.institution_id))];
    function show() {
        const wanted = (filter.words ?? "").trim().toLowerCase();
        const found = rows.filter(
            (row) =>
                (!filter.status || row.status === filter.status) &&
                (!filter.institution || row.institution_id === filter.institution) &&
                holds(row, wanted),
        );
        status.textContent = t("claims.found", { found: found.length, all: rows.length });
        table.replaceChildren(tableOf(found, filter.view));
    }
    show();
    return [
        el(
            "div",
            { class: "filters no-print" },
            labelled("claims.words", words),
            picker(
                "status",
                statuses.map((each) => [each, t(`status.${each}`)]),
            ),
            ids.length > 1 &&
                picker(
                    "institution",
                    ids.map((id) => [id, nameOf(id, names)]),
                ),
        ),
        status,
        table,
    ];
}

function labelled(key, input) {
    return el("div", {}, el("label", { class: "field-label", for: input.id }, t(key)), input);
}

function holds(row, wanted) {
    return [row.claim_id, row.contract_id, row.borrower_id, row.institution_id].some((id) =>
        id?.toLowerCase().includes(wanted),
    );
}

/** An institution by its name, and by its id where it has none. */
export function nameOf(id, names) {
    return Object.hasOwn(names, id) ? names[id] : id;
}

/**
 * An institution by its name, with its id below; by its id alone where it has no name. `put`: makes a node of its id
 * and name.
 */
export function institutionCell(
    { institution_id: id },
    { institution_names: names },
    put = (_, name) => name,
) {
    return Object.hasOwn(names, id)
        ? [put(id, asWritten(names[id])), el("p", { class: "hint" }, id)]
        : put(id, id);
}

/** A button in a table that opens a row on a page of its own. */
export function openButton(id, text, open) {
    return el("button", { type: "button", class: "link", id: `open-${id}`, onclick: open }, text);
}

export function orNone(value) {
    return value === null ? t("none") : number(value);
}

/** What orders rows by an amount or a ratio, as a number: fen have fifteen digits at most. */
export function byNumber(name) {
    return (row) => (row[name] === null ? null : Number(row[name]));
}
