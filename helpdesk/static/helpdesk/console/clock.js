// @ts-check
/** Times: by the server's clock, in the time zone of whoever reads. */
import { signal } from "console/ui";

/** What travels is late by the way it took: smaller differences are that, not the clock. */
const WAY_MS = 400;

let offset = 0;

/** The server's time in milliseconds, moved once a second: reading it makes a component tick. */
export const second = signal(Date.now());

/** @returns {number} milliseconds, by the server's clock */
export const now = () => Date.now() + offset;

/** Set our clock by the server's. @param {string|undefined} iso */
export function serverSays(iso) {
  if (!iso) return;
  const ahead = Date.parse(iso) - Date.now();
  if (Math.abs(ahead - offset) > WAY_MS) offset = ahead;
  second.value = now();
}

setInterval(() => (second.value = now()), 1000);

/** @param {number} ms @returns {string} "0:41", "4:10", "18 m", "5 h", "3 d" */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** @param {string} iso @returns {number} milliseconds since then, by the server's clock; ticks */
export const since = (iso) => second.value - Date.parse(iso);

const format = (/** @type {Intl.DateTimeFormatOptions} */ options) => new Intl.DateTimeFormat("en-GB", options);
const hourMinute = /** @type {Intl.DateTimeFormatOptions} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clock = format(hourMinute);
const dayMonth = format({ day: "numeric", month: "short" });
const dayMonthYear = format({ day: "numeric", month: "short", year: "numeric" });
const weekday = format({ weekday: "long", day: "numeric", month: "long" });
const full = format({ dateStyle: "full", timeStyle: "medium" });

/** @param {string} iso @returns {string} "16:31" */
export const timeOf = (iso) => clock.format(new Date(iso));

/** @param {string} iso @returns {string} the whole date and time, for a title */
export const fullTime = (iso) => full.format(new Date(iso));

/** @param {string} iso @returns {string} "Today", "Yesterday", "Friday 20 November", "20 Nov 2025" */
export function dayOf(iso) {
  const back = daysBack(iso);
  if (back === 0) return "Today";
  if (back === 1) return "Yesterday";
  return (back < 300 ? weekday : dayMonthYear).format(new Date(iso));
}

/** @param {string} iso @returns {string} for a row: "16:31" today, "Yesterday", "20 Nov", "20 Nov 2025" */
export function shortTime(iso) {
  const back = daysBack(iso);
  if (back === 0) return timeOf(iso);
  if (back === 1) return "Yesterday";
  return (back < 300 ? dayMonth : dayMonthYear).format(new Date(iso));
}

/** @param {string} zone @returns {string} what a clock shows there, "" for a zone nobody knows */
export function timeIn(zone) {
  try {
    return format({ ...hourMinute, timeZone: zone }).format(second.value);
  } catch {
    return "";
  }
}

/** @param {string} iso */
function daysBack(iso) {
  const [then, today] = [new Date(iso), new Date(now())];
  return Math.round((today.setHours(0, 0, 0, 0) - then.setHours(0, 0, 0, 0)) / 86_400_000);
}
