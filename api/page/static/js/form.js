/** What was typed on one page of a task, and what is wrong with it. Kept while the page is drawn anew. */

import { Problem } from "./api.js";
import { capital, known, language, t } from "./i18n.js";

export class Form {
    constructor(id) {
        this.id = id;
        this.raw = {};
        this.errors = [];
    }

    /** What stands in a field as typed: a text, or {text, unit} for money, {text, none} for a ratio. */
    typed(name) {
        return this.raw[name];
    }

    type(name, raw) {
        this.raw[name] = raw;
    }

    /** What is typed now, to stand beside a result whatever is typed later. */
    copy() {
        const copy = new Form(this.id);
        copy.raw = { ...this.raw };
        return copy;
    }

    idOf(name) {
        return `${this.id}-${name}`;
    }

    errorOf(name) {
        return this.errors.find((error) => error.name === name);
    }

    /** Read all fields by their kinds. Answers the values by name, or null where something is wrong. */
    read(fields) {
        this.errors = [];
        const values = {};
        for (const field of fields) {
            const result = field.kind.read(this.typed(field.name), field);
            if (result.error !== undefined) {
                this.errors.push({ name: field.name, key: result.error, meant: result.meant });
            } else if (result.value !== undefined) {
                values[field.name] = result.value;
            }
        }
        return this.errors.length ? null : values;
    }

    /**
     * Take over the faults of a problem: those whose pointer leads to a field stand at that field, the others on top.
     * `fields`: with `pointer`, the place of the field in what was sent.
     */
    take(problem, fields) {
        if (!(problem instanceof Problem)) {
            throw problem;
        }
        const faults = problem.errors.map((fault) => {
            const field = fields.find((each) => leadsTo(fault, each));
            return { name: field?.name, text: faultText(fault), language: language() };
        });
        this.errors = faults.length
            ? faults
            : [{ text: problemText(problem), language: language() }];
    }
}

/** Where a fault lies in what was sent: a place in JSON, or a field of a form. */
export function pointerOf({ pointer, parameter }) {
    return pointer ?? (parameter ? `/${parameter}` : "");
}

/** Whether a fault lies in a field, or in what the field is a part of, as shares that don't add up. */
export function leadsTo(fault, { pointer: at }) {
    const pointer = pointerOf(fault);
    return (
        pointer !== "" &&
        at !== undefined &&
        (pointer === at || pointer.startsWith(`${at}/`) || at.startsWith(`${pointer}/`))
    );
}

/** An error as a sentence, in the page's language where it is ours. `field`: the one it lies in, if any. */
export function errorText(error, field) {
    return error.key === undefined
        ? error.text
        : capital(t(error.key, { label: field.what ?? field.label, meant: error.meant }));
}

/** A fault of the API as a sentence: what is wrong, and what is expected where that is said separately. */
function faultText(fault) {
    return fault.expected
        ? t("fault.expected", { message: fault.message, expected: fault.expected })
        : fault.message;
}

/** What a problem without single faults says. */
export function problemText(problem) {
    const key = `problem.${problem.status}`;
    if (known(key)) {
        return t(key);
    }
    return problem.detail ?? problem.title ?? t("problem.other", { status: problem.status });
}
