/** Values of the API's answers as people read them. Amounts have two decimals there, ratios six, days are ISO. */

import { shown } from "./money.js";
import { t } from "./i18n.js";
import { percent } from "./values.js";

/** 1020000.00 as 1,020,000.00 元. */
export function amount(yuan) {
    return t("value.yuan", { value: shown(yuan) });
}

/** 2022-06-30 as 2022年6月30日 or 30 June 2022. The first Intl.DateTimeFormat would take longer than the page. */
export function day(iso) {
    const [year, month, date] = iso.split("-").map(Number);
    return t("value.day", { year, month: t("value.months").split(" ")[month - 1], date });
}

const SIGNS = { "≥": "atLeast", "≤": "atMost", ">": "above", "<": "below" };

/** A limit or a value in a sentence of the API with its numbers in natural units: ≥ 0.800000 is 不低于 80%. */
export function natural(text) {
    return text
        .replace(/-?\d+\.\d{6}(?!\d)/g, (ratio) => percent(ratio))
        .replace(/(?<![\d.,])(-?\d+\.\d{2})(?![\d%])(?: 元| yuan)?/g, (_, yuan) => amount(yuan))
        .replace(/([≥≤<>]) (?=\d{4}-\d{2}-\d{2})/g, (_, sign) => `${t(`dateSign.${SIGNS[sign]}`)} `)
        .replace(/(?<![\d-])(\d{4}-\d{2}-\d{2})(?![\d-])/g, (iso) => day(iso))
        .replace(/([≥≤<>]) /g, (_, sign) => `${t(`sign.${SIGNS[sign]}`)} `);
}

/** The names of an arithmetic line's formula by their titles, as `titleOf` answers them, and its functions in words. */
export function formulaInWords(formula, titleOf) {
    return replacedNames(formula, (name) => titleOf(name) ?? functionName(name));
}

/** The same formula with the values of its names. */
export function formulaInNumbers(formula, terms) {
    return replacedNames(formula, (name) => {
        const value = terms[name];
        if (value === undefined) {
            return functionName(name);
        }
        return /^-?\d+\/\d+$/.test(value) ? `(${value})` : number(value);
    });
}

/** A value of an arithmetic line: a ratio as a percentage, an amount in groups of three. */
export function number(value) {
    if (/^-?\d+\.\d{6}$/.test(value)) {
        return percent(value);
    }
    if (/^-?\d+(\.\d+)?$/.test(value)) {
        return shown(value);
    }
    return value.endsWith("undefined") ? t("condition.undefined") : value;
}

/** `ratio(…)` only says what comes out: its value is a ratio anyway. */
function replacedNames(formula, put) {
    return formula.replace(/^ratio\((.*)\)$/, "$1").replace(/[\p{L}_][\p{L}\p{N}_]*/gu, put);
}

function functionName(name) {
    const known = {
        half_up: "formula.halfUp",
        floor: "formula.floor",
        min: "formula.min",
        max: "formula.max",
    };
    return name in known ? t(known[name]) : name;
}

/** The first twelve digits of a digest, enough to compare by eye. */
export function shortDigest(digest) {
    return digest.replace("sha256:", "").slice(0, 12);
}
