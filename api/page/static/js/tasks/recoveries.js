/** What recoveries on the claim bring back, and to whom. */

import { postJson } from "../api.js";
import { sharedBars } from "../charts.js";
import { el } from "../dom.js";
import { Form } from "../form.js";
import { amount, day } from "../format.js";
import { t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { fenOf, yuan } from "../money.js";
import { askingPage, backLink, heading } from "../pages.js";
import { bigAmount, foldedArithmetic, panel, printButton, printHead } from "../parts.js";
import { calledPair, institution } from "../institution.js";
import { chosen, setupPairs } from "../policies.js";
import { announce, draw, go } from "../screen.js";
import { keepForm } from "../tab.js";
import { parties } from "./sharing.js";

const MOST = 20;
/** The lines of each recovery that decide what it returns, and what of it to government. */
const DECIDING = /^r\d+_(net|to_date|distributed|surplus|government_to_date|to_government)$/;

const recoveries = new Form("recoveries");
keepForm(recoveries);
let returned = null;

/** How many recoveries are typed. */
function rowCount() {
    return recoveries.typed("rows") ?? 1;
}

/** A new case has recoveries of its own. */
export function forgetReturns() {
    recoveries.raw = {};
    recoveries.errors = [];
    returned = null;
}

export async function relanguageReturns() {
    if (returned !== null) {
        returned.answer = await postJson("v1/recoveries/returns", returned.request).catch(
            () => returned.answer,
        );
    }
}

function rowFields(row) {
    const field = (name, kind, more = {}) => ({
        name: `${name}-${row}`,
        kind,
        label: t(`recoveries.${name}`),
        pointer: `/recoveries/${row}/${name}`,
        ...more,
    });
    return [
        field("recovery_date", kinds.date, { hint: t("date.hint") }),
        field("proceeds", kinds.money),
        field("cost", kinds.money, { optional: true }),
    ];
}

function allFields() {
    return Array.from({ length: rowCount() }, (_, row) => rowFields(row)).flat();
}

export function recoveriesPage(result) {
    const rows = rowCount();
    const groups = Array.from({ length: rows }, (_, row) => [
        rows > 1 && el("h2", {}, t("recoveries.number", { number: row + 1 })),
        rowFields(row),
    ]).flat(2);
    const change = (by) => () => {
        recoveries.type("rows", rows + by);
        draw();
        announce(t("recoveries.count", { count: rows + by }));
    };
    const buttons = el(
        "p",
        { class: "row-buttons" },
        rows < MOST &&
            el(
                "button",
                { type: "button", class: "button button-plain", id: "add-row", onclick: change(1) },
                t("recoveries.add"),
            ),
        rows > 1 &&
            el(
                "button",
                {
                    type: "button",
                    class: "button button-plain",
                    id: "drop-row",
                    onclick: change(-1),
                },
                t("recoveries.drop"),
            ),
    );
    return askingPage({
        back: "one-case/result",
        caption: t("one-case.title"),
        title: t("recoveries.title"),
        lead: t("recoveries.lead"),
        form: recoveries,
        parts: [...groups, buttons],
        button: t("recoveries.button"),
        onSubmit: async () => {
            const fields = allFields();
            const values = recoveries.read(fields);
            if (values === null) {
                draw("errors");
                return;
            }
            const request = requestOf(result, values);
            try {
                returned = { request, answer: await postJson("v1/recoveries/returns", request) };
            } catch (problem) {
                recoveries.take(problem, fields);
                draw("errors");
                return;
            }
            go("one-case/returns");
        },
    });
}

/** The compensation that counts is what government has paid or now pays; before its decision, what it would. */
function requestOf({ request, answer }, values) {
    return {
        policy: chosen().id,
        payout: answer.payout,
        compensation: answer.compensation,
        shares: request.claim.shares,
        recoveries: Array.from({ length: rowCount() }, (_, row) => ({
            recovery_id: `R${String(row + 1).padStart(2, "0")}`,
            recovery_date: values[`recovery_date-${row}`],
            proceeds: values[`proceeds-${row}`],
            cost: values[`cost-${row}`] ?? "0.00",
        })),
    };
}

export function returnsPage() {
    if (returned === null) {
        return null;
    }
    const { answer, request } = returned;
    const shown = parties().filter(({ id }) => `to_${id}` in answer.returns[0]);
    return {
        title: t("returns.title"),
        nodes: [
            backLink("one-case/recoveries"),
            el("p", { class: "caption" }, t("one-case.title")),
            heading(t("returns.title")),
            printHead([calledPair(institution), ...setupPairs()]),
            el(
                "p",
                { class: "lead" },
                t("returns.lead", {
                    payout: amount(request.payout),
                    compensation: amount(request.compensation),
                }),
            ),
            answer.returns.map((row, place) =>
                oneReturn(row, place, shown, toDate(answer.returns.slice(0, place + 1))),
            ),
            answer.explanation?.length > 0 &&
                foldedArithmetic(t("arithmetic.title"), answer.explanation, ({ name }) =>
                    DECIDING.test(name),
                ),
            el(
                "div",
                { class: "buttons no-print" },
                printButton(),
                el("a", { href: "#/one-case/result" }, t("returns.back")),
            ),
        ],
    };
}

/** What recoveries return together, to all and to government. */
function toDate(returns) {
    const sum = (name) => yuan(returns.reduce((total, row) => total + fenOf(row[name]), 0n));
    return { distributed: sum("distributed"), government: sum("to_government") };
}

function oneReturn(row, place, shown, together) {
    const title = t("returns.of", { number: place + 1, date: day(row.recovery_date) });
    const parts = shown.map(({ id, title: party }) => ({ name: party, value: row[`to_${id}`] }));
    const surplus =
        /[1-9]/.test(row.surplus) &&
        el("p", {}, t("returns.surplus", { amount: amount(row.surplus) }));
    return el(
        "section",
        {},
        el("h2", {}, title),
        el("p", {}, t("returns.from", { proceeds: amount(row.proceeds), cost: amount(row.cost) })),
        panel("yes", t("returns.distributed"), bigAmount(row.distributed), surplus),
        place > 0 &&
            el(
                "p",
                {},
                t("returns.toDate", {
                    distributed: amount(together.distributed),
                    government: amount(together.government),
                }),
            ),
        /[1-9]/.test(row.distributed) && sharedBars(t("returns.picture"), t("returns.who"), parts),
    );
}
