/**
 * The kinds of fields: how what was typed is read, and how it is said back.
 *
 * `read(raw, field)` answers {value}, as the API takes it, {} for a blank that may be one, or {error}, the key of a
 * message. `said(raw, field)` answers a text for beside the field; blank where there is nothing to say.
 */

import { plain } from "./decimals.js";
import { amount, day } from "./format.js";
import { language, t } from "./i18n.js";
import { parseMoney, yuan } from "./money.js";
import { parseCount, parseDate, parseDecimal, parsePercent, percent } from "./values.js";
import { chinese, english } from "./words.js";

/** Money: {text, unit}, the unit being 0 for yuan and 4 for 万元. */
export const money = {
    read(raw, field) {
        const { text = "", unit = 0 } = raw ?? {};
        if (text.trim() === "" && field.optional) {
            return {};
        }
        const read = parseMoney(text, unit);
        return read.error ? read : { value: yuan(read.fen) };
    },
    said(raw) {
        const { text = "", unit = 0 } = raw ?? {};
        const read = text.trim() === "" ? { error: "" } : parseMoney(text, unit);
        return read.error === undefined ? `${amount(yuan(read.fen))} · ${inWords(read.fen)}` : "";
    },
};

export function inWords(fen) {
    return language() === "zh" ? chinese(fen) : english(fen);
}

/** A ratio typed as a percentage: {text, none}; `none`: it can't be computed, which the API takes as null. */
export const ratio = {
    read(raw, field) {
        const { text = "", none = false } = raw ?? {};
        if (none) {
            return { value: null };
        }
        if (text.trim() === "" && field.optional) {
            return {};
        }
        const read = parsePercent(text, field);
        return read.error ? read : { value: read.ratio };
    },
    said(raw, field) {
        const { text = "" } = raw ?? {};
        const read = text.trim() === "" ? { error: "" } : parsePercent(text, field);
        if (read.error !== undefined) {
            return "";
        }
        const typed = plain(text);
        return /^0\.\d*[1-9]\d*$/.test(typed)
            ? t("percent.slip", { typed, meant: percent(typed) })
            : "";
    },
};

export const count = plainText(parseCount, "count");
/** A number that may have decimals, such as a score. */
export const number = plainText(parseDecimal, "number");
export const date = {
    ...plainText(parseDate, "date"),
    said(raw) {
        const read = parseDate(raw ?? "");
        return read.date && !/年/.test(raw) ? day(read.date) : "";
    },
};

/** Text, of which nothing is asked but that it is there. */
export const text = plainText(
    (typed) => (typed.trim() === "" ? { error: "text.empty" } : { text: typed.trim() }),
    "text",
);

/** One of several values. */
export const choice = plainText(
    (typed) => (typed === "" ? { error: "choice.empty" } : { choice: typed }),
    "choice",
);

/** Several of some values: an array. */
export const several = {
    read: (raw = []) => (raw.length === 0 ? { error: "choice.empty" } : { value: raw }),
    said: () => "",
};

/** Yes or no. */
export const yesNo = {
    read(raw, field) {
        if (raw === undefined) {
            return field.optional ? {} : { error: "choice.empty" };
        }
        return { value: raw === "yes" };
    },
    said: () => "",
};

/** A file: the File itself, or {lost}, the name of one that was chosen before a reload. */
export const file = {
    read: (raw) => (raw instanceof File ? { value: raw } : { error: "file.empty" }),
    said(raw) {
        if (raw instanceof File) {
            return t("file.chosen", { name: raw.name, size: fileSize(raw.size) });
        }
        return raw ? t("file.lost", { name: raw.lost }) : "";
    },
};

function fileSize(bytes) {
    return bytes < 1_000_000
        ? `${Math.ceil(bytes / 1000)} kB`
        : `${Math.ceil(bytes / 1_000_000)} MB`;
}

function plainText(parse, name) {
    return {
        read(raw = "", field = {}) {
            if (raw.trim() === "" && field.optional) {
                return {};
            }
            const read = parse(raw);
            return read.error ? read : { value: read[name] };
        },
        said: () => "",
    };
}

/** The kinds by what the API calls the types of inputs. */
export const KINDS = { money, ratio, integer: count, decimal: number, date, choice, boolean: yesNo, text };
