/**
 * What this tab keeps until it is closed, so that a reload does not lose it: what was typed on forms without a file, and
 * the last cases. No other tab reads it.
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

/** Have what is typed in a form kept, and take back what was. No form with a file: that is not ours to keep. */
export function keepForm(form) {
    const name = `form-${form.id}`;
    form.raw = recalled(name) ?? {};
    window.addEventListener("pagehide", () => keep(name, form.raw));
}
