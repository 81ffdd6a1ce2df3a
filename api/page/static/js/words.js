/** Amounts in words, so that a slip of zeros is seen: 伍佰万元整, five million yuan. */

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const SECTIONS = ["", "万", "亿", "万亿"];

/** Fen in Chinese capital numerals, as on a cheque. */
export function chinese(fen) {
    const yuan = fen / 100n;
    const jiao = Number((fen / 10n) % 10n);
    const rest = Number(fen % 10n);
    const whole = yuan > 0n ? `${chineseInteger(yuan)}元` : "";
    if (jiao === 0 && rest === 0) {
        return `${whole || "零元"}整`;
    }
    const gap = whole && jiao === 0 ? "零" : "";
    return whole + gap + (jiao ? `${DIGITS[jiao]}角` : "") + (rest ? `${DIGITS[rest]}分` : "");
}

function chineseInteger(number) {
    let words = "";
    let skipped = false;
    for (let section = 3; section >= 0; section -= 1) {
        const four = Number((number / 10_000n ** BigInt(section)) % 10_000n);
        if (four === 0) {
            skipped = words !== "";
            continue;
        }
        // A zero joins a section to those above where it doesn't fill its thousands or doesn't follow at once.
        const joined = words !== "" && (skipped || four < 1000);
        words += (joined ? "零" : "") + fourDigits(four) + unitOf(section, number);
        skipped = false;
    }
    return words;
}

/** The unit of a section; that of 万亿 is only 万 where 亿 follows anyway. */
function unitOf(section, number) {
    const hundredMillions = (number / 100_000_000n) % 10_000n;
    return section === 3 && hundredMillions !== 0n ? "万" : SECTIONS[section];
}

function fourDigits(four) {
    let words = "";
    let gap = false;
    for (let place = 3; place >= 0; place -= 1) {
        const digit = Math.floor(four / 10 ** place) % 10;
        if (digit === 0) {
            gap = words !== "";
            continue;
        }
        words += (gap ? "零" : "") + DIGITS[digit] + PLACES[place];
        gap = false;
    }
    return words;
}

const ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const THOUSANDS = ["", " thousand", " million", " billion", " trillion"];

/** Fen in English words. */
export function english(fen) {
    const yuan = fen / 100n;
    const rest = Number(fen % 100n);
    const whole = yuan > 0n || rest === 0 ? [`${englishInteger(yuan)} yuan`] : [];
    const fraction = rest > 0 ? [`${belowThousand(rest)} fen`] : [];
    return [...whole, ...fraction].join(" and ");
}

function englishInteger(number) {
    if (number === 0n) {
        return ONES[0];
    }
    const words = [];
    for (let place = THOUSANDS.length - 1; place >= 0; place -= 1) {
        const three = Number((number / 1000n ** BigInt(place)) % 1000n);
        if (three > 0) {
            words.push(belowThousand(three) + THOUSANDS[place]);
        }
    }
    return words.join(" ");
}

function belowThousand(number) {
    const hundreds = Math.floor(number / 100);
    const rest = number % 100;
    const words = hundreds ? [`${ONES[hundreds]} hundred`] : [];
    if (rest > 0) {
        const ones = rest % 10 ? `-${ONES[rest % 10]}` : "";
        words.push(rest < 20 ? ONES[rest] : TENS[Math.floor(rest / 10)] + ones);
    }
    return words.join(" ");
}
