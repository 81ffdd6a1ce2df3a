/** 批量测算: a ledger goes up, the year's compensation comes back. */

import { Cancelled, upload } from "../api.js";
import { el } from "../dom.js";
import { language, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { ledgerField, ledgerForm, save, templateButton, XLSX } from "../ledger.js";
import { askingPage, backLink, heading } from "../pages.js";
import { chosen, chosenYear, loaded, setupFields, setupNow, start } from "../policies.js";
import { announce, draw, go, place } from "../screen.js";
import { faultsPage, faultsOf, inLanguageOfNow } from "./faults.js";
import { portfolioResult } from "./portfolio-result.js";

/** What is on the screen beside the forms: a call under way, its faults, or its result. */
let running = null;
let faults = null;
let result = null;

export const portfolio = {
    id: "portfolio",
    page(step) {
        if (step === "working" && running !== null) {
            return workingPage();
        }
        if (step === "faults" && faults?.setup === setupNow()) {
            return faultsPage(faults);
        }
        if (step === "result" && result?.setup === setupNow()) {
            return portfolioResult(result, download);
        }
        return step === "file" && chosen() ? filePage() : startPage();
    },
    async relanguage() {
        if (place()[1] === "faults" && faults !== null) {
            faults = await inLanguageOfNow(faults);
            draw();
        }
    },
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

async function compute() {
    const values = ledgerForm.read(fields());
    const ending = new AbortController();
    const setup = setupNow();
    const call = { name: values.file.name, sent: 0, ending };
    running = call;
    go("portfolio/working");
    try {
        const onProgress = (part) => progressed(call, part);
        const answer = await upload("v1/assessments", requestBody(values), {
            onProgress,
            signal: ending.signal,
        });
        result = { setup, answer, file: values.file.name, body: requestBody(values), filter: {} };
        leave(call, "portfolio/result");
    } catch (problem) {
        if (problem instanceof Cancelled) {
            leave(call, "portfolio/file");
            announce(t("portfolio.cancelled"));
        } else if (faultsOf(problem).length > 0) {
            faults = {
                setup,
                problem,
                ask: () => upload("v1/assessments", requestBody(values)),
                file: values.file.name,
                task: "portfolio",
                back: "portfolio/file",
                language: language(),
                body: () => requestBody(values),
            };
            leave(call, "portfolio/faults");
        } else {
            ledgerForm.take(problem, fields());
            leave(call, "portfolio/file", "errors");
        }
    }
}

/** Go on from the waiting page, unless the person has gone elsewhere; the way back skips it. */
function leave(call, path, focus = "heading") {
    if (running === call) {
        running = null;
        history.replaceState(null, "", `#/${path}`);
        draw(focus);
    }
}

function workingPage() {
    const { name, sent } = running;
    const cancel = () => running.ending.abort();
    return {
        title: t("portfolio.working"),
        nodes: [
            heading(t("portfolio.working")),
            el("p", {}, t("ledger.named", { name })),
            el(
                "label",
                { for: "progress", class: "field-label", id: "progress-label" },
                progressText(sent),
            ),
            // Without a value the bar moves to and fro: how long computing takes isn't known.
            el("progress", {
                id: "progress",
                max: "100",
                value: sent < 1 ? Math.floor(sent * 100) : null,
            }),
            el("p", { class: "hint" }, t("portfolio.workingHint")),
            el(
                "div",
                { class: "buttons" },
                el(
                    "button",
                    { type: "button", class: "button button-plain", id: "cancel", onclick: cancel },
                    t("portfolio.cancel"),
                ),
            ),
        ],
    };
}

function progressText(sent) {
    return sent < 1
        ? t("portfolio.sending", { percent: Math.floor(sent * 100) })
        : t("portfolio.computing");
}

function progressed(call, sent) {
    const bar = document.getElementById("progress");
    if (sent === 1 && call.sent < 1) {
        announce(t("portfolio.computing"));
    }
    call.sent = sent;
    if (bar && running === call) {
        document.getElementById("progress-label").textContent = progressText(sent);
        if (sent < 1) {
            bar.value = Math.floor(sent * 100);
        } else {
            bar.removeAttribute("value");
        }
    }
}

/** Fetch the result as a workbook: the same file, computed once more. */
async function download() {
    save(
        await upload("v1/assessments", result.body, { accept: XLSX }),
        t("portfolio.workbookName", { year: chosenYear() }),
    );
}
