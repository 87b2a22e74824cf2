// @ts-check
// The four regions, and what lies over them.
import { html, signal } from "console/ui";
import { isSignedOut } from "console/api";
import { second } from "console/clock";
import { me } from "console/desk";
import { route } from "console/route";
import { isOutdated, link } from "console/socket";
import { drafts } from "console/kept";
import { Bar } from "console/view/bar";
import { Conversation, showsCustomer } from "console/view/conversation";
import { Customer } from "console/view/customer";
import { Explanation } from "console/view/decision";
import { List } from "console/view/list";
import { Dialog } from "console/view/menu";
import { Search } from "console/view/search";
import { Shortcuts } from "console/view/shortcuts";
import { Side } from "console/view/side";

const showsSide = signal(false);

export function App() {
  if (!me.value) return null;
  const pane = route.value.ticket ? "conv" : "list";
  return html`<a class="skip" href="#thread">Skip to conversation</a>
    <${Banner} />
    <div class="app ${showsSide.value ? "side-open" : ""} ${showsCustomer.value ? "customer-open" : ""}" data-pane=${pane}>
      <${Side} close=${() => (showsSide.value = false)} />
      ${showsSide.value && html`<button type="button" class="shade" aria-label="Close views" onClick=${() => (showsSide.value = false)}></button>`}
      <${Bar} />
      <${List} openSide=${() => (showsSide.value = true)} />
      <${Conversation} />
      <${Customer} />
    </div>
    <${Search} /><${Shortcuts} /><${Explanation} />
    ${isSignedOut.value && html`<${SignIn} />`}`;
}

/** Only when it lasts: a link that comes back within seconds is nobody's business. */
const lostSince = { at: 0 };
function Banner() {
  second.value;
  if (link.value === "live") lostSince.at = 0;
  else lostSince.at ||= Date.now();
  if (isOutdated.value) return html`<div class="banner" role="status">A new version is here. ${Object.keys(drafts.value).length > 0 && "Your drafts stay. "}<button type="button" class="lnk" onClick=${() => location.reload()}>Load it</button></div>`;
  if (link.value === "live" || Date.now() - lostSince.at < 5000) return null;
  return html`<div class="banner" role="status">No connection to the desk. Go on writing: it is sent as soon as it is back.</div>`;
}

/** The session ended; what was written stays in this browser. */
function SignIn() {
  const back = encodeURIComponent(location.pathname + location.search);
  return html`<${Dialog} title="Sign in again" close=${() => {}}>
    <p>You were signed out, or this browser was quiet for too long. What you wrote is kept here.</p>
    <div class="do"><a class="btn primary" href="/sign-in/?next=${back}">Sign in</a></div><//>`;
}
