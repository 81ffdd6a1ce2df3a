/** Faults as a CSV file, the same as the command line writes with --faults (compensation/report/fault_list.py). */

const COLUMNS = ["table", "row", "column", "value", "kind", "message", "expected"];
/** What a formula begins with, in half and in full width, and what some programs drop before it. */
const SIGN = "[\\t\\n\\f\\r \\p{Z}\\p{Cf}]*[=+\\-@＝＋－＠]";
const ACTS_AS_FORMULA = new RegExp(`^(?:${SIGN}|[\\t\\r\\n])`, "u");
const NEEDS_QUOTES = new RegExp(
    `[",\\r\\n]|^[\\t\\f \\p{Z}]|[\\t\\f \\p{Z}]$|[;\\t]${SIGN}`,
    "u",
);

/** The text of the file: UTF-8 with a byte order mark, so that spreadsheet programs read it as such. */
export function faultCsv(faults) {
    const lines = faults.map((fault) => COLUMNS.map((name) => field(fault[name])));
    return `\ufeff${[COLUMNS, ...lines].map((fields) => `${fields.join(",")}\n`).join("")}`;
}

function field(value) {
    if (typeof value === "number") {
        return String(value);
    }
    const text = value ?? "";
    const harmless = ACTS_AS_FORMULA.test(text) ? `'${text}` : text;
    return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
