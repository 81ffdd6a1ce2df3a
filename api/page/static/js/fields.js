/**
 * Fields as they stand on the page: label, hint, error, input, and what was understood.
 *
 * A field is {name, kind, label, hint?, optional?, choices?, pointer?, unit?}; `kind` is one of kinds.js.
 */

import { el } from "./dom.js";
import { errorText } from "./form.js";
import { language, languageTag, t } from "./i18n.js";
import * as kinds from "./kinds.js";
import { draw } from "./screen.js";
import { keep, recalled } from "./tab.js";

/** So that a screen reader doesn't speak at every key. */
const PAUSE = 400;

/** `fields`: all of the form; its amounts have one unit. */
export function fieldView(form, field, fields = [field]) {
    switch (field.kind) {
        case kinds.money:
            return oneInput(form, field, (...all) => moneyInput(...all, fields));
        case kinds.ratio:
            return oneInput(form, field, ratioInput);
        case kinds.choice:
            // A list of options has no room for hints.
            return field.choices.length > 5 && !field.choices.some((choice) => choice.hint)
                ? oneInput(form, field, selectInput)
                : radios(form, field, field.choices);
        case kinds.several:
            return radios(form, field, field.choices);
        case kinds.yesNo:
            return radios(form, field, [
                { value: "yes", title: t("yes") },
                { value: "no", title: t("no") },
            ]);
        case kinds.file:
            return oneInput(form, field, fileInput);
        default:
            return oneInput(form, field, textInput);
    }
}

/** A field of one input (and perhaps a unit beside it). */
function oneInput(form, field, inputOf) {
    const id = form.idOf(field.name);
    const error = form.errorOf(field.name);
    const said = el("output", { class: "said", id: `${id}-said`, for: id });
    const described = [field.hint && `${id}-hint`, error && `${id}-error`, `${id}-said`]
        .filter(Boolean)
        .join(" ");
    const shared = {
        id,
        name: field.name,
        "aria-describedby": described,
        "aria-invalid": error ? "true" : null,
    };
    let pause;
    const changed = (raw) => {
        form.type(field.name, raw);
        clearTimeout(pause);
        pause = setTimeout(() => say(said, form, field), PAUSE);
    };
    say(said, form, field);
    return el(
        "div",
        { class: error ? "field field-wrong" : "field" },
        el("label", { class: "field-label", for: id }, field.label, field.optional && optional()),
        field.hint && el("p", { class: "hint", id: `${id}-hint` }, field.hint),
        error && errorView(id, error, field),
        inputOf(form, field, shared, changed),
        said,
    );
}

function say(said, form, field) {
    said.textContent = field.kind.said(form.typed(field.name), field);
}

function optional() {
    return el("span", { class: "optional" }, t("field.optional"));
}

function errorView(id, error, field) {
    return el(
        "p",
        { class: "field-error", id: `${id}-error` },
        el("span", { class: "visually-hidden" }, t("error.prefix")),
        errorNode(error, field),
    );
}

function textInput(form, field, shared, changed) {
    const numeric = field.kind === kinds.count;
    const input = el("input", {
        ...shared,
        class: field.kind === kinds.text ? "input" : "input input-short",
        type: "text",
        inputmode: numeric ? "numeric" : null,
        autocomplete: "off",
        spellcheck: "false",
        value: form.typed(field.name) ?? "",
        oninput: () => changed(input.value),
    });
    return field.unit
        ? el("div", { class: "input-row" }, input, el("span", { class: "unit" }, field.unit))
        : input;
}

/** The name of each unit, by its power of ten. */
const UNITS = { 0: "money.yuan", 4: "money.tenThousand" };
const UNIT_KEPT_AS = "unit";

/** An amount. The unit is picked beside the first amount of a form, for all of them, and kept for other forms. */
function moneyInput(form, field, shared, changed, fields) {
    const amounts = fields.filter(({ kind }) => kind === kinds.money);
    const typed = [field, ...amounts].map(({ name }) => form.typed(name)).find((raw) => raw?.text);
    const unit = typed?.unit ?? recalled(UNIT_KEPT_AS) ?? 0;
    const input = el("input", {
        ...shared,
        class: "input input-money",
        type: "text",
        autocomplete: "off",
        spellcheck: "false",
        value: form.typed(field.name)?.text ?? "",
        oninput: () => changed({ text: input.value, unit }),
    });
    const pick = () => {
        const picked = Number(picker.value);
        for (const { name } of amounts) {
            form.type(name, { text: form.typed(name)?.text ?? "", unit: picked });
        }
        keep(UNIT_KEPT_AS, picked);
        draw();
    };
    const picker =
        field === amounts[0]
            ? el(
                  "select",
                  {
                      class: "input unit-picker",
                      id: `${shared.id}-unit`,
                      "aria-label": t("money.unit"),
                      onchange: pick,
                  },
                  Object.entries(UNITS).map(([power, name]) =>
                      el("option", { value: power, selected: Number(power) === unit }, t(name)),
                  ),
              )
            : el("span", { class: "unit" }, t(UNITS[unit]));
    return el("div", { class: "input-row" }, input, picker);
}

function ratioInput(form, field, shared, changed) {
    const raw = form.typed(field.name) ?? { text: "", none: false };
    const input = el("input", {
        ...shared,
        class: "input input-short",
        type: "text",
        autocomplete: "off",
        spellcheck: "false",
        value: raw.text,
        disabled: raw.none,
        oninput: both,
    });
    const none = el("input", {
        type: "checkbox",
        id: `${shared.id}-none`,
        checked: raw.none,
        onchange: both,
    });
    function both() {
        input.disabled = none.checked;
        changed({ text: input.value, none: none.checked });
    }
    const row = el("div", { class: "input-row" }, input, el("span", { class: "unit" }, "%"));
    const undefinable =
        field.undefinable &&
        el("div", { class: "choice" }, none, el("label", { for: none.id }, field.undefinable));
    return el("div", {}, row, undefinable);
}

/**
 * A file, chosen or dropped. The input itself is not seen: it speaks the language of the browser, and forgets its file
 * when the page is drawn anew; the form does not.
 */
function fileInput(form, field, shared, changed) {
    const input = el("input", {
        ...shared,
        class: "visually-hidden",
        type: "file",
        accept: field.accept,
        onchange: () => take(input.files),
    });
    const drop = (event) => {
        event.preventDefault();
        zone.classList.remove("drop-over");
        take(event.dataTransfer.files);
    };
    const over = (event) => {
        event.preventDefault();
        zone.classList.add("drop-over");
    };
    const zone = el(
        "div",
        {
            class: "drop",
            ondragover: over,
            ondragleave: () => zone.classList.remove("drop-over"),
            ondrop: drop,
        },
        input,
        el("label", { for: shared.id, class: "button button-plain" }, t("file.choose")),
        el("p", { class: "drop-hint" }, t("file.drop")),
    );
    function take(files) {
        if (files.length > 0) {
            changed(files[0]);
        }
    }
    return zone;
}

function selectInput(form, field, shared, changed) {
    const typed = form.typed(field.name) ?? "";
    const groups = new Map();
    for (const choice of field.choices) {
        const members =
            groups.get(choice.group ?? "") ??
            groups.set(choice.group ?? "", []).get(choice.group ?? "");
        members.push(
            el("option", { value: choice.value, selected: typed === choice.value }, choice.title),
        );
    }
    const options = [...groups].map(([group, members]) =>
        group ? el("optgroup", { label: group }, members) : members,
    );
    const select = el(
        "select",
        {
            ...shared,
            class: "input",
            onchange: () => {
                changed(select.value);
                field.onChange?.();
            },
        },
        el("option", { value: "", selected: typed === "" }, t("choice.pick")),
        options,
    );
    return select;
}

/** A few values to choose from: radio buttons, or boxes for several; the first is what an error leads to. */
function radios(form, field, choices) {
    const id = form.idOf(field.name);
    const error = form.errorOf(field.name);
    const described = [field.hint && `${id}-hint`, error && `${id}-error`]
        .filter(Boolean)
        .join(" ");
    const many = field.kind === kinds.several;
    const items = choices.map((choice, place) => {
        const inputId = place === 0 ? id : `${id}-${choice.value}`;
        const hintId = `${inputId}-note`;
        const input = el("input", {
            type: many ? "checkbox" : "radio",
            id: inputId,
            name: id,
            value: choice.value,
            checked: [form.typed(field.name)].flat().includes(choice.value),
            "aria-describedby": choice.hint ? hintId : null,
            onchange: () => {
                form.type(field.name, many ? ticked(form, field, choice, input) : choice.value);
                field.onChange?.();
            },
        });
        const hint = choice.hint && el("p", { class: "hint choice-hint", id: hintId }, choice.hint);
        const group =
            choice.group && choice.group !== choices[place - 1]?.group
                ? el("p", { class: "choice-group" }, choice.group)
                : null;
        const item = el(
            "div",
            { class: "choice" },
            input,
            el("label", { for: inputId }, choice.title),
            hint,
        );
        return group ? [group, item] : item;
    });
    return el(
        "fieldset",
        { class: error ? "field field-wrong" : "field", "aria-describedby": described || null },
        el("legend", { class: "field-label" }, field.label, field.optional && optional()),
        field.hint && el("p", { class: "hint", id: `${id}-hint` }, field.hint),
        error && errorView(id, error, field),
        items,
    );
}

/** The values of the boxes that are ticked, in the order of the choices. */
function ticked(form, field, choice, { checked }) {
    const before = form.typed(field.name) ?? [];
    const now = field.choices.map(({ value }) => value);
    return now.filter((value) => (value === choice.value ? checked : before.includes(value)));
}

/** What is wrong, on top of the page, each with a link to its field. */
export function errorSummary(form, fields) {
    if (form.errors.length === 0) {
        return null;
    }
    const items = form.errors.map((error) =>
        el("li", {}, error.name ? linkTo(form, error, fields) : errorNode(error)),
    );
    return el(
        "section",
        {
            class: "error-summary",
            id: "errors",
            tabindex: "-1",
            role: "alert",
            "aria-labelledby": "errors-title",
        },
        el("h2", { id: "errors-title" }, t("error.summary")),
        el("ul", {}, items),
    );
}

function linkTo(form, error, fields) {
    const field = fields.find(({ name }) => name === error.name);
    const id = form.idOf(error.name);
    const follow = (event) => {
        event.preventDefault();
        document.getElementById(id)?.focus();
    };
    return el("a", { href: `#${id}`, onclick: follow }, errorNode(error, field));
}

/** What the service said stays in the language in which it was said. */
function errorNode(error, field) {
    const other = error.language && error.language !== language();
    return el(
        "span",
        { lang: other ? languageTag(error.language) : null },
        errorText(error, field),
    );
}
