/** 批量测算: a ledger goes up, the year's compensation comes back. */

import { language, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { ledgerField, ledgerForm, save, templateButton, XLSX } from "../ledger.js";
import { askingPage } from "../pages.js";
import { chosen, chosenYear, loaded, setupFields, setupNow, start } from "../policies.js";
import { draw, go } from "../screen.js";
import { Computing } from "./computing.js";
import { portfolioResult } from "./portfolio-result.js";

const computing = new Computing("portfolio", "v1/assessments");

export const portfolio = {
    id: "portfolio",
    page(step) {
        const between = computing.page(step, setupNow());
        if (between !== null) {
            return between;
        }
        if (step === "result" && computing.result?.setup === setupNow()) {
            return portfolioResult(computing.result, download);
        }
        return step === "file" && chosen() ? filePage() : startPage();
    },
    relanguage: () => computing.relanguage(),
};

function startPage() {
    const fields = setupFields();
    return askingPage({
        back: "",
        title: t("portfolio.title"),
        lead: t("portfolio.lead"),
        form: start,
        parts: fields,
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

/** Fetch the result as a workbook: the same file, computed once more. */
async function download() {
    save(
        await computing.again([], { accept: XLSX }),
        t("portfolio.workbookName", { year: chosenYear() }),
    );
}
