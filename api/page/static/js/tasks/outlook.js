/** What else is asked of a held ledger: a value that meets a target, later years, indicators over years. */

import { el, svg } from "../dom.js";
import { number } from "../format.js";
import { capital, inLanguage, language, listed, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { shown } from "../money.js";
import { oneNumber, percentages, said } from "../numbers.js";
import { longTable, wideTable } from "../tables.js";
import { Question } from "./question.js";

const FIGURES = ["compensation", "payable", "net_cost", "returned_to_government", "eligible_claims"];
const POOL = ["budget_need", "pool_closing"];
const YEARLY = ["payout_amount", "compensation", "returned_to_government", ...POOL];

/** Where is the target met? `numbers`: answers those of the policy. `take`: puts a value into a variant. */
export function solveQuestion({ numbers, ask, take }) {
    const id = "solve";
    const named = (path) => numbers().find((each) => each.path === path);

    function fields(form) {
        const paths = numbers().map((each) => ({
            value: each.path,
            title: titleOf(each),
        }));
        const figures = FIGURES.map((value) => ({ value, title: t(`what-if.${value}`) }));
        const signs = ["<=", ">="].map((value) => ({ value, title: t(`solve.${value}`) }));
        const kind = oneNumber(() =>
            form.typed("figure") === "eligible_claims" ? "count" : "money",
        );
        return [
            { name: "path", kind: kinds.choice, label: t("solve.path"), choices: paths },
            {
                name: "figure",
                kind: kinds.choice,
                label: t("solve.figure"),
                choices: figures,
                typed: FIGURES[0],
            },
            { name: "sign", kind: kinds.choice, label: t("solve.sign"), choices: signs, typed: "<=" },
            { name: "value", kind, label: t("solve.value"), hint: t("solve.value.hint") },
        ];
    }

    function show({ path, met, found, below, above, monotone, asked }) {
        const each = named(path);
        const rows = [below, found, above]
            .filter((probe) => probe !== null)
            .map((probe) => [
                said(each.kind, probe.value),
                [
                    asked.figure === "eligible_claims" ? probe.figure : shown(probe.figure),
                    probe === found &&
                        el("p", { class: "hint" }, t(met ? "solve.met" : "solve.closest")),
                ],
            ]);
        const columns = [
            { title: titleOf(each), wrapped: true },
            { title: t(`what-if.${asked.figure}`), number: true },
        ];
        return [
            wideTable(t("solve.title"), columns, rows),
            !monotone && el("p", { class: "note" }, t("solve.notMonotone")),
            el(
                "button",
                {
                    type: "button",
                    class: "button button-plain no-print",
                    id: "solve-take",
                    onclick: () => take(each, found.value),
                },
                t("solve.take"),
            ),
        ];
    }

    const target = async ({ path, figure, sign, value }) => ({
        ...(await ask("solve", { path, target: `${figure}${sign}${value}` })),
        asked: { figure },
    });
    return new Question(id, { fields, ask: target, show });
}

function titleOf({ element, label }) {
    return `${capital(element[language()])} ${label[language()]}`;
}

/** What comes of later years? `years`: answers those of the ledger. */
export function forecastQuestion({ years, ask }) {
    const id = "forecast";

    function fields() {
        const choices = years().map((year) => ({ value: String(year), title: String(year) }));
        const assumed = ["growth", "payout_rate", "recovery_rate"].map((name) => ({
            name,
            kind: percentages,
            label: t(`forecast.${name}`),
            hint: t(`forecast.${name}.hint`),
            optional: name !== "growth",
        }));
        return [
            {
                name: "base_year",
                kind: kinds.choice,
                label: t("forecast.base_year"),
                choices,
                typed: choices.at(-1).value,
            },
            { name: "years", kind: kinds.count, label: t("forecast.years"), typed: "3" },
            ...assumed,
        ];
    }

    function show({ summary, forecast_years: all, forecast_institutions: institutions }) {
        const rows = all.map((row) => [
            `${t(`forecast.${row.assumption}`)} ${row.year}`,
            ...YEARLY.map((name) => (row[name] === null ? t("none") : shown(row[name]))),
        ]);
        const columns = [
            { title: t("forecast.year") },
            ...YEARLY.map((name) => ({ title: t(`forecast.${name}`), number: true })),
        ];
        const middle = institutions.filter(({ assumption }) => assumption === "middle");
        const titles = ["institution", "rate", "compensation", "next_rate", "next_tier_gain"];
        return [
            wideTable(t("forecast.title"), columns, rows),
            el("h3", {}, t("forecast.institutions")),
            longTable(
                t("forecast.institutions"),
                titles.map((name, place) => ({ title: t(`forecast.${name}`), number: place > 0 })),
                middle,
                (row) => [
                    `${row.institution_id} ${row.year}`,
                    row.rate === null ? t("none") : number(row.rate),
                    shown(row.compensation),
                    row.next_rate === null ? t("none") : number(row.next_rate),
                    row.next_tier_gain === null ? t("none") : shown(row.next_tier_gain),
                ],
            ),
            el(
                "ul",
                { class: "hint" },
                summary.notes.map((note) => el("li", {}, capital(inLanguage(note, "message")))),
            ),
        ];
    }

    return new Question(id, { fields, ask: (values) => ask("forecast", values), show });
}

/** How did each institution do over years? `years`: answers those of the ledger. */
export function indicatorsQuestion({ years, ask }) {
    const id = "history";

    function fields() {
        return [
            {
                name: "years",
                kind: kinds.text,
                label: t("what-if.years"),
                hint: t("history.years.hint"),
                typed: [years()[0], years().at(-1)].filter((y, n, all) => all.indexOf(y) === n).join("-"),
            },
        ];
    }

    function show({ indicators, definitions }) {
        const ids = [...new Set(indicators.map(({ institution_id: each }) => each))];
        const place = el("div");
        const fill = (institution) =>
            place.replaceChildren(
                ...ofInstitution(
                    indicators.filter(({ institution_id: each }) => each === institution),
                    definitions,
                ),
            );
        fill(ids[0]);
        const select = el(
            "select",
            { id: "history-institution", class: "input", onchange: () => fill(select.value) },
            ids.map((value) => el("option", { value }, value)),
        );
        return [
            ids.length > 1 && [
                el("label", { class: "field-label", for: select.id }, t("what-if.institution")),
                select,
            ],
            place,
            el("h3", {}, t("history.definitions")),
            el(
                "ul",
                { class: "hint" },
                definitions.map((each) => el("li", {}, t("history.definition", definitionOf(each)))),
            ),
        ];
    }

    const send = ({ years: text }) => ask("indicators", { years: text.replace(/\s/g, "") });
    return new Question(id, { fields, ask: send, show });
}

/** The years of one institution: a row for each indicator, with a line through its years. */
function ofInstitution(years, definitions) {
    const last = years.at(-1);
    const columns = [
        { title: t("history.indicator"), wrapped: true },
        ...years.map(({ year }) => ({ title: String(year), number: true })),
        { title: t("history.moves") },
        { title: t("history.rank", { year: last.year }), number: true },
    ];
    const rows = definitions.map((each) => [
        nameOf(each),
        ...years.map((row) => (row[each.id] === null ? t("none") : said(each.unit, row[each.id]))),
        sparkline(years.map((row) => row[each.id])),
        each.better === null ? "" : String(last[`rank_${each.id}`] ?? t("none")),
    ]);
    const name = [last.institution_id, last.institution_name].filter(Boolean).join(" ");
    return [
        el("h3", {}, name),
        wideTable(t("history.title"), columns, rows),
        el("p", { class: "hint" }, t("history.rank.hint")),
        ...undefinedOf(years, definitions),
    ];
}

/** Why indicators are undefined, each reason once. */
function undefinedOf(years, definitions) {
    const names = new Map();
    for (const pair of new Set(years.flatMap((row) => (row.undefined ?? "").split(";")))) {
        const [id, reason] = pair.split(":");
        if (reason !== undefined) {
            const definition = definitions.find((each) => each.id === id);
            names.set(reason, [...(names.get(reason) ?? []), nameOf(definition)]);
        }
    }
    return [...names].map(([reason, of]) =>
        el("p", { class: "hint" }, t(`history.undefined.${reason}`, { names: listed(of) })),
    );
}

const [WIDTH, HEIGHT, EDGE] = [96, 24, 3];

/** A line through values; the figures stand beside it, so that it says nothing to a screen reader. */
function sparkline(values) {
    const known = values
        .map((value, place) => [place, value === null ? null : Number(value)])
        .filter(([, value]) => value !== null);
    const heights = known.map(([, value]) => value);
    const [least, most] = [Math.min(...heights), Math.max(...heights)];
    const points = known.map(([place, value]) => [
        values.length === 1 ? WIDTH / 2 : EDGE + (place * (WIDTH - 2 * EDGE)) / (values.length - 1),
        most === least ? HEIGHT / 2 : HEIGHT - EDGE - ((value - least) * (HEIGHT - 2 * EDGE)) / (most - least),
    ]);
    const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    return svg(
        "svg",
        { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
        svg("polyline", { points: line }),
        points.map(([cx, cy]) => svg("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 2 })),
    );
}

function nameOf(each) {
    return capital(inLanguage(each, "name"));
}

function definitionOf(each) {
    return { name: nameOf(each), note: inLanguage(each, "note"), clause: each.clause };
}
