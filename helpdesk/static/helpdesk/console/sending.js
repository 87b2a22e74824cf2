// @ts-check
/** What we say: shown at once, confirmed by the server's answer, kept red with its text when it could not be sent. */
import { get, newKey, post, upload } from "console/api";
import { forgetFiles, keepFiles, loadFiles } from "console/attached";
import { now } from "console/clock";
import { forgetUnsent, keepUnsent, loadUnsent, onForgotten } from "console/drafts";
import { paced } from "console/paced";
import { session } from "console/session";
import { said } from "console/ticket";
import { signal } from "console/ui";

/**
 * @typedef {{key: string, ticket: number, kind: string, channel: string, text: string, names: string[], files: File[],
 *            at: string, state: "sending"|"failed", error: string, status: number, progress: number}} Unsent
 */

const NEVER = "It was never confirmed.";
const FILES_LOST = "Its files were lost with the reload. Copy the text and attach them again.";
/** Not about the message: the desk or the session was away, and the same message may go out later. */
const PASSING = [0, 401, 502, 503, 504];

/** Messages on their way, of all tickets. @type {import("@preact/signals").Signal<Unsent[]>} */
export const unsent = signal(loadUnsent().map(afterReload));
onForgotten(drop);

/** @param {{ticket: number, kind: string, channel: string, text: string, files: File[]}} message */
export function send(message) {
  const [at, names] = [new Date(now()).toISOString(), message.files.map(nameOf)];
  /** @type {Unsent} */
  const one = { ...message, names, key: newKey(), at, state: "sending", error: "", status: 0, progress: 0 };
  unsent.value = [...unsent.value, one];
  keep(one);
  if (names.length) keepFiles(one.key, one.files);
  return deliver(one);
}

/** Send again, by the same key: if it had arrived after all, nothing is sent twice. @param {Unsent} one */
export function retry(one) {
  update(one.key, { state: "sending", error: "" });
  return deliver(one);
}

/** @param {Unsent} one */
export function discard({ key, names }) {
  drop(key);
  forgetUnsent(key);
  if (names.length) forgetFiles(key);
}

/** The desk is reachable again, or we are signed in again: what failed only for that goes out, in the order of writing. */
export const retryUnsent = paced(async () => {
  const waits = (one) => one.state === "failed" && PASSING.includes(one.status);
  const waiting = unsent.value.filter(waits);
  if (!waiting.length) return;
  if ((await get("me/")).user.id !== session.user.id) return location.reload(); // nobody sends what another wrote
  for (const { key } of waiting) {
    const one = unsent.value.find((other) => other.key === key && waits(other));
    if (one) await retry(one);
  }
}, 500);

/** @param {Unsent} one */
async function deliver(one) {
  const path = `tickets/${one.ticket}/messages/`;
  try {
    const row = one.names.length
      ? await upload(path, formOf(one, await filesOf(one)), one.key, (progress) => update(one.key, { progress }))
      : await post(path, { kind: one.kind, channel: one.channel, text: one.text }, one.key);
    discard(one);
    said(one.ticket, row);
  } catch (/** @type {any} */ problem) {
    update(one.key, { state: "failed", error: problem.message, status: problem.status ?? -1 });
  }
}

/** @param {Unsent} one @returns {Promise<File[]>} */
async function filesOf(one) {
  const files = one.files.length ? one.files : await loadFiles(one.key);
  if (!files) throw new Error(FILES_LOST);
  return files;
}

/** @param {any} one @returns {Unsent} */
function afterReload(one) {
  return { ...one, files: [], state: "failed", progress: 0, error: one.error || NEVER };
}

/** @param {Unsent} one @param {File[]} files */
function formOf(one, files) {
  const form = new FormData();
  for (const name of ["kind", "channel", "text"]) form.append(name, one[name]);
  for (const file of files) form.append("files", file, nameOf(file));
  return form;
}

/** @param {File} file */
const nameOf = (file) => file.name || "pasted.png";

/** @param {string} key @param {Partial<Unsent>} changes */
function update(key, changes) {
  const before = unsent.value.find((one) => one.key === key);
  if (!before) return;
  const after = { ...before, ...changes };
  unsent.value = unsent.value.map((one) => (one === before ? after : one));
  if (!("progress" in changes)) keep(after);
}

/** @param {string} key */
function drop(key) {
  unsent.value = unsent.value.filter((one) => one.key !== key);
}

/** @param {Unsent} one */
function keep({ files, progress, ...rest }) {
  keepUnsent(rest);
}
