/** A ledger that goes up and is computed: the page that waits, the one with its faults, and what comes back. */

import { Cancelled, Problem, upload } from "../api.js";
import { el } from "../dom.js";
import { problemText } from "../form.js";
import { language, t } from "../i18n.js";
import { heading } from "../pages.js";
import { announce, draw, go, place } from "../screen.js";
import { faultsOf, faultsPage, inLanguageOfNow } from "./faults.js";

/**
 * One for each task. `result`: {setup, answer, file, body, filter, views, opened}, of the last ledger that had no
 * faults; `filter`: of its claims; `views`: keeps order and page of tables, by their names; `opened`: {step, id, row,
 * ask, explained, trouble}, the row that is shown in detail.
 */
export class Computing {
    #task;
    #call;
    #running = null;
    #faults = null;
    result = null;

    /** `task`: its id. `call`: the path of the call; beside it lies that of the marked copy. */
    constructor(task, call) {
        this.#task = task;
        this.#call = call;
    }

    /** The page of a step between the form and the result, if there is one. `setup`: what holds now. */
    page(step, setup) {
        if (step === "working" && this.#running !== null) {
            return this.#workingPage();
        }
        return step === "faults" && this.#faults?.setup === setup ? faultsPage(this.#faults) : null;
    }

    /** Have the faults said in the language of the page, where they are on the screen. */
    async relanguage() {
        if (place()[1] === "faults" && this.#faults !== null) {
            this.#faults = await inLanguageOfNow(this.#faults);
            draw();
        } else if (this.result?.opened && place()[1] === this.result.opened.step) {
            await this.#explain();
        }
    }

    /**
     * Show a row of the result in detail, on the page of a step. `id`: of its button. `ask`: has the same file
     * computed once more, and answers the explanation of the row.
     */
    open(step, id, row, ask) {
        this.result.opened = { step, id, row, ask, explained: null, trouble: null };
        go(`${this.#task}/${step}`);
        return this.#explain();
    }

    async #explain() {
        const { opened } = this.result;
        Object.assign(opened, { explained: null, trouble: null });
        try {
            opened.explained = await opened.ask();
        } catch (problem) {
            opened.trouble = problemText(problem);
        }
        if (this.result.opened === opened && place().join("/") === `${this.#task}/${opened.step}`) {
            draw("heading");
        }
    }

    /** Ask once more for the same ledger; `fields`: more of the form, [[name, value]]. */
    again(fields = [], options = {}) {
        const body = this.result.body();
        fields.forEach(([name, value]) => body.append(name, value));
        return upload(this.#call, body, options);
    }

    /**
     * Send a form and go where its answer leads. `form`, `fields`, `back`: where it was filled in. `name`: of the
     * file. `body`: makes what is sent. `setup`: what it is computed under. `marked`: makes the call of the marked
     * copy, [path, form].
     */
    async start({ form, fields, back, name, body, setup, marked }) {
        const ending = new AbortController();
        const call = { name, sent: 0, ending };
        this.#running = call;
        go(`${this.#task}/working`);
        try {
            const onProgress = (part) => this.#progressed(call, part);
            const answer = await upload(this.#call, body(), { onProgress, signal: ending.signal });
            this.result = { setup, answer, file: name, body, filter: {}, views: {} };
            this.#leave(call, `${this.#task}/result`);
        } catch (problem) {
            if (problem instanceof Cancelled) {
                this.#leave(call, back);
                announce(t("computing.cancelled"));
                return;
            }
            const inFile = faultsOf(problem);
            if (inFile.length > 0 && inFile.length === problem.errors.length) {
                this.#faults = {
                    setup,
                    problem,
                    ask: () => upload(this.#call, body()),
                    file: name,
                    task: this.#task,
                    back,
                    language: language(),
                    marked: marked ?? (() => [`${this.#call}/marked.xlsx`, body()]),
                };
                this.#leave(call, `${this.#task}/faults`);
            } else {
                form.take(withoutFaultsOfFile(problem, inFile), fields);
                this.#leave(call, back, "errors");
            }
        }
    }

    /** Go on from the waiting page, unless the person has gone elsewhere; the way back skips it. */
    #leave(call, path, focus = "heading") {
        if (this.#running === call) {
            this.#running = null;
            history.replaceState(null, "", `#/${path}`);
            draw(focus);
        }
    }

    #workingPage() {
        const { name, sent, ending } = this.#running;
        return {
            title: t("computing.title"),
            nodes: [
                heading(t("computing.title")),
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
                el("p", { class: "hint" }, t("computing.hint")),
                el(
                    "div",
                    { class: "buttons" },
                    el(
                        "button",
                        {
                            type: "button",
                            class: "button button-plain",
                            id: "cancel",
                            onclick: () => ending.abort(),
                        },
                        t("computing.cancel"),
                    ),
                ),
            ],
        };
    }

    #progressed(call, sent) {
        const bar = document.getElementById("progress");
        if (sent === 1 && call.sent < 1) {
            announce(t("computing.waiting"));
        }
        call.sent = sent;
        if (bar && this.#running === call) {
            document.getElementById("progress-label").textContent = progressText(sent);
            if (sent < 1) {
                bar.value = Math.floor(sent * 100);
            } else {
                bar.removeAttribute("value");
            }
        }
    }
}

function progressText(sent) {
    return sent < 1
        ? t("computing.sending", { percent: Math.floor(sent * 100) })
        : t("computing.waiting");
}

/** What is wrong in the form alone: while that is wrong, the faults of the file may follow from it. */
function withoutFaultsOfFile(problem, inFile) {
    if (!(problem instanceof Problem) || inFile.length === 0) {
        return problem;
    }
    const errors = problem.errors.filter((fault) => !inFile.includes(fault));
    return new Problem(problem.status, { ...problem, errors });
}
