/**
 * Amounts as people type them (500万, 5,000,000, 1.2亿, 1万2345元) and as the API takes them (yuan with two decimals).
 * Everything is an integer number of fen, as a BigInt.
 */

import { badlyGrouped, decimal, grouped, plain, scaled, written } from "./decimals.js";

/** The largest amount that the API takes, in fen. */
export const LARGEST = 999_999_999_999_999n;

/** By what power of ten a word multiplies. */
const POWERS = new Map(
    Object.entries({
        "": 0,
        十: 1,
        百: 2,
        千: 3,
        万: 4,
        十万: 5,
        百万: 6,
        千万: 7,
        亿: 8,
        十亿: 9,
        百亿: 10,
        千亿: 11,
        万亿: 12,
        thousand: 3,
        million: 6,
        billion: 9,
    }),
);
const YUAN = /\s*(?:人民币|元整|元正|[元圆]|yuan|rmb|cny)$/i;
const SIGN = /^(?:人民币|rmb|cny)?\s*¥?\s*/i;
const PART = /([\d.,]+)\s*(thousand|million|billion|万亿|[十百千]亿|[十百千]万|[十百千万亿])?\s*/iy;

/**
 * The amount of a text. `unit`: the power of ten of the unit picked beside the field (0 yuan, 4 万元), for a text that
 * names no unit itself. Answers {fen} or {error}, the key of a message.
 */
export function parseMoney(text, unit = 0) {
    const typed = plain(text);
    if (typed === "") {
        return { error: "money.empty" };
    }
    if (typed.startsWith("-")) {
        return { error: "money.negative" };
    }
    const unsigned = typed.replace(SIGN, "");
    const figures = unsigned.replace(YUAN, "");
    const parts = partsOf(figures);
    if (parts === null) {
        return { error: badlyGrouped(figures) ? "money.grouping" : "money.form" };
    }
    const saysUnit = unsigned !== figures || parts.some((part) => part.word !== "");
    return saysUnit
        ? sumOf(parts, unsigned !== figures)
        : sumOf([{ ...parts[0], power: unit }], true);
}

/** The numbers of a text, each with the word after it; null where the text is not made of such. */
function partsOf(figures) {
    const parts = [];
    PART.lastIndex = 0;
    while (PART.lastIndex < figures.length) {
        const found = PART.exec(figures);
        const number = found && decimal(found[1]);
        if (!number) {
            return null;
        }
        const word = (found[2] ?? "").toLowerCase();
        parts.push({ ...number, word, power: POWERS.get(word) });
    }
    return parts.length ? parts : null;
}

/** 1亿2000万 is the sum of its parts; a last part without a word (1万5) could mean 10,005 or 15,000. */
function sumOf(parts, endsInYuan) {
    const last = parts.at(-1);
    if (parts.length > 1 && last.word === "" && !endsInYuan) {
        return { error: "money.tail" };
    }
    let fen = 0n;
    for (const [place, part] of parts.entries()) {
        const amount = scaled(part.digits, part.power + 2 - part.decimals);
        if (amount === null) {
            return { error: "money.decimals" };
        }
        const before = parts[place - 1];
        if (before && (before.decimals > 0 || amount >= 10n ** BigInt(before.power + 2))) {
            return { error: "money.form" };
        }
        fen += amount;
    }
    return fen > LARGEST ? { error: "money.large" } : { fen };
}

/** Fen as the API takes them: 102000000n is 1020000.00. */
export function yuan(fen) {
    return written(fen, 2);
}

/** An amount of the API's answers as fen. */
export function fenOf(amount) {
    const [whole, fraction = ""] = amount.split(".");
    return BigInt(whole + fraction.padEnd(2, "0"));
}

/** An amount of the API's answers as people read it: 1020000.00 is 1,020,000.00. */
export function shown(amount) {
    return grouped(amount);
}
