/** Who is signed in: the token of this tab, from a paste or from a one-time link that is spent at once. */

import { apiRoot, embeddedLink } from "./places.js";

const KEY = embeddedLink ? `import-pipeline-token-${embeddedLink}` : "import-pipeline-token";
/** @type {string | null} */
let token = read();

/**
 * @typedef {object} Session
 * @property {string} organization_id
 * @property {"read" | "write"} scope
 * @property {string | null} import_id The only import that it reaches, if it is bound to one.
 * @property {string | null} name
 * @property {string | null} [origin] The site that shows this page in a frame.
 * @property {string[]} [fixed] What cannot be changed of the import.
 * @property {{[name: string]: any} | null} [brand] How the page looks for it.
 * @property {number | null} expires_at
 * @property {boolean} is_session
 */

/** @returns {string | null} */
function read() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // inside another site, storage may be closed: the token then lives in memory
  }
}

/** The bearer token of this tab. */
export const currentToken = () => token;

/** The public part of it: what `created_by` says of whoever holds it. */
export const ownId = () => token?.split("_")[1] ?? null;

/** Keep a token for this tab, or forget it. @param {string | null} value */
export function keepToken(value) {
  token = value;
  try {
    if (value === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, value);
  } catch {
    // it lives in memory, see above
  }
}

/**
 * Spend the one-time link in the address, if there is one; it leaves the address before anything else happens.
 * @returns {Promise<"none" | "opened" | "refused">}
 */
export async function spendLink() {
  const link = new URLSearchParams(location.hash.slice(1)).get("link");
  if (link === null) return "none";
  history.replaceState(null, "", location.pathname + location.search);
  const answer = await fetch(new URL("v1/sessions", apiRoot), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ link }),
  });
  if (!answer.ok) return "refused";
  keepToken((await answer.json()).token);
  return "opened";
}

/**
 * Try a token that a person pasted, and keep it if it opens anything.
 * @param {string} pasted
 * @returns {Promise<boolean>}
 */
export async function signInWith(pasted) {
  const headers = { Authorization: `Bearer ${pasted}` };
  const answer = await fetch(new URL("v1/sessions/current", apiRoot), { headers });
  if (answer.ok) keepToken(pasted);
  else if (answer.status !== 401 && answer.status !== 403) throw new Error(`The server answered ${answer.status}.`);
  return answer.ok;
}
