// @ts-check
/** Me and what concerns me: my presence and capacity, what rings, what I hold, the queues. */
import { get, patch, post } from "console/api";
import { now, serverSays } from "console/clock";
import { paced } from "console/paced";
import { session } from "console/session";
import { computed, signal } from "console/ui";

/** The answer of me/; null until it came. */
export const me = signal(/** @type {any} */ (null));
export const queues = signal(/** @type {any[]} */ ([]));
/** When the queues' figures were true, by the server's clock: a wait goes on since. */
export const queuesAt = signal(0);
export const offers = signal(/** @type {any[]} */ ([]));
/** My interactions that are not done. */
export const held = signal(/** @type {any[]} */ ([]));
/** One sentence about something that has no place of its own: {text, kind: "bad"|"ok", again?: () => void}. */
export const notice = signal(/** @type {any} */ (null));

export const agent = computed(() => me.value?.agent ?? null);
export const inWrapUp = computed(() => held.value.filter((row) => row.status === "wrap_up"));

export const refreshMe = paced(async () => {
  me.value = await get("me/");
  serverSays(me.value.now);
}, 800);

export const refreshOffers = paced(async () => {
  const { results } = await get("offers/");
  serverSays(results[0]?.now);
  offers.value = results;
}, 80);

export const refreshHeld = paced(async () => {
  held.value = (await get("interactions/?mine=1&live=1&page_size=50")).results;
}, 150);

export const refreshQueues = paced(async () => {
  const { results } = await get("queues/");
  queuesAt.value = now();
  queues.value = results;
}, 1000);

/** Refetch all that concerns me: at the start, and after the socket was away. */
export function refreshDesk() {
  refreshOffers();
  refreshHeld();
  refreshMe();
  refreshQueues();
}

/** @param {string} presence @param {string} [reason] */
export async function setPresence(presence, reason = "") {
  const mine = await attempt(() => post("me/presence/", { presence, reason }));
  if (mine) me.value = { ...me.value, agent: mine };
}

/** Keep a preference (theme, density, sounds) for this person on every machine. @param {Record<string, any>} values */
export function prefer(values) {
  session.user.preferences = { ...session.user.preferences, ...values };
  patch("me/", { preferences: values }).catch(() => null);
}

/**
 * Do something; a refusal becomes the notice, with a way to try again where that can help.
 * @template T @param {() => Promise<T>} act @returns {Promise<T|undefined>} undefined when it was refused
 */
export async function attempt(act) {
  try {
    const done = await act();
    notice.value = null;
    return done;
  } catch (/** @type {any} */ problem) {
    const canHelp = !problem.status || problem.status >= 500;
    notice.value = { text: problem.message, kind: "bad", again: canHelp ? () => attempt(act) : undefined };
    return undefined;
  }
}

/** @param {string} channel @returns {number} how many of these the budget holds */
export function roomFor(channel) {
  const cost = agent.value?.costs?.[channel];
  return cost ? Math.floor(agent.value.budget / cost) : 0;
}
