// @ts-check
/** What was begun and not sent, per ticket and kind, on this machine until it is sent. */
import { session } from "console/session";
import { signal } from "console/ui";

// Several people may share a machine: nobody reads, or sends, what another began.
const PREFIX = `draft:${session.user?.id}:`;
const UNSENT = `unsent:${session.user?.id}:`;

/** Which drafts there are: "7:reply" to its text. @type {import("@preact/signals").Signal<Map<string, string>>} */
export const drafts = signal(load());

/** @param {number} ticket @param {string} kind "reply" or "note" @returns {string} */
export const draftOf = (ticket, kind) => drafts.value.get(`${ticket}:${kind}`) || "";

/** @param {number} ticket @param {string} kind @param {string} text empty to forget it */
export function keepDraft(ticket, kind, text) {
  const key = `${ticket}:${kind}`;
  const all = new Map(drafts.value);
  text ? all.set(key, text) : all.delete(key);
  drafts.value = all;
  write(PREFIX + key, text || null);
}

/** Messages that were sent off and never confirmed, from before a reload, in the order of writing. @returns {any[]} */
export const loadUnsent = () => keysOf(UNSENT).flatMap(readUnsent).sort((a, b) => (a.at < b.at ? -1 : 1));

/** Each has a place of its own, so that two tabs do not write over each other's. @param {{key: string}} message */
export const keepUnsent = (message) => write(UNSENT + message.key, JSON.stringify(message));

/** @param {string} key the message's */
export const forgetUnsent = (key) => write(UNSENT + key, null);

/** Another tab sent a message, or discarded it. @param {(key: string) => void} told with the message's key */
export function onForgotten(told) {
  addEventListener("storage", ({ key, newValue }) => key?.startsWith(UNSENT) && !newValue && told(key.slice(UNSENT.length)));
}

addEventListener("storage", (event) => event.key?.startsWith(PREFIX) && (drafts.value = load()));

function load() {
  return new Map(keysOf(PREFIX).map((key) => [key.slice(PREFIX.length), localStorage.getItem(key) || ""]));
}

/** @param {string} prefix @returns {string[]} */
function keysOf(prefix) {
  return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
}

/** @param {string} place @returns {any[]} none when it cannot be read */
function readUnsent(place) {
  try {
    return [JSON.parse(localStorage.getItem(place) || "")];
  } catch {
    return [];
  }
}

/** @param {string} key @param {string|null} value */
function write(key, value) {
  try {
    value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value);
  } catch {
    // A full or forbidden store costs the draft's survival, not the writing.
  }
}
