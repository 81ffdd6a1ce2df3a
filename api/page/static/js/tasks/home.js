/** The start: which of the tasks? */

import { address } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { heading } from "../pages.js";

export function homePage(tasks) {
    const items = tasks.map((task) =>
        el(
            "li",
            { class: "task" },
            el("h2", {}, el("a", { href: `#/${task.id}` }, t(`${task.id}.title`))),
            el("p", {}, t(`${task.id}.what`)),
            el("p", { class: "hint" }, t(`${task.id}.needs`)),
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
