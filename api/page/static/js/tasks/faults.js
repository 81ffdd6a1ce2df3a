/** What is wrong with a ledger: every fault with its sheet, row and column. */

import { el } from "../dom.js";
import { pointerOf } from "../form.js";
import { language, languageTag, t } from "../i18n.js";
import { backLink, heading } from "../pages.js";
import { printButton } from "../parts.js";
import { longTable } from "../tables.js";

/** How many faults stand in the table at first, and how many more each time. */
const STEP = 200;

/** Faults that are in the file rather than in the form. */
export function faultsOf(problem) {
    return (problem.errors ?? []).filter((fault) => fault.table || pointerOf(fault) === "");
}

/** The faults in the language of now: the service says them in one, so it is asked once more. */
export async function inLanguageOfNow(faults) {
    const answer = await faults.ask().catch((problem) => problem);
    return faultsOf(answer).length > 0
        ? { ...faults, problem: answer, language: language() }
        : faults;
}

/** `task`: whose file it is; its form is where another one is chosen, at `back`; `language`: that of the faults. */
export function faultsPage({ problem, file, task, back, language: said }) {
    const faults = faultsOf(problem);
    const cellsOf = (fault) => [
        nameOf(fault.table_title) ?? t("faults.file"),
        fault.row ?? "",
        nameOf(fault.column_title) ?? "",
        fault.value ?? "",
        [
            fault.message,
            fault.expected
                ? el("p", { class: "hint" }, t("faults.expected", { expected: fault.expected }))
                : "",
        ],
    ];
    const columns = [
        { title: t("faults.sheet") },
        { title: t("faults.row"), number: true },
        { title: t("faults.column") },
        { title: t("faults.value"), wrapped: true },
        { title: t("faults.wrong"), wrapped: true },
    ];
    return {
        title: t("faults.title"),
        nodes: [
            backLink(back),
            el("p", { class: "caption" }, t(`${task}.title`)),
            heading(t("faults.title")),
            el("p", { class: "lead" }, t("faults.lead")),
            el(
                "div",
                { lang: languageTag(said) },
                el("p", {}, problem.detail),
                longTable(t("faults.caption", { file }), columns, faults, STEP, cellsOf),
            ),
            el(
                "div",
                { class: "buttons no-print" },
                el("a", { href: `#/${back}`, class: "button" }, t("faults.again")),
                printButton(),
            ),
        ],
    };
}

/** A table or column by its Chinese heading alone; in English the heading stands beside the name. */
function nameOf(title) {
    return title?.replace(/\([a-z0-9_]+\)$/, "");
}
