// @ts-check
// Who else is here: colleagues who look on or write, customers who type. Short-lived, told over the socket only.
import { signal } from "console/ui";
import { now, second } from "console/clock";
import { on, tell } from "console/socket";

const LASTS = 6000;
const EVERY = 3000;
/** @type {{value: Record<string, {topic: string, type: string, kind: string, by: any, until: number}>}} */
const present = signal({});

on("signal", ({ topic, type, by, data }) => {
  const who = by.customer ? "customer" : by.id;
  const until = type === "viewing" ? Math.min(Date.parse(data.until) || 0, now() + 45_000) : now() + LASTS;
  present.value = { ...present.value, [`${topic}:${who}:${type}`]: { topic, type, kind: data?.kind ?? "", by, until } };
});

/** Colleagues at a ticket, those who write first, each once. */
export function colleaguesAt(ticket) {
  second.value;
  const here = Object.values(present.value).filter((one) => one.topic === `ticket:${ticket}` && one.until > now());
  const people = new Map();
  for (const one of here.filter((one) => !one.by.customer).sort((a, b) => (a.type > b.type ? 1 : -1))) {
    if (!people.has(one.by.id)) people.set(one.by.id, one);
  }
  return [...people.values()];
}

export function customerTypes(ticket) {
  second.value;
  return Object.values(present.value).some((one) => one.topic === `ticket:${ticket}` && one.by.customer && one.type === "typing" && one.until > now());
}

/** Somebody said something: they type no longer. */
export function hush(ticket) {
  const kept = Object.entries(present.value).filter(([, one]) => one.topic !== `ticket:${ticket}` || !one.by.customer);
  present.value = Object.fromEntries(kept);
}

let told = 0;
export function iAmTyping(ticket, kind) {
  if (Date.now() - told < EVERY) return;
  told = Date.now();
  tell("typing", `ticket:${ticket}`, { kind, until: new Date(now() + LASTS).toISOString() });
}
