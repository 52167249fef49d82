/** The page within another site: what that site is told, and how the page looks for it. */

import { h } from "./dom.js";
import { useOwnTexts } from "./i18n.js";
import { addressOf } from "./places.js";

/** Whose pages may show this one; only they are told anything. */
const host = document.documentElement.dataset.frameOrigin;
const COUNTS = ["total_rows", "created_count", "updated_count", "unchanged_count", "skipped_count", "deleted_count", "failed_count"];
let told = "";
/** @type {{[name: string]: any}} */
let brand = {};

/**
 * Tell the site around this page what happens.
 * @param {"ready" | "step" | "state" | "ended" | "refused"} type
 * @param {{[name: string]: unknown}} [detail]
 */
export function tellHost(type, detail = {}) {
  if (!host) return;
  const around = window.parent === window ? window.opener : window.parent;
  around?.postMessage({ source: "import-pipeline", type, ...detail }, host);
}

/** Tell it where the import stands, if that changed. @param {any} shown The import object. */
export function tellState(shown) {
  const detail = {
    import_id: shown.id,
    state: shown.state,
    is_preview: Boolean(shown.is_preview),
    ...Object.fromEntries(COUNTS.map((name) => [name, shown[name]])),
  };
  const now = JSON.stringify(detail);
  if (now !== told) tellHost("state", detail);
  told = now;
}

/**
 * Look as whoever made the link asked for. The server has checked that its colours can be read.
 * @param {import("./session.js").Session} session
 */
export function wearBrand(session) {
  brand = session.brand ?? {};
  useOwnTexts(brand.texts ?? {});
  if (!brand.accent) return;
  const { style } = document.documentElement;
  style.setProperty("--accent", `light-dark(${brand.accent}, ${brand.accent_dark})`);
  style.setProperty("--accent-soft", `light-dark(${brand.accent_soft}, ${brand.accent_soft_dark})`);
}

/** The logo and name of the brand, to stand above the page; null where it has none. */
export function brandMark() {
  if (!brand.has_logo && !brand.name) return null;
  const logo = brand.has_logo && h("img", { src: addressOf("/logo.png"), alt: "", height: 24 });
  return h("strong", { class: "row" }, logo, brand.name);
}
