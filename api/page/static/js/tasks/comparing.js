/** A case beside another one of this tab: what was typed for each, and what each came to. */

import { postJson } from "../api.js";
import { t } from "../i18n.js";
import * as kinds from "../kinds.js";
import { caseRows, sideBySide } from "../outcomes.js";
import { loadInputs } from "../policies.js";
import { caseName, lastCases, otherCases } from "./last-cases.js";
import { Question } from "./question.js";
import { formsOf } from "./saved.js";

/**
 * `now`: answers the case that is shown, {raw, answer}. `answersOf`: the answers of a case, [[label, text]], by its
 * forms.
 */
export function comparison(now, answersOf) {
    const others = () => otherCases(now().raw);
    const fields = () => {
        const choices = others().map((each) => ({ value: String(each.id), title: caseName(each) }));
        return [
            {
                name: "with",
                kind: kinds.choice,
                label: t("compare.with"),
                choices,
                typed: choices[0]?.value,
            },
        ];
    };
    const ask = async ({ with: which }) => {
        const other = lastCases().find(({ id }) => String(id) === which);
        await loadInputs(other.typed.start.policy);
        return { raw: other.typed, answer: await postJson("v1/compensation", other.request) };
    };
    const show = (other) => {
        const pair = [now(), other];
        const texts = pair.map(({ raw }) => new Map(answersOf(formsOf(raw))));
        const labels = new Set(texts.flatMap((each) => [...each.keys()]));
        const rows = [...labels].map((label) => [
            label,
            ...texts.map((each) => each.get(label) ?? t("none")),
        ]);
        const heads = [t("compare.this"), t("compare.other")];
        const results = caseRows(pair.map(({ answer }) => answer));
        return sideBySide(t("compare.title"), heads, [...results, ...rows]);
    };
    const question = new Question("compare", { fields, ask, show });
    return {
        view: () => others().length > 0 && question.view(),
        forget: () => question.forget(),
        again: () => question.again(),
    };
}
