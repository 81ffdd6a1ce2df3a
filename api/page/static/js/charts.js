/** Amounts as bars, each in the row of a table beside its own figures: the table is the picture. */

import { el, svg } from "./dom.js";
import { capital, t } from "./i18n.js";
import { fenOf, shown } from "./money.js";
import { percent } from "./values.js";
import { written } from "./decimals.js";

/** What the parts have of a whole. `head`: what the parts are. `parts`: [{name, value}], value in yuan as a text. */
export function sharedBars(title, head, parts) {
    const fen = parts.map(({ value }) => fenOf(value));
    const total = fen.reduce((sum, each) => sum + each, 0n);
    const shares = sharesOf(fen, total);
    const rows = parts.map((part, place) => [part.name, fen[place], shares[place]]);
    return figure(title, [head, t("chart.amount"), t("chart.share")], rows, total, [
        t("chart.total"),
        shown(written(total, 2)),
        total === 0n ? t("chart.none") : "100%",
    ]);
}

/** A bar for each row, as long as its value against the greatest. `rows`: [{name, value, count}]. */
export function bars(title, head, rows) {
    const fen = rows.map(({ value }) => fenOf(value));
    const greatest = fen.reduce((most, each) => (each > most ? each : most), 0n);
    const cells = rows.map(({ name, count }, place) => [name, fen[place], count]);
    return figure(title, [head, t("chart.amount"), t("chart.count")], cells, greatest, null);
}

/**
 * Ratios as bars, with marks of what they are held against. `rows`: [{name, value, marks, cells}], numbers to be
 * drawn, and texts; `head`: of the name and the texts.
 */
export function scales(title, head, rows) {
    const drawn = rows.map(({ name, value, marks, cells }) => {
        const most = 1.1 * Math.max(value, ...marks);
        const at = (number) => (number > 0 ? (100 * number) / most : 0);
        return [name, picture(at(value), marks.map(at)), ...cells];
    });
    return table(title, head, drawn, null, "bars wide");
}

function figure(title, head, rows, whole, foot) {
    const drawn = rows.map(([name, fen, beside]) => [
        name,
        picture(whole === 0n ? 0 : Number((fen * 10_000n) / whole) / 100),
        shown(written(fen, 2)),
        beside,
    ]);
    return table(title, head, drawn, foot);
}

/**
 * `rows`: a name, its picture, and the texts beside them; `look`: "bars wide" where on a phone each row becomes a
 * card.
 */
function table(title, head, rows, foot, look = "bars") {
    const line = (cells, tag, name) =>
        el(
            "tr",
            {},
            cells.map((cell, place) =>
                place === 0
                    ? el("th", { scope: name }, cell)
                    : el(
                          tag,
                          {
                              class: "number",
                              scope: tag === "th" ? "col" : null,
                              "data-label": head[place],
                          },
                          cell,
                      ),
            ),
        );
    const body = rows.map(([name, bar, ...texts]) =>
        line([[capital(name), bar], ...texts], "td", "row"),
    );
    return el(
        "figure",
        { class: "figure" },
        el("figcaption", {}, title),
        el(
            "table",
            { class: look },
            el("caption", { class: "visually-hidden" }, title),
            el("thead", {}, line(head, "th", "col")),
            el("tbody", {}, body),
            foot && el("tfoot", {}, line(foot, "td", "row")),
        ),
    );
}

/** A bar of so many hundredths of its width, and marks on it; its figures stand beside it. */
function picture(width, marks = []) {
    return svg(
        "svg",
        { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { class: "bar-track", width: 100, height: 10 }),
        width > 0 && svg("rect", { class: "bar-part", width, height: 10 }),
        marks.map((at, place) =>
            svg("rect", {
                class: `bar-mark bar-mark-${place}`,
                x: at - 0.8,
                width: 1.6,
                height: 10,
            }),
        ),
    );
}

/** Parts in percent with two decimals that add up to 100: what rounding down leaves goes to the largest remainders. */
function sharesOf(parts, whole) {
    if (whole === 0n) {
        return parts.map(() => t("chart.none"));
    }
    const shares = parts.map((part) => (part * 10_000n) / whole);
    const left = 10_000n - shares.reduce((sum, each) => sum + each, 0n);
    const remainders = parts.map((part, place) => [(part * 10_000n) % whole, place]);
    remainders.sort(([one, first], [other, second]) =>
        one === other ? first - second : one > other ? -1 : 1,
    );
    remainders.slice(0, Number(left)).forEach(([, place]) => (shares[place] += 1n));
    return shares.map((share) => percent(written(share, 4)));
}
