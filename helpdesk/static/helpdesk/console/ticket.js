// @ts-check
/** The open ticket: its facts, its timeline, its customer. Seen tickets are kept, so that they show at once. */
import { get, patch, post } from "console/api";
import { attempt, refreshHeld } from "console/desk";
import { paced } from "console/paced";
import { route } from "console/route";
import { replaceRow } from "console/tickets";
import { computed, effect, signal } from "console/ui";

const KEPT = 40;

/** @typedef {{ticket: any, entries: any[], older: string|null, error: string}} Open */

/** @type {import("@preact/signals").Signal<Map<number, Open>>} */
const kept = signal(new Map());
/** @type {import("@preact/signals").Signal<Map<number, any>>} */
const customers = signal(new Map());

/** What is known of the open ticket; null until something is. */
export const open = computed(() => (route.value.ticket ? kept.value.get(route.value.ticket) || null : null));
export const ticket = computed(() => open.value?.ticket || null);
const customerId = computed(() => ticket.value?.customer.id || null);
export const customer = computed(() => customers.value.get(ticket.value?.customer.id) || null);

export const refreshTicket = paced(async () => {
  const id = route.value.ticket;
  if (!id) return;
  try {
    // One after the other: a timeline older than the revision would look complete and never be asked for again.
    const facts = await get(`tickets/${id}/`);
    const page = await get(`tickets/${id}/timeline/`);
    keep(id, { ticket: facts, ...joined(kept.value.get(id), page), error: "" });
  } catch (/** @type {any} */ problem) {
    const before = kept.value.get(id) || { ticket: null, entries: [], older: null, error: "" };
    keep(id, { ...before, error: problem.message });
    throw problem;
  }
}, 200);

export const refreshCustomer = paced(async () => {
  const id = ticket.value?.customer.id;
  if (id) setCustomer(await get(`customers/${id}/`));
}, 500);

export async function loadOlder() {
  const id = route.value.ticket;
  const before = id && kept.value.get(id);
  if (!id || !before || !before.older) return;
  const page = await get(before.older);
  keep(id, { ...before, entries: merge(page.results, before.entries), older: page.next });
}

/** @param {any} facts the customer as the server answered */
export function setCustomer(facts) {
  customers.value = new Map(customers.value).set(facts.id, facts);
}

/** Change something of the open ticket. @param {object} values */
export const change = (values) => act((id) => patch(`tickets/${id}/`, values));
export const solve = () => act((id) => post(`tickets/${id}/solve/`));
export const reopen = () => act((id) => post(`tickets/${id}/reopen/`));
export const take = () => act((id) => post(`tickets/${id}/take/`));

/** A message that the server took from us: it shows without waiting for the socket. @param {number} id @param {any} row */
export function said(id, row) {
  const before = kept.value.get(id);
  if (before) keep(id, { ...before, entries: merge(before.entries, [row]) });
  if (id === route.value.ticket) refreshTicket();
}

effect(() => {
  if (route.value.ticket) refreshTicket();
});
effect(() => {
  if (customerId.value) refreshCustomer();
});

/** @param {(id: number) => Promise<any>} command */
async function act(command) {
  const id = route.value.ticket;
  if (!id) return;
  const facts = await attempt(() => command(id));
  const before = kept.value.get(id);
  if (facts && before) {
    keep(id, { ...before, ticket: facts });
    replaceRow(facts);
  }
  refreshTicket();
  refreshHeld();
}

/** @param {number} id @param {Open} state */
function keep(id, state) {
  const all = new Map(kept.value);
  all.delete(id); // the latest used is last
  all.set(id, state);
  if (all.size > KEPT) all.delete(all.keys().next().value);
  kept.value = all;
}

/** The newest page joined to what is there; a page that does not touch it replaces it. @param {any} before @param {any} page */
function joined(before, page) {
  const known = new Set((before?.entries || []).map(keyOf));
  if (!before || !page.results.some((entry) => known.has(keyOf(entry)))) {
    return { entries: page.results, older: page.next };
  }
  return { entries: merge(before.entries, page.results), older: before.older };
}

/** @param {any[]} first @param {any[]} second what wins */
function merge(first, second) {
  const all = new Map([...first, ...second].map((entry) => [keyOf(entry), entry]));
  return [...all.values()].sort(byTime);
}

/** @param {any} entry */
export const keyOf = (entry) => entry.type + entry.id;

function byTime(one, other) {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  if (one.type !== other.type) return one.type === "event" ? -1 : 1;
  return one.id - other.id;
}
