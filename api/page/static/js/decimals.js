/** Decimals as people type them, held as an integer and a number of decimals: never as a float. */

/** Characters of what is typed that can be a number, a percentage or a day. */
const LONGEST = 100;
const TOO_LONG = "…";
const PLAIN = /^\d+(?:\.\d+)?$/;
const GROUPED = /^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;

/**
 * What was typed with full-width digits, commas and signs made plain, without blanks around it. For a text that is too
 * long to mean anything it is one that nothing is read from, so that no reader spends long on it.
 */
export function plain(text) {
    const typed = text.trim();
    return typed.length > LONGEST
        ? TOO_LONG
        : typed.normalize("NFKC").replace(/[−–—]/g, "-").trim();
}

/** The number of a text such as `1234.5` or `1,234.5` as {digits, decimals}; null where it is none. */
export function decimal(text) {
    if (!PLAIN.test(text) && !GROUPED.test(text)) {
        return null;
    }
    const [whole, fraction = ""] = text.replaceAll(",", "").split(".");
    return { digits: BigInt(whole + fraction), decimals: fraction.length };
}

/** Whether the text is a number but for commas that stand in the wrong places: 5,00,000 or 5,0000. */
export function badlyGrouped(text) {
    return text.includes(",") && PLAIN.test(text.replaceAll(",", "")) && !GROUPED.test(text);
}

/** `digits` × 10^`power` as an integer; null where decimals would be lost. */
export function scaled(digits, power) {
    if (power >= 0) {
        return digits * 10n ** BigInt(power);
    }
    const unit = 10n ** BigInt(-power);
    return digits % unit === 0n ? digits / unit : null;
}

/** An integer of 10^-`decimals` units as text: (12345n, 2) is 123.45. */
export function written(units, decimals) {
    const sign = units < 0n ? "-" : "";
    const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
    return decimals === 0
        ? sign + digits
        : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The same text with its integer part in groups of three: 1234567.80 is 1,234,567.80. */
export function grouped(text) {
    const [whole, fraction] = text.split(".");
    const parts = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
    return fraction === undefined ? parts : `${parts}.${fraction}`;
}
