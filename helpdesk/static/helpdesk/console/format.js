// @ts-check
// Times, sizes and names as people read them, in the reader's own zone.
import { now } from "console/clock";

const locale = document.documentElement.lang || "en";
const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const withYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
const DAY = 86_400_000;

export const CHANNELS = {
  email: { icon: "mail", name: "Email", incoming: "Incoming email" },
  chat: { icon: "chat", name: "Web chat", incoming: "Incoming chat" },
  voice: { icon: "phone", name: "Call", incoming: "Incoming call" },
};
export const channelOf = (channel) => CHANNELS[channel] ?? { icon: "portal", name: channel, incoming: "Incoming" };

export const clock = (iso) => hour.format(new Date(iso));
export const exact = (iso) => full.format(new Date(iso));

/** Counting seconds: 0:41, 4:10, 18 m, 2 h. */
export function wait(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 600) return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} m`;
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** How long ago, for a row: now, 5 m, 3 h, Mon or 4 Aug. */
export function ago(iso) {
  const date = new Date(iso);
  const minutes = Math.floor((now() - date.getTime()) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} m`;
  if (minutes < 12 * 60 || dayOf(iso) === dayOf(new Date(now()).toISOString())) return `${Math.round(minutes / 60)} h`;
  return sameYear(date) ? dayMonth.format(date) : withYear.format(date);
}

/** The heading of a day in the timeline. */
export function dayName(iso) {
  const date = new Date(iso);
  if (dayOf(iso) === dayOf(new Date(now()).toISOString())) return "Today";
  if (dayOf(iso) === dayOf(new Date(now() - DAY).toISOString())) return "Yesterday";
  return sameYear(date) ? weekday.format(date) : withYear.format(date);
}

/** Which day it was where the reader is. */
export const dayOf = (iso) => new Date(iso).toDateString();
export const shortDate = (iso) => (sameYear(new Date(iso)) ? dayMonth : withYear).format(new Date(iso));

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export const firstName = (name) => (name.includes("@") ? name : name.split(" ")[0]);
export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** The name of a language by its code, or the code. */
export function language(code) {
  try {
    return (code && new Intl.DisplayNames([locale], { type: "language" }).of(code)) || "";
  } catch {
    return code;
  }
}

/** What o'clock it is in a time zone, or "". */
export function timeIn(zone) {
  try {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return zone ? format.format(new Date(now())) : "";
  } catch {
    return "";
  }
}

const sameYear = (date) => date.getFullYear() === new Date(now()).getFullYear();
