// @ts-check
/** What we say: shown at once, confirmed by the server's answer, kept red with its text when it could not be sent. */
import { newKey, post, upload } from "console/api";
import { now } from "console/clock";
import { keepUnsent, loadUnsent } from "console/drafts";
import { said } from "console/ticket";
import { signal } from "console/ui";

/**
 * @typedef {{key: string, ticket: number, kind: string, channel: string, text: string, files: File[], at: string,
 *            state: "sending"|"failed", error: string, status: number, progress: number}} Unsent
 */

const NEVER = "It was never confirmed.";

/** Messages on their way, of all tickets. @type {import("@preact/signals").Signal<Unsent[]>} */
export const unsent = signal(loadUnsent().map(afterReload));

/** @param {{ticket: number, kind: string, channel: string, text: string, files: File[]}} message */
export function send(message) {
  const at = new Date(now()).toISOString();
  /** @type {Unsent} */
  const one = { ...message, key: newKey(), at, state: "sending", error: "", status: 0, progress: 0 };
  write([...unsent.value, one]);
  return deliver(one);
}

/** Send again, by the same key: if it had arrived after all, nothing is sent twice. @param {Unsent} one */
export function retry(one) {
  update(one.key, { state: "sending", error: "" });
  return deliver(one);
}

/** @param {Unsent} one */
export const discard = (one) => write(unsent.value.filter((other) => other.key !== one.key));

/** The desk is reachable again, or we are signed in again: what failed only for that goes out. */
export function retryUnsent() {
  for (const one of unsent.value) if (one.state === "failed" && (one.status === 0 || one.status === 401)) retry(one);
}

/** @param {Unsent} one */
async function deliver(one) {
  const path = `tickets/${one.ticket}/messages/`;
  try {
    const row = one.files.length
      ? await upload(path, formOf(one), one.key, (progress) => update(one.key, { progress }))
      : await post(path, { kind: one.kind, channel: one.channel, text: one.text }, one.key);
    discard(one);
    said(one.ticket, row);
  } catch (/** @type {any} */ problem) {
    update(one.key, { state: "failed", error: problem.message, status: problem.status ?? -1 });
  }
}

/** Files do not survive a reload; a message that had some waits for a person. @param {any} one @returns {Unsent} */
function afterReload(one) {
  const lost = one.hadFiles ? { status: -1, error: "Its files were lost with the reload. Copy the text and attach them again." } : {};
  return { ...one, files: [], state: "failed", progress: 0, ...lost };
}

/** @param {Unsent} one */
function formOf(one) {
  const form = new FormData();
  for (const name of ["kind", "channel", "text"]) form.append(name, one[name]);
  for (const file of one.files) form.append("files", file, file.name || "pasted.png");
  return form;
}

/** @param {string} key @param {Partial<Unsent>} changes */
function update(key, changes) {
  write(unsent.value.map((one) => (one.key === key ? { ...one, ...changes } : one)));
}

/** @param {Unsent[]} messages */
function write(messages) {
  unsent.value = messages;
  keepUnsent(messages.map(({ files, progress, ...rest }) => ({ ...rest, hadFiles: files.length > 0, error: rest.error || NEVER })));
}
