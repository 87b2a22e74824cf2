// @ts-check
// Me at my desk: who I am, what rings, what I hold, and the queues' figures.
import { computed, signal } from "console/ui";
import { get, patch, post } from "console/api";
import { setClock } from "console/clock";
import { soon } from "console/soon";

/** @typedef {import("./types.d.ts").Me} Me */
/** @typedef {import("./types.d.ts").Offer} Offer */
/** @typedef {import("./types.d.ts").Interaction} Interaction */

/** @type {{value: Me|null}} */
export const me = signal(null);
/** @type {{value: Offer[]}} */
export const offers = signal([]);
/** Live interactions of mine, wrap-up among them. @type {{value: Interaction[]}} */
export const held = signal([]);
export const queues = signal([]);
/** What failed with presence or wrap-up. */
export const fault = signal(null);

export const agent = computed(() => me.value?.agent ?? null);
export const wrapUps = computed(() => held.value.filter((one) => one.status === "wrap_up"));
export const isSupervisor = computed(() => ["supervisor", "administrator"].includes(me.value?.user.role));

export async function loadMe() {
  const answer = await get("me/");
  setClock(answer.now);
  me.value = answer;
}

export async function loadOffers() {
  const { results } = await get("offers/");
  if (results[0]) setClock(results[0].now);
  offers.value = results;
}

export async function loadHeld() {
  held.value = (await get("interactions/?mine=1&live=1&page_size=50")).results;
}

export async function loadQueues() {
  queues.value = (await get("queues/")).results;
}

/** Something of mine changed: ask again for all of it, once. */
export function refreshMe() {
  soon("me", 150, () => Promise.all([me.value?.agent && loadOffers(), me.value?.agent && loadHeld(), loadMe()]));
}

export const refreshQueues = () => soon("queues", 1000 + 500 * Math.random(), loadQueues);

export async function setPresence(presence, reason = "") {
  const answer = await post("me/presence/", { presence, reason });
  me.value = { ...me.value, agent: answer };
  refreshMe();
}

/** Keep preferences (theme, density, sounds): shown at once, saved on the server. */
export async function prefer(preferences) {
  const { user } = me.value;
  me.value = { ...me.value, user: { ...user, preferences: { ...user.preferences, ...preferences } } };
  await patch("me/", { preferences });
}

/** @returns {Promise<number>} the ticket that the accepted offer is about */
export async function accept(offer) {
  const { ticket } = await post(`offers/${offer.id}/accept/`);
  close(offer);
  return ticket;
}

export async function decline(offer, reason = "") {
  await post(`offers/${offer.id}/decline/`, { reason });
  close(offer);
}

/** It rings no longer, whatever the server says next. */
export function close(offer) {
  offers.value = offers.value.filter((one) => one.id !== offer.id);
  refreshMe();
}

export async function act(interaction, verb, body = {}) {
  const answer = await post(`interactions/${interaction.id}/${verb}/`, body);
  held.value = held.value.map((one) => (one.id === answer?.id ? answer : one)).filter((one) => one.status !== "done");
  refreshMe();
  return answer;
}

/** The colleague whose agent this is. */
export const personOfAgent = (id) => me.value?.people.find((person) => person.agent === id);
