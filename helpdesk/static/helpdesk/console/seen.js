// @ts-check
/** How many messages of a ticket this person has seen, on this machine: so a row can say "2 new". */
import { session } from "console/session";
import { ticket } from "console/ticket";
import { effect, signal } from "console/ui";

const KEY = `seen:${session.user?.id}`;
const MOST = 500;

const seen = signal(load());

/** @param {any} row @returns {number} messages that came since it was looked at; 0 when it never was */
export function unreadIn(row) {
  const before = seen.value.get(row.id);
  return before === undefined || row.is_answered ? 0 : Math.max(0, row.message_count - before);
}

/** @param {any} row @returns {boolean} whether the last word is the customer's and nobody here looked yet */
export const isUnseen = (row) => !row.is_answered && (seen.value.get(row.id) ?? -1) < row.message_count;

effect(() => {
  const { id, message_count: count } = ticket.value || {};
  if (!id || document.hidden || seen.peek().get(id) === count) return;
  const all = new Map(seen.peek());
  all.delete(id);
  all.set(id, count);
  while (all.size > MOST) all.delete(all.keys().next().value);
  seen.value = all;
  try {
    localStorage.setItem(KEY, JSON.stringify([...all]));
  } catch {
    // Without a store, rows are new again after a reload.
  }
});

/** @returns {Map<number, number>} */
function load() {
  try {
    return new Map(JSON.parse(localStorage.getItem(KEY) || "[]"));
  } catch {
    return new Map();
  }
}
