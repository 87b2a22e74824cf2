// @ts-check
// What this browser keeps: drafts, what was read, and sends that have not arrived. Text is never lost.
import { signal } from "console/ui";

const user = document.documentElement.dataset.user ?? "";
const space = `trunkline:${user}:`;

export function keep(name, value) {
  try {
    if (value === null || value === "") localStorage.removeItem(space + name);
    else localStorage.setItem(space + name, JSON.stringify(value));
  } catch {
    // A full or forbidden storage must not stop anybody from writing.
  }
}

export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(space + name) ?? "null");
  } catch {
    return null;
  }
}

function keptWith(prefix) {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(space + prefix));
  return names.map((name) => [name.slice((space + prefix).length), kept(name.slice(space.length))]);
}

/** Drafts by "ticket:kind": reply and note apart. */
export const drafts = signal(Object.fromEntries(keptWith("draft:")));

export function draftOf(ticket, kind) {
  return drafts.value[`${ticket}:${kind}`] ?? "";
}

export function keepDraft(ticket, kind, text) {
  const name = `${ticket}:${kind}`;
  const { [name]: _, ...others } = drafts.peek();
  drafts.value = text ? { ...others, [name]: text } : others;
  keep(`draft:${name}`, text);
}

/** How many messages of a ticket were there when it was last looked at; undefined if never. */
export const read = signal(kept("read") ?? {});

export function markRead(ticket, count) {
  if (read.peek()[ticket] === count) return;
  const entries = Object.entries({ ...read.peek(), [ticket]: count });
  read.value = Object.fromEntries(entries.slice(-2000));
  keep("read", read.value);
}

/** Sends that had not arrived when the page was left. */
export const unsent = () => keptWith("send:").map(([, operation]) => operation);
