/** Where this page and its API lie, read from the address: a proxy may put them under any path. */

const [, before = "", link = ""] = /^(.*?)\/app(?:\/embed\/([^/]+))?(?:\/|$)/.exec(location.pathname) ?? [];

/** The root of the API. */
export const apiRoot = new URL(`${before}/`, location.origin);

/** The link by which another site shows this page in a frame; empty if the page stands on its own. */
export const embeddedLink = link;

const base = `${before}/app${link ? `/embed/${link}` : ""}`;

/** The address of a path of the page, such as `/imports`. @param {string} path */
export const addressOf = (path) => base + path;

/** The path of the page that the address shows. */
export const currentPath = () => location.pathname.slice(base.length).replace(/\/$/, "") || "/";

/**
 * A signed URL as this page may call it: S3's as it is, this server's under the name by which the person reached it.
 * @param {string} url
 */
export function reachable(url) {
  if (document.documentElement.dataset.uploadOrigin) return url;
  const { pathname, search } = new URL(url, location.origin);
  return pathname + search;
}
