// @ts-check
/** What was begun and not sent, per ticket and kind, on this machine until it is sent. */
import { session } from "console/session";
import { signal } from "console/ui";

// Several people may share a machine: nobody reads, or sends, what another began.
const PREFIX = `draft:${session.user?.id}:`;
const UNSENT = `unsent:${session.user?.id}`;

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

/** Messages that were sent off and never confirmed, from before a reload. @returns {any[]} */
export function loadUnsent() {
  try {
    return JSON.parse(localStorage.getItem(UNSENT) || "[]");
  } catch {
    return [];
  }
}

/** @param {any[]} messages */
export const keepUnsent = (messages) => write(UNSENT, messages.length ? JSON.stringify(messages) : null);

addEventListener("storage", (event) => event.key?.startsWith(PREFIX) && (drafts.value = load()));

function load() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  return new Map(keys.map((key) => [key.slice(PREFIX.length), localStorage.getItem(key) || ""]));
}

/** @param {string} key @param {string|null} value */
function write(key, value) {
  try {
    value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value);
  } catch {
    // A full or forbidden store costs the draft's survival, not the writing.
  }
}
