// @ts-check
/**
 * The agents' websocket: follows topics, passes on hints and signals, and never gives up.
 * It carries no records; whoever is hinted asks over HTTP.
 */
import { latency, signedOut } from "console/api";
import { serverSays } from "console/clock";
import { session } from "console/session";
import { signal } from "console/ui";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** The server beats every 25 s; silence of more than this is a dead connection. */
const SILENCE = 60_000;
const HIDDEN_LONG = 60_000;

/** "live", "connecting" or "gone" (access removed: nothing more will come). */
export const connection = signal("connecting");
/** Since when we are offline, in local milliseconds; 0 while live. */
export const offlineSince = signal(Date.now());
/** A newer build of the console is on the server. */
export const isOutdated = signal(false);

const tab = `t_${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;

/** @type {WebSocket|null} */
let socket = null;
/** What we want to follow, and what the server knows of it. @type {Record<string, number|null>} */
let followed = {};
/** @type {Record<string, number|null>} */
let known = {};
let tries = 0;
let timer = 0;
let heardAt = Date.now();
let hiddenAt = 0;
/** @type {{hint: Function, signal: Function, beat: Function, back: Function}} */
let listener;

/**
 * @param {{hint: (topic: string, rev: number|null) => void, signal: (frame: any) => void,
 *          beat: (revs: Record<string, number|null>) => void, back: () => void}} told `back`: live again
 */
export function connect(told) {
  listener = told;
  addEventListener("online", hurry);
  addEventListener("focus", hurry);
  addEventListener("offline", () => socket?.close());
  document.addEventListener("visibilitychange", onVisibility);
  setInterval(() => socket && Date.now() - heardAt > SILENCE && socket.close(), 5000);
  dial();
}

/** Follow exactly these topics. @param {Record<string, number|null>} topics topic to the revision we have */
export function follow(topics) {
  followed = topics;
  if (connection.value === "live") sayFollowed();
}

/** Tell the others on a ticket that we type or look on. @param {string} type @param {number} ticket @param {object} data */
export const tell = (type, ticket, data) => send({ t: "signal", type, topic: `ticket:${ticket}`, data });

/** @param {object} frame what cannot be sent now is not missed: the next hello says all of it again */
function send(frame) {
  if (connection.value === "live" && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/**
 * Say what is new to the server, once more when a revision became known: what changed between our asking and our
 * following is hinted then.
 */
function sayFollowed() {
  const isNews = (topic) => !(topic in known) || (known[topic] === null && followed[topic] !== null);
  const added = Object.keys(followed).filter(isNews);
  const gone = Object.keys(known).filter((topic) => !(topic in followed));
  known = followed;
  if (added.length) send({ t: "follow", topics: Object.fromEntries(added.map((topic) => [topic, followed[topic]])) });
  if (gone.length) send({ t: "unfollow", topics: gone });
}

function dial() {
  clearTimeout(timer);
  if (socket || signedOut.value) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const line = new WebSocket(`${scheme}://${location.host}/ws/v1/agent/`);
  socket = line;
  let began = 0;
  line.onopen = () => {
    began = performance.now();
    known = followed;
    line.send(JSON.stringify({ t: "hello", v: 1, tab, build: session.build, follow: followed }));
  };
  line.onmessage = (event) => {
    heardAt = Date.now();
    const frame = JSON.parse(event.data);
    if (frame.t === "welcome") latency.value = Math.round(performance.now() - began);
    hear(frame);
  };
  line.onclose = (event) => line === socket && lost(event.code);
}

/** @param {any} frame */
function hear(frame) {
  if (frame.t === "welcome") {
    const wasAway = connection.value !== "live";
    connection.value = "live";
    offlineSince.value = 0;
    tries = 0;
    serverSays(frame.now);
    sayFollowed();
    if (wasAway) listener.back();
  } else if (frame.t === "hint") listener.hint(frame.topic, frame.rev);
  else if (frame.t === "signal") listener.signal(frame);
  else if (frame.t === "beat") {
    serverSays(frame.now);
    listener.beat(frame.revs);
  }
}

/** @param {number} code */
function lost(code) {
  socket = null;
  connection.value = code === 4403 ? "gone" : "connecting";
  offlineSince.value ||= Date.now();
  if (code === 4401) signedOut.value = true;
  if (code === 4426) isOutdated.value = true;
  if (code === 4401 || code === 4403 || code === 4426) return;
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries++);
  timer = setTimeout(dial, FIRST_PAUSE / 2 + Math.random() * most);
}

/** Dial now, without the pause that is due. */
export function hurry() {
  tries = 0;
  if (!socket && connection.value !== "gone" && !isOutdated.value) dial();
}

function onVisibility() {
  if (document.hidden) hiddenAt = Date.now();
  else if (hiddenAt && Date.now() - hiddenAt > HIDDEN_LONG) socket ? listener.back() : hurry();
}
