/** Percentages, counts and dates as people type them, and as the API takes them. */

import { badlyGrouped, decimal, grouped, plain, written } from "./decimals.js";
import { spelled, wholeNumber } from "./numerals.js";

/** A percentage (92, 92.5, 92%) as a ratio (0.92, 0.925). Answers {ratio} or {error}. */
export function parsePercent(text, { negative = false } = {}) {
    const typed = plain(text).replace(/\s*%$/, "");
    if (typed === "") {
        return { error: "percent.empty" };
    }
    const minus = typed.startsWith("-");
    const number = decimal(minus ? typed.slice(1).trim() : typed);
    if (number === null) {
        return { error: "percent.form" };
    }
    if (minus && number.digits !== 0n && !negative) {
        return { error: "percent.negative" };
    }
    if (number.digits.toString().length > 20 || number.decimals > 12) {
        return { error: "percent.long" };
    }
    const units = minus ? -number.digits : number.digits;
    return { ratio: withoutZeros(written(units, number.decimals + 2)) };
}

/** A ratio of the API's answers as a percentage: 0.886375 is 88.6375%. */
export function percent(ratio) {
    const minus = ratio.startsWith("-") ? "-" : "";
    const [whole, fraction = ""] = ratio.replace("-", "").split(".");
    const shifted = `${whole}${fraction.padEnd(2, "0").slice(0, 2)}.${fraction.slice(2)}`;
    return `${minus}${grouped(withoutZeros(shifted).replace(/^0+(?=\d)/, ""))}%`;
}

/** The sum of ratios as the API takes them, as such a ratio. */
export function sumOfRatios(ratios) {
    const decimals = Math.max(0, ...ratios.map((ratio) => (ratio.split(".")[1] ?? "").length));
    const units = ratios.map((ratio) => {
        const [whole, fraction = ""] = ratio.split(".");
        return BigInt(whole + fraction.padEnd(decimals, "0"));
    });
    return withoutZeros(
        written(
            units.reduce((sum, part) => sum + part, 0n),
            decimals,
        ),
    );
}

/** A decimal without its closing zeros. */
function withoutZeros(number) {
    return number.includes(".") ? number.replace(/0+$/, "").replace(/\.$/, "") : number;
}

/** A number of borrowers, employees or months. Answers {count}, a text of digits, or {error}. */
export function parseCount(text) {
    const typed = plain(text).replace(/\s*[户人个月家]+$/, "");
    if (typed === "") {
        return { error: "count.empty" };
    }
    const number = decimal(typed);
    if (number === null) {
        return { error: badlyGrouped(typed) ? "count.grouping" : "count.form" };
    }
    if (number.decimals > 0) {
        return { error: "count.form" };
    }
    return number.digits > 999_999_999_999n
        ? { error: "count.large" }
        : { count: number.digits.toString() };
}

/** A number with at most four decimals, such as a score. Answers {number}, as the API takes it, or {error}. */
export function parseDecimal(text) {
    const typed = plain(text);
    if (typed === "") {
        return { error: "count.empty" };
    }
    const found = decimal(typed);
    if (found === null) {
        return { error: badlyGrouped(typed) ? "count.grouping" : "decimal.form" };
    }
    const number = withoutZeros(written(found.digits, found.decimals));
    if ((number.split(".")[1] ?? "").length > 4) {
        return { error: "decimal.form" };
    }
    return number.split(".")[0].length > 11 ? { error: "count.large" } : { number };
}

const DATES = [
    /^(\d{4})-(\d{1,2})-(\d{1,2})$/,
    /^(\d{4})[/.]\s*(\d{1,2})[/.]\s*(\d{1,2})\.?$/,
    /^(\d{4})(\d{2})(\d{2})$/,
    /^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?$/,
    /^([^年]{4})\s*年\s*([^月]{1,4})\s*月\s*([^日号]{1,4})\s*[日号]$/,
];
const MIDNIGHT = /(?:\s*T|\s+)0?0:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const WITHOUT_DAY = /^(?:19|20|21)\d{2}(?:\s*年|[-/.]?(?:0?[1-9]|1[0-2])|\s*年\s*\d{1,2}\s*月)?$/;
const IN_DOUBT = [
    /^\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d{1,2})$/,
    /^\d{2}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*[日号]$/,
    /^\d{1,2}[-/ .][a-z]{3,9}[-/ .,]\s?\d{2,4}$/i,
    /^[a-z]{3,9}[-/ .]\d{1,2},?[-/ ]\s?\d{2,4}$/i,
];
const DAY = 86_400_000;
/** Spreadsheets count days from here, from 1 March 1900 on: their 1900 has a 29 February. */
const SERIAL_ZERO = Date.UTC(1899, 11, 30);
const [FIRST_SERIAL, LAST_SERIAL] = [61, 109_574];
const SERIAL = /^\d{4,6}(?:\.\d*)?$/;

/**
 * A day (2022-06-30, 2022/6/30, 20220630, 2022年6月30日, 二〇二二年六月三十日) as 2022-06-30. Answers {date} or {error}.
 * What may be two days is none; the library reads the cells of files by the same rules (values/dates.py).
 */
export function parseDate(text) {
    const typed = plain(text)
        .replace(/。+$/, "")
        .replace(MIDNIGHT, "");
    if (typed === "") {
        return { error: "date.empty" };
    }
    const found = DATES.map((form) => form.exec(typed)).find((match) => match !== null);
    if (!found) {
        return faultOf(typed);
    }
    const [year, month, day] = found.slice(1).map(numberOf);
    const made = new Date(Date.UTC(year, month - 1, day));
    if (year < 1900 || year > 2199 || made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day) {
        return { error: "date.none" };
    }
    return { date: made.toISOString().slice(0, 10) };
}

/** The number of a year, a month or a day in digits or Chinese numerals; NaN where it is none. */
function numberOf(text, place) {
    if (/^\d+$/.test(text)) {
        return Number(text);
    }
    const number = place === 0 ? spelled(text) : wholeNumber(text.replace(/^[零〇○]+/, ""));
    return number === null ? Number.NaN : Number(number);
}

/** What is wrong with a text that is no day: the key of a message, and the day that it may mean. */
function faultOf(typed) {
    if (WITHOUT_DAY.test(typed)) {
        return { error: "date.day" };
    }
    if (IN_DOUBT.some((form) => form.test(typed))) {
        return { error: "date.doubt" };
    }
    const days = SERIAL.test(typed) ? Math.floor(Number(typed)) : 0;
    return FIRST_SERIAL <= days && days <= LAST_SERIAL
        ? { error: "date.serial", meant: new Date(SERIAL_ZERO + days * DAY).toISOString().slice(0, 10) }
        : { error: "date.form" };
}
