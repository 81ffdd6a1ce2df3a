/** The calls of the service. Whatever the page says about money comes from here. */

import { languageTag } from "./i18n.js";

const KEPT_AS = "access-key";

/** What went wrong with a call: a problem of RFC 9457, or (status 0) that there was no answer. */
export class Problem extends Error {
    constructor(status, body = {}) {
        super(body.detail ?? body.title ?? `status ${status}`);
        this.status = status;
        this.title = body.title;
        this.detail = body.detail;
        this.errors = body.errors ?? [];
    }
}

/** The person has ended the call. */
export class Cancelled extends Error {}

let askForKey = async () => null;

/** Say who asks for an access key: an async function (refused: boolean) that answers a key, or null. */
export function onKeyNeeded(ask) {
    askForKey = ask;
}

/** The address of a call, relative to the page, so that it works below any path. */
export function address(path) {
    return new URL(path, document.baseURI).href;
}

export function getJson(path) {
    return withKey(async () => readJson(await call(path, {})));
}

export function postJson(path, body) {
    const init = {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" },
    };
    return withKey(async () => readJson(await call(path, init)));
}

/** A file of the service as a Blob. */
export function getFile(path) {
    return withKey(async () => (await call(path, {})).blob());
}

/**
 * Send a form with a file. `accept`: the media type wanted back. `onProgress`: called with the part sent, 0 to 1, and
 * with 1 once all is sent. `signal`: an AbortSignal. Answers the parsed JSON, or a Blob for any other type.
 */
export function upload(
    path,
    form,
    { accept = "application/json", onProgress = () => {}, signal } = {},
) {
    return withKey(() => sent(path, form, accept, onProgress, signal));
}

async function withKey(attempt) {
    for (let refused = false; ; refused = true) {
        try {
            return await attempt();
        } catch (problem) {
            if (!(problem instanceof Problem) || problem.status !== 401) {
                throw problem;
            }
            const key = await askForKey(refused || storedKey() !== null);
            if (key === null) {
                throw problem;
            }
            keepKey(key);
        }
    }
}

async function call(path, init) {
    let response;
    try {
        response = await fetch(address(path), {
            ...init,
            headers: { ...headers(), ...init.headers },
            cache: "no-store",
        });
    } catch {
        throw new Problem(0);
    }
    if (!response.ok) {
        throw new Problem(response.status, await response.json().catch(() => ({})));
    }
    return response;
}

async function readJson(response) {
    try {
        return await response.json();
    } catch {
        throw new Problem(0);
    }
}

function sent(path, form, accept, onProgress, signal) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("POST", address(path));
        for (const [name, value] of Object.entries({ ...headers(), Accept: accept })) {
            request.setRequestHeader(name, value);
        }
        request.responseType = "blob";
        request.upload.addEventListener("progress", (event) =>
            onProgress(event.total ? event.loaded / event.total : 0),
        );
        request.upload.addEventListener("load", () => onProgress(1));
        request.addEventListener("error", () => reject(new Problem(0)));
        request.addEventListener("abort", () => reject(new Cancelled()));
        request.addEventListener("load", () => answered(request, accept).then(resolve, reject));
        signal?.addEventListener("abort", () => request.abort());
        request.send(form);
    });
}

async function answered(request, accept) {
    if (request.status >= 200 && request.status < 300) {
        return accept === "application/json"
            ? JSON.parse(await request.response.text())
            : request.response;
    }
    let body = {};
    try {
        body = JSON.parse(await request.response.text());
    } catch {
        // A proxy's page, say: the status alone has to do.
    }
    throw new Problem(request.status, body);
}

function headers() {
    const key = storedKey();
    return {
        "Accept-Language": languageTag(),
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
    };
}

let keyOfThisPage = null;

/** The key is kept for this tab only, and where the browser keeps nothing, for this page only. */
function storedKey() {
    try {
        return sessionStorage.getItem(KEPT_AS) ?? keyOfThisPage;
    } catch {
        return keyOfThisPage;
    }
}

function keepKey(key) {
    keyOfThisPage = key;
    try {
        sessionStorage.setItem(KEPT_AS, key);
    } catch {
        // Then it is asked for again after a reload.
    }
}
