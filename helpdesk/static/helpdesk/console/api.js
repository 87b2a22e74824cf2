// @ts-check
/** Commands and questions over HTTP. Every refusal is a Problem whose message is the server's sentence. */
import { session } from "console/session";
import { signal } from "console/ui";

const ROOT = "/api/v1/";

/** Whether the server no longer knows who we are; the page then asks to sign in, and keeps all that is written. */
export const signedOut = signal(false);
/** How long the last question took there and back, in milliseconds; null before the first. */
export const latency = signal(/** @type {number|null} */ (null));

export class Problem extends Error {
  /** @param {number} status 0 when the desk could not be reached @param {{detail?: string, fields?: object}} body */
  constructor(status, body) {
    super(body.detail || `The desk answered with error ${status}.`);
    this.status = status;
    this.fields = body.fields;
  }
}

/** @param {string} path */
export const get = (path) => call("GET", path);
/** @param {string} path @param {object} [body] @param {string} [key] */
export const post = (path, body = {}, key = "") => call("POST", path, body, key);
/** @param {string} path @param {object} body */
export const patch = (path, body) => call("PATCH", path, body);

/** @returns {string} a key that makes a command safe to repeat */
export const newKey = () => `c_${crypto.getRandomValues(new Uint32Array(3)).join("")}`;

/**
 * Post files with a message, telling how far the upload is.
 * @param {string} path @param {FormData} form @param {string} key @param {(share: number) => void} onProgress 0 to 1
 * @returns {Promise<any>}
 */
export function upload(path, form, key, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", ROOT + path);
    for (const [name, value] of Object.entries(headers(key))) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      const answer = parsed(request.responseText);
      request.status < 300 ? resolve(answer) : reject(refusal(request.status, answer));
    };
    request.send(form);
  });
}

/** @param {string} method @param {string} path @param {object} [body] @param {string} [key] @returns {Promise<any>} */
async function call(method, path, body, key = "") {
  const address = path.startsWith("http") ? withoutOrigin(path) : ROOT + path;
  /** @type {RequestInit} */
  const request = { method, headers: headers(key), credentials: "same-origin" };
  if (body) {
    request.headers = { ...headers(key), "Content-Type": "application/json" };
    request.body = JSON.stringify(body);
  }
  const began = performance.now();
  const answer = await fetch(address, request).catch(() => null);
  if (!answer) throw unreachable();
  latency.value = Math.round(performance.now() - began);
  const content = answer.status === 204 ? null : parsed(await answer.text());
  if (!answer.ok) throw refusal(answer.status, content);
  return content;
}

/** The next page lies here, whatever a proxy on the way made the server think of its own name. @param {string} url */
function withoutOrigin(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** @param {string} key @returns {Record<string, string>} */
function headers(key) {
  const always = { Accept: "application/json", "X-CSRFToken": csrf() };
  return key ? { ...always, "Idempotency-Key": key } : always;
}

/** The cookie is newer than the page when somebody signed in again in another tab. */
function csrf() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  return cookie ? cookie.slice(10) : session.csrf;
}

function unreachable() {
  return new Problem(0, { detail: "The desk cannot be reached. What you did is not lost." });
}

/** @param {number} status @param {any} content */
function refusal(status, content) {
  if (status !== 401) return new Problem(status, content || {});
  signedOut.value = true;
  return new Problem(401, { detail: "You were signed out. Sign in again to go on." });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
