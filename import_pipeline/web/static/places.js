/** Where this page and its API lie, read from the address of this module: a proxy may put them under any path. */

/** The root of the API and of the page. */
export const apiRoot = new URL("../../", import.meta.url);

const app = new URL("../", import.meta.url).pathname.replace(/\/$/, "");
const embedded = location.pathname.startsWith(`${app}/embed/`) ? location.pathname.slice(app.length + 7).split("/")[0] : "";

/** The link by which another site shows this page in a frame; empty if the page stands on its own. */
export const embeddedLink = embedded;

const base = embedded ? `${app}/embed/${embedded}` : app;

/** The address of a path of the page, such as `/imports`. @param {string} path */
export const addressOf = (path) => base + path;

/** The path of the page that the address shows. */
export const currentPath = () => location.pathname.slice(base.length).replace(/\/$/, "") || "/";
