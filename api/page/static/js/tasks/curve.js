/** The cost curve (补偿曲线): compensation along an indicator, as the service draws it, with its cliffs named below. */

import { el } from "../dom.js";
import { number } from "../format.js";
import { capital, inLanguage, listed, t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { shown } from "../money.js";
import { oneNumber, said } from "../numbers.js";
import { conditionTitle } from "../policies.js";
import { wideTable } from "../tables.js";
import { Question } from "./question.js";

/**
 * A question for a curve. `movable`: answers the indicators that can move, [{id, title, kind}]. `more`: further fields.
 * `ask`: sends the values. `policy`: answers whose conditions are named.
 */
export function curveQuestion(id, { movable, more = () => [], ask, policy }) {
    const named = (along) => movable().find((each) => each.id === along);

    function fields(form) {
        const choices = movable().map(({ id: value, title }) => ({ value, title: capital(title) }));
        const along = {
            name: "along",
            kind: kinds.choice,
            label: t("curve.along"),
            choices,
            typed: named("payout_rate") ? "payout_rate" : choices[0].value,
        };
        const [from, to] = ["from", "to"].map((name) => ({
            name,
            kind: oneNumber(() => named(form.typed("along")).kind),
            label: t(`curve.${name}`),
            hint: t(`curve.${name}.hint`),
            typed: t(`curve.${name}.typed`),
        }));
        return [...more(), along, from, to];
    }

    function rateOf({ eligible, rate, reasons }) {
        if (!eligible) {
            const why = listed(reasons.map((each) => conditionTitle(each, policy())));
            return t("curve.notEligible", { why });
        }
        return rate === null ? t("curve.noRate") : number(rate);
    }

    function show({ summary, curve, cliffs, picture }) {
        const { kind, title } = named(summary.along);
        const paid = curve[0].payout_amount !== undefined;
        const rows = curve
            .filter(({ point }) => point !== "grid")
            .map((point) => [
                `${said(kind, point.value)}${point.point === "actual" ? t("curve.actual") : ""}`,
                ...(paid ? [shown(point.payout_amount)] : []),
                rateOf(point),
                shown(point.compensation),
            ]);
        return [
            el("p", { class: "hint" }, capital(inLanguage(summary, "moves"))),
            el(
                "div",
                { class: "scroll curve", role: "region", tabindex: "0", "aria-label": t(`${id}.title`) },
                drawn(picture),
            ),
            el("h3", {}, t("curve.cliffs")),
            cliffs.length === 0
                ? el("p", {}, t("curve.noCliffs"))
                : el("ul", {}, cliffs.map((cliff) => el("li", {}, capital(inLanguage(cliff, "said"))))),
            wideTable(
                t("curve.points"),
                [
                    { title: capital(title), wrapped: true },
                    ...(paid ? [{ title: t("curve.paid"), number: true }] : []),
                    { title: t("curve.rate"), wrapped: true },
                    { title: t("curve.compensation"), number: true },
                ],
                rows,
            ),
        ];
    }

    return new Question(id, { fields, ask, show });
}

/** The picture of the service, as a part of the page. */
function drawn(picture) {
    const { documentElement } = new DOMParser().parseFromString(picture, "image/svg+xml");
    return document.importNode(documentElement, true);
}
