/** Calls of the public API: the only way in which this page reads or changes anything. */

import { currentToken, keepToken } from "./session.js";
import { apiRoot, reachable } from "./places.js";

/** A call that was refused; `message` is written for people. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: the server could not be reached.
   * @param {string} code
   * @param {string} message
   * @param {{[name: string]: unknown}} [details]
   */
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** @typedef {{[name: string]: string | number | boolean | null | undefined | string[]}} Query */
/** @typedef {{query?: Query, body?: unknown, signal?: AbortSignal, once?: boolean | string}} Options */

/** Is told when a token no longer opens anything. @type {() => void} */
let signedOut = () => {};

/** @param {() => void} told */
export function onSignedOut(told) {
  signedOut = told;
}

/**
 * @param {string} path
 * @param {Query} [query]
 */
function address(path, query = {}) {
  const url = new URL(path.replace(/^\//, ""), apiRoot);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") url.searchParams.append(name, String(one));
    }
  }
  return url;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 * @returns {Promise<Response>}
 */
async function send(method, path, { query, body, signal, once }) {
  /** @type {{[name: string]: string}} */
  const headers = {};
  const token = currentToken();
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (once) headers["Idempotency-Key"] = once === true ? newKey() : once;
  const url = address(path, query);
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "unreachable", "");
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && token !== null && token === currentToken()) {
    keepToken(null);
    signedOut();
  }
  throw await refusal(answer);
}

/** @param {Response} answer */
async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  const error = told.error ?? {};
  return new ApiError(answer.status, error.code ?? "unknown", error.message ?? answer.statusText, error.details ?? {});
}

/** A key under which a call is done once, however often it is sent. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}

/**
 * @param {string} method
 * @returns {(path: string, options?: Options) => Promise<any>}
 */
const call = (method) => async (path, options = {}) => {
  const answer = await send(method, path, options);
  return answer.status === 204 ? null : answer.json();
};

export const api = {
  get: call("GET"),
  /** With `once`, the call is sent under an Idempotency-Key: true makes one up. */
  post: call("POST"),
  put: call("PUT"),
  patch: call("PATCH"),
  delete: call("DELETE"),

  /**
   * Fetch a file with the token, and hand it to the browser to save. (Signed URLs of an import are plain links.)
   * @param {string} path
   * @param {string} name
   * @param {Query} [query]
   */
  async save(path, name, query) {
    const answer = await send("GET", path, { query });
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  },

  /**
   * PUT a file to a signed URL; the body goes as the browser reads it, whatever its size.
   * @param {string} url
   * @param {Blob} file
   * @param {(sent: number, total: number) => void} onProgress
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  upload(url, file, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", reachable(url));
      request.upload.onprogress = (event) => onProgress(event.loaded, file.size);
      request.onload = () => {
        if (request.status < 300) return resolve();
        /** @type {any} */
        let told = {};
        try {
          told = JSON.parse(request.responseText).error ?? {};
        } catch {
          // an answer of something between us and the server: its status has to do
        }
        reject(new ApiError(request.status, told.code ?? "unknown", told.message ?? request.statusText, told.details));
      };
      request.onerror = () => reject(new ApiError(0, "unreachable", ""));
      request.onabort = () => reject(new DOMException("Stopped", "AbortError"));
      signal?.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  },
};

/** @typedef {typeof api} Api */
