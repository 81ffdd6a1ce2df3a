/** The frames of pages: one that asks, one that waits, one that answers. */

import { el } from "./dom.js";
import { errorSummary, fieldView } from "./fields.js";
import { t } from "./i18n.js";

/** The heading of a page; it takes the focus when the page is gone to. */
export function heading(title) {
    return el("h1", { tabindex: "-1" }, title);
}

export function backLink(path) {
    return el("p", { class: "back no-print" }, el("a", { href: `#/${path}` }, t("back")));
}

function stepText(step) {
    return step && t("step", { step: step[0], of: step[1] });
}

/**
 * A page that asks. `parts`: fields, or nodes to stand between them. `onSubmit` is called while the button is held, so
 * that a second press does nothing. `step`: [which, of how many] pages that ask. `below`: nodes below the form.
 */
export function askingPage({
    back,
    caption,
    step,
    title,
    lead,
    form,
    parts,
    button,
    below,
    onSubmit,
}) {
    let busy = false;
    const fields = parts.filter((part) => part?.kind);
    const status = el("p", { class: "working", role: "status" });
    const submit = async (event) => {
        event.preventDefault();
        if (busy) {
            return;
        }
        busy = true;
        status.textContent = t("working");
        try {
            await onSubmit();
        } finally {
            busy = false;
            status.textContent = "";
        }
    };
    return {
        title,
        nodes: [
            backLink(back),
            errorSummary(form, fields),
            (caption || step) &&
                el(
                    "p",
                    { class: "caption" },
                    [caption, stepText(step)].filter(Boolean).join(" · "),
                ),
            heading(title),
            lead && el("p", { class: "lead" }, lead),
            el(
                "form",
                { novalidate: true, onsubmit: submit, autocomplete: "off" },
                parts.map((part) => (part?.kind ? fieldView(form, part, fields) : part)),
                el(
                    "div",
                    { class: "buttons" },
                    el("button", { type: "submit", class: "button" }, button ?? t("continue")),
                    status,
                ),
            ),
            below,
        ],
    };
}
