// Trunkline chat: the script tag of a web page. Draws the button; the rest comes when it is first needed.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !window.customElements || customElements.get("hd-chat")) return;
  const { key = "", colour = "", language = "", name = "", email = "", position = "right" } = script.dataset;
  if (!key) return console.warn("Trunkline chat: the script tag has no data-key; copy it from the entry point's page.");
  const desk = new URL(script.src).origin;
  const module = new URL("{{ module|escapejs }}", script.src).href;

  const RECENT = 86_400_000; // a chat of the last day is kept in sight

  // What this page remembers of its visitor; without storage, until it is left.
  const store = {
    value: {},
    read() {
      try { this.value = JSON.parse(localStorage.getItem(`hd-chat:${key}`)) || {}; } catch { /* as it is */ }
      return this.value;
    },
    write(changes) {
      Object.assign(this.read(), changes);
      try { localStorage.setItem(`hd-chat:${key}`, JSON.stringify(this.value)); } catch { /* in memory, then */ }
    },
  };

  const WORDS = { en: ["Open chat", "Close chat", "new"], pl: ["Otwórz czat", "Zamknij czat", "nowe"] };
  const tongue = (language || document.documentElement.lang || "en").slice(0, 2).toLowerCase();
  const [OPEN, CLOSE, NEW] = WORDS[tongue] || WORDS.en;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial !important; position: fixed !important; inset-block-end: 20px !important; z-index: 2147483000 !important;
      display: block !important; color-scheme: inherit !important; --brand: #2B2925; --on-brand: #FFFFFF;
      font: 400 14px/22px "Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif !important; }
    :host([data-position="right"]) { inset-inline-end: 20px !important; }
    :host([data-position="left"]) { inset-inline-start: 20px !important; }
    .launch { all: unset; box-sizing: border-box; display: grid; place-items: center; position: relative; width: 56px; height: 56px;
      border-radius: 50%; cursor: pointer; background: var(--brand); color: var(--on-brand);
      box-shadow: 0 2px 6px rgb(32 30 26 / .12), 0 18px 50px rgb(32 30 26 / .2); transition: transform .09s; }
    .launch:hover { transform: scale(1.04); }
    .launch:focus-visible { outline: 2px solid var(--brand); outline-offset: 3px; }
    .launch svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.35; stroke-linejoin: round; }
    .launch[aria-busy="true"] svg { opacity: .5; }
    .badge { position: absolute; top: -2px; inset-inline-end: -2px; min-width: 20px; border-radius: 99px; background: #C51E21;
      color: #FFFFFF; font-size: 11px; line-height: 20px; font-weight: 600; text-align: center; box-shadow: 0 0 0 2px #FFFFFF; }
    .badge[hidden] { display: none; }
    @media (prefers-reduced-motion: reduce) { .launch { transition: none; } }
    @media print { :host { display: none !important; } }`);

  customElements.define("hd-chat", class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.dataset.position = position === "left" ? "left" : "right";
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.button = document.createElement("button");
      this.button.className = "launch";
      this.button.type = "button";
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      svg.setAttribute("viewBox", "0 0 16 16");
      svg.setAttribute("aria-hidden", "true");
      path.setAttribute("d", "M2.5 3h11v8H8l-3 2.7V11H2.5z");
      svg.append(path);
      this.badge = document.createElement("span");
      this.badge.className = "badge";
      this.badge.setAttribute("aria-hidden", "true");
      this.button.append(svg, this.badge);
      this.shadowRoot.append(this.button);
      this.say({ unread: 0, isOpen: false });
      const kept = store.read();
      const first = colour || kept.colour || "";
      if (/^#[0-9a-f]{6}$/i.test(first)) this.paint({ "--brand": first, "--on-brand": lightness(first) > 0.183 ? "#201E1A" : "#FFFFFF" });
      this.button.addEventListener("pointerenter", () => this.load(), { once: true });
      this.button.addEventListener("click", async () => (await this.load())?.toggle());
      if (kept.live > Date.now() - RECENT) this.load();
    }

    // The widget itself, fetched once; what it is given here is all that the two share.
    load() {
      if (this.widget) return this.widget;
      this.button.setAttribute("aria-busy", "true");
      this.tries = this.tries || 0;
      this.widget = import(this.tries ? `${module}?try=${this.tries}` : module)
        .then(({ mount }) => mount(this, { desk, key, store, recent: RECENT, language: tongue, claims: { name, email }, colour }))
        .catch((error) => {
          console.warn("Trunkline chat did not load:", error);
          this.tries += 1;
          this.widget = null;
        })
        .finally(() => this.button.removeAttribute("aria-busy"));
      return this.widget;
    }

    say({ unread, isOpen }) {
      const what = isOpen ? CLOSE : OPEN;
      this.button.setAttribute("aria-label", unread ? `${what}, ${unread} ${NEW}` : what);
      this.button.setAttribute("aria-expanded", String(isOpen));
      this.badge.hidden = !unread;
      this.badge.textContent = unread > 9 ? "9+" : unread;
    }

    paint(properties) {
      for (const [property, value] of Object.entries(properties)) this.style.setProperty(property, value);
    }
  });

  function lightness(hex) {
    const [r, g, b] = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  const show = () => document.body.append(document.createElement("hd-chat"));
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show);
})();
