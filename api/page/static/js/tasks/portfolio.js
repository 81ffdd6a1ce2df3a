/** 批量测算: a ledger goes up, the year's compensation comes back. */

import { language, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { ledgerField, ledgerForm, save, templateButton, XLSX } from "../ledger.js";
import { askingPage } from "../pages.js";
import {
    chosen,
    chosenYear,
    loaded,
    notOffered,
    setupFields,
    setupNow,
    start,
} from "../policies.js";
import { draw, go } from "../screen.js";
import { Computing } from "./computing.js";
import { claimDetail, institutionDetail } from "./portfolio-detail.js";
import { portfolioResult } from "./portfolio-result.js";

const computing = new Computing("portfolio", "v1/assessments");

/** The pages of one row of the result, by their steps. */
const DETAILS = { claim: claimDetail, institution: institutionDetail };

export const task = {
    page(step) {
        const between = computing.page(step, setupNow());
        if (between !== null) {
            return between;
        }
        const result = computing.result?.setup === setupNow() ? computing.result : null;
        if (step in DETAILS && result?.opened?.step === step) {
            return DETAILS[step](result);
        }
        if (step === "result" && result) {
            return portfolioResult(result, download, open);
        }
        return step !== "" && chosen() ? filePage() : startPage();
    },
    relanguage: () => computing.relanguage(),
};

function startPage() {
    const fields = setupFields();
    return askingPage({
        back: "",
        step: [1, 2],
        title: t("portfolio.title"),
        lead: t("portfolio.lead"),
        form: start,
        parts: [...fields, notOffered()],
        onSubmit: async () => {
            if (start.read(fields) === null) {
                draw("errors");
            } else if (await loaded(start)) {
                ledgerForm.errors = [];
                go("portfolio/file");
            }
        },
    });
}

function fields() {
    const budget = {
        name: "budget",
        kind: kinds.money,
        label: t("portfolio.budget"),
        hint: t("portfolio.budget.hint"),
        optional: true,
        pointer: "/budget",
    };
    return [ledgerField(), budget];
}

function filePage() {
    const asked = fields();
    return askingPage({
        back: "portfolio",
        caption: t("portfolio.title"),
        step: [2, 2],
        title: t("ledger.title"),
        lead: t("ledger.lead"),
        form: ledgerForm,
        parts: [templateButton(), ...asked],
        button: t("portfolio.button"),
        onSubmit: () => {
            if (ledgerForm.read(asked) === null) {
                draw("errors");
            } else {
                // Not awaited: the page that waits takes over from here.
                compute();
            }
        },
    });
}

function requestBody(values) {
    const body = new FormData();
    body.append("policy", chosen().id);
    body.append("year", String(chosenYear()));
    body.append("lang", language());
    if (values.budget !== undefined) {
        body.append("budget", values.budget);
    }
    body.append("file", values.file);
    return body;
}

function compute() {
    const values = ledgerForm.read(fields());
    return computing.start({
        form: ledgerForm,
        fields: fields(),
        back: "portfolio/file",
        name: values.file.name,
        body: () => requestBody(values),
        setup: setupNow(),
    });
}

/** Show a claim, or an institution, of the result in detail. */
const open = {
    claim: (row) =>
        computing.open("claim", row.claim_id, row, async () => {
            const answer = await computing.again([["explain_claims", row.claim_id]]);
            return answer.claim_explanations[0];
        }),
    institution: (row) =>
        computing.open("institution", row.institution_id, row, async () => {
            const asked = [["explain_institutions", row.institution_id]];
            return (await computing.again(asked)).explanations[0];
        }),
};

/** Fetch the result as a workbook: the same file, computed once more. */
async function download() {
    save(
        await computing.again([], { accept: XLSX }),
        t("portfolio.workbookName", { year: chosenYear() }),
    );
}
