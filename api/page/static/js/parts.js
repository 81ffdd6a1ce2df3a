/** Pieces of results that several tasks show: conditions, arithmetic, what the figures rest on, what was typed. */

import { el } from "./dom.js";
import {
    amount,
    day,
    formulaInNumbers,
    formulaInWords,
    natural,
    number,
    shortDigest,
} from "./format.js";
import { capital, inLanguage, languageTagOf, t } from "./i18n.js";
import { inWords } from "./kinds.js";
import { fenOf } from "./money.js";
import { conditionTitle, policyName } from "./policies.js";

/** What is as it was written, whatever the language of the page: a name, a clause, a file. */
export function asWritten(text) {
    return el("span", { lang: languageTagOf(text) }, text);
}

/** An amount in large figures, with its words below. */
export function bigAmount(yuan) {
    return [
        el("p", { class: "big-amount" }, amount(yuan)),
        el("p", { class: "amount-words" }, inWords(fenOf(yuan))),
    ];
}

/** The answer on top of a result. `verdict`: "yes", "no" or "open". */
export function panel(verdict, heading, ...children) {
    return el(
        "section",
        { class: `panel panel-${verdict}` },
        el("h2", { class: "panel-title" }, heading),
        children,
    );
}

/** Names and what belongs to them: [[name, text or nodes]]. */
export function pairs(lines) {
    return el(
        "dl",
        { class: "pairs" },
        lines.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    );
}

/**
 * Conditions, one after the other: met or not, what was found, what is asked, what would be enough, and the clause.
 * `policy`: the id of the one that has them, if it is not the chosen one.
 */
export function conditionList(conditions, policy) {
    const items = conditions.map((condition) => conditionView(condition, policy));
    return el("ul", { class: "conditions" }, items);
}

function conditionView(condition, policy) {
    const lines = [
        [
            t("condition.actual"),
            condition.actual === null ? t("condition.undefined") : natural(condition.actual),
        ],
        [t("condition.limit"), natural(condition.limit)],
    ];
    if (condition.why) {
        lines.push([t("condition.why"), capital(condition.why)]);
    }
    if (condition.gap) {
        lines.push([t("condition.gap"), gapText(condition.gap)]);
    }
    if (condition.needed) {
        lines.push([t("condition.needed"), capital(natural(condition.needed.message))]);
    }
    return el(
        "li",
        { class: condition.passed ? "condition condition-met" : "condition condition-unmet" },
        el(
            "h3",
            { class: "condition-title" },
            verdictTag(condition.passed),
            " ",
            capital(conditionTitle(condition.id, policy)),
        ),
        pairs(lines.map(([name, value]) => [name, asWritten(value)])),
        sourceLine(condition),
    );
}

function verdictTag(passed) {
    return passed
        ? el("span", { class: "tag tag-met" }, `✓ ${t("condition.met")}`)
        : el("span", { class: "tag tag-unmet" }, `✗ ${t("condition.unmet")}`);
}

/** A gap between ratios is in percentage points. */
function gapText(gap) {
    return /^\d+\.\d{6}$/.test(gap)
        ? t("value.points", { value: number(gap).replace("%", "") })
        : natural(gap);
}

/** The clause, whether it is text, summary or assumption, and the note on it. */
function sourceLine({ clause, basis, note }) {
    if (!clause) {
        return null;
    }
    return el(
        "p",
        { class: "source" },
        asWritten(clause),
        t("source.basis", { basis: t(`basis.${basis}`) }),
        note ? t("source.note", { note }) : "",
    );
}

/**
 * The arithmetic, line by line: what it is, how it follows from lines above, and the value.
 * `ending`: "arithmetic-ending" where the last line is what it all comes to. `known`: all lines that formulas name.
 */
export function arithmetic(caption, lines, ending = "", known = lines) {
    const titles = new Map(known.map((line) => [line.name, line.title]));
    const rows = lines.map((line) =>
        el(
            "tr",
            { class: line.formula ? null : "given" },
            el("th", { scope: "row" }, capital(line.title), sourceLine(line)),
            el("td", {}, steps(line, titles), whyLines(line)),
            el("td", { class: "number" }, number(line.value)),
        ),
    );
    const head = el(
        "tr",
        {},
        el("th", { scope: "col" }, t("arithmetic.line")),
        el("th", { scope: "col" }, t("arithmetic.how")),
        el("th", { scope: "col", class: "number" }, t("arithmetic.value")),
    );
    return el(
        "table",
        { class: `arithmetic ${ending}` },
        el("caption", { class: "visually-hidden" }, caption),
        el("thead", {}, head),
        el("tbody", {}, rows),
    );
}

/**
 * The arithmetic with the lines that decide; all of them are folded below. `decides`: whether a line does; `id`: of
 * what is folded, where several stand on a page; `ending`: as for `arithmetic`.
 */
export function foldedArithmetic(title, lines, decides, { id = "all-lines", ending = "" } = {}) {
    return [
        el("h2", {}, title),
        arithmetic(title, lines.filter(decides), ending, lines),
        el(
            "details",
            { id },
            el("summary", {}, t("arithmetic.all", { count: lines.length })),
            arithmetic(t("arithmetic.whole"), lines, ending),
        ),
    ];
}

/** What the tests looked at by which a tier, a choice or a cap applies or not. */
function whyLines({ why = [] }) {
    return why.map((text) => el("p", { class: "source" }, capital(text)));
}

function steps(line, titles) {
    if (!line.formula) {
        return el("p", {}, t("arithmetic.given"));
    }
    if (Object.keys(line.terms ?? {}).length === 0) {
        return el("p", {}, "0");
    }
    const inNumbers = formulaInNumbers(line.formula, line.terms);
    return [
        el("p", {}, formulaInWords(line.formula, titleWithin(line, titles))),
        inNumbers === number(line.value)
            ? null
            : el("p", { class: "in-numbers" }, `= ${inNumbers}`),
    ];
}

/** Recoveries have lines of the same titles: what one takes from the one before is said to be of that. */
const OF_RECOVERY = /^r\d+_/;

function titleWithin(line, titles) {
    const [own = ""] = OF_RECOVERY.exec(line.name) ?? [];
    return (name) => {
        const title = titles.get(name);
        const here = name.replace(OF_RECOVERY, own);
        return here !== name && titles.get(here) === title
            ? t("arithmetic.previous", { title })
            : title;
    };
}

/**
 * What the figures rest on: policies and version, and the assumptions, folded until asked for. `policies`: those that
 * were applied; `policy`: the only one.
 */
export function basisView({ policy, policies = [policy], version, assumptions, notes = [] }) {
    const stamps = policies.map(({ id, digest }) =>
        t("basis.stamp", { policy: policyName(id), id, digest: shortDigest(digest) }),
    );
    const items = assumptions.map((each) =>
        el(
            "li",
            {},
            el("strong", {}, asWritten(each.clause)),
            ` ${inLanguage(each, "note")}`,
        ),
    );
    return el(
        "section",
        { class: "basis" },
        el("h2", {}, t("basis.title")),
        el("p", {}, stamps.join(""), version ? t("basis.version", { version }) : ""),
        notes.map((note) => el("p", {}, capital(note))),
        items.length > 0 &&
            el(
                "details",
                { id: "assumptions" },
                el("summary", {}, t("basis.assumptions", { count: items.length })),
                el("ul", {}, items),
            ),
        el("p", { class: "muted" }, t("basis.noAdvice")),
    );
}

/** What the service warns of, each with its place in the ledger. */
export function warningsView({ warnings: items }) {
    if (items.length === 0) {
        return null;
    }
    const list = el(
        "ul",
        { class: "warnings" },
        items.map((each) => el("li", {}, asWritten(capital(warningText(each))))),
    );
    return [el("h2", {}, t("warnings.title", { count: items.length })), list];
}

function warningText(warning) {
    const { table, row } = warning;
    const message = inLanguage(warning, "message");
    const where = [table && t(`table.${table}`), row && t("warnings.row", { row })]
        .filter(Boolean)
        .join(" ");
    return where ? t("warnings.at", { where, message }) : message;
}

/** What was typed, with a way back to change it. `answers`: [[label, text]]. */
export function answersView(title, answers, changeHref) {
    return el(
        "section",
        { class: "answers" },
        el("h2", {}, title),
        pairs(answers.map(([name, value]) => [name, asWritten(value)])),
        changeHref &&
            el("p", { class: "no-print" }, el("a", { href: changeHref }, t("answers.change"))),
    );
}

/** What stands on top of a printed result: [[name, text]] of whom and under what, and the day of printing. */
export function printHead(lines) {
    const today = new Date();
    const iso = new Date(today - today.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    const whole = [...lines.filter(([, text]) => text), [t("print.day"), day(iso)]];
    return el(
        "div",
        { class: "print-only" },
        pairs(whole.map(([name, text]) => [name, asWritten(text)])),
    );
}

export function printButton() {
    return el(
        "button",
        { type: "button", class: "button button-plain no-print", onclick: () => window.print() },
        t("print"),
    );
}
