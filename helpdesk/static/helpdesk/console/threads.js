// @ts-check
// Tickets that were opened: cached, so that switching back shows them at once while they are asked for again.
import { batch, computed, effect, signal } from "console/ui";
import { get, patch, post } from "console/api";
import { soon } from "console/soon";
import { follow, tell, unfollow } from "console/socket";
import { route } from "console/route";
import { markRead } from "console/kept";
import * as lists from "console/lists";

const KEPT = 30;
const VIEWING_SECONDS = 20;
/** @type {Map<number, ReturnType<typeof thread>>} */
const threads = new Map();

function thread(id) {
  return {
    id,
    ticket: signal(lists.rows.peek().find((row) => row.id === id) ?? null),
    entries: signal(/** @type {any[]} */ ([])),
    older: signal(/** @type {string|null} */ (null)),
    customer: signal(/** @type {any} */ (null)),
    isLoaded: signal(false),
    fault: signal(/** @type {any} */ (null)),
    missing: signal(""),
  };
}

export const open = computed(() => (route.value.ticket ? threadOf(route.value.ticket) : null));

function threadOf(id) {
  const one = threads.get(id) ?? thread(id);
  threads.delete(id);
  threads.set(id, one);
  if (threads.size > KEPT) threads.delete(threads.keys().next().value);
  return one;
}

let followed = null;
/** The open ticket is followed, loaded, and said to be looked at. */
effect(() => {
  const one = open.value;
  if (followed === one) return;
  if (followed) unfollow(`ticket:${followed.id}`);
  followed = one;
  if (!one) return;
  // Untracked: what the load writes must not run this again.
  setTimeout(() => {
    if (followed !== one) return;
    follow(`ticket:${one.id}`, () => one.ticket.peek()?.revision ?? null, (what, revision) => changed(one, revision));
    refresh(one);
    view();
  });
});

function view() {
  if (!followed || document.visibilityState !== "visible") return;
  const until = new Date(Date.now() + 1.5 * VIEWING_SECONDS * 1000).toISOString();
  tell("viewing", `ticket:${followed.id}`, { until });
}
setInterval(view, VIEWING_SECONDS * 1000);

function changed(one, revision) {
  if (revision === null || revision === undefined || revision !== one.ticket.peek()?.revision) refresh(one);
}

/** Ask again for what is shown of a ticket. */
export function refresh(one) {
  soon(`ticket:${one.id}`, 200, () => load(one));
}

async function load(one) {
  try {
    const [ticket, page] = await Promise.all([get(`tickets/${one.id}/`), get(`tickets/${one.id}/timeline/`)]);
    batch(() => {
      put(one, ticket);
      merge(one, page);
      one.isLoaded.value = true;
      one.missing.value = "";
    });
    if (!one.customer.peek() || one.customer.peek().id !== ticket.customer.id) await loadCustomer(one);
  } catch (problem) {
    if (problem.status === 404 || problem.status === 403) one.missing.value = problem.message;
    else one.fault.value = { text: problem.message, retry: () => refresh(one) };
  }
}

export async function loadCustomer(one) {
  one.customer.value = await get(`customers/${one.ticket.peek().customer.id}/`);
}

export async function changeCustomer(one, values) {
  one.customer.value = await patch(`customers/${one.customer.peek().id}/`, values);
}

/** The ticket as the server told it. An older answer that comes late changes nothing. */
export function put(one, ticket) {
  if (!ticket || (one.ticket.peek()?.revision ?? 0) > ticket.revision) return;
  one.ticket.value = ticket;
  lists.put(ticket);
  if (one === followed && document.visibilityState === "visible") markRead(one.id, ticket.message_count);
}

/** The newest page over what is there; older pages stay unless there is a gap between. */
function merge(one, { results, next }) {
  const ids = new Set(results.map(identity));
  const known = one.entries.peek();
  const overlaps = known.some((entry) => ids.has(identity(entry)));
  const older = overlaps && results.length ? known.filter((entry) => !ids.has(identity(entry)) && entry.at < results[0].at) : [];
  one.entries.value = [...older, ...results];
  if (!older.length) one.older.value = next;
}

export const identity = (entry) => `${entry.type}:${entry.id}`;

export async function loadOlder(one) {
  const { results, next } = await get(one.older.value);
  batch(() => {
    one.entries.value = [...results, ...one.entries.value];
    one.older.value = next;
  });
}

/** A message that the server took: it is shown without waiting for the next refetch. */
export function addMessage(id, message) {
  const one = threads.get(id);
  if (!one) return;
  const others = one.entries.peek().filter((entry) => identity(entry) !== identity(message));
  one.entries.value = [...others, message];
  refresh(one);
}

/** Change fields of the ticket; shown at once, taken back when the server refuses. */
export async function change(one, values, shownAs = {}) {
  const before = one.ticket.peek();
  one.ticket.value = { ...before, ...shownAs };
  try {
    settle(one, await patch(`tickets/${one.id}/`, values));
  } catch (problem) {
    one.ticket.value = before;
    throw problem;
  }
}

/** solve, reopen or take. */
export async function act(one, verb) {
  settle(one, await post(`tickets/${one.id}/${verb}/`));
}

function settle(one, ticket) {
  if (ticket) put(one, ticket);
  else one.missing.value = "It went where you may not see it.";
  refresh(one);
  lists.refresh();
}
