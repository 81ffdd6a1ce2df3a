/** The field for a ledger file: dropped on the page or chosen. */

import { getFile } from "./api.js";
import { el } from "./dom.js";
import { Form, problemText } from "./form.js";
import { language, t } from "./i18n.js";
import * as kinds from "./kinds.js";
import { chosen } from "./policies.js";
import { keepForm } from "./tab.js";

export const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** The chosen file, the budget: kept for the self-check and the portfolio alike. */
export const ledgerForm = new Form("ledger");
keepForm(ledgerForm);

export function ledgerField() {
    return {
        name: "file",
        kind: kinds.file,
        label: t("ledger.file"),
        hint: t("ledger.hint"),
        accept: ".xlsx,.zip",
        pointer: "/file",
    };
}

/** Save what the service sent under a name. */
export function save(blob, name) {
    const link = el("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A button that fetches a file, and what has become of it. `download`: what it does. */
export function downloadButton(id, title, download, look = "button") {
    const status = el("span", { class: "working", role: "status" });
    const button = el("button", { type: "button", class: look, id, onclick: fetchIt }, title);
    async function fetchIt() {
        button.disabled = true;
        status.textContent = t("working");
        try {
            await download();
            status.textContent = t("download.done");
        } catch (problem) {
            status.textContent = problemText(problem);
        }
        button.disabled = false;
    }
    return [button, status];
}

/** A button for the empty workbook of the chosen policy. */
export function templateButton() {
    const { id } = chosen();
    const path = `v1/template.xlsx?policy=${encodeURIComponent(id)}&lang=${language()}`;
    const download = async () => save(await getFile(path), t("template.name", { policy: id }));
    const [button, status] = downloadButton("template", t("template.button"), download, "link");
    return el("p", {}, t("template.lead"), " ", button, " ", status);
}
