// @ts-check
/** What to refetch when: hints of the socket meet what is on the screen. */
import { get, signedOut } from "console/api";
import { agent, held, me, refreshDesk, refreshHeld, queues, refreshMe, refreshOffers, refreshQueues } from "console/desk";
import { refreshFloor } from "console/floor-state";
import { now } from "console/clock";
import { route } from "console/route";
import { retryUnsent } from "console/sending";
import { session } from "console/session";
import { connect, connection, follow, hurry, tell } from "console/socket";
import { customer, open, refreshCustomer, refreshTicket, ticket } from "console/ticket";
import { refreshList, rows } from "console/tickets";
import { effect, signal } from "console/ui";

/** A topic of each row of the list: more than this nobody sees at once. */
const ROWS = 60;
const VIEWING_EVERY = 20_000;
const TYPING_EVERY = 3000;
const TYPING_FOR = 6000;
/** While the socket is away, what rings is asked for. */
const POLL_EVERY = 10_000;

/** Who else is in a ticket: ticket id to person id to {by, type, kind, until}. */
export const others = signal(/** @type {Map<number, Map<number|string, any>>} */ (new Map()));

export function goLive() {
  effect(() => follow(topics()));
  effect(() => {
    const place = route.value.ticket;
    if (place && connection.value === "live") look(place);
  });
  setInterval(() => route.value.ticket && !document.hidden && look(route.value.ticket), VIEWING_EVERY);
  setInterval(forget, 1000);
  setInterval(() => connection.value !== "live" && navigator.onLine && !signedOut.value && back(), POLL_EVERY);
  addEventListener("focus", () => signedOut.value && returnSignedIn());
  connect({ hint, signal: hearOf, beat, back });
}

let typedAt = 0;

/** Say that we are writing. @param {number} id @param {string} kind "reply" or "note" */
export function type(id, kind) {
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  tell("typing", id, { kind, until: until(TYPING_FOR) });
}

/** @param {number|null} id @returns {any[]} the others in a ticket; the one who types first */
export const othersIn = (id) =>
  [...(others.value.get(Number(id))?.values() || [])].sort((a, b) => (a.type === "typing" ? -1 : b.type === "typing" ? 1 : 0));

function topics() {
  /** @type {Record<string, number|null>} */
  const wanted = { me: agent.value?.revision ?? null, lists: null };
  if (route.value.view === "floor" && session.user.supervises) wanted.floor = null;
  for (const row of rows.value.slice(0, ROWS)) wanted[`ticket:${row.id}`] = row.revision;
  for (const { ticket: mine } of held.value) wanted[`ticket:${mine.id}`] ??= null;
  if (route.value.ticket) wanted[`ticket:${route.value.ticket}`] = ticket.value?.revision ?? null;
  if (customer.value) wanted[`customer:${customer.value.id}`] = null;
  return wanted;
}

/** @param {string} topic @param {number|null} rev */
function hint(topic, rev) {
  const [kind, id] = topic.split(":");
  if (kind === "me") refreshMine();
  else if (kind === "ticket") hintTicket(Number(id), rev);
  else if (kind === "customer") refreshCustomer();
  else if (kind === "floor") refreshFloor();
  else {
    refreshQueues();
    refreshList();
    refreshMe(); // the counters beside the views
  }
}

/** @param {number} id @param {number|null} rev */
function hintTicket(id, rev) {
  if (id === route.value.ticket && rev !== open.value?.ticket?.revision) refreshTicket();
  if (rows.value.some((row) => row.id === id && row.revision !== rev)) refreshList();
  // A hint without revision is about a contact on it, not about the ticket itself.
  if (rev === null && (id === route.value.ticket || held.value.some((row) => row.ticket.id === id))) refreshHeld();
}

/** @param {Record<string, number|null>} revs */
function beat(revs) {
  if (queues.value.some((queue) => queue.waiting)) refreshQueues(); // waiting alone moves a queue past its target
  refreshFloor();
  if (revs.me != null && revs.me !== me.value?.agent?.revision) refreshMine();
  for (const [topic, rev] of Object.entries(revs)) {
    if (topic.startsWith("ticket:") && rev != null) hintTicket(Number(topic.slice(7)), rev);
  }
}

function back() {
  refreshDesk();
  refreshList();
  refreshTicket();
  refreshFloor();
  retryUnsent();
}

/** Somebody may have signed in in another tab: if it was us, all goes on; if not, the page is theirs. */
async function returnSignedIn() {
  const mine = await get("me/").catch(() => null);
  if (!mine) return;
  if (mine.user.id !== session.user.id) return location.reload();
  signedOut.value = false;
  hurry();
  back();
}

function refreshMine() {
  refreshOffers();
  refreshHeld();
  refreshMe();
}

/** @param {number} id */
function look(id) {
  tell("viewing", id, { until: until(VIEWING_EVERY * 1.5) });
}

/** @param {any} frame */
function hearOf({ type: kind, topic, by, data }) {
  const [id, person] = [Number(topic.split(":")[1]), by.customer ? "customer" : by.id];
  if (person === session.user.id) return;
  const ends = Date.parse(data.until) || now() + TYPING_FOR;
  const here = new Map(others.value.get(id));
  const before = here.get(person);
  if (kind === "viewing" && before?.type === "typing" && before.until > now()) return;
  here.set(person, { by, type: kind, kind: data.kind, until: ends });
  others.value = new Map(others.value).set(id, here);
}

/** Who stopped typing is still looking on for a while; who stopped looking on is gone. */
function forget() {
  const isLate = (one) => one.until < now();
  if (![...others.value.values()].some((here) => [...here.values()].some(isLate))) return;
  const all = new Map();
  for (const [id, here] of others.value) {
    const staying = [...here].map(([key, one]) => [key, isLate(one) ? afterwards(key, one) : one]).filter(([, one]) => one);
    if (staying.length) all.set(id, new Map(/** @type {any} */ (staying)));
  }
  others.value = all;
}

/** @param {number|string} key @param {any} one */
const afterwards = (key, one) => (key !== "customer" && one.type === "typing" ? looking(one) : null);

/** @param {any} one */
const looking = (one) => ({ ...one, type: "viewing", until: now() + VIEWING_EVERY });

/** @param {number} ms */
const until = (ms) => new Date(now() + ms).toISOString();
