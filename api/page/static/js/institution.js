/**
 * The figures of an institution in a year, as fields: amounts and counts, or ratios. Typed once for both tasks that
 * need them. Which figures a policy looks at is said by the service.
 */

import { el } from "./dom.js";
import { day } from "./format.js";
import { Form } from "./form.js";
import { capital, t } from "./i18n.js";
import { KINDS } from "./kinds.js";
import { chosen } from "./policies.js";
import { draw } from "./screen.js";
import { keepForm } from "./tab.js";

export const institution = new Form("institution");
keepForm(institution);

/** What the institution is called, for paper alone: it is sent nowhere. */
export function nameField() {
    return {
        name: "called",
        kind: KINDS.text,
        label: t("institution.called"),
        hint: t("institution.called.hint"),
        optional: true,
    };
}

/** The same, as a line of what is printed. */
export function calledPair(from) {
    return [t("institution.called"), from.typed("called") ?? ""];
}

/** Whether "amounts" or "ratios" are asked for. */
export function form() {
    return institution.typed("form") ?? "amounts";
}

export function useForm(which) {
    institution.type("form", which);
}

/** The fields of the figures; `which`: "amounts" or "ratios"; `policy`: the one that looks at them. */
export function institutionFields(which = form(), policy = chosen()) {
    const inputs = policy.institution[which];
    return inputs.map((input) => ({
        ...inputField(input, "/institution"),
        undefinable: input.type === "ratio" ? t("institution.undefined") : null,
        negative: input.type === "ratio",
    }));
}

/** A field for an input as the service describes it; `parent`: the pointer of what it is sent in. */
export function inputField(input, parent) {
    return {
        name: input.name,
        kind: KINDS[input.type],
        label: capital(input.title),
        what: input.title,
        hint: [input.note && capital(input.note), input.type === "date" && t("date.hint")]
            .filter(Boolean)
            .join(t("hint.and")),
        optional: !input.required,
        choices: input.choices.map((each) => ({ ...each, title: capital(each.title) })),
        unit: input.name.endsWith("borrowers") ? t("unit.borrowers") : null,
        pointer: `${parent}/${input.name}`,
    };
}

/** A switch between the two forms, for a page that asks for the figures. */
export function otherFormButton() {
    const other = form() === "amounts" ? "ratios" : "amounts";
    const change = () => {
        useForm(other);
        institution.errors = [];
        draw("heading");
    };
    return el(
        "p",
        {},
        el(
            "button",
            { type: "button", class: "link", onclick: change },
            t(`institution.use.${other}`),
        ),
    );
}

/** What was typed, as pairs for the list of answers. */
export function typedPairs(from, fields) {
    return fields
        .map((field) => [field.label, typedText(from.typed(field.name), field)])
        .filter(([, text]) => text !== "");
}

function typedText(raw, field) {
    if (raw === undefined || raw === "") {
        return "";
    }
    if (field.kind === KINDS.money) {
        return field.kind.said(raw) || "";
    }
    if (field.kind === KINDS.ratio) {
        return raw.none
            ? t("condition.undefined")
            : raw.text && `${raw.text.replace(/%\s*$/, "")}%`;
    }
    if (field.kind === KINDS.boolean) {
        return t(raw);
    }
    if (field.kind === KINDS.date) {
        return day(field.kind.read(raw, field).value);
    }
    const choice = field.choices?.find((each) => each.value === raw);
    return choice ? choice.title : [raw, field.unit].filter(Boolean).join(" ");
}
