/** Making elements. Text only ever goes in as text nodes, so nothing typed or answered can become markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element. Attributes whose value is a function are listeners (`onclick`), `true` is an empty attribute, and
 * null, undefined and false are left out; so are children that are null or false.
 */
export function el(tag, attributes = {}, ...children) {
    return filled(document.createElement(tag), attributes, children);
}

/** An SVG element, made the same way. */
export function svg(tag, attributes = {}, ...children) {
    return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") {
            node.addEventListener(name.slice(2), value);
        } else if (value === true) {
            node.setAttribute(name, "");
        } else if (value !== null && value !== undefined && value !== false) {
            node.setAttribute(name, String(value));
        }
    }
    const kept = children
        .flat(Infinity)
        .filter((child) => child !== null && child !== undefined && child !== false);
    node.append(...kept);
    return node;
}
