/**
 * Whole numbers in Chinese numerals, everyday and formal: 三十二万五千, 叁拾贰万伍仟, 二〇二二.
 *
 * Only what has one reading is a number: 一万五 may be 10,005 or 15,000. The library reads the cells of files by the
 * same rules (values/chinese_numerals.py).
 */

const DIGITS = new Map(
    ["零〇○", "一壹", "二贰貳两", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"].flatMap(
        (digits, value) => [...digits].map((digit) => [digit, value]),
    ),
);
const PLACES = new Map(Object.entries({ 十: 1, 拾: 1, 百: 2, 佰: 2, 千: 3, 仟: 3 }));

/** The number that digits alone spell, as 二〇二二 does; null where it is none. */
export function spelled(text) {
    const digits = [...text].map((digit) => DIGITS.get(digit));
    return digits.length && !digits.includes(undefined) ? Number(digits.join("")) : null;
}

/** The whole number below 10^16 that a text names, as a BigInt; null where it names none. */
export function wholeNumber(text) {
    if (text.length === 1 && DIGITS.get(text) === 0) {
        return 0n;
    }
    const usual = text.replaceAll("萬", "万").replaceAll("億", "亿");
    const at = usual.lastIndexOf("亿");
    const above = at < 0 ? [] : groups(usual.slice(0, at), 8, true);
    const rest = usual.slice(at + 1);
    const below = rest === "" && at >= 0 ? [] : groups(rest, 0, at < 0);
    if (above === null || below === null || (at >= 0 && above.length === 0)) {
        return null;
    }
    const digits = [...above, ...below];
    return oneReading(digits)
        ? digits.reduce((sum, { value, power }) => sum + BigInt(value) * 10n ** BigInt(power), 0n)
        : null;
}

/** The digits of a text with or without 万, from the left; null where it is no number. */
function groups(text, power, first) {
    const at = text.lastIndexOf("万");
    const above = at < 0 ? [] : group(text.slice(0, at), power + 4, first);
    const rest = text.slice(at + 1);
    const below = rest === "" && at >= 0 ? [] : group(rest, power, first && at < 0);
    return above === null || below === null ? null : [...above, ...below];
}

/** The digits of up to four places: each with its power of ten, and whether 零 stands before it; null if none. */
function group(text, power, first) {
    const digits = [];
    let value = 0;
    let zero = false;
    for (const [place, character] of [...text].entries()) {
        if (PLACES.has(character)) {
            // 十五 is short for 一十五.
            const short = first && place === 0 && PLACES.get(character) === 1;
            if (value === 0 && !short) {
                return null;
            }
            digits.push({
                value: value || 1,
                power: power + PLACES.get(character),
                alone: false,
                zero,
            });
            [value, zero] = [0, false];
        } else if (!DIGITS.has(character) || value !== 0 || (zero && DIGITS.get(character) === 0)) {
            return null;
        } else if (DIGITS.get(character) === 0) {
            zero = true;
        } else {
            value = DIGITS.get(character);
        }
    }
    if (value !== 0) {
        digits.push({ value, power, alone: true, zero });
    } else if (zero) {
        return null;
    }
    return digits.length ? digits : null;
}

/** Whether places descend, and 零 stands where it must and only where it may. */
function oneReading(digits) {
    return digits.every((digit, place) => {
        if (place === 0) {
            return !digit.zero;
        }
        const gap = digits[place - 1].power - digit.power;
        return gap >= 1 && !(digit.zero && gap === 1) && !(digit.alone && !digit.zero && gap > 1);
    });
}
