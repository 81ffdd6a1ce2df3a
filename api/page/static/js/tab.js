/**
 * What this tab keeps until it is closed, so that a reload does not lose it: what was typed on forms, and the last
 * cases. No other tab reads it.
 */

/** What was kept under a name; null where nothing was. */
export function recalled(name) {
    try {
        return JSON.parse(sessionStorage.getItem(name));
    } catch {
        return null; // the browser keeps nothing
    }
}

export function keep(name, value) {
    try {
        sessionStorage.setItem(name, JSON.stringify(value));
    } catch {
        // Then a reload begins anew.
    }
}

/**
 * Have what is typed in a form kept, and take back what was. Of a file it is the name: what could keep a file in the
 * browser keeps it when the tab is closed.
 */
export function keepForm(form) {
    const name = `form-${form.id}`;
    form.raw = recalled(name) ?? {};
    window.addEventListener("pagehide", () => keep(name, withoutFiles(form.raw)));
}

function withoutFiles(raw) {
    const kept = ([name, value]) => [name, value instanceof File ? { lost: value.name } : value];
    return Object.fromEntries(Object.entries(raw).map(kept));
}
