/** What is on the screen: drawing it anew, moving the focus, saying things aloud, going from page to page. */

let pageNow = () => ({ title: "", nodes: [] });
let titleNow = (title) => title;

/**
 * Say what draws: `page` answers {title, nodes, focus?, sheet?}; `focus`: an id that takes the focus instead of the
 * heading; `sheet`: whether it is printed close, on one page. `windowTitle` makes the window's title of the page's.
 */
export function onDraw(page, windowTitle) {
    pageNow = page;
    titleNow = windowTitle;
}

/**
 * Draw the page anew from what is held. `focus`: "heading" after going somewhere, "errors" where something typed is
 * wrong; otherwise the focus stays where it is.
 */
export function draw(focus = null) {
    const main = document.getElementById("main");
    const active = document.activeElement?.id;
    const open = [...main.querySelectorAll("details[open][id]")].map((details) => details.id);
    const page = pageNow();
    // What was said before is of another page, or in another language.
    announce("");
    main.classList.toggle("sheet", page.sheet === true);
    main.replaceChildren(...page.nodes.flat(Infinity).filter(Boolean));
    for (const id of open) {
        document.getElementById(id)?.setAttribute("open", "");
    }
    const errors = document.getElementById("errors");
    document.title = titleNow(page.title, errors !== null);
    if (focus === "errors" && errors) {
        errors.focus();
        errors.scrollIntoView();
    } else if (focus !== null && document.getElementById(page.focus)) {
        document.getElementById(page.focus).focus();
    } else if (focus !== null) {
        const heading = main.querySelector("h1");
        heading?.focus({ preventScroll: true });
        window.scrollTo(0, 0);
    } else if (active) {
        document.getElementById(active)?.focus({ preventScroll: true });
    }
}

/** Have a screen reader say something without moving the focus. */
export function announce(text) {
    document.getElementById("announcer").textContent = text;
}

/** Go to a page: `one-case/result`; the browser's own way back works. */
export function go(path) {
    const hash = `#/${path}`;
    if (location.hash === hash) {
        draw("heading");
    } else {
        location.hash = hash;
    }
}

/** Go to the page on which something typed is wrong. */
export function goToErrors(path) {
    if (location.hash !== `#/${path}`) {
        history.pushState(null, "", `#/${path}`);
    }
    draw("errors");
}

/** The page asked for, as [task, step]. */
export function place() {
    const [task = "", step = ""] = location.hash.replace(/^#\//, "").split("/");
    return [task, step];
}
