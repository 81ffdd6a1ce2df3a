/** A question of its own below a result: it unfolds, asks for a few values, and shows what came back. */

import { Problem } from "../api.js";
import { el } from "../dom.js";
import { fieldView } from "../fields.js";
import { errorText, Form, problemText } from "../form.js";
import { t } from "../i18n.js";
import { announce } from "../screen.js";

export class Question {
    #id;
    #fields;
    #ask;
    #show;
    #form;
    #place;
    #asked = null;
    #answer = null;

    /**
     * `id`: of its form and its texts. `fields`: makes the fields of a form; one with `typed` begins with that. `ask`:
     * sends the values and answers what came back. `show`: makes nodes of that.
     */
    constructor(id, { fields, ask, show }) {
        this.#id = id;
        this.#fields = fields;
        this.#ask = ask;
        this.#show = show;
        this.forget();
    }

    /** Forget what was typed and answered: it was of something else. */
    forget() {
        this.#form = new Form(this.#id);
        this.#asked = this.#answer = null;
    }

    /** Ask once more, in the language of now. */
    async again() {
        if (this.#asked !== null) {
            this.#answer = await this.#ask(this.#asked);
            this.#fill();
        }
    }

    view() {
        this.#place = el("div");
        this.#fill();
        const title = el("summary", {}, t(`${this.#id}.title`));
        return el("details", { id: this.#id, class: "question" }, title, this.#place);
    }

    #fill(failed = []) {
        const fields = this.#fields(this.#form);
        for (const { name, typed } of fields) {
            if (typed !== undefined && this.#form.typed(name) === undefined) {
                this.#form.type(name, typed);
            }
        }
        const status = el("p", { class: "working", role: "status" });
        const submit = (event) => {
            event.preventDefault();
            this.#submit(fields, status);
        };
        const button = el("button", { type: "submit", class: "button" }, t("question.button"));
        this.#place.replaceChildren(
            el("p", { class: "hint" }, t(`${this.#id}.what`)),
            el(
                "form",
                { novalidate: true, onsubmit: submit, autocomplete: "off", class: "no-print" },
                failed.length > 0 && errorList(failed),
                fields.map((field) => fieldView(this.#form, field)),
                el("div", { class: "buttons" }, button, status),
            ),
            el(
                "div",
                { id: `${this.#id}-answer` },
                this.#answer !== null && this.#show(this.#answer),
            ),
        );
    }

    async #submit(fields, status) {
        const values = this.#form.read(fields);
        if (values === null) {
            const named = (error) => fields.find(({ name }) => name === error.name);
            this.#fill(this.#form.errors.map((error) => errorText(error, named(error))));
            return;
        }
        status.textContent = t("working");
        try {
            this.#answer = await this.#ask(values);
            this.#asked = values;
            this.#fill();
            announce(t("question.done", { title: t(`${this.#id}.title`) }));
        } catch (problem) {
            this.#fill(messagesOf(problem));
        }
    }
}

/** What went wrong with a call, as sentences. */
export function messagesOf(problem) {
    if (!(problem instanceof Problem)) {
        throw problem;
    }
    return problem.errors.length === 0
        ? [problemText(problem)]
        : problem.errors.map(({ message }) => message);
}

/** What is wrong, on top of what it is about. */
export function errorList(messages) {
    return el(
        "div",
        { class: "error-summary", role: "alert" },
        el("h3", {}, t("error.summary")),
        el(
            "ul",
            {},
            messages.map((message) => el("li", {}, message)),
        ),
    );
}
