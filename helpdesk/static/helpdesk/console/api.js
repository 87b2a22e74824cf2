// @ts-check
// Commands and questions over HTTP. Permissions, wording of refusals and idempotency live on the server.
import { signal } from "console/ui";

const ROOT = "/api/v1/";
const PATIENCE = 20_000;
/** @type {Map<string, {etag: string, body: any}>} */
const answers = new Map();

/** True once the server said that we are nobody: the overlay asks to sign in again. */
export const isSignedOut = signal(false);

/** A refusal in the server's words; status 0 when the server was not reached. */
export class Problem extends Error {
  constructor(status, detail, fields = {}) {
    super(detail);
    this.status = status;
    this.fields = fields;
  }
  get wasNotSent() {
    return this.status === 0 || this.status === 503;
  }
}

/** Ask. The same answer as last time costs no body: the server knows it by its ETag. */
export async function get(path) {
  const known = answers.get(path);
  const response = await reach(path, { headers: known ? { "If-None-Match": known.etag } : {} });
  if (response.status === 304 && known) return known.body;
  const body = await read(response);
  const etag = response.headers.get("ETag");
  if (etag) remember(path, etag, body);
  return body;
}

/** Command. `key` makes it safe to repeat; `files` turn it into a form. */
export async function send(method, path, body = undefined, { key = "", files = [] } = {}) {
  const headers = { "X-CSRFToken": csrfToken() };
  if (key) headers["Idempotency-Key"] = key;
  if (!files.length) headers["Content-Type"] = "application/json";
  const content = files.length ? formOf(body, files) : JSON.stringify(body ?? {});
  return read(await reach(path, { method, headers, body: content }));
}

export const post = (path, body, options) => send("POST", path, body, options);
export const patch = (path, body) => send("PATCH", path, body);

async function reach(path, options) {
  const url = path.startsWith("http") ? localise(path) : ROOT + path;
  const headers = { Accept: "application/json", ...options.headers };
  try {
    return await fetch(url, { ...options, headers, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Problem(0, "The desk cannot be reached. It is tried again as soon as the connection is back.");
  }
}

async function read(response) {
  if (response.status === 401) isSignedOut.value = true;
  if (response.status === 204) return null;
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  throw new Problem(response.status, body?.detail || `The desk answered with an error (${response.status}).`, body?.fields);
}

/** Addresses of next pages carry the host the server thinks it has; ours is the one that works. */
function localise(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function remember(path, etag, body) {
  answers.delete(path);
  answers.set(path, { etag, body });
  if (answers.size > 60) answers.delete(answers.keys().next().value);
}

function formOf(body, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) [value].flat().forEach((one) => form.append(name, one));
  files.forEach((file) => form.append("files", file));
  return form;
}

function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}
