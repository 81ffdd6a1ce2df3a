/** 机构自查: does the institution meet the conditions, in which tier is it, and what does the next one take? */

import { postJson, upload } from "../api.js";
import { el } from "../dom.js";
import { language, t } from "../i18n.js";
import {
    calledPair,
    form,
    institution,
    institutionFields,
    nameField,
    typedPairs,
    useForm,
} from "../institution.js";
import { institutionView, scalesView } from "../institution-view.js";
import * as kinds from "../kinds.js";
import { ledgerField, ledgerForm } from "../ledger.js";
import { institutionRows, sideBySide } from "../outcomes.js";
import { askingPage, backLink, heading } from "../pages.js";
import { answersView, basisView, printButton, printHead } from "../parts.js";
import {
    chosen,
    chosenYear,
    loaded,
    notOffered,
    setupFields,
    setupNow,
    setupPairs,
    start,
} from "../policies.js";
import { draw, go, place } from "../screen.js";
import { curveQuestion } from "./curve.js";
import { faultsOf, faultsPage, inLanguageOfNow } from "./faults.js";
import { shortcuts } from "./example.js";
import { rawOf, saveButton } from "./saved.js";
import { slidersView } from "./sliders.js";

/**
 * What the service said of each institution (`answers`), and of what: `setup`, `which` ("amounts", "ratios" or
 * "ledger"), what was `typed`. `again` asks once more, in the language of then.
 */
let result = null;

/** What is typed, by the names under which a file keeps it. */
const FORMS = { start, institution };

/** What was wrong with a ledger. */
let faults = null;

/** What the limits cost an institution whose figures were typed. */
const curve = curveQuestion("curve", {
    movable: () =>
        chosen()
            .institution.ratios.filter(({ type }) => type === "ratio")
            .map(({ name, title }) => ({ id: name, title, kind: "ratio" })),
    ask: (values) => postJson("v1/eligibility/institution/curve", { ...result.body, ...values }),
    policy: () => chosen().id,
});

export const task = {
    page(step) {
        if (step === "result" && result?.setup === setupNow()) {
            return resultPage();
        }
        if (step === "faults" && faults?.setup === setupNow()) {
            return faultsPage(faults);
        }
        if (step !== "" && chosen()) {
            return howTyped() === "ledger" ? ledgerPage() : figuresPage();
        }
        return startPage();
    },
    /** After a reload: what was typed is judged anew. */
    async recall(step) {
        if (step === "result" && result === null && chosen() && howTyped() !== "ledger") {
            await judgeFigures().catch(() => {});
        }
    },
    async relanguage() {
        if (place()[1] === "faults" && faults !== null) {
            faults = await inLanguageOfNow(faults);
            draw();
        } else if (result !== null) {
            await result.again().catch(() => {});
            await curve.again().catch(() => {});
        }
    },
};

function howTyped() {
    return start.typed("how");
}

function startPage() {
    const how = {
        name: "how",
        kind: kinds.choice,
        label: t("self-check.how"),
        what: t("self-check.howOnly"),
        choices: ["amounts", "ratios", "ledger"].map((value) => ({
            value,
            title: t(`self-check.how.${value}`),
            hint: t(`self-check.how.${value}.hint`),
        })),
    };
    const setup = setupFields();
    const fields = [...setup, how];
    return askingPage({
        back: "",
        step: [1, 2],
        title: t("self-check.title"),
        lead: t("self-check.lead"),
        form: start,
        parts: [shortcuts("self-check", FORMS, beginTyped), ...setup, notOffered(), how],
        onSubmit: async () => {
            if (start.read(fields) === null) {
                draw("errors");
            } else {
                await begin();
            }
        },
    });
}

async function begin() {
    if (await loaded(start)) {
        if (howTyped() !== "ledger") {
            useForm(howTyped());
        }
        institution.errors = [];
        ledgerForm.errors = [];
        go("self-check/figures");
    }
}

/** Figures are filled in: of a self-check or of a case, as amounts or as ratios. */
function beginTyped() {
    start.type("how", form());
    return begin();
}

function figuresPage() {
    const fields = institutionFields();
    return askingPage({
        back: "self-check",
        caption: t("self-check.title"),
        step: [2, 2],
        title: t("institution.title", { year: chosenYear() }),
        lead: t(`institution.lead.${form()}`),
        form: institution,
        parts: [nameField(), ...fields],
        button: t("self-check.button"),
        onSubmit: async () => {
            if (institution.read(fields) === null) {
                draw("errors");
            } else if (await judgeFigures()) {
                go("self-check/result");
            }
        },
    });
}

/** Have the figures that are typed judged. Answers whether they could be. */
async function judgeFigures() {
    const fields = institutionFields();
    const values = institution.read(fields);
    if (values === null) {
        return false;
    }
    const body = { policy: chosen().id, year: chosenYear(), institution: values };
    const ask = async () => [await postJson("v1/eligibility/institution", body)];
    return judged(form(), institution, fields, ask, body);
}

function ledgerPage() {
    const fields = [ledgerField()];
    return askingPage({
        back: "self-check",
        caption: t("self-check.title"),
        step: [2, 2],
        title: t("ledger.title"),
        lead: t("self-check.ledgerLead"),
        form: ledgerForm,
        parts: fields,
        button: t("self-check.button"),
        onSubmit: async () => {
            const values = ledgerForm.read(fields);
            if (values === null) {
                draw("errors");
                return;
            }
            const ask = async () => {
                const body = ledgerBody(values.file);
                const { explanations, summary } = await upload("v1/assessments", body);
                return explanations.map((explanation) => ({ ...summary, ...explanation }));
            };
            if (await judged("ledger", ledgerForm, fields, ask)) {
                go("self-check/result");
            }
        },
    });
}

function ledgerBody(file) {
    const body = new FormData();
    body.append("policy", chosen().id);
    body.append("year", String(chosenYear()));
    body.append("explain", "institutions");
    body.append("file", file);
    return body;
}

/**
 * Ask the service. Answers whether there is a result; if not, what is wrong is shown. `body`: what is sent of figures.
 */
async function judged(which, from, fields, ask, body = null) {
    const asked = { setup: setupNow(), which, typed: from.copy(), body };
    curve.forget();
    const again = async () => {
        result = { ...asked, again, answers: await ask() };
        draw();
    };
    try {
        result = { ...asked, again, answers: await ask() };
    } catch (problem) {
        if (which === "ledger" && faultsOf(problem).length > 0) {
            const file = from.typed("file");
            faults = {
                setup: asked.setup,
                problem,
                ask,
                file: file.name,
                task: "self-check",
                back: "self-check/figures",
                language: language(),
                marked: () => ["v1/assessments/marked.xlsx", ledgerBody(file)],
            };
            go("self-check/faults");
        } else {
            from.take(problem, fields);
            draw("errors");
        }
        return false;
    }
    return true;
}

function resultPage() {
    const { which, typed, answers } = result;
    const ofLedger = which === "ledger";
    const figures = ofLedger
        ? [[t("ledger.file"), typed.typed("file").name]]
        : typedPairs(typed, [nameField(), ...institutionFields(which)]);
    const several = answers.length > 1;
    return {
        title: t("self-check.resultTitle"),
        sheet: !ofLedger,
        nodes: [
            backLink("self-check/figures"),
            el("p", { class: "caption" }, t("self-check.title")),
            heading(t("self-check.resultTitle")),
            printHead([...(ofLedger ? [] : [calledPair(typed)]), ...setupPairs()]),
            answers.map((answer) => institutionView(answer, several)),
            !ofLedger && slidersOf(result),
            !ofLedger && (answers[0].rate || answers[0].next_tier) && curve.view(),
            answersView(t("answers.title"), [...setupPairs(), ...figures], "#/self-check/figures"),
            basisView(answers[0]),
            el(
                "div",
                { class: "buttons no-print" },
                printButton(),
                !ofLedger && saveButton("self-check", { ...rawOf(FORMS), institution: typed.raw }),
                el("a", { href: "#/one-case" }, t("self-check.toOneCase")),
            ),
        ],
    };
}

/** The figures that were typed, to be moved. */
function slidersOf({ body, which, answers: [typed] }) {
    const figures = { institution: chosen().institution[which] };
    const ask = (request) => postJson("v1/eligibility/institution", request);
    return slidersView(body, figures, ask, (moved) => [
        sideBySide(
            t("sliders.title"),
            [t("compare.typed"), t("compare.moved")],
            institutionRows([typed, moved]),
        ),
        scalesView(moved),
    ]);
}
