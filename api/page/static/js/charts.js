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

function figure(title, head, rows, whole, foot) {
    const line = (cells, tag, name) =>
        el(
            "tr",
            {},
            cells.map((cell, place) =>
                place === 0
                    ? el("th", { scope: name }, cell)
                    : el(tag, { class: "number", scope: tag === "th" ? "col" : null }, cell),
            ),
        );
    const body = rows.map(([name, fen, beside]) =>
        line([[capital(name), bar(fen, whole)], shown(written(fen, 2)), beside], "td", "row"),
    );
    return el(
        "figure",
        { class: "figure" },
        el("figcaption", {}, title),
        el(
            "table",
            { class: "bars" },
            el("caption", { class: "visually-hidden" }, title),
            el("thead", {}, line(head, "th", "col")),
            el("tbody", {}, body),
            foot && el("tfoot", {}, line(foot, "td", "row")),
        ),
    );
}

/** A part of a whole as a bar, to a hundredth of a percent of its width. */
function bar(part, whole) {
    const width = whole === 0n ? 0 : Number((part * 10_000n) / whole) / 100;
    return svg(
        "svg",
        { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { class: "bar-track", width: 100, height: 10 }),
        width > 0 && svg("rect", { class: "bar-part", width, height: 10 }),
    );
}

/** Parts in percent with two decimals that add up to 100: what rounding down leaves goes to the largest remainders. */
export function sharesOf(parts, whole) {
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
