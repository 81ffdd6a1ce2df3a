/** Wide tables: they scroll by themselves, and on a phone each row becomes a card with its own labels. */

import { el } from "./dom.js";

/**
 * A table. `columns`: [{title, number?, wrapped?}]; the first one names its row. `rows`: a list of cells for each row,
 * a cell being a text or nodes. The focus can be put on it, so that the keyboard scrolls it too.
 */
export function wideTable(caption, columns, rows) {
    const classes = columns.map(({ number, wrapped }) =>
        number ? "number" : wrapped ? "wrapped" : null,
    );
    const head = columns.map(({ title }, place) =>
        el("th", { scope: "col", class: classes[place] }, title),
    );
    const body = rows.map((cells) =>
        el(
            "tr",
            {},
            cells.map((cell, place) =>
                place === 0
                    ? el("th", { scope: "row", class: classes[place] }, cell)
                    : el(
                          "td",
                          { class: classes[place], "data-label": columns[place].title },
                          el("div", {}, cell),
                      ),
            ),
        ),
    );
    return el(
        "div",
        { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" },
        el(
            "table",
            { class: "wide" },
            el("caption", { class: "visually-hidden" }, caption),
            el("thead", {}, el("tr", {}, head)),
            el("tbody", {}, body),
        ),
    );
}
