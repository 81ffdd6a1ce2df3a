/**
 * Pictures of amounts, drawn as SVG. A picture is never alone: its figures stand in a table below it, numbered as in
 * the picture, and the picture itself says nothing but its title to a screen reader.
 */

import { el, svg } from "./dom.js";
import { capital, t } from "./i18n.js";
import { fenOf, shown } from "./money.js";
import { percent } from "./values.js";
import { written } from "./decimals.js";

const WIDTH = 360;
const SERIES = 6;

let drawn = 0;

/** One bar in which each part takes its share of the whole. `head`: what the parts are. `parts`: [{name, value}], value in yuan as a text. */
export function sharedBar(title, head, parts) {
    const total = parts.reduce((sum, part) => sum + fenOf(part.value), 0n);
    let before = 0n;
    const segments = parts.map((part, place) => {
        const from = lengthOf(before, total);
        before += fenOf(part.value);
        const width = lengthOf(before, total) - from;
        return [
            svg("rect", {
                class: `series series-${place % SERIES}`,
                x: from,
                y: 2,
                width,
                height: 44,
            }),
            width >= 16 &&
                svg(
                    "text",
                    { class: `mark mark-${place % SERIES}`, x: from + width / 2, y: 30 },
                    place + 1,
                ),
        ];
    });
    const rows = parts.map((part) => ({ ...part, share: shareOf(fenOf(part.value), total) }));
    return figure(title, head, svgPicture(title, 48, segments), rows, written(total, 2));
}

/** A bar for each row, as long as its value against the greatest. `rows`: [{name, value, note?}]. */
export function bars(title, head, rows) {
    const greatest = rows.reduce(
        (most, row) => (fenOf(row.value) > most ? fenOf(row.value) : most),
        0n,
    );
    const drawnRows = rows.map((row, place) => {
        const y = place * 34;
        const width = lengthOf(fenOf(row.value), greatest, WIDTH - 24);
        return [
            svg("text", { class: "row-number", x: 6, y: y + 22 }, place + 1),
            svg("rect", { class: "series-track", x: 24, y: y + 4, width: WIDTH - 24, height: 26 }),
            width > 0 &&
                svg("rect", {
                    class: `series series-${place % SERIES}`,
                    x: 24,
                    y: y + 4,
                    width,
                    height: 26,
                }),
        ];
    });
    return figure(title, head, svgPicture(title, rows.length * 34, drawnRows), rows, null);
}

function svgPicture(title, height, children) {
    drawn += 1;
    const id = `picture-${drawn}`;
    const attributes = {
        class: "picture",
        viewBox: `0 0 ${WIDTH} ${height}`,
        role: "img",
        "aria-labelledby": id,
    };
    return svg("svg", attributes, svg("title", { id }, title), children);
}

function figure(title, first, picture, rows, total) {
    const withShare = rows.some((row) => row.share !== undefined);
    const withNote = rows.some((row) => row.note !== undefined);
    const head = el(
        "tr",
        {},
        el("th", { scope: "col" }, first),
        withNote && el("th", { scope: "col", class: "number" }, t("chart.count")),
        el("th", { scope: "col", class: "number" }, t("chart.amount")),
        withShare && el("th", { scope: "col", class: "number" }, t("chart.share")),
    );
    const body = rows.map((row, place) =>
        el(
            "tr",
            {},
            el(
                "th",
                { scope: "row" },
                el("span", { class: `key key-${place % SERIES}` }, place + 1),
                capital(row.name),
            ),
            withNote && el("td", { class: "number" }, row.note),
            el("td", { class: "number" }, shown(row.value)),
            withShare && el("td", { class: "number" }, row.share),
        ),
    );
    const foot =
        total !== null &&
        el(
            "tfoot",
            {},
            el(
                "tr",
                {},
                el("th", { scope: "row" }, t("chart.total")),
                el("td", { class: "number" }, shown(total)),
                withShare &&
                    el("td", { class: "number" }, fenOf(total) === 0n ? t("chart.none") : "100%"),
            ),
        );
    const caption = el("caption", { class: "visually-hidden" }, title);
    const table = el(
        "table",
        { class: "legend" },
        caption,
        el("thead", {}, head),
        el("tbody", {}, body),
        foot,
    );
    return el("figure", { class: "figure" }, el("figcaption", {}, title), picture, table);
}

/** The length of a part, to a hundredth of a unit of the picture. */
function lengthOf(part, whole, width = WIDTH) {
    return whole === 0n ? 0 : Number((part * BigInt(width) * 100n) / whole) / 100;
}

/** A part in percent with two decimals, half up. */
function shareOf(part, whole) {
    return whole === 0n
        ? t("chart.none")
        : percent(written((2n * part * 10_000n + whole) / (2n * whole), 4));
}
