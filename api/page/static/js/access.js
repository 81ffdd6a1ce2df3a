/** Asking for the access key where the service wants one. */

import { el } from "./dom.js";
import { t } from "./i18n.js";

/** Ask in a dialog; answers the key, or null where the person would rather not. */
export function askForKey(refused) {
    return new Promise((resolve) => {
        const input = el("input", {
            class: "input",
            id: "access-key",
            type: "password",
            autocomplete: "off",
            "aria-describedby": refused ? "access-hint access-error" : "access-hint",
            "aria-invalid": refused ? "true" : null,
        });
        const close = (key) => {
            dialog.close();
            dialog.remove();
            resolve(key);
        };
        const submit = (event) => {
            event.preventDefault();
            if (input.value.trim() !== "") {
                close(input.value.trim());
            }
        };
        const dialog = el(
            "dialog",
            {
                class: "dialog",
                "aria-labelledby": "access-title",
                oncancel: (event) => (event.preventDefault(), close(null)),
            },
            el(
                "form",
                { onsubmit: submit, novalidate: true },
                el("h2", { id: "access-title" }, t("access.title")),
                el("p", { class: "hint", id: "access-hint" }, t("access.hint")),
                refused &&
                    el("p", { class: "field-error", id: "access-error" }, t("access.refused")),
                el("label", { class: "field-label", for: "access-key" }, t("access.label")),
                input,
                el(
                    "div",
                    { class: "buttons" },
                    el("button", { type: "submit", class: "button" }, t("continue")),
                    el(
                        "button",
                        {
                            type: "button",
                            class: "button button-plain",
                            onclick: () => close(null),
                        },
                        t("cancel"),
                    ),
                ),
            ),
        );
        document.body.append(dialog);
        dialog.showModal();
        input.focus();
    });
}
