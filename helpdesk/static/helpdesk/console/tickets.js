// @ts-check
/** The list: what it shows stays where it is; what changed above it waits behind "2 new". */
import { get } from "console/api";
import { paced } from "console/paced";
import { route, VIEWS } from "console/route";
import { queues } from "console/desk";
import { batch, computed, effect, signal } from "console/ui";

const PAGE = 30;
const UNSOLVED = ["new", "open", "pending", "on_hold"];
export const FILTERS = {
  unsolved: { label: "Not solved", status: UNSOLVED },
  urgent: { label: "Waiting for us", status: ["new", "open"] },
  pending: { label: "Waiting on customer", status: ["pending", "on_hold"] },
  solved: { label: "Solved", status: ["solved", "closed"] },
  everything: { label: "Everything", status: [] },
};
export const SORTS = { "-last_message_at": "Newest", last_message_at: "Oldest", "-priority": "Priority" };

export const rows = signal(/** @type {any[]} */ ([]));
export const next = signal(/** @type {string|null} */ (null));
export const isLoading = signal(true);
export const failure = signal("");
/** How many rows are new, or would stand higher, than what is shown. */
export const fresh = signal(0);
export const filter = signal("unsolved");
export const sort = signal("-last_message_at");
/** Whether the pointer or the keyboard is in the list: then nothing moves. */
export const isBusy = signal(false);

/** @type {any[]} the server's newest first page */
let latest = [];
let shownKey = "";

export const query = computed(() => {
  const { view, search } = route.value;
  const asked = new URLSearchParams({ page_size: String(PAGE), sort: sort.value });
  if (search) asked.set("search", search);
  else if (view.startsWith("queue-")) asked.set("queue", view.slice(6));
  else asked.set("view", view in VIEWS ? view : "all");
  const states = search || view === "mine" || view === "unassigned" ? [] : FILTERS[filter.value].status;
  for (const status of states) asked.append("status", status);
  return view === "floor" ? "" : asked.toString();
});

export const title = computed(() => {
  const { view, search } = route.value;
  if (search) return "Search";
  if (!view.startsWith("queue-")) return VIEWS[view] || "All";
  return queues.value.find((queue) => queue.id === Number(view.slice(6)))?.name || "Queue";
});

export const refreshList = paced(async () => {
  const key = query.value;
  if (!key) return;
  try {
    const page = await get(`tickets/?${key}`);
    if (key === query.value) take(key, page);
  } catch (/** @type {any} */ problem) {
    if (key === query.value) batch(() => ((failure.value = problem.message), (isLoading.value = false)));
    throw problem;
  }
}, 700);

export async function loadMore() {
  const [key, url] = [query.value, next.value];
  if (!url) return;
  const page = await get(url);
  if (key !== query.value) return;
  const known = new Set(rows.value.map((row) => row.id));
  rows.value = [...rows.value, ...page.results.filter((row) => !known.has(row.id))];
  next.value = page.next;
}

/** Show the list as the server has it now. */
export function showFresh() {
  const known = new Set(latest.map((row) => row.id));
  batch(() => {
    rows.value = [...latest, ...rows.value.filter((row) => !known.has(row.id) && isBeyond(row))];
    fresh.value = 0;
  });
}

/** A row in the list changed by our own act. @param {any} row */
export function replaceRow(row) {
  rows.value = rows.value.map((shown) => (shown.id === row.id ? { ...shown, ...row } : shown));
}

effect(() => {
  if (!query.value || query.value === shownKey) return;
  batch(() => {
    isLoading.value = true;
    failure.value = "";
    fresh.value = 0;
  });
  refreshList();
});

/** @param {string} key @param {any} page */
function take(key, page) {
  const isOther = key !== shownKey;
  [shownKey, latest] = [key, page.results];
  batch(() => {
    isLoading.value = false;
    failure.value = "";
    if (isOther || !rows.value.length) {
      rows.value = latest;
      next.value = page.next;
      fresh.value = 0;
      return;
    }
    if (!page.next) next.value = null;
    keepInPlace();
    if (fresh.value && route.value.view === "mine" && !isBusy.value) showFresh();
  });
}

function keepInPlace() {
  const found = new Map(latest.map((row) => [row.id, row]));
  const before = new Map(rows.value.map((row) => [row.id, row]));
  const stays = (row) => found.has(row.id) || isBeyond(row) || row.id === route.value.ticket;
  rows.value = rows.value.filter(stays).map((row) => found.get(row.id) || row);
  const first = rows.value[0]?.id;
  fresh.value = latest.filter((row) => isFresh(row, before.get(row.id)) && row.id !== first).length;
}

/** @param {any} row @param {any} shown */
function isFresh(row, shown) {
  return !shown || (shown.last_message_at !== row.last_message_at && sort.value === "-last_message_at");
}

/** Whether a row lies behind the first page, where the server did not speak of it. @param {any} row */
function isBeyond(row) {
  if (latest.length < PAGE || sort.value !== "-last_message_at") return false;
  return row.last_message_at < latest[latest.length - 1].last_message_at;
}
