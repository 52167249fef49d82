/**
 * For pages of other sites, which show an import within theirs by one line:
 *
 *   <script src="https://imports.example.com/app/static/embed.js" data-link="…" data-height="720"></script>
 *
 * `data-link` is the URL that `POST /v1/links` gave. The frame stands where the line stands; what happens in it comes as
 * events `import-pipeline` of that frame, which bubble: `detail` is `{type, …}`.
 */
(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  if (document.head.contains(script)) throw new Error("This line belongs into <body>, where the import shall stand.");
  const { link = "", height = "720", title = "Import" } = script.dataset;
  const address = URL.canParse(link) ? new URL(link) : null;
  if (address === null || !/\/app\/embed\/[^/]+$/.test(address.pathname)) {
    throw new Error("data-link must be the url of a link with an origin, as POST /v1/links gives it.");
  }
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = "display: block; width: 100%; border: 0";
  frame.style.height = `${Number.parseInt(height, 10) || 720}px`;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== address.origin || data?.source !== "import-pipeline") return;
    frame.dispatchEvent(new CustomEvent("import-pipeline", { bubbles: true, detail: data }));
  });
  frame.src = address.href;
  script.after(frame);
})();
