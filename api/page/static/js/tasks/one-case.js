/** 单笔测算: is one claim eligible, for how much, why; and what becomes of a recovery? */

import { postJson, Problem } from "../api.js";
import { arithmeticView, conditionsView } from "../case-view.js";
import { sharedBars } from "../charts.js";
import { el } from "../dom.js";
import { Form, leadsTo } from "../form.js";
import { amount, number } from "../format.js";
import { capital, t } from "../i18n.js";
import {
    calledPair,
    form as institutionForm,
    inputField,
    institution,
    institutionFields,
    nameField,
    otherFormButton,
    typedPairs,
} from "../institution.js";
import { askingPage, backLink, heading } from "../pages.js";
import { caseRows, sideBySide } from "../outcomes.js";
import { answersView, basisView, bigAmount, panel, printButton, printHead } from "../parts.js";
import {
    chosen,
    chosenYear,
    conditionTitle,
    inputsOf,
    loaded,
    notOffered,
    setupFields,
    setupNow,
    setupPairs,
    start,
} from "../policies.js";
import { draw, go, goToErrors } from "../screen.js";
import { keepForm } from "../tab.js";
import { recoveriesPage, returnsPage, forgetReturns, relanguageReturns } from "./recoveries.js";
import { shortcuts } from "./example.js";
import { comparison } from "./comparing.js";
import { casesView, keepCase } from "./last-cases.js";
import { fill, formsOf, rawOf, saveButton } from "./saved.js";
import { slidersView } from "./sliders.js";
import { addsUp, parties, sharing, sharingFields, sharingTotal } from "./sharing.js";

const claim = new Form("claim");
keepForm(claim);

/** What a case is typed on, by the names under which a file keeps it. */
const FORMS = { start, claim, sharing, institution };

/** What was sent, what the service said, under what `setup`, and what was typed (`raw`, by the names of the forms). */
let result = null;

/** The case beside another one of this tab. */
const compared = comparison(() => result, answersOf);

/** The pages that need a result. */
const AFTER = {
    result: resultPage,
    recoveries: () => recoveriesPage(result),
    returns: () => returnsPage() ?? recoveriesPage(result),
};

export const task = {
    page(step) {
        if (result?.setup === setupNow() && step in AFTER) {
            return AFTER[step]();
        }
        const pages = { claim: claimPage, sharing: sharingPage, institution: institutionPage };
        return chosen()?.record === "payout" && pages[step] ? pages[step]() : startPage();
    },
    /** After a reload: what was typed is computed anew. */
    async recall(step) {
        const request = step in AFTER && result === null && chosen() ? requestTyped() : null;
        if (request !== null) {
            await ask(request).catch(() => {});
        }
    },
    async relanguage() {
        if (result !== null) {
            result.answer = await computeOnly(result.request).catch(() => result.answer);
            await relanguageReturns();
            await compared.again().catch(() => {});
            draw();
        }
    },
};

function startPage() {
    const fields = setupFields(true);
    return askingPage({
        back: "",
        step: [1, 4],
        title: t("one-case.title"),
        lead: t("one-case.lead"),
        form: start,
        parts: [shortcuts("one-case", FORMS, begin), ...fields, notOffered(true)],
        below: casesView(reopen),
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
        claim.errors = [];
        go("one-case/claim");
    }
}

function claimFields(policy = chosen()) {
    return policy.claim.map((input) => inputField(input, "/claim"));
}

/** What was left blank is said to be so: the service takes what is absent for forgotten. */
function blanks(fields) {
    return Object.fromEntries(fields.map((field) => [field.name, null]));
}

function claimPage() {
    const fields = claimFields();
    for (const { name, choices } of fields) {
        // A review of which nothing is known has not been done.
        if (choices.some(({ value }) => value === "pending")) {
            claim.type(name, claim.typed(name) ?? "pending");
        }
    }
    return askingPage({
        back: "one-case",
        caption: t("one-case.title"),
        step: [2, 4],
        title: t("claim.title"),
        lead: t("money.hint"),
        form: claim,
        parts: fields,
        onSubmit: () => {
            const values = claim.read(fields);
            if (values?.payout_date && Number(values.payout_date.slice(0, 4)) !== chosenYear()) {
                claim.errors.push({
                    name: "payout_date",
                    key: "claim.otherYear",
                });
            }
            if (claim.errors.length) {
                draw("errors");
            } else {
                sharing.errors = [];
                go("one-case/sharing");
            }
        },
    });
}

function sharingPage() {
    const fields = sharingFields();
    return askingPage({
        back: "one-case/claim",
        caption: t("one-case.title"),
        step: [3, 4],
        title: t("sharing.title"),
        lead: t("sharing.lead", { party: parties()[1].title }),
        form: sharing,
        parts: [...fields, sharingTotal(fields)],
        onSubmit: () => {
            if (sharing.read(fields) === null || !addsUp(fields)) {
                draw("errors");
            } else {
                institution.errors = [];
                go("one-case/institution");
            }
        },
    });
}

function institutionPage() {
    const fields = institutionFields();
    return askingPage({
        back: "one-case/sharing",
        caption: t("one-case.title"),
        step: [4, 4],
        title: t("institution.title", { year: chosenYear() }),
        lead: t(`institution.lead.${institutionForm()}`),
        form: institution,
        parts: [otherFormButton(), nameField(), ...fields],
        button: t("one-case.button"),
        onSubmit: async () => {
            const request = requestTyped();
            if (institution.errors.length > 0) {
                draw("errors");
            } else if (request === null) {
                // Another policy was chosen on the way, which asks for more.
                goToErrors(claim.errors.length > 0 ? "one-case/claim" : "one-case/sharing");
            } else {
                await computed(request, fields);
            }
        },
    });
}

/** What is typed, as the service takes it; null where something of it is wrong. */
function requestTyped() {
    const figures = institution.read(institutionFields());
    const typed = claim.read(claimFields());
    const shares = sharing.read(sharingFields());
    if (figures === null || typed === null || shares === null) {
        return null;
    }
    const policy = chosen().id;
    return { policy, institution: figures, claim: { ...blanks(claimFields()), ...typed, shares } };
}

function computeOnly(request) {
    return postJson("v1/compensation", request);
}

/** Ask the service for the case that is typed. */
async function ask(request) {
    const raw = rawOf(FORMS);
    const answer = await computeOnly(request);
    result = { setup: setupNow(), request, raw, answer };
    compared.forget();
    keepCase({ typed: raw, request, compensation: answer.compensation });
}

/** Open one of the last cases: it is computed anew. */
async function reopen({ typed }) {
    fill(FORMS, typed);
    result = null;
    forgetReturns();
    if (!(await loaded(start))) {
        return;
    }
    const request = requestTyped();
    if (request === null) {
        draw("errors");
    } else {
        await computed(request, institutionFields());
    }
}

/** Begin another case of the same institution, under the same policy. */
function another() {
    claim.raw = {};
    claim.errors = [];
    go("one-case/claim");
}

/** Ask the service; what it finds wrong is shown on the page on which it was typed. */
async function computed(request, institutionAsked) {
    try {
        await ask(request);
        forgetReturns();
        go("one-case/result");
    } catch (problem) {
        if (!(problem instanceof Problem)) {
            throw problem;
        }
        const pages = [
            ["one-case/claim", claim, claimFields()],
            ["one-case/sharing", sharing, sharingFields()],
            ["one-case/institution", institution, institutionAsked],
        ];
        const hit = pages.find(([, , fields]) =>
            problem.errors.some((fault) => fields.some((field) => leadsTo(fault, field))),
        );
        const [path, form, fields] = hit ?? pages[2];
        form.take(problem, fields);
        goToErrors(path);
    }
}

function resultPage() {
    const { answer } = result;
    const forms = formsOf(result.raw);
    return {
        title: t("one-case.resultTitle"),
        nodes: [
            backLink("one-case/institution"),
            el("p", { class: "caption" }, t("one-case.title")),
            heading(t("one-case.resultTitle")),
            printHead([calledPair(forms.institution), ...setupPairs()]),
            verdict(answer),
            conditionsView(answer.conditions, answer.institution),
            arithmeticView(answer.explanation),
            borneView(answer),
            el(
                "section",
                { class: "next-step no-print" },
                el("h2", {}, t("recoveries.title")),
                el("p", {}, t("recoveries.invite")),
                el("a", { href: "#/one-case/recoveries", class: "button" }, t("recoveries.start")),
            ),
            slidersView(result.request, figuresOf(result), computeOnly, (moved) => [
                sideBySide(
                    t("sliders.title"),
                    [t("compare.typed"), t("compare.moved")],
                    caseRows([answer, moved]),
                ),
            ]),
            compared.view(),
            answersView(t("answers.title"), answersOf(forms), "#/one-case/claim"),
            basisView(answer),
            el(
                "div",
                { class: "buttons no-print" },
                el(
                    "button",
                    { type: "button", class: "button", id: "another", onclick: another },
                    t("one-case.another"),
                ),
                printButton(),
                saveButton("one-case", result.raw),
            ),
        ],
    };
}

/** The answers of a case, by its forms: [[label, text]]. */
function answersOf(forms) {
    const policy = inputsOf(forms.start.typed("policy"));
    const which = forms.institution.typed("form") ?? "amounts";
    return [
        ...setupPairs(forms.start),
        ...typedPairs(forms.claim, claimFields(policy)),
        ...typedPairs(forms.sharing, sharingFields(policy)),
        ...typedPairs(forms.institution, [nameField(), ...institutionFields(which, policy)]),
    ];
}

/** The figures of the case, of which sliders can move some. */
function figuresOf({ raw }) {
    const { claim: inputs, institution: forms } = chosen();
    return { claim: inputs, institution: forms[raw.institution.form ?? "amounts"] };
}

function verdict(answer) {
    if (!answer.eligible) {
        const unmet = answer.conditions.filter((condition) => !condition.passed);
        const reasons = unmet.map((condition) =>
            el("li", {}, capital(conditionTitle(condition.id))),
        );
        return panel(
            "no",
            t("one-case.no"),
            el("p", {}, t("one-case.reasons")),
            el("ul", {}, reasons),
        );
    }
    return panel(
        answer.status === "approved" ? "yes" : "open",
        t("one-case.yes"),
        bigAmount(answer.compensation),
        el("p", {}, howMuch(answer)),
        el("p", {}, t(`status.${answer.status}.long`)),
        answer.status === "approved" && [
            el("p", {}, t("one-case.payable")),
            bigAmount(answer.payable),
            bridge(answer),
        ],
    );
}

/** The rate, and where a cap takes something of what it comes to, which and how much. */
function howMuch({ rate, compensation, compensation_at_rate: atRate, limited_by: cap }) {
    const said = {
        rate: number(rate),
        atRate: amount(atRate),
        compensation: amount(compensation),
        cap,
    };
    return t(cap ? "one-case.limited" : "one-case.rate", said);
}

/** From the compensation to what is payable, where something has been paid. */
function bridge({ compensation, payable }) {
    const paid = result.request.claim.compensation_paid;
    if (!paid || !/[1-9]/.test(paid)) {
        return null;
    }
    const said = {
        compensation: amount(compensation),
        paid: amount(paid),
        payable: amount(payable),
    };
    return el("p", {}, t("one-case.bridge", said));
}

function borneView({ borne_after: borne }) {
    const parts = parties()
        .filter(({ id }) => id in borne)
        .map(({ id, title }) => ({ name: title, value: borne[id] }));
    return [el("h2", {}, t("borne.title")), sharedBars(t("borne.picture"), t("chart.who"), parts)];
}
