/** The language of the page, and its messages in that language. */

import { zh } from "./messages/zh.js";

const MESSAGES = { zh };
const KEPT_AS = "language";

let current = "zh";
try {
    current = localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh";
} catch {
    // A browser that keeps nothing gets Chinese each time.
}

/** `zh` or `en`. */
export function language() {
    return current;
}

export function otherLanguage() {
    return current === "zh" ? "en" : "zh";
}

/** What the `lang` attribute and the Accept-Language header say. */
export function languageTag(which = current) {
    return which === "zh" ? "zh-CN" : "en";
}

/** What the `lang` attribute says of a text that may be Chinese on an English page; null for the page's own. */
export function languageTagOf(text) {
    return current === "en" && /\p{Script=Han}/u.test(text) ? languageTag("zh") : null;
}

/** Have the messages of the page's language, if they are not there yet: few visitors read both. */
export async function loadMessages(which = current) {
    if (which === "en") {
        MESSAGES.en ??= (await import("./messages/en.js")).en;
    }
}

export async function setLanguage(which) {
    await loadMessages(which);
    current = which;
    try {
        localStorage.setItem(KEPT_AS, which);
    } catch {
        // Then it holds until the page is left.
    }
}

/** The message called `key`, with {name} replaced by `values.name`. */
export function t(key, values = {}) {
    const message = MESSAGES[current][key];
    if (message === undefined) {
        throw new Error(`no message ${key} in ${current}`);
    }
    return message.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Whether there is a message called `key`. */
export function known(key) {
    return MESSAGES[current][key] !== undefined;
}

/** A text of the service where a line begins: in English with a capital letter. */
export function capital(text) {
    return current === "en" ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** What the service says in both languages: `key` of `said`, which has it in English as `key`_en. */
export function inLanguage(said, key) {
    return (current === "en" && said[`${key}_en`]) || said[key];
}

/** Several names in one line: 甲、乙 or a, b. */
export function listed(names) {
    return names.join(current === "zh" ? "、" : ", ");
}
