/** 年度清算: a ledger goes up, what is due on a day comes back, in which direction. */

import { Form } from "../form.js";
import { language, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { ledgerField, save, XLSX } from "../ledger.js";
import { askingPage } from "../pages.js";
import { loadInputs, policyChoices } from "../policies.js";
import { draw } from "../screen.js";
import { keepForm } from "../tab.js";
import { Computing } from "./computing.js";
import { caseId, claimPage, settlementResult } from "./settlement-result.js";

/** A result stands for what was sent with it, whatever is typed later. */
const ANY_SETUP = "";

const form = new Form("settlement");
keepForm(form);
const computing = new Computing("settlement", "v1/settlements");

export const task = {
    page(step) {
        const between = computing.page(step, ANY_SETUP);
        if (between !== null) {
            return between;
        }
        const { result } = computing;
        if (step === "claim" && result?.opened) {
            return claimPage(result);
        }
        return step === "result" && result ? settlementResult(result, download, open) : askPage();
    },
    relanguage: () => computing.relanguage(),
};

function fields() {
    return [
        ledgerField(),
        {
            name: "policies",
            kind: kinds.several,
            label: t("settlement.policies"),
            hint: t("settlement.policies.hint"),
            choices: policyChoices(true),
            pointer: "/policy",
        },
        {
            name: "to",
            kind: kinds.date,
            label: t("settlement.to"),
            hint: t("settlement.to.hint"),
            pointer: "/to",
        },
        {
            name: "from",
            kind: kinds.date,
            label: t("settlement.from"),
            hint: t("settlement.from.hint"),
            optional: true,
            pointer: "/from",
        },
        {
            name: "budget",
            kind: kinds.money,
            label: t("settlement.budget"),
            hint: t("settlement.budget.hint"),
            optional: true,
            pointer: "/budget",
        },
    ];
}

function askPage() {
    const asked = fields();
    return askingPage({
        back: "",
        title: t("settlement.title"),
        lead: t("settlement.lead"),
        form,
        parts: asked,
        button: t("settlement.button"),
        onSubmit: () => {
            const values = form.read(asked);
            if (values === null) {
                draw("errors");
                return;
            }
            // Not awaited: the page that waits takes over from here.
            computing.start({
                form,
                fields: asked,
                back: "settlement",
                name: values.file.name,
                body: () => requestBody(values),
                setup: ANY_SETUP,
            });
        },
    });
}

function requestBody(values) {
    const body = new FormData();
    values.policies.forEach((id) => body.append("policy", id));
    for (const name of ["to", "from", "budget"]) {
        if (values[name] !== undefined) {
            body.append(name, values[name]);
        }
    }
    body.append("lang", language());
    body.append("file", values.file);
    return body;
}

/** Show a claim of the result. */
function open(row) {
    const ask = async () => {
        const answer = await computing.again([["explain", row.claim_id]]);
        await loadInputs(row.policy);
        return answer.explanations.find(({ year }) => year === row.year);
    };
    return computing.open("claim", caseId(row), row, ask);
}

/** Fetch the result as a workbook: the same file, computed once more. */
async function download() {
    save(
        await computing.again([], { accept: XLSX }),
        t("settlement.workbookName", { day: computing.result.answer.summary.to }),
    );
}
