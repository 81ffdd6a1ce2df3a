/** Wide tables: they scroll by themselves, and on a phone each row becomes a card with its own labels. */

import { el } from "./dom.js";
import { t } from "./i18n.js";

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

/**
 * A table that begins with some of its rows and shows more when asked: nobody reads 100,000 at once. `cellsOf`: the
 * cells of a row, made when it is shown.
 */
export function longTable(caption, columns, rows, step, cellsOf) {
    const place = el("div");
    const show = (most, focus) => {
        const table = wideTable(caption, columns, rows.slice(0, most).map(cellsOf));
        const left = rows.length - most;
        const more = el(
            "button",
            {
                type: "button",
                class: "button button-plain no-print",
                onclick: () => show(most + step, true),
            },
            t("table.more", { left }),
        );
        const unprinted = el("p", { class: "print-only" }, t("table.unprinted", { left }));
        place.replaceChildren(table, ...(left > 0 ? [more, unprinted] : []));
        if (focus) {
            table.focus();
        }
    };
    show(step, false);
    return place;
}
