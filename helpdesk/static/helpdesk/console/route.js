// @ts-check
// What is shown, as the address says it: /inbox/<view>/<ticket>/?q=words
import { signal } from "console/ui";

/** @typedef {{view: string, ticket: number|null, words: string}} Route */

/** @returns {Route} */
export function parse(path, search = "") {
  const [, , view = "mine", ticket = ""] = path.split("/");
  const words = new URLSearchParams(search).get("q") ?? "";
  return { view: view || "mine", ticket: Number(ticket) || null, words };
}

export function address({ view, ticket, words }) {
  return `/inbox/${view}/${ticket ? `${ticket}/` : ""}${words ? `?q=${encodeURIComponent(words)}` : ""}`;
}

export const route = signal(parse(location.pathname, location.search));

/** Show something else; the browser's back button brings this back. */
export function go(change) {
  const next = { ...route.value, ...change };
  if (address(next) === address(route.value)) return;
  history.pushState(null, "", address(next));
  route.value = next;
}

/** A link that goes within the page, and is an ordinary link for everything else (new tab, copying). */
export function to(change) {
  const next = { ...route.peek(), ...change };
  const onClick = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(change);
  };
  return { href: address(next), onClick };
}

addEventListener("popstate", () => (route.value = parse(location.pathname, location.search)));

/** The question to the API that a view stands for. */
export function queryOf({ view, words }) {
  if (view === "search") return `view=all&search=${encodeURIComponent(words)}`;
  if (view.startsWith("queue-")) return `queue=${view.slice(6)}&status=new&status=open&status=pending&status=on_hold`;
  return `view=${view}`;
}
