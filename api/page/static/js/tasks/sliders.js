/** Figures that are moved with sliders, and what comes of it at once. Nothing of it is kept. */

import { written } from "../decimals.js";
import { el } from "../dom.js";
import { amount } from "../format.js";
import { capital, t } from "../i18n.js";
import { fenOf, yuan } from "../money.js";
import { said } from "../numbers.js";
import { errorList, messagesOf } from "./question.js";

const PAUSE = 150;
const POINT = 1000; // millionths: a tenth of a percentage point

/**
 * `inputs`: the figures of each part of `request`, as the service describes them; those that are no number, and amounts
 * and counts of 0, stay. `ask`: sends a request; `show`: makes nodes of what comes back.
 */
export function slidersView(request, inputs, ask, show) {
    const moved = structuredClone(request);
    const place = el("div", { id: "sliders-answer" });
    let pause;
    let asked = 0;
    const answer = async () => {
        asked += 1;
        const mine = asked;
        let nodes;
        try {
            nodes = show(await ask(moved));
        } catch (problem) {
            nodes = [errorList(messagesOf(problem))];
        }
        if (mine === asked) {
            place.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
        }
    };
    const sliderOf = (part, input) =>
        slider(`slider-${part}-${input.name}`, input, request[part][input.name], (value) => {
            moved[part][input.name] = value;
            clearTimeout(pause);
            pause = setTimeout(answer, PAUSE);
        });
    const rows = Object.entries(inputs)
        .flatMap(([part, figures]) => figures.map((input) => sliderOf(part, input)))
        .filter(Boolean);
    return (
        rows.length > 0 &&
        el(
            "details",
            { id: "sliders", class: "question no-print" },
            el("summary", {}, t("sliders.title")),
            el("p", { class: "hint" }, t("sliders.what")),
            rows,
            place,
        )
    );
}

function slider(id, { title, type }, value, put) {
    const stepsOf = { money: ofWhole, integer: ofWhole, ratio: ofPoints }[type];
    const steps = stepsOf && value !== null && value !== undefined && stepsOf(type, value);
    if (!steps) {
        return null;
    }
    const output = el("output", { for: id, class: "slider-value" });
    const input = el("input", {
        type: "range",
        id,
        min: steps.min,
        max: steps.max,
        step: steps.step,
        value: steps.now,
        oninput: () => {
            tell();
            put(steps.valueAt(Number(input.value)));
        },
    });
    const tell = () => {
        const value = steps.valueAt(Number(input.value));
        const text = type === "money" ? amount(value) : said(type, value);
        output.textContent = text;
        input.setAttribute("aria-valuetext", text);
    };
    tell();
    return el("div", { class: "slider" }, el("label", { for: id }, capital(title)), input, output);
}

/** An amount or a count: from none to twice what was typed, by hundredths of it. */
function ofWhole(type, value) {
    const whole = type === "money" ? fenOf(value) : BigInt(value);
    if (whole <= 0n) {
        return null;
    }
    const valueAt = (hundredths) => {
        const part = (whole * BigInt(hundredths)) / 100n;
        return type === "money" ? yuan(part) : Number(part);
    };
    return { min: 0, max: 200, step: 1, now: 100, valueAt };
}

/**
 * A ratio: ten points, or half of it, to both sides, by tenths of a point; no part of a whole becomes more than the
 * whole.
 */
function ofPoints(_, value) {
    const now = Math.round(Number(value) * 1_000_000);
    const span = Math.max(100 * POINT, Math.round(Math.abs(now) / 2 / POINT) * POINT);
    const down = now < 0 ? span : Math.min(span, Math.floor(now / POINT) * POINT);
    const up =
        now > 1_000_000 ? span : Math.min(span, Math.floor((1_000_000 - now) / POINT) * POINT);
    const valueAt = (millionths) => written(BigInt(millionths), 6);
    return { min: now - down, max: now + up, step: POINT, now, valueAt };
}
