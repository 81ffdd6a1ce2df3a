/**
 * Amounts as people type them (500万, 5,000,000, 1.2亿, 1万2345元, 伍佰万元整) and as the API takes them (yuan with two
 * decimals). The library reads the cells of files by the same rules (values/written_amounts.py).
 * Everything is an integer number of fen, as a BigInt.
 */

import { badlyGrouped, decimal, grouped, plain, scaled, written } from "./decimals.js";
import { wholeNumber } from "./numerals.js";

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
const CURRENCY = /\s*(?:人民币|rmb|cny)$/i;
const YUAN = /\s*(?:元整|元|yuan)$/i;
const SIGN = /^(?:人民币|rmb|cny)?[\s:]*¥?\s*\+?/i;
const USUAL = { 萬: "万", 億: "亿", 圆: "元", 圓: "元", 正: "整", 佰: "百", 仟: "千", 拾: "十" };
const NUMERALS = /^[零〇○一壹二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖十百千万亿元角分]+整?$/;
const CHANGE =
    /^(?:零?([一壹二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖])角)?(?:(零)?([一壹二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖])分)?$/;
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
    const signed = typed.replace(SIGN, "");
    const named = signed.replace(CURRENCY, "");
    const unsigned = [...named].map((letter) => USUAL[letter] ?? letter).join("");
    if (NUMERALS.test(unsigned)) {
        return ofNumerals(unsigned, unit);
    }
    const figures = unsigned.replace(YUAN, "");
    const inYuan = unsigned !== figures || named !== signed;
    const parts = partsOf(figures);
    if (parts === null) {
        return { error: badlyGrouped(figures) ? "money.grouping" : "money.form" };
    }
    const saysUnit = inYuan || parts.some((part) => part.word !== "");
    return saysUnit
        ? sumOf(parts, inYuan)
        : sumOf([{ ...parts[0], power: unit }], true);
}

/** An amount in Chinese numerals: 叁拾贰万伍仟元零伍分, 一百万. */
function ofNumerals(text, unit) {
    const said = text.replace(/([元角分])整$/, "$1");
    const at = said.indexOf("元");
    const onlyChange = at < 0 && /[角分]$/.test(said);
    const whole = onlyChange ? 0n : wholeNumber(at < 0 ? said : said.slice(0, at));
    const change = CHANGE.exec(onlyChange ? said : at < 0 ? "" : said.slice(at + 1));
    if (whole === null || change === null || (change[1] && change[2])) {
        return { error: "money.form" };
    }
    const saysUnit = at >= 0 || onlyChange || /[万亿]$/.test(said);
    const fen = whole * 10n ** BigInt(saysUnit ? 2 : unit + 2);
    const [jiao, rest] = [change[1], change[3]].map((digit) => wholeNumber(digit ?? "零"));
    const sum = fen + 10n * jiao + rest;
    return sum > LARGEST ? { error: "money.large" } : { fen: sum };
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
