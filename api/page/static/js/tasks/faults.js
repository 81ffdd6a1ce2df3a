/** What is wrong with a ledger: every fault with its sheet, row and column. */

import { el } from "../dom.js";
import { pointerOf } from "../form.js";
import { t } from "../i18n.js";
import { backLink, heading } from "../pages.js";
import { printButton } from "../parts.js";

/** Faults that are in the file rather than in the form. */
export function faultsOf(problem) {
  return (problem.errors ?? []).filter((fault) => fault.table || pointerOf(fault) === "");
}

export function faultsPage({ problem, file }) {
  const faults = faultsOf(problem);
  const rows = faults.map((fault) =>
    el(
      "tr",
      {},
      el("td", {}, fault.table_title ?? fault.table ?? t("faults.file")),
      el("td", { class: "number" }, fault.row ?? ""),
      el("td", {}, fault.column_title ?? fault.column ?? ""),
      el("td", { class: "wrapped cell-value" }, fault.value ?? ""),
      el("td", { class: "wrapped" }, fault.message, fault.expected && el("p", { class: "hint" }, t("faults.expected", { expected: fault.expected }))),
    ),
  );
  const heads = ["faults.sheet", "faults.row", "faults.column", "faults.value", "faults.wrong"];
  const caption = t("faults.caption", { file });
  return {
    title: t("faults.title", { count: problem.count }),
    nodes: [
      backLink("portfolio/file"),
      el("p", { class: "caption" }, t("portfolio.title")),
      heading(t("faults.title", { count: problem.count })),
      el("p", { class: "lead" }, t("faults.lead")),
      faults.length < problem.count && el("p", {}, t("faults.cut", { shown: faults.length })),
      scrolling(caption, [
        el("caption", {}, caption),
        el("thead", {}, el("tr", {}, heads.map((key) => el("th", { scope: "col" }, t(key))))),
        el("tbody", {}, rows),
      ]),
      el("div", { class: "buttons no-print" }, el("a", { href: "#/portfolio/file", class: "button" }, t("faults.again")), printButton()),
    ],
  };
}

/** A wide table that scrolls by itself; the focus can be put on it, so that the keyboard scrolls it too. */
export function scrolling(label, parts) {
  return el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, el("table", {}, parts));
}
