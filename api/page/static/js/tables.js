/**
 * Wide tables: they scroll by themselves, and on a phone each row becomes a card with its own labels. Long ones come in
 * pages, and are ordered by the column whose heading is pressed.
 */

import { el } from "./dom.js";
import { language, t } from "./i18n.js";

/** How many rows stand on a page: nobody reads 100,000 at once. */
const PAGE = 200;

/**
 * A table. `columns`: [{title, number?, wrapped?, order?, onSort?}]; the first one names its row; `order`: "ascending"
 * or "descending" where rows are ordered by it; `onSort`: what a press of its heading does. `rows`: a list of cells for
 * each row, a cell being a text or nodes. The focus can be put on it, so that the keyboard scrolls it too.
 */
export function wideTable(caption, columns, rows) {
    const classes = columns.map(({ number, wrapped }) =>
        number ? "number" : wrapped ? "wrapped" : null,
    );
    const head = columns.map(({ title, order, onSort }, place) =>
        el(
            "th",
            { scope: "col", class: classes[place], "aria-sort": order },
            onSort
                ? el("button", { type: "button", class: "sort", onclick: onSort }, title)
                : title,
        ),
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
                          // On a phone what stands beside the label has to be one thing.
                          typeof cell === "object" ? el("div", {}, cell) : cell,
                      ),
            ),
        ),
    );
    const sortable = columns.some(({ onSort }) => onSort);
    return el(
        "div",
        { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" },
        el(
            "table",
            { class: sortable ? "wide sortable" : "wide" },
            el("caption", { class: "visually-hidden" }, caption),
            el("thead", {}, el("tr", {}, head)),
            el("tbody", {}, body),
        ),
    );
}

/**
 * A table in pages. `columns`: as of `wideTable`; those with `by` order
 * the rows by what it answers of a row, a text or a number, null being last. `cellsOf`: the cells of a row, made when
 * it is shown. `view`: keeps the order and the page, for when the table is drawn anew.
 */
export function longTable(caption, columns, rows, cellsOf, view = {}) {
    const place = el("div");
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    const inOrder = () => sorted(rows, columns[view.column]?.by, view.down);
    let ordered = inOrder();
    const turn = (to) => () => {
        view.page = to;
        show().focus();
    };
    const sortBy = (column) => () => {
        Object.assign(view, { column, down: view.column === column && !view.down, page: 0 });
        ordered = inOrder();
        show().querySelectorAll("thead th")[column].querySelector("button").focus();
    };
    const show = () => {
        const page = Math.min(view.page ?? 0, pages - 1);
        const shown = ordered.slice(page * PAGE, (page + 1) * PAGE);
        const headed = columns.map((column, number) => ({
            ...column,
            onSort: column.by && rows.length > 1 && sortBy(number),
            order: column.by && view.column === number && (view.down ? "descending" : "ascending"),
        }));
        const table = wideTable(caption, headed, shown.map(cellsOf));
        const left = rows.length - shown.length;
        const unprinted = el("p", { class: "print-only" }, t("table.unprinted", { left }));
        place.replaceChildren(table, ...(pages > 1 ? [pager(page, pages, turn), unprinted] : []));
        return table;
    };
    show();
    return place;
}

function pager(page, pages, turn) {
    const button = (key, to) =>
        el(
            "button",
            {
                type: "button",
                class: "button button-plain",
                disabled: to < 0 || to >= pages,
                onclick: turn(to),
            },
            t(key),
        );
    return el(
        "div",
        { class: "buttons pager no-print" },
        button("table.before", page - 1),
        el("span", {}, t("table.page", { page: page + 1, pages })),
        button("table.after", page + 1),
    );
}

/** The rows in the order of what `by` answers of them; rows that are alike stay as they were. */
function sorted(rows, by, down) {
    if (by === undefined) {
        return rows;
    }
    const keyed = rows.map((row) => [by(row), row]);
    const known = keyed.filter(([key]) => key !== null);
    const unknown = keyed.filter(([key]) => key === null);
    const order = comparison(known.map(([key]) => key));
    known.sort(([one], [other]) => (down ? order(other, one) : order(one, other)));
    return [...known, ...unknown].map(([, row]) => row);
}

/** How keys are compared; texts of one length, as days and most ids are, without the rules of the language. */
function comparison(keys) {
    if (typeof keys[0] !== "string") {
        return (one, other) => one - other;
    }
    if (keys.every((key) => key.length === keys[0].length && /^[\x21-\x7e]*$/.test(key))) {
        return (one, other) => (one < other ? -1 : Number(one > other));
    }
    return new Intl.Collator(language(), { numeric: true }).compare;
}
