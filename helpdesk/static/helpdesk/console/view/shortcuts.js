// @ts-check
// The list of keys, and the switch that turns single letters off (WCAG 2.1.4).
import { html, signal } from "console/ui";
import { me, prefer } from "console/desk";
import { Dialog } from "console/view/menu";

export const showsKeys = signal(false);
export const lettersAreOff = () => me.value?.user.preferences.letters === "off";

const KEYS = [
  ["Next, previous ticket", "J", "K"], ["Open", "Enter"], ["Back to the list", "Esc"], ["Show new ones", "."], ["Search", "/"],
  ["Reply", "R"], ["Note", "N"], ["Send", "Ctrl Enter"], ["Resolve, reopen", "E", "Shift E"], ["Take it myself", "Shift A"],
  ["Assign to", "A"], ["Transfer", "T"], ["Priority", "P"], ["Customer", "]"], ["My state", "S"],
  ["Accept what rings", "F2"], ["Decline what rings", "Shift F2"], ["Go to what rings", "F6"], ["End wrap-up with a code", "1", "9"],
];

export function Shortcuts() {
  if (!showsKeys.value) return null;
  const close = () => (showsKeys.value = false);
  return html`<${Dialog} title="Keyboard" close=${close}>
    <dl class="keys">${KEYS.map(([what, ...keys]) => html`<div key=${what}><dt>${what}</dt><dd>${keys.map((key) => html`<kbd key=${key}>${key}</kbd> `)}</dd></div>`)}</dl>
    <label class="check"><input type="checkbox" checked=${!lettersAreOff()} onChange=${(event) => prefer({ letters: event.target.checked ? "on" : "off" })} /> Single letters work outside fields</label>
    <div class="do"><button type="button" class="btn" onClick=${close}>Close</button></div>
  <//>`;
}
