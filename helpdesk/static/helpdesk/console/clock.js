// @ts-check
// The server's clock, and one tick a second for what counts time.
import { signal } from "console/ui";

let ahead = 0;

/** Ticks once a second; read it in a component that shows a running time. */
export const second = signal(0);
setInterval(() => second.value++, 1000);

/** Milliseconds since 1970 by the server's clock. */
export const now = () => Date.now() + ahead;

/** Set by what the server says its time is; the way of the answer makes it late, never early. */
export function setClock(iso) {
  const difference = Date.parse(iso) - Date.now();
  if (Math.abs(difference - ahead) > 1500 || difference > ahead) ahead = difference;
}

/** Whole seconds from now until `iso`, never below 0. */
export const secondsUntil = (iso) => Math.max(0, Math.ceil((Date.parse(iso) - now()) / 1000));

/** Whole seconds since `iso`, never below 0. */
export const secondsSince = (iso) => Math.max(0, Math.floor((now() - Date.parse(iso)) / 1000));
