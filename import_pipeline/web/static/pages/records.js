/** The stored records of the organization: a list with a search, and one record with all that made it what it is. */
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { banner, button, problem, waiting } from "../parts.js";
import { addressOf } from "../places.js";
import { manyOf, resourceOf, resourcesOf } from "../resources.js";
import { change } from "../grid/paint.js";
import { shownText } from "../steps/rows.js";

const BOOKKEEPING = ["created_at", "updated_at", "created_by_import", "updated_by_import", "extra"];
const MOST_COLUMNS = 9;
const NAMES = ["full_name", "name", "title", "email", "id"];

/** @param {HTMLElement} root @param {import("../app.js").Context} context */
export async function show(root, context) {
  const { api, params } = context;
  fill(root, waiting());
  const resources = await resourcesOf(api);
  const resource = resources.find((one) => one.name === params.resource) ?? resources[0];
  if (!resource) return void fill(root, h("h1", null, t("records.title")), h("p", { class: "grid-empty" }, t("records.none")));
  const known = await resourceOf(api, resource.name);
  if (params.record) return showRecord(root, context, known, params.record);
  return showList(root, context, resources, known);
}

/** What people know a record by. @param {any} record @returns {string} */
function nameOf(record) {
  const parts = [record.first_name, record.last_name].filter(Boolean).join(" ");
  return record.full_name || parts || shownText(record[NAMES.find((name) => record[name]) ?? "id"]);
}

/** @param {HTMLElement} root @param {import("../app.js").Context} context @param {any[]} resources @param {any} resource */
async function showList(root, { api, signal, announce, query }, resources, resource) {
  /** @type {any[]} The fields that records have, as the first of them show. */
  let columns = [];
  const [head, rows] = [h("tr"), h("tbody")];
  const told = h("div");
  /** @type {string | null} */
  let cursor = null;
  const more = button(t("records.more"), () => void read());
  const search = h("input", { type: "search", class: "control search", value: query.get("q") ?? "", placeholder: t("records.search"), "aria-label": t("records.search"), onInput: () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, "", `${location.pathname}${search.value ? `?q=${encodeURIComponent(search.value)}` : ""}`);
      void read(true);
    }, 250);
  } });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let turn = 0;

  async function read(isNew = false) {
    const mine = (turn += 1);
    try {
      const found = await api.get(`/v1/records/${resource.name}`, { query: { q: search.value, limit: 50, cursor: isNew ? null : cursor }, signal });
      if (mine !== turn) return;
      if (!columns.length) showColumns(found.data);
      if (isNew) fill(rows);
      rows.append(...found.data.map(line));
      cursor = found.next_cursor;
      more.hidden = !found.has_more;
      fill(told, !rows.childElementCount && h("p", { class: "grid-empty" }, t(search.value ? "records.none_found" : "records.none")));
      box.hidden = !rows.childElementCount;
      if (isNew) announce(t("records.shown", { n: rows.childElementCount }));
    } catch (error) {
      if (!signal.aborted) fill(told, banner("bad", problem(error)));
    }
  }

  /** @param {any[]} records */
  function showColumns(records) {
    const used = resource.fields.filter((/** @type {any} */ field) => !BOOKKEEPING.includes(field.name) && records.some((record) => shownText(record[field.name])));
    columns = nameFirst(used).slice(0, MOST_COLUMNS);
    fill(head, columns.map((field) => h("th", { scope: "col" }, field.title)));
  }

  /** @param {any} record */
  const line = (record) => h("tr", null, columns.map((field, at) => {
    const text = shownText(record[field.name]);
    return at ? h("td", null, text) : h("th", { scope: "row" }, h("a", { href: addressOf(`/records/${resource.name}/${record.id}`) }, text || nameOf(record)));
  }));
  const box = h("div", { class: "table-box records", tabindex: 0, role: "region", "aria-label": manyOf(resource) },
    h("table", { class: "table" }, h("thead", null, head), rows));
  const tabs = h("nav", { class: "kinds", "aria-label": t("records.kinds") }, resources.map((one) =>
    h("a", { href: addressOf(`/records/${one.name}`), "aria-current": one.name === resource.name ? "page" : undefined }, manyOf(one))));
  fill(root, h("div", { class: "page-head" }, h("h1", null, t("records.title")), tabs), h("div", { class: "tools" }, search), told, box, h("div", { class: "row" }, more));
  await read(true);
  return () => clearTimeout(timer);
}

/** The field that people know records by comes first. @param {any[]} fields */
function nameFirst(fields) {
  const at = fields.findIndex((field) => NAMES.includes(field.name) && field.name !== "id");
  if (at > 0) fields.unshift(...fields.splice(at, 1));
  return fields;
}

/** @param {HTMLElement} root @param {import("../app.js").Context} context @param {any} resource @param {string} id */
async function showRecord(root, { api, signal }, resource, id) {
  const path = `/v1/records/${resource.name}/${encodeURIComponent(id)}`;
  const [record, history] = await Promise.all([api.get(path, { signal }).catch(() => null), api.get(`${path}/history`, { signal })]);
  const titles = Object.fromEntries(resource.fields.map((/** @type {any} */ field) => [field.name, field.title]));
  const events = [...history.data].reverse();
  const last = record ?? events.find((event) => event.before)?.before ?? { id };
  fill(root,
    h("p", { class: "crumb" }, h("a", { href: addressOf(`/records/${resource.name}`) }, manyOf(resource))),
    h("h1", null, nameOf({ id, ...last })),
    !record && banner("warn", t("records.gone")),
    h("div", { class: "record" },
      h("dl", { class: "known" }, Object.entries(last).filter(([name, value]) => titles[name] && shownText(value)).map(([name, value]) =>
        h("div", null, h("dt", null, titles[name]), h("dd", null, shownText(value)))), h("div", null, h("dt", null, t("rows.record_id")), h("dd", null, h("code", null, id)))),
      h("section", { class: "stack tight" }, h("h2", null, t("records.history")), h("ol", { class: "history" }, events.map((event) => eventLine(event, titles))))));
}

/** @param {any} event @param {{[field: string]: string}} titles */
function eventLine(event, titles) {
  const when = event.changed_at ? new Date(event.changed_at) : null;
  const from = event.row_number === null ? event.file_name : t("records.row_of", { row: event.row_number, file: event.file_name ?? event.import_id });
  return h("li", { class: `event is-${event.operation}` },
    h("p", null, h("strong", null, t(event.undoes ? "records.did.undone" : `records.did.${event.operation}`)), " ",
      event.import_id && h("a", { href: addressOf(`/imports/${event.import_id}`) }, from ?? event.import_id), " ",
      when && h("time", { class: "muted", datetime: when.toISOString() }, when.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }))),
    event.changed_by_hand && h("p", { class: "hint" }, t("records.by_hand")),
    h("dl", { class: "changes" }, event.changes.map((/** @type {any} */ one) => [
      h("dt", null, titles[one.field] ?? one.field), h("dd", null, change(shownText(one.before), shownText(one.after)))])));
}
