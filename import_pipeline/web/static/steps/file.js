/** The file: brought here, and how it was read, with every choice of the reading open to a person. */

import { fill, h } from "../dom.js";
import { fileSize, t } from "../i18n.js";
import { banner, button, problem, radios, stepFrame, waiting } from "../parts.js";
import { manyOf, resourcesOf } from "../resources.js";
import { footer, forgetInspection, inspect, isClosed, keep, keepReading, specOf, withAnswer } from "./draft.js";
import { dropArea } from "./file_drop.js";
import { linesTable, skippedLines } from "./file_lines.js";
import { readingPanel, sheetTabs } from "./file_reading.js";
import { templateLinks } from "./file_template.js";

const TABBED = ["sheet", "member"];

/**
 * @param {HTMLElement} root
 * @param {import("./draft.js").StepContext} context
 */
export async function show(root, context) {
  if (isClosed(root, context, "file")) return;
  const resources = await resourcesOf(context.api);
  const own = resources.find((one) => one.name === context.import.resource);
  if (!context.import.has_upload_file) return bring(root, context, own);
  let reading = specOf(context).reading ?? {};
  const said = h("div", { class: "stack", role: "status" });
  const main = h("div", { class: "stack file-main" }, waiting(t("file.reading")));
  const aside = h("div", { class: "stack file-aside" });
  let turn = 0;
  /** @type {import("./draft.js").Inspection | null} */
  let shown = null;
  /** @type {Promise<void>} */
  let underWay = Promise.resolve();

  /** Read it anew with other options; they are kept only if the file can be read so. @param {import("./draft.js").Reading} wanted */
  const read = (wanted) => (underWay = readAs(wanted));

  /** @param {import("./draft.js").Reading} wanted */
  async function readAs(wanted) {
    const mine = ++turn;
    main.classList.add("at-work");
    try {
      const found = await inspect(context, wanted);
      if (mine !== turn) return;
      if (wanted !== reading) await keepReading(context, wanted);
      reading = wanted;
      shown = found;
      fill(said);
      draw(found);
      context.announce(t("file.read_as", { n: found.total_rows, columns: found.columns.length }));
    } catch (error) {
      if (context.signal.aborted || mine !== turn) return;
      const back = wanted === reading ? null : button(t("file.as_before"), () => void read(reading));
      fill(said, banner("bad", problem(error), back ? h("p", null, back) : null));
      if (wanted === reading) draw(null);
    } finally {
      main.classList.remove("at-work");
    }
  }

  /** @param {import("./draft.js").Inspection | null} found */
  function draw(found) {
    const change = (/** @type {string} */ name, /** @type {any} */ value) => void read(withAnswer(reading, [name], value));
    const focused = document.activeElement?.id;
    fill(aside, readingPanel(found, reading, change), other());
    fill(main, found ? table(found, change) : null);
    if (focused) document.getElementById(focused)?.focus();
  }

  /**
   * @param {import("./draft.js").Inspection} found
   * @param {(name: string, value: any) => void} change
   */
  function table(found, change) {
    const tabs = sheetTabs(found, change);
    const asked = found.questions.filter((one) => one.column === null && !(tabs && TABBED.includes(one.kind)));
    return [
      guess(found),
      found.defects.map((one) => banner(one.level === "warning" ? "warn" : "bad", one.message)),
      asked.map((one) => h("div", { class: "card" }, radios(one.text, one.choices.map((choice) => ({ ...choice, value: String(choice.value) })), "", (value) => {
        void read(withAnswer(reading, one.answer.path, one.choices.find((choice) => String(choice.value) === value)?.value));
      }))),
      tabs,
      found.columns.length > 0 && h("p", { class: "facts" }, h("strong", null, t("common.rows", { n: found.total_rows })), ` · ${t("file.columns", { n: found.columns.length })} · ${kindOf(found)} · ${fileSize(found.size_bytes)}`),
      found.lines.length ? linesTable(found, (line) => void read(withAnswer(withAnswer(reading, ["skip_rows"], null), ["header_row"], line))) : null,
      skippedLines(found),
    ];
  }

  /** The file looks like another record type. @param {import("./draft.js").Inspection} found */
  function guess(found) {
    const [best] = [...(found.record_type_guess ?? [])].sort((a, b) => b.score - a.score);
    const type = resources.find((one) => one.name === best?.resource);
    const held = found.record_type_guess.find((one) => one.resource === context.import.resource)?.score ?? 0;
    if (context.session.fixed?.includes("resource")) return null;
    if (!type || type === own || !context.import.is_draft || best.score < held + 0.15) return null;
    const take = async () => {
      await keep(context, { resource: type.name });
      context.go("file");
    };
    const text = t("file.looks_like", { type: manyOf(type), own: own ? manyOf(own) : context.import.resource });
    return banner("warn", text, h("p", null, button(t("file.import_as", { type: manyOf(type) }), () => void take())));
  }

  /** A sheet that was read is the answer to which one is meant; other questions have to be answered. */
  async function goOn() {
    await underWay;
    const open = shown?.questions.filter((one) => one.column === null) ?? [];
    const sheet = shown?.sheets.find((one) => one.is_used);
    if (!shown) throw new Error(t("file.unread"));
    if (open.some((one) => one.kind !== "sheet" || !sheet)) throw new Error(t("file.answer_first"));
    if (open.length && sheet) await keepReading(context, withAnswer(reading, ["sheet"], sheet.name));
    context.go("columns");
  }

  const other = () => (context.import._upload_url ? button(t("file.another"), () => bring(root, context, own), { kind: "quiet" }) : null);
  stepFrame(root, {
    title: t("file.title"),
    lead: t("file.lead", { name: context.import.file_name ?? "" }),
    body: [said, h("div", { class: "file-grid" }, main, aside)],
    foot: footer(context, null, t("common.next"), goOn),
  });
  await read(reading);
}

/**
 * Take a file, the first one or another; what was said of the one before is forgotten.
 * @param {HTMLElement} root
 * @param {import("./draft.js").StepContext} context
 * @param {import("../resources.js").Resource | undefined} own
 */
function bring(root, context, own) {
  const isFirst = !context.import.has_upload_file;
  let name = "";
  const target = async (/** @type {File} */ file) => {
    name = file.name;
    return { id: context.importId, url: context.import._upload_url };
  };
  const area = dropArea(context, target, async () => {
    forgetInspection();
    if (context.import.is_draft) await keep(context, { file_name: name });
    if (!isFirst) {
      await keep(context, { column_mapping: null, value_mappings: {} });
      await keepReading(context, {});
    }
    context.open(`/imports/${context.importId}${context.import.is_draft ? "/file" : ""}`);
  });
  const back = isFirst ? null : button(t("file.keep_file"), () => context.go("file"));
  stepFrame(root, { title: t("file.bring"), lead: t("file.bring_lead"), body: [area, own ? templateLinks(context.api, own) : null], foot: back });
  if (!isFirst) root.querySelector("h1")?.focus();
}

/** What kind of file it is, as its name says it. @param {import("./draft.js").Inspection} found */
const kindOf = ({ file_name: name, format }) => (/\.(\w{2,8})$/.exec(name ?? "")?.[1] ?? format).toUpperCase();
