/** Numbers of a policy and of indicators: as people type and read them, and as the service takes and gives them. */

import { decimal, plain } from "./decimals.js";
import { parseMoney, shown, yuan } from "./money.js";
import { parsePercent, percent } from "./values.js";

/** A number of a kind as people read it; a ratio is a percentage. */
export function said(kind, value) {
    if (kind === "ratio") {
        return percent(String(value));
    }
    return kind === "money" ? shown(value) : String(value);
}

/** What was typed for a number of a kind, as the service takes it; null where it is none. */
export function written(kind, text) {
    if (kind === "ratio") {
        return parsePercent(text, { negative: true }).ratio ?? null;
    }
    if (kind === "money") {
        const read = parseMoney(text, 0);
        return read.error === undefined ? yuan(read.fen).replace(/\.00$/, "") : null;
    }
    return decimal(plain(text)) === null ? null : plain(text).replace(/,/g, "");
}

/** The kind of a field for one number; `kindOf`: says of what kind it is once it is read. */
export function oneNumber(kindOf) {
    return {
        read(text = "", { optional = false } = {}) {
            if (text.trim() === "") {
                return optional ? {} : { error: "text.empty" };
            }
            const value = written(kindOf(), text);
            return value === null ? { error: "number.form" } : { value };
        },
        said: () => "",
    };
}

/** The kind of a field for one percentage, or three with commas. */
export const percentages = {
    read(text = "", { optional = false } = {}) {
        const typed = text.split(/[,，、]/).filter((part) => part.trim() !== "");
        if (typed.length === 0) {
            return optional ? {} : { error: "text.empty" };
        }
        const value = typed.map((part) => written("ratio", part.replace(/^\s*\+/, "")));
        return value.includes(null) ? { error: "percent.form" } : { value };
    },
    said: () => "",
};
