/** What the terms on a page mean, folded below it: those of the glossary that stand there. */

import { el } from "./dom.js";
import { language, t } from "./i18n.js";
import { TERMS } from "./messages/terms.js";
import { pairs } from "./parts.js";

/** `nodes`: those of the page. */
export function termsView(nodes) {
    const text = nodes.map((node) => node.textContent).join("\n");
    const found = TERMS.map((term) => term[language()]).filter(([name]) => stands(name, text));
    return (
        found.length > 0 &&
        el(
            "details",
            { id: "terms", class: "no-print" },
            el("summary", {}, t("terms.title", { count: found.length })),
            pairs(found),
        )
    );
}

/** Whether a term, or one of several names of it, stands in a text; in English as words of their own. */
function stands(name, text) {
    return language() === "zh"
        ? text.includes(name)
        : name.split("; ").some((each) => new RegExp(`\\b${each}\\b`, "i").test(text));
}
