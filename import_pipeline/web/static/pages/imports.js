/** The imports of the organization: searched, filtered, and kept up to date while one of them is at work. */

import { fill, h } from "../dom.js";
import { ago, moment, number, t } from "../i18n.js";
import { banner, button, labelled, select, statusChip, waiting } from "../parts.js";
import { addressOf } from "../places.js";
import { manyOf, resourcesOf } from "../resources.js";
import { ownId } from "../session.js";

const STATES = ["requested", "uploaded", "queued", "processing", "needs_review", "completed", "failed", "cancelled", "expired", "reverted"];
const ACTIVE = ["uploaded", "queued", "processing"];
const EVERY = 3000;
const LIMIT = 25;

/**
 * @param {HTMLElement} root
 * @param {import("../app.js").Context} context
 */
export async function show(root, context) {
  const resources = await resourcesOf(context.api);
  const asked = Object.fromEntries(["q", "status", "resource", "page"].map((name) => [name, context.query.get(name) ?? ""]));
  const list = h("div", { class: "stack" }, waiting());
  const count = h("p", { class: "muted", role: "status" });
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  let turn = 0;

  async function load() {
    clearTimeout(timer);
    const mine = ++turn;
    const found = await context.api.get("/v1/imports", { query: { ...asked, limit: LIMIT }, signal: context.signal });
    if (mine !== turn) return;
    const said = t("imports.count", { n: found.total_count });
    if (count.textContent !== said) count.textContent = said;
    fill(list, found.data.length ? table(found.data, resources, context.session) : nothing(), pager(found));
    if (found.data.some((/** @type {any} */ one) => ACTIVE.includes(one.state))) timer = setTimeout(reload, EVERY);
  }

  /** Fetch again without losing the place: a row that has the focus keeps it. */
  async function reload() {
    const held = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.href : null;
    await load().catch(() => (timer = setTimeout(reload, 3 * EVERY)));
    if (held) [...list.querySelectorAll("a")].find((one) => one.href === held)?.focus();
  }

  /** @param {string} name @param {string | number} value */
  function change(name, value) {
    asked[name] = String(value);
    if (name !== "page") asked.page = "";
    const kept = new URLSearchParams(Object.entries(asked).filter(([, one]) => one));
    history.replaceState(null, "", addressOf("/imports") + (kept.size ? `?${kept}` : ""));
    void load().catch((error) => fill(list, banner("bad", error.message)));
  }

  const isFiltered = () => Boolean(asked.q || asked.status || asked.resource);
  const start = () => (context.canWrite ? h("a", { class: "button primary", href: addressOf("/imports/new") }, t("imports.new")) : null);
  const nothing = () =>
    h("div", { class: "empty" },
      h("h2", null, t(isFiltered() ? "imports.none_found" : "imports.none")),
      h("p", { class: "muted" }, t(isFiltered() ? "imports.none_found_lead" : "imports.none_lead")),
      isFiltered() ? null : start());
  const pager = (/** @type {any} */ found) =>
    found.page === 1 && !found.has_more
      ? null
      : h("nav", { class: "row end", "aria-label": t("imports.pages") },
          button(t("imports.newer"), () => change("page", found.page - 1), { disabled: found.page === 1 }),
          button(t("imports.older"), () => change("page", found.page + 1), { disabled: !found.has_more }));

  const search = h("input", { type: "search", class: "control", value: asked.q, placeholder: t("imports.search_hint") });
  /** @type {ReturnType<typeof setTimeout>} */
  let typed;
  search.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => change("q", search.value.trim()), 250);
  });
  const states = /** @type {[string, string][]} */ (["", ...STATES].map((one) => [one, t(one ? `status.${one}` : "imports.any_status")]));
  const kinds = /** @type {[string, string][]} */ ([["", t("imports.any_type")], ...resources.map((one) => [one.name, manyOf(one)])]);
  root.append(
    h("div", { class: "page-head" }, h("h1", null, t("imports.title")), count, h("div", { class: "row end" }, start())),
    h("div", { class: "filters", role: "search" },
      labelled(t("imports.search"), search),
      labelled(t("imports.status"), select(states, asked.status, (value) => change("status", value))),
      labelled(t("imports.type"), select(kinds, asked.resource, (value) => change("resource", value)))),
    list,
  );
  await load();
  return () => clearTimeout(timer);
}

/**
 * @param {any[]} imports
 * @param {import("../resources.js").Resource[]} resources
 * @param {import("../session.js").Session} session
 */
function table(imports, resources, session) {
  const heads = ["name", "type", "status", "rows", "outcome", "who", "when"];
  return h("div", { class: "table-box" },
    h("table", { class: "table imports" },
      h("caption", { class: "unseen" }, t("imports.title")),
      h("thead", null, h("tr", null, heads.map((one) => h("th", { scope: "col", class: one === "rows" ? "number" : null }, t(`imports.${one}`))))),
      h("tbody", null, imports.map((one) => line(one, resources, session)))));
}

/**
 * @param {any} one
 * @param {import("../resources.js").Resource[]} resources
 * @param {import("../session.js").Session} session
 */
function line(one, resources, session) {
  const title = one.name ?? one.file_name ?? (one.undoes ? t("imports.undo_of") : one.id);
  const below = one.undoes && title !== t("imports.undo_of") ? t("imports.undo_of") : one.name && one.file_name ? one.file_name : null;
  const resource = resources.find(({ name }) => name === one.resource);
  return h("tr", null,
    h("th", { scope: "row" }, h("a", { href: addressOf(`/imports/${one.id}`) }, title), below ? h("span", { class: "below" }, below) : null),
    h("td", null, resource ? manyOf(resource) : one.resource),
    h("td", null, statusChip(one)),
    h("td", { class: "number" }, one.total_rows === null ? "" : number(one.total_rows)),
    h("td", null, outcome(one)),
    h("td", { class: "muted by" }, whoOf(one.created_by, session)),
    h("td", { class: "muted nowrap" }, h("time", { title: moment(one.created_at) }, ago(one.created_at))));
}

/**
 * Who began it: their name where a link had one; a token only has an id, unless it is the one that reads this.
 * @param {string | null} who
 * @param {import("../session.js").Session} session
 */
function whoOf(who, session) {
  const [, kind, id = ""] = /^(token|link):(.*)$/.exec(who ?? "") ?? [];
  if (kind === "token" && id === ownId()) return session.name ? t("imports.you_named", { name: session.name }) : t("imports.you");
  return kind ? t(`imports.${kind}`, { id }) : (who ?? "").replace(/ \(lnk_\w+\)$/, "");
}

/** What became of its rows, or how far it is. @param {any} one */
function outcome(one) {
  if (one.state === "processing" && one.total_rows) {
    const bar = h("i");
    bar.style.setProperty("--share", `${(100 * one.processed_rows) / one.total_rows}%`);
    return h("div", { class: "progress", role: "img", "aria-label": t("imports.progress", { done: one.processed_rows, all: one.total_rows }) }, bar);
  }
  const parts = ["created", "updated", "deleted", "failed"].filter((name) => one[`${name}_count`] > 0);
  return h("span", { class: "counts" }, parts.map((name) => h("span", { class: name }, t(`imports.${name}`, { n: one[`${name}_count`] }))));
}
