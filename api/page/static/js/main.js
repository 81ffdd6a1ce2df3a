/** The start: language, header, and which task is on the screen. */

import { askForKey } from "./access.js";
import { onKeyNeeded } from "./api.js";
import { el } from "./dom.js";
import { problemText } from "./form.js";
import { languageTag, loadMessages, otherLanguage, setLanguage, t } from "./i18n.js";
import { backLink, heading } from "./pages.js";
import { loadChosen, loadPolicies, start } from "./policies.js";
import { draw, onDraw, place } from "./screen.js";
import { termsView } from "./terms.js";
import { homePage } from "./tasks/home.js";

/**
 * The modules of the tasks: that of the task gone to is waited for, the others are fetched half a second later.
 */
const MODULES = new Map([
    ["self-check", () => import("./tasks/self-check.js")],
    ["one-case", () => import("./tasks/one-case.js")],
    ["portfolio", () => import("./tasks/portfolio.js")],
    ["settlement", () => import("./tasks/settlement.js")],
    ["what-if", () => import("./tasks/what-if.js")],
]);
const tasks = new Map();

async function loadTask(id) {
    if (!tasks.has(id)) {
        tasks.set(id, (await MODULES.get(id)()).task);
    }
}

let trouble = null;

function page() {
    const [id, step] = place();
    const task = tasks.get(id);
    if (!task) {
        return MODULES.has(id) ? comingPage(id) : homePage([...MODULES.keys()]);
    }
    if (trouble !== null) {
        return troublePage();
    }
    const { nodes, ...others } = task.page(step);
    const drawn = nodes.flat(Infinity).filter(Boolean);
    return { ...others, nodes: [...drawn, termsView(drawn)] };
}

/** What a task's first page begins with, until the rest is there. */
function comingPage(id) {
    return {
        title: t(`${id}.title`),
        nodes: [
            backLink(""),
            heading(t(`${id}.title`)),
            el("p", { class: "lead" }, t(`${id}.lead`)),
            el("p", { class: "working" }, t("working")),
        ],
    };
}

function troublePage() {
    const again = async () => {
        await load();
        draw("heading");
    };
    return {
        title: t("trouble.title"),
        nodes: [
            backLink(""),
            heading(t("trouble.title")),
            el("p", {}, problemText(trouble)),
            el("button", { type: "button", class: "button", onclick: again }, t("trouble.again")),
        ],
    };
}

function windowTitle(title, wrong) {
    const name = place()[0] === "" ? t("service") : `${title} – ${t("service")}`;
    return wrong ? t("error.windowTitle", { title: name }) : name;
}

/** Where the guide says how a task is done: its headings are the names of the tasks. */
function guideTo(task) {
    const anchor = MODULES.has(task) ? t(`${task}.title`).toLowerCase().replaceAll(" ", "-") : "";
    return `page/${t("guide.file")}#${anchor}`;
}

/** The parts of the page that stand still, in the language of the page. */
function drawFrame() {
    document.documentElement.lang = languageTag();
    for (const node of document.querySelectorAll("[data-text]")) {
        node.textContent = t(node.dataset.text);
    }
    document.getElementById("tasks").setAttribute("aria-label", t("tasks"));
    const [current] = place();
    const links = [...MODULES.keys()].map((id) =>
        el(
            "li",
            {},
            el(
                "a",
                { href: `#/${id}`, "aria-current": id === current ? "page" : null },
                t(`${id}.title`),
            ),
        ),
    );
    document.getElementById("tasks-list").replaceChildren(...links);
    document.getElementById("guide").href = guideTo(current);
    const other = document.getElementById("language");
    other.textContent = t("language.other");
    other.lang = languageTag(otherLanguage());
}

async function switchLanguage() {
    await setLanguage(otherLanguage());
    const main = document.getElementById("main");
    main.setAttribute("aria-busy", "true");
    drawFrame();
    await load();
    draw();
    await tasks.get(place()[0])?.relanguage();
    main.removeAttribute("aria-busy");
}

async function load() {
    trouble = null;
    try {
        await loadPolicies();
        await loadChosen();
    } catch (problem) {
        trouble = problem;
    }
}

/** Draw the page that the address names. On the first one the focus stays where browsers put it. */
async function gone(focus = "heading") {
    if (location.hash !== "" && !location.hash.startsWith("#/")) {
        return;
    }
    start.errors = [];
    drawFrame();
    const [id, step] = place();
    if (MODULES.has(id)) {
        if (!tasks.has(id) && step === "") {
            draw();
        }
        await Promise.all([load(), loadTask(id)]);
        if (trouble === null) {
            await tasks.get(id).recall?.(step);
        }
    }
    draw(focus);
}

/** What is folded is opened for paper, and folded again. */
let unfolded = [];
window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll(".main:not(.sheet) details:not([open])")];
    unfolded.forEach((details) => details.setAttribute("open", ""));
});
window.addEventListener("afterprint", () =>
    unfolded.forEach((details) => details.removeAttribute("open")),
);

onKeyNeeded(askForKey);
onDraw(page, windowTitle);
document.getElementById("language").addEventListener("click", switchLanguage);
document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector("#main h1")?.focus();
});
// A defect of ours: better said than silent.
window.addEventListener("unhandledrejection", () => {
    const said = el("p", { class: "error-summary", role: "alert" }, t("trouble.page"));
    document.getElementById("main").prepend(said);
});
window.addEventListener("hashchange", () => gone());
await loadMessages();
await gone(null);
// What can't be had now is asked for again when it is gone to.
setTimeout(() => [...MODULES.keys()].forEach((id) => loadTask(id).catch(() => {})), 500);
