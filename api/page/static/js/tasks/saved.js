/** A case or a self-check as a file: what was typed, to be opened again. It stays on the visitor's machine. */

import { el } from "../dom.js";
import { Form } from "../form.js";
import { t } from "../i18n.js";
import { announce } from "../screen.js";
import { save } from "../ledger.js";

/** Says that a file is one of ours, and which layout it has. */
const KIND = "guarantee-compensation case 1";
const LARGEST = 100_000;

/** What the forms hold, by their names. */
export function rawOf(forms) {
    return Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, { ...form.raw }]));
}

/** What was kept of forms, as forms to read. */
export function formsOf(raw) {
    const formOf = (name) => Object.assign(new Form(name), { raw: raw[name] });
    return Object.fromEntries(Object.keys(raw).map((name) => [name, formOf(name)]));
}

/** Have the forms hold what was kept of them. */
export function fill(forms, typed) {
    for (const [name, form] of Object.entries(forms)) {
        form.raw = { ...typed[name] };
        form.errors = [];
    }
}

/** A button that saves what was typed (`raw`, by the names of the forms) for a task. */
export function saveButton(task, raw) {
    const keep = () => {
        const content = JSON.stringify({ kind: KIND, typed: raw }, null, 2);
        save(new Blob([content], { type: "application/json" }), t(`${task}.fileName`));
    };
    return el(
        "button",
        { type: "button", class: "button button-plain", id: "save-case", onclick: keep },
        t(`${task}.save`),
    );
}

/** A field that opens a file saved for a task and fills the forms with it. `begin`: what comes then. */
export function openField(task, forms, begin) {
    const input = el("input", {
        type: "file",
        id: "open-case",
        accept: ".json,application/json",
        class: "visually-hidden",
        onchange: async () => {
            const typed = await read(input.files[0], Object.keys(forms));
            input.value = "";
            if (typed === null) {
                announce(t("saved.wrong"));
                label.querySelector("[role=alert]").textContent = t("saved.wrong");
                return;
            }
            fill(forms, typed);
            begin();
        },
    });
    const label = el(
        "div",
        { class: "open-case" },
        input,
        el("label", { for: "open-case", class: "button button-plain" }, t(`${task}.open`)),
        el("p", { role: "alert", class: "field-error" }),
    );
    return label;
}

/** What a file holds for the forms; null where it is none of ours. */
async function read(file, names) {
    if (file === undefined || file.size > LARGEST) {
        return null;
    }
    try {
        const { kind, typed } = JSON.parse(await file.text());
        const whole = names.every((name) => isTyped(typed[name]));
        return kind === KIND && whole ? typed : null;
    } catch {
        return null;
    }
}

/** Whether a value is what a form holds: texts, and {text, unit} or {text, none}. */
function isTyped(raw) {
    return (
        raw !== null &&
        typeof raw === "object" &&
        Object.values(raw).every(
            (value) =>
                typeof value === "string" ||
                (value !== null &&
                    typeof value === "object" &&
                    typeof value.text === "string" &&
                    [undefined, 0, 4].includes(value.unit)),
        )
    );
}
