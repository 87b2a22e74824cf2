// @ts-check
/** Where we are: /inbox/<view>/<ticket>/?search=…, or /floor/. Going somewhere is one function. */
import { signal } from "console/ui";

/** @typedef {{view: string, ticket: number|null, search: string}} Route */

export const VIEWS = { mine: "My open", unassigned: "Unassigned", all: "All" };

/** @type {import("@preact/signals").Signal<Route>} */
export const route = signal(read());

/** @param {Partial<Route>} to what changes; the rest stays @param {{replace?: boolean}} [how] */
export function go(to, { replace = false } = {}) {
  const next = { ...route.value, ...to };
  if (address(next) === address(route.value)) return;
  history[replace ? "replaceState" : "pushState"](null, "", address(next));
  route.value = next;
}

/** @param {Partial<Route>} to @returns {string} the address of a place, for a link */
export const linkTo = (to) => address({ ...route.value, ...to });

/** Follow a link within the page unless a new tab is wanted. @param {MouseEvent} event @param {Partial<Route>} to */
export function follow(event, to) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(to);
}

addEventListener("popstate", () => (route.value = read()));

/** @param {Route} place */
function address({ view, ticket, search }) {
  if (view === "floor") return "/floor/";
  const query = search ? `?search=${encodeURIComponent(search)}` : "";
  return `/inbox/${view}/${ticket ? `${ticket}/` : ""}${query}`;
}

/** @returns {Route} */
function read() {
  const [first, view, ticket] = location.pathname.split("/").filter(Boolean);
  const search = new URLSearchParams(location.search).get("search") || "";
  if (first === "floor") return { view: "floor", ticket: null, search: "" };
  return { view: view || "mine", ticket: Number(ticket) || null, search };
}
