/** The page starts here: language, session, the frame around every page, and which page an address means. */

import { api, ApiError, onSignedOut } from "./api.js";
import { fill, h } from "./dom.js";
import { tellHost, wearBrand } from "./embedding.js";
import { chooseLanguage, currentLanguage, loadTexts, t } from "./i18n.js";
import { banner, button, problem } from "./parts.js";
import { addressOf, currentPath, embeddedLink } from "./places.js";
import { currentToken, keepToken, spendLink } from "./session.js";

/**
 * What every page is given.
 * @typedef {object} Context
 * @property {import("./api.js").Api} api
 * @property {import("./session.js").Session} session
 * @property {{[name: string]: string}} params Of the address.
 * @property {URLSearchParams} query Of the address.
 * @property {boolean} canWrite
 * @property {AbortSignal} signal Ends when the person leaves the page.
 * @property {typeof t} t
 * @property {(text: string) => void} announce Have a screen reader say it.
 * @property {(path: string, options?: {replace?: boolean}) => void} open Go to a path of the page, such as `/imports`.
 */
/** @typedef {(root: HTMLElement, context: Context) => Promise<void | (() => void)> | void} Show */

/** @type {[pattern: RegExp, names: string[], load: () => Promise<{show: Show}>][]} */
const PAGES = [
  [/^\/(?:imports)?$/, [], () => import("./pages/imports.js")],
  [/^\/imports\/new$/, [], () => import("./pages/start.js")],
  [/^\/imports\/([^/]+)(?:\/([^/]+))?$/, ["id", "step"], () => import("./pages/import.js")],
  [/^\/records(?:\/([^/]+))?(?:\/([^/]+))?$/, ["resource", "record"], () => import("./pages/records.js")],
];

const body = document.body;
const root = h("main", { id: "content", class: "page", tabindex: -1 });
const live = h("div", { class: "unseen", "aria-live": "polite", role: "status" });
const header = h("header", { class: "top" });
/** @type {import("./session.js").Session | null} */
let session = null;
let leaving = new AbortController();
/** @type {void | (() => void)} */
let cleanUp;
let turn = 0;

/** @param {string} text */
function announce(text) {
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50); // the same words twice are said twice
}

/**
 * @param {string} path
 * @param {{replace?: boolean}} [options]
 */
function open(path, options = {}) {
  history[options.replace ? "replaceState" : "pushState"](null, "", addressOf(path));
  void showPage();
}

function showHeader() {
  header.hidden = embeddedLink !== "";
  const path = currentPath();
  const links = session && !session.import_id ? ["imports", "records"] : [];
  fill(
    header,
    h("a", { class: "skip", href: "#content", onClick: skip }, t("common.skip")),
    h("a", { class: "brand", href: addressOf("/imports") }, h("span", { class: "mark", "aria-hidden": true }), t("common.product")),
    h("nav", { "aria-label": t("common.sections") }, links.map((one) => {
      const here = path.startsWith(`/${one}`) || (one === "imports" && path === "/");
      return h("a", { href: addressOf(`/${one}`), "aria-current": here ? "page" : undefined }, t(`nav.${one}`));
    })),
    h("div", { class: "row end" },
      session ? h("span", { class: "who" }, session.organization_id, session.scope === "read" ? ` · ${t("common.read_only")}` : "") : null,
      button(t("common.other_language"), swapLanguage, { kind: "quiet", label: t("common.change_language") }),
      session ? button(t("common.sign_out"), signOut, { kind: "quiet" }) : null),
  );
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  root.focus();
}

async function swapLanguage() {
  await chooseLanguage(currentLanguage() === "en" ? "de" : "en");
  await showPage();
}

async function signOut() {
  if (session?.is_session) await api.delete("/v1/sessions/current").catch(() => null);
  keepToken(null);
  session = null;
  open("/");
}

/** Show what the address means; the heading of what is shown gets the focus. */
async function showPage() {
  const mine = ++turn;
  leaving.abort();
  leaving = new AbortController();
  cleanUp?.();
  cleanUp = undefined;
  const page = h("div", { class: "page-content" });
  try {
    if (session === null && currentToken() !== null) {
      session = await api.get("/v1/sessions/current");
      wearBrand(/** @type {import("./session.js").Session} */ (session));
      tellHost("ready");
    }
    if (mine !== turn) return;
    showHeader();
    fill(root, page);
    const only = session?.import_id ? `/imports/${session.import_id}` : null;
    if (only && currentPath() !== only && !currentPath().startsWith(`${only}/`)) return open(only, { replace: true });
    const path = currentPath();
    const [pattern, names, load] = PAGES.find(([one]) => one.test(path)) ?? PAGES[0];
    const found = pattern.exec(path)?.slice(1) ?? [];
    const params = Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at] ?? "")]));
    const { show } = session === null ? await import("./pages/sign_in.js") : await load();
    const context = {
      api, session: /** @type {import("./session.js").Session} */ (session), params,
      query: new URLSearchParams(location.search), canWrite: session?.scope === "write",
      signal: leaving.signal, t, announce, open,
    };
    const done = await show(page, context);
    if (mine !== turn) return done?.();
    cleanUp = done;
  } catch (error) {
    if (mine !== turn || (error instanceof DOMException && error.name === "AbortError")) return;
    if (error instanceof ApiError && error.status === 401) return;
    fill(root, page);
    showProblem(page, error);
  }
  focusHeading(page);
}

/**
 * @param {HTMLElement} page
 * @param {unknown} error
 */
function showProblem(page, error) {
  if (!(error instanceof ApiError)) console.error(error);
  const missing = error instanceof ApiError && error.status === 404;
  fill(
    page,
    h("h1", { tabindex: -1 }, t(missing ? "common.not_found" : "common.went_wrong")),
    banner("bad", problem(error), h("p", null, button(t("common.again"), () => void showPage()))),
  );
}

/** @param {HTMLElement} page */
function focusHeading(page) {
  const heading = page.querySelector("h1");
  if (!heading) return;
  document.title = `${heading.textContent} · ${t("common.product")}`;
  if (!page.contains(document.activeElement)) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

/** Links within the page are followed without fetching it again. @param {MouseEvent} event */
function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.target || link.download || event.defaultPrevented) return;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const home = addressOf("/");
  if (link.origin !== location.origin || !link.pathname.startsWith(home)) return;
  event.preventDefault();
  open(`/${link.pathname.slice(home.length)}${link.search}`);
}

async function start() {
  await loadTexts();
  fill(body, header, root, live);
  onSignedOut(() => {
    session = null;
    tellHost("ended");
    void showPage().then(() => tell("sign_in.ended"));
  });
  body.addEventListener("click", follow);
  addEventListener("popstate", () => void showPage());
  const spent = await spendLink().catch(() => "refused");
  await showPage();
  if (spent !== "refused" || session !== null) return;
  tell("sign_in.link_refused");
  tellHost("refused");
}

/** Say below the heading why a person has to sign in. @param {string} key */
function tell(key) {
  root.querySelector("h1")?.after(banner("bad", t(key)));
}

void start();
