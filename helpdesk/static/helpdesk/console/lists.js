// @ts-check
// The list of tickets: it never reorders under the pointer, and new ones wait until they are asked for.
import { batch, computed, signal } from "console/ui";
import { get } from "console/api";
import { soon } from "console/soon";
import { queryOf, route } from "console/route";
import { markRead, read } from "console/kept";

const PAGE = 30;
const MOST = 100;

export const rows = signal([]);
/** Rows that are not shown yet, newest first. */
export const fresh = signal([]);
export const next = signal(null);
export const isLoading = signal(true);
export const fault = signal(null);
/** The row that the keyboard is on. */
export const cursor = signal(null);

let shown = "";
const key = () => queryOf(route.value);
const address = (size) => `tickets/?${key()}&page_size=${size}`;

/** Show the view that the address names, from its top. */
export async function open() {
  const view = key();
  if (view === shown) return;
  shown = view;
  batch(() => {
    rows.value = [];
    fresh.value = [];
    next.value = null;
    isLoading.value = true;
    cursor.value = null;
  });
  await reload();
}

/** Ask anew and show it as the server orders it. */
export async function reload() {
  const view = key();
  try {
    const answer = await get(address(PAGE));
    if (view !== key()) return;
    begin(answer.results);
    batch(() => {
      rows.value = answer.results;
      fresh.value = [];
      next.value = answer.next;
      fault.value = null;
    });
  } catch (problem) {
    fault.value = { text: problem.message, retry: reload };
  } finally {
    isLoading.value = false;
  }
}

/** Something in the list changed: rows keep their place, new ones wait behind the pill. */
export function refresh() {
  soon("list", 900 + 400 * Math.random(), async () => {
    const view = key();
    const size = Math.min(MOST, Math.max(PAGE, rows.value.length + fresh.value.length + 5));
    const answer = await get(address(size));
    if (view === key()) merge(answer);
  });
}

function merge({ results, next: older }) {
  const found = new Map(results.map((row) => [row.id, row]));
  const last = results.at(-1)?.last_message_at ?? "";
  const stays = (row) => found.has(row.id) || row.id === route.value.ticket || (older && row.last_message_at <= last);
  const known = new Set(rows.value.map((row) => row.id));
  const mayShow = (row) => !known.has(row.id) && (!older || rows.value.length < MOST);
  const oldest = rows.value.at(-1)?.last_message_at ?? "";
  const isNew = (row) => mayShow(row) && (row.last_message_at > oldest || !next.value);
  batch(() => {
    rows.value = rows.value.filter(stays).map((row) => found.get(row.id) ?? row);
    fresh.value = results.filter(isNew);
    if (!rows.value.length) show();
    fault.value = null;
  });
}

/** Let the new ones in, on top. */
export function show() {
  const known = new Set(rows.value.map((row) => row.id));
  batch(() => {
    rows.value = [...fresh.value.filter((row) => !known.has(row.id)), ...rows.value];
    fresh.value = [];
  });
}

export async function more() {
  if (!next.value) return;
  const view = key();
  try {
    const answer = await get(next.value);
    if (view !== key()) return;
    const known = new Set(rows.value.map((row) => row.id));
    begin(answer.results);
    batch(() => {
      rows.value = [...rows.value, ...answer.results.filter((row) => !known.has(row.id))];
      next.value = answer.next;
    });
  } catch (problem) {
    fault.value = { text: problem.message, retry: more };
  }
}

/** A ticket as the server just told it: its row shows that at once. */
export function put(ticket) {
  rows.value = rows.value.map((row) => (row.id === ticket.id ? { ...row, ...ticket } : row));
}

/** Put a ticket of mine on top if the list should have it. */
export function add(ticket) {
  if (rows.value.some((row) => row.id === ticket.id)) return put(ticket);
  rows.value = [ticket, ...rows.value];
  fresh.value = fresh.value.filter((row) => row.id !== ticket.id);
  return undefined;
}

export function step(by) {
  const ids = rows.value.map((row) => row.id);
  const at = ids.indexOf(cursor.value ?? route.value.ticket);
  const to = ids[Math.min(ids.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  if (to) cursor.value = to;
  return to;
}

/** How many messages of a row were not looked at yet in this browser. */
export function unreadOf(row) {
  return Math.max(0, row.message_count - (read.value[row.id] ?? row.message_count));
}

export const freshCount = computed(() => fresh.value.length);

/** A row seen for the first time counts as read, unless the customer waits for an answer to their first words. */
function begin(results) {
  const known = read.peek();
  for (const row of results) {
    if (known[row.id] === undefined && (row.is_answered || row.message_count > 1)) markRead(row.id, row.message_count);
    else if (known[row.id] === undefined) markRead(row.id, row.message_count - 1);
  }
}
