// @ts-check
/** The console. */
import { signedOut } from "console/api";
import { Bar } from "console/bar";
import { Conversation } from "console/conversation";
import { CustomerPanel } from "console/customer-panel";
import { inWrapUp, notice, offers, refreshDesk } from "console/desk";
import { dialog, Dialogs } from "console/dialogs";
import { Floor } from "console/floor";
import { listenForKeys } from "console/keys";
import { isCustomerDrawn, isCustomerHidden, isNarrow } from "console/layout";
import { List } from "console/list";
import { goLive } from "console/live";
import { Offers } from "console/offer";
import { Icon } from "console/parts";
import { listenForOffers } from "console/ring";
import { route } from "console/route";
import { session } from "console/session";
import { unsent } from "console/sending";
import { isSideOpen, Side } from "console/side";
import { isOutdated, offlineSince } from "console/socket";
import { html, render, signal, useEffect } from "console/ui";
import { WrapUps } from "console/wrap-up";

const OFFLINE_AFTER = 5000;
/** So long without a key or a click, and the page may be loaded anew. */
const IDLE = 5000;
let touchedAt = Date.now();

function App() {
  const { view, ticket } = route.value;
  const isFloor = view === "floor" && session.user.supervises;
  const look = [isFloor ? "floor" : ticket ? "at-ticket" : "at-list", isCustomerHidden.value ? "no-customer" : ""].join(" ");
  return html`
    <a class="skip" href=${isFloor ? "#floor" : "#thread"}>Skip to ${isFloor ? "the floor" : "the conversation"}</a>
    <div class="app ${look}">
      <${Side} />
      <${Bar} />
      <div class="strip">${signedOut.value ? html`<${SignIn} />` : html`<${Offline} />`}<${Notice} /><${WrapUps} />${(isNarrow.value || isFloor) && html`<${Offers} />`}</div>
      ${isFloor ? html`<${Floor} />` : html`<${List} /><${Conversation} /><${CustomerPanel} />`}
      ${(isSideOpen.value || isCustomerDrawn.value) && html`<button type="button" class="veil" onClick=${closeDrawers}><span class="vh">Close</span></button>`}
    </div>
    <${Dialogs} />`;
}

function closeDrawers() {
  isSideOpen.value = isCustomerDrawn.value = false;
}

/** The session is over. No dialog: it would take the keys away from who is in the middle of a sentence. */
function SignIn() {
  const href = `/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`;
  return html`<p class="notice warn" role="alert"><${Icon} name="alert" /><span>You were signed out. Go on writing: what you send waits here, and goes out when you have signed in again.</span><a class="btn primary" href=${href}>Sign in</a></p>`;
}

const isLongOffline = signal(false);

/** Nothing for five seconds, as most interruptions are shorter; then what still works, and what does not. */
function Offline() {
  const began = offlineSince.value;
  useEffect(() => {
    isLongOffline.value = false;
    if (!began) return undefined;
    const timer = setTimeout(() => (isLongOffline.value = true), Math.max(0, began + OFFLINE_AFTER - Date.now()));
    return () => clearTimeout(timer);
  }, [began]);
  if (isOutdated.value) return html`<p class="notice" role="status"><${Icon} name="alert" /><span>There is a newer version of this page.</span><button type="button" class="lnk" onClick=${() => location.reload()}>Reload</button></p>`;
  return isLongOffline.value && html`<p class="notice warn" role="status"><${Icon} name="alert" /><span>No connection to the desk. Go on writing: what you send waits here, and goes out when it is back.</span></p>`;
}

function Notice() {
  const said = notice.value;
  return said && html`
    <p class="notice ${said.kind}" role="alert"><${Icon} name="alert" /><span>${said.text}</span>
      ${said.again && html`<button type="button" class="lnk" onClick=${said.again}>Try again</button>`}
      <button type="button" class="btn icon ghost" onClick=${() => (notice.value = null)} title="Close"><${Icon} name="x" /><span class="vh">Close</span></button></p>`;
}

/** A new build is loaded when nobody is in the middle of anything: nothing rings, is being written or is on its way. */
function reloadWhenIdle() {
  const isWriting = /** @type {any} */ (document.getElementById("write"))?.value || dialog.value;
  const isBusy = isWriting || offers.value.length || inWrapUp.value.length || unsent.value.length;
  if (isOutdated.value && !isBusy && Date.now() - touchedAt > IDLE) location.reload();
}

const root = document.getElementById("app");
if (root) {
  refreshDesk();
  goLive();
  listenForKeys();
  listenForOffers();
  for (const event of ["pointerdown", "keydown", "wheel"]) addEventListener(event, () => (touchedAt = Date.now()), { passive: true });
  setInterval(reloadWhenIdle, 1000);
  render(html`<${App} />`, root);
}
