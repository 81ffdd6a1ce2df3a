/** What variants of a policy come to beside what holds now: costs, institutions, claims, and the files to take away. */

import { el } from "../dom.js";
import { listed, t } from "../i18n.js";
import { save } from "../ledger.js";
import { fenOf, shown, yuan } from "../money.js";
import { conditionTitle } from "../policies.js";
import { longTable, wideTable } from "../tables.js";

export const VARIANTS = [1, 2];
const AMOUNTS = ["compensation", "payable", "returned_to_government", "net_cost"];
const COUNTS = [
    "eligible_institutions",
    "eligible_claims",
    "claims_gaining",
    "claims_losing",
    "claims_switching",
];

/** The rows of all years together, by variant. */
export function wholeOf({ totals, years }) {
    const whole = totals.filter(({ year }) => years.length === 1 || year === null);
    return [0, ...VARIANTS].map(
        (number) => whole.find(({ variant }) => variant === String(number)) ?? whole[0],
    );
}

/** The tables below the numbers: the cost of each year and institution, and the claims that come out otherwise. */
export function whoChanges(answer) {
    return [
        ...(answer.years.length > 1
            ? [el("h2", {}, t("what-if.byYear")), yearsTable(answer)]
            : []),
        el("h2", {}, t("what-if.institutions")),
        institutionsTable(answer),
        el("h2", {}, t("what-if.claims")),
        ...claimsOf(answer),
    ];
}

function variantColumns(first) {
    return [
        { title: first },
        { title: t("what-if.now"), number: true },
        ...VARIANTS.map((number) => ({ title: t("what-if.variant", { number }), number: true })),
    ];
}

/** What all years together cost. */
export function costTable(answer) {
    const [now, ...others] = wholeOf(answer);
    const rows = [...AMOUNTS, ...COUNTS].map((name) => [
        t(`what-if.${name}`),
        figure(name, now[name]),
        ...others.map((each) => withChange(name, now[name], each[name])),
    ]);
    return wideTable(t("what-if.cost"), variantColumns(t("what-if.figure")), rows);
}

function figure(name, value) {
    return AMOUNTS.includes(name) ? shown(value) : String(value);
}

/** A figure, and by how much it is more or less than it is now. */
function withChange(name, now, value) {
    if (value === now) {
        return figure(name, value);
    }
    const more = AMOUNTS.includes(name)
        ? shown(yuan(fenOf(value) - fenOf(now)))
        : String(value - now);
    const change = more.startsWith("-") ? more : `+${more}`;
    return [figure(name, value), el("span", { class: "hint" }, t("what-if.more", { change }))];
}

function yearsTable({ totals, years }) {
    const rows = years.map((year) => [
        String(year),
        ...[0, ...VARIANTS].map((number) => {
            const own = totals.find(
                (each) => each.year === year && each.variant === String(number),
            );
            return own === undefined ? t("none") : shown(own.net_cost);
        }),
    ]);
    return wideTable(t("what-if.byYear"), variantColumns(t("what-if.year")), rows);
}

function institutionsTable({ institutions, years }) {
    const cells = new Map();
    for (const row of institutions) {
        const key = years.length > 1 ? `${row.institution_id} ${row.year}` : row.institution_id;
        const failed = !row.eligible && el("p", { class: "hint" }, t("what-if.notEligible"));
        cells.set(key, { ...cells.get(key), [row.variant]: [shown(row.net_cost), failed] });
    }
    const rows = [...cells].map(([key, own]) => [
        key,
        ...["0", ...VARIANTS.map(String)].map((number) => own[number] ?? t("none")),
    ]);
    const columns = variantColumns(t("what-if.institution"));
    return longTable(t("what-if.institutions"), columns, rows, (row) => row);
}

function claimsOf({ claims, policy }) {
    if (claims.length === 0) {
        return [el("p", {}, t("what-if.claims.none"))];
    }
    const columns = [
        { title: t("what-if.claim") },
        { title: t("what-if.variant", { number: "" }) },
        { title: t("what-if.effect"), wrapped: true },
        { title: t("what-if.change"), number: true },
    ];
    const table = longTable(t("what-if.claims"), columns, claims, (row) => [
        row.claim_id,
        row.variant,
        [
            t(`what-if.effect.${row.effect}`),
            row.conditions && el("p", { class: "hint" }, conditionsText(row.conditions, policy.id)),
        ],
        shown(row.change),
    ]);
    return [el("p", { class: "hint" }, t("what-if.claims.first")), table];
}

function conditionsText(conditions, policy) {
    const ids = conditions.split(";").map((id) => id.replace(/^institution:/, ""));
    return listed(ids.map((id) => conditionTitle(id, policy)));
}

/** The policy file of each variant, and the command that comes to the same. */
export function takeAway(answer) {
    const title = el("h2", {}, t("what-if.take"));
    return [title, ...VARIANTS.flatMap((number) => variantFile(answer, number))];
}

function variantFile({ policy, variants }, number) {
    const variant = variants[number];
    const name = t("what-if.fileName", { policy: policy.id, number });
    const download = () =>
        save(new Blob([variant.policy_file], { type: "application/toml" }), name);
    return [
        el(
            "p",
            { class: "no-print" },
            el(
                "button",
                { type: "button", class: "button button-plain", id: `download-${number}`, onclick: download },
                t("what-if.download", { number }),
            ),
        ),
        el("p", { class: "hint" }, t("what-if.command")),
        el("pre", { class: "command" }, el("code", {}, variant.command)),
    ];
}
