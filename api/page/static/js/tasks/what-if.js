/** 政策测算: a ledger goes up once; then limits and rates are moved, and the cost is seen at once. */

import { postJson, Problem } from "../api.js";
import { el } from "../dom.js";
import { fieldView } from "../fields.js";
import { Form } from "../form.js";
import { amount } from "../format.js";
import { capital, language, listed, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { ledgerField } from "../ledger.js";
import { said, written } from "../numbers.js";
import { askingPage, backLink, heading } from "../pages.js";
import { printButton } from "../parts.js";
import { loadInputs, policyChoices, policyName } from "../policies.js";
import { announce, draw } from "../screen.js";
import { keepForm } from "../tab.js";
import { wideTable } from "../tables.js";
import { Computing } from "./computing.js";
import { curveQuestion } from "./curve.js";
import { forecastQuestion, indicatorsQuestion, solveQuestion } from "./outlook.js";
import { errorList, messagesOf } from "./question.js";
import { costTable, takeAway, VARIANTS, whoChanges, wholeOf } from "./what-if-outcome.js";

const PAUSE = 250;
const computing = new Computing("what-if", "v1/comparisons");
const form = new Form("what-if");
keepForm(form);

/** What was typed, by path and number of the variant; what came of it last. */
let typed = new Map();
let compared = null;
let pause;
let asked = 0;

export const task = {
    page(step) {
        const between = computing.page(step, "what-if");
        if (between !== null) {
            return between;
        }
        return step === "result" && computing.result !== null ? resultPage() : startPage();
    },
    async relanguage() {
        await computing.relanguage();
        if (computing.result !== null) {
            await loadInputs(computing.result.answer.policy.id);
            await Promise.all(questions.map((question) => question.again()));
            draw();
        }
    },
};

function fields() {
    return [
        {
            name: "policy",
            kind: kinds.choice,
            label: t("setup.policy"),
            what: t("setup.policyName"),
            choices: policyChoices(),
            pointer: "/policy",
        },
        {
            name: "years",
            kind: kinds.text,
            label: t("what-if.years"),
            hint: t("what-if.years.hint"),
            pointer: "/years",
        },
        ledgerField(),
    ];
}

function startPage() {
    const parts = fields();
    return askingPage({
        back: "",
        title: t("what-if.title"),
        lead: t("what-if.lead"),
        form,
        parts: [...parts, el("p", { class: "hint" }, t("what-if.held", { minutes: 10 }))],
        button: t("what-if.button"),
        onSubmit: async () => {
            const values = form.read(parts);
            if (values === null) {
                draw("errors");
                return;
            }
            await loadInputs(values.policy);
            typed = new Map();
            compared = null;
            questions.forEach((question) => question.forget());
            // Not awaited: the page that waits takes over from here.
            computing.start({
                form,
                fields: parts,
                back: "what-if",
                name: values.file.name,
                body: () => body(values, { years: values.years.replace(/\s/g, "") }),
                marked: () => [
                    "v1/assessments/marked.xlsx",
                    body(values, { year: yearWithin(values) }),
                ],
                setup: "what-if",
            });
        },
    });
}

function body({ policy, file }, more) {
    const sent = new FormData();
    for (const [name, value] of Object.entries({ policy, lang: language(), ...more })) {
        sent.append(name, value);
    }
    sent.append("file", file);
    return sent;
}

/** The first year that was asked for: a marked copy is of one. */
function yearWithin({ years }) {
    return years.trim().slice(0, 4);
}

function resultPage() {
    const { answer } = computing.result;
    const outcome = { cost: el("div", { id: "what-if-cost" }), who: el("div", { id: "what-if-who" }) };
    show(outcome);
    return {
        title: t("what-if.resultTitle"),
        nodes: [
            backLink("what-if"),
            el("p", { class: "caption" }, listed([policyName(answer.policy.id), ...answer.years])),
            heading(t("what-if.resultTitle")),
            el(
                "p",
                { class: "hint" },
                t("what-if.held", { minutes: Math.round(answer.ledger.seconds / 60) }),
            ),
            el("h2", {}, t("what-if.cost")),
            outcome.cost,
            el("h2", {}, t("what-if.numbers")),
            el("p", { class: "hint" }, t("what-if.numbers.hint")),
            numbersTable(answer.numbers, outcome),
            outcome.who,
            furtherOf(answer),
            el("p", { class: "hint" }, t("what-if.limits")),
            el("div", { class: "buttons no-print" }, printButton()),
        ],
    };
}

function numbersTable(numbers, outcome) {
    const columns = [
        { title: t("what-if.number"), wrapped: true },
        { title: t("what-if.now"), number: true },
        ...VARIANTS.map((number) => ({ title: t("what-if.variant", { number }), number: true })),
    ];
    const rows = numbers.map((each) => [
        [
            el("span", { class: "hint" }, capital(each.element[language()])),
            el("br"),
            capital(each.label[language()]),
        ],
        said(each.kind, each.value),
        ...VARIANTS.map((number) => numberInput(each, number, outcome)),
    ]);
    return wideTable(t("what-if.numbers"), columns, rows);
}

function numberInput(each, number, outcome) {
    const key = `${number}/${each.path}`;
    const input = el("input", {
        id: inputId(number, each),
        class: "input input-short",
        type: "text",
        autocomplete: "off",
        spellcheck: "false",
        placeholder: said(each.kind, each.value),
        "aria-label": t("what-if.input", { label: each.label[language()], number }),
        value: typed.get(key) ?? "",
        oninput: () => {
            typed.set(key, input.value);
            clearTimeout(pause);
            pause = setTimeout(() => ask(outcome), PAUSE);
        },
    });
    return input;
}

/** The settings of a variant, and the labels of the numbers that can't be read. */
function settingsOf(number) {
    const settings = [];
    const wrong = [];
    for (const each of computing.result.answer.numbers) {
        const text = (typed.get(`${number}/${each.path}`) ?? "").trim();
        if (text !== "") {
            const value = written(each.kind, text);
            if (value === null) {
                wrong.push(t("what-if.notANumber", { label: each.label[language()] }));
            } else {
                settings.push({ path: each.path, value });
            }
        }
    }
    return { settings, wrong };
}

/** Ask for what was typed, and show what comes back unless something else has been asked since. */
async function ask(outcome) {
    const read = VARIANTS.map(settingsOf);
    const wrong = read.flatMap((each, place) =>
        each.wrong.map((message) => t("what-if.wrong", { number: place + 1, message })),
    );
    asked += 1;
    const mine = asked;
    if (wrong.length > 0) {
        showWrong(outcome, wrong);
        return;
    }
    try {
        const answer = await answered({ variants: read.map(({ settings }) => settings) });
        if (mine === asked) {
            compared = answer;
            show(outcome);
            const [, one, two] = wholeOf(answer);
            announce(
                t("what-if.updated", { one: amount(one.net_cost), two: amount(two.net_cost) }),
            );
        }
    } catch (problem) {
        if (mine === asked) {
            showWrong(outcome, messagesOfVariants(problem));
        }
    }
}

/** A ledger that is gone is sent once more. `path`: of the question, after the ledger's. */
async function answered(body, path = "") {
    const { result } = computing;
    const call = () => postJson(`v1/comparisons/${result.answer.ledger.id}${path}`, body);
    try {
        return await call();
    } catch (problem) {
        if (!(problem instanceof Problem) || problem.status !== 404) {
            throw problem;
        }
        result.answer = await computing.again();
        return call();
    }
}

/** What is asked further of the policy, or of a variant, as the person has chosen. */
const which = new Form("which");

async function further(path, body) {
    const number = Number(which.typed("variant") ?? 0);
    const { settings, wrong } = number === 0 ? { settings: [], wrong: [] } : settingsOf(number);
    if (wrong.length > 0) {
        throw new Problem(422, { errors: wrong.map((message) => ({ message })) });
    }
    return answered(path === "indicators" ? body : { ...body, settings }, `/${path}`);
}

const answerNow = () => computing.result.answer;
const institutionIds = () => [
    ...new Set(answerNow().institutions.map(({ institution_id: id }) => id)),
];

/** Which institution and which year a curve is of, where there are several. */
function ofWhom() {
    return [
        ["institution", institutionIds()],
        ["year", answerNow().years.map(String)],
    ]
        .filter(([, values]) => values.length > 1)
        .map(([name, values]) => ({
            name,
            kind: kinds.choice,
            label: t(`what-if.${name}`),
            choices: values.map((value) => ({ value, title: value })),
            typed: values.at(-1),
        }));
}

const questions = [
    solveQuestion({ numbers: () => answerNow().numbers, ask: further, take }),
    curveQuestion("curve", {
        movable: () =>
            answerNow().indicators.map((each) => ({ ...each, title: each.title[language()] })),
        more: ofWhom,
        ask: (values) => further("curve", { year: answerNow().years[0], ...values }),
        policy: () => answerNow().policy.id,
    }),
    forecastQuestion({ years: () => answerNow().years, ask: further }),
    indicatorsQuestion({ years: () => answerNow().years, ask: further }),
];

/** Put a value that was found into the first variant, and ask for it. */
function take(each, value) {
    const input = document.getElementById(inputId(1, each));
    input.value = said(each.kind, value);
    input.dispatchEvent(new Event("input"));
    input.focus();
}

function inputId(number, { path }) {
    return `what-if-${number}-${path.replace(/[^\w]+/g, "-")}`;
}

/** The questions below the comparison; policies that are not about payouts have no curve and no forecast. */
function furtherOf(answer) {
    const asked = answer.indicators.length > 0 ? questions : [questions[0], questions.at(-1)];
    const choices = [0, ...VARIANTS].map((number) => ({
        value: String(number),
        title: number === 0 ? t("what-if.now") : t("what-if.variant", { number }),
    }));
    which.type("variant", which.typed("variant") ?? "0");
    const field = { name: "variant", kind: kinds.choice, label: t("what-if.which"), choices };
    return [
        el("h2", {}, t("what-if.further")),
        el("div", { class: "no-print" }, fieldView(which, field)),
        asked.map((question) => question.view()),
    ];
}

function showWrong(outcome, messages) {
    outcome.cost.querySelector(".error-summary")?.remove();
    outcome.cost.prepend(errorList(messages));
}

/** What went wrong with variants: each message with the number of its variant. */
function messagesOfVariants(problem) {
    if (!(problem instanceof Problem) || problem.errors.length === 0) {
        return messagesOf(problem);
    }
    return problem.errors.map(({ message, pointer = "" }) => {
        const [, number] = /^\/variants\/(\d+)/.exec(pointer) ?? [];
        return number === undefined
            ? message
            : t("what-if.wrong", { number: Number(number) + 1, message });
    });
}

/** Show what came back last: the cost above the numbers, and below them who changes. */
function show({ cost, who }) {
    const answer = compared ?? computing.result.answer;
    cost.replaceChildren(costTable(answer));
    who.replaceChildren(...whoChanges(answer), ...(compared === null ? [] : takeAway(answer)));
}
