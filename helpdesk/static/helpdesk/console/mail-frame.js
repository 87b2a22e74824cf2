// @ts-check
/** A mail's HTML in a frame that runs nothing, always on a light sheet, as high as it needs to be. */
import { Icon } from "console/parts";
import { onKey } from "console/keys";
import { html, useEffect, useRef, useState } from "console/ui";

const MOST = 420;
const SLACK = 120;

/** @param {{id: number}} props */
export function MailFrame({ id }) {
  const frame = useRef(/** @type {any} */ (null));
  const [height, setHeight] = useState(60);
  const [isWhole, setWhole] = useState(false);
  const watcher = useRef(/** @type {ResizeObserver|null} */ (null));
  useEffect(() => () => watcher.current?.disconnect(), []);
  function onLoad() {
    const page = frame.current?.contentDocument;
    if (!page?.body) return;
    const measure = () => setHeight(Math.ceil(Math.max(page.body.scrollHeight, page.body.getBoundingClientRect().height)) + 2);
    measure();
    watcher.current?.disconnect();
    watcher.current = new ResizeObserver(measure);
    watcher.current.observe(page.body);
    for (const link of page.querySelectorAll("a[href]")) link.target = "_blank";
    page.addEventListener("keydown", onKey);
  }
  const isCut = !isWhole && height > MOST + SLACK;
  return html`
    <div class="mail ${isCut ? "cut" : ""}">
      <iframe ref=${frame} src="/messages/${id}/body/" title="Message as sent" onLoad=${onLoad} style=${{ height: `${isCut ? MOST : height}px` }}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"></iframe>
      ${isCut && html`<button type="button" class="btn whole" onClick=${() => setWhole(true)}><${Icon} name="down" small />Show all of it</button>`}
    </div>`;
}
