/** The start: which of the tasks? */

import { address } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { heading } from "../pages.js";

/** `ids`: of the tasks. */
export function homePage(ids) {
    const items = ids.map((id) =>
        el(
            "li",
            { class: "task" },
            el("h2", {}, el("a", { href: `#/${id}` }, t(`${id}.title`))),
            el("p", {}, t(`${id}.what`)),
            el("p", { class: "hint" }, t(`${id}.needs`)),
        ),
    );
    return {
        title: t("home.title"),
        nodes: [
            heading(t("home.title")),
            el("p", { class: "lead" }, t("home.lead")),
            el("ul", { class: "task-list" }, items),
            el("p", {}, el("a", { href: address("docs") }, t("home.docs"))),
        ],
    };
}
