/** What is wrong with a ledger: every fault with its sheet, row and column. */

import { upload } from "../api.js";
import { el } from "../dom.js";
import { faultCsv } from "../fault-csv.js";
import { pointerOf } from "../form.js";
import { language, languageTag, listed, t } from "../i18n.js";
import { downloadButton, save, XLSX } from "../ledger.js";
import { backLink, heading } from "../pages.js";
import { printButton } from "../parts.js";
import { longTable } from "../tables.js";

/** How many different contents of a run of rows are shown. */
const VALUES_SHOWN = 3;

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

/** Like faults of one column in rows that follow one another: {fault, last, count, values, more}. */
function runsOf(faults) {
    const open = new Map();
    const runs = [];
    for (const fault of faults) {
        const { kind, table, column, message, expected, row, value } = fault;
        const like = JSON.stringify([kind, table, column, message, expected]);
        let run = open.get(like);
        if (run === undefined || row === undefined || row !== run.last + 1) {
            run = { fault, count: 0, values: [], more: false };
            open.set(like, run);
            runs.push(run);
        }
        run.last = row;
        run.count += 1;
        if (value !== null && value !== undefined && !run.values.includes(value)) {
            run.more ||= run.values.length === VALUES_SHOWN;
            run.values = [...run.values, value].slice(0, VALUES_SHOWN);
        }
    }
    return runs;
}

/**
 * `task`: whose file it is; its form is where another one is chosen, at `back`; `language`: that of the faults;
 * `marked`: makes the call for the marked copy, [path, form].
 */
export function faultsPage({ problem, file, task, back, language: said, marked }) {
    const faults = faultsOf(problem);
    const cellsOf = ({ fault, last, count, values, more }) => [
        inWords(fault.table_title) ?? t("faults.file"),
        count > 1 ? t("faults.rows", { first: fault.row, last, count }) : (fault.row ?? ""),
        inWords(fault.column_title) ?? "",
        listed(values) + (more ? " …" : ""),
        [
            inWords(fault.message),
            fault.expected
                ? el(
                      "p",
                      { class: "hint" },
                      t("faults.expected", { expected: inWords(fault.expected) }),
                  )
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
                longTable(t("faults.caption", { file }), columns, runsOf(faults), cellsOf),
            ),
            el(
                "div",
                { class: "buttons no-print" },
                downloadButton(
                    "marked",
                    t("faults.marked"),
                    async () => save(await fetchMarked(...marked()), t("faults.markedName", { file: stem(file) })),
                    "button button-plain",
                ),
                downloadButton(
                    "fault-list",
                    t("faults.list"),
                    () => save(listOf(faults), t("faults.listName", { file: stem(file) })),
                    "button button-plain",
                ),
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

/** The file once more with its faults marked, as a workbook. */
function fetchMarked(path, form) {
    return upload(path, form, { accept: XLSX });
}

function listOf(faults) {
    return new Blob([faultCsv(faults)], { type: "text/csv;charset=utf-8" });
}

/** A file's name without its ending. */
function stem(name) {
    const dot = name.lastIndexOf(".");
    return dot > 0 ? name.slice(0, dot) : name;
}

/** What is said of tables and columns with their Chinese headings alone; in English these stand beside the names. */
function inWords(text) {
    return text?.replace(/（[a-z0-9_]+）/g, "");
}
