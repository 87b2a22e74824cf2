// @ts-check
/** How an offer makes itself heard: a sound till it closes, and the title of the page. */
import { title } from "console/tickets";
import { customer } from "console/ticket";
import { me, offers, prefer } from "console/desk";
import { session } from "console/session";
import { effect } from "console/ui";

const EVERY = 2200;

/** @type {AudioContext|null} */
let audio = null;
let ringing = 0;
let flashing = 0;

export function listenForOffers() {
  // Browsers let a page sound only after a click or a key.
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, unlock, { once: true, capture: true });
  effect(() => (offers.value.length ? begin() : end()));
  effect(() => {
    const waiting = me.value?.counts?.mine;
    const [offer] = offers.value;
    clearInterval(flashing);
    const place = `${waiting ? `(${waiting}) ` : ""}${title.value}${customer.value ? ` · ${customer.value.name}` : ""}`;
    document.title = `${place} — ${session.site_name}`;
    if (offer) flash(`Incoming ${offer.channel} · ${offer.customer.name}`, document.title);
  });
}

export const isLoud = () => session.user.preferences?.sound !== "off";

/** Turn the sound off, or on and let it be heard. */
export function toggleSound() {
  prefer({ sound: isLoud() ? "off" : "on" });
  unlock();
  isLoud() ? sound() : end();
}

/** @param {string} offered @param {string} calm */
function flash(offered, calm) {
  document.title = offered;
  flashing = setInterval(() => (document.title = document.title === offered ? calm : offered), 1000);
}

function begin() {
  if (ringing || !isLoud()) return;
  sound();
  ringing = setInterval(sound, EVERY);
}

function end() {
  clearInterval(ringing);
  ringing = 0;
}

function unlock() {
  audio ||= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => null);
}

/** Two soft notes, a fifth apart. */
function sound() {
  if (!audio || audio.state !== "running") return;
  [[587.3, 0], [880, 0.16]].forEach(([pitch, after]) => note(/** @type {AudioContext} */ (audio), pitch, after));
}

/** @param {AudioContext} context @param {number} pitch in Hz @param {number} after in seconds */
function note(context, pitch, after) {
  const [tone, volume, at] = [context.createOscillator(), context.createGain(), context.currentTime + after];
  tone.type = "sine";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.18, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.55);
}
