// The chat panel: opened by the loader's button, drawn into its shadow root.

import { palette } from "./colour.js";
import { Chat } from "./connection.js";
import { ChatView } from "./chat-view.js";
import { HomeView } from "./home-view.js";
import { wordsOf } from "./strings.js";
import { STYLE } from "./style.js";
import { make } from "./parts.js";

/** Build the panel, closed, for the `<hd-chat>` element; the loader calls `toggle` of what it gets. */
export function mount(host, page) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, sheet];
  return new Widget(host, page);
}

class Widget {
  constructor(host, page) {
    this.host = host;
    this.page = page;
    this.words = wordsOf(page.language);
    const theirs = navigator.language || "";
    this.language = theirs.startsWith(page.language) ? theirs : page.language; // en-GB writes times as en-GB does
    this.view = "home";
    this.isOpen = false;
    this.chat = new Chat({ ...page, claims: withoutEmpty(page.claims), changed: () => this.draw() });
    this.home = new HomeView(this);
    this.talk = new ChatView(this);
    this.panel = make("section", { class: "panel", role: "dialog", hidden: true, lang: page.language, onkeydown: (event) => this.key(event) }, this.home.node, this.talk.node);
    host.shadowRoot.prepend(this.panel);
    document.addEventListener("visibilitychange", () => this.draw());
    if (this.isRecent) this.chat.connect();
  }

  get isRecent() {
    return this.page.store.read().live > Date.now() - this.page.recent;
  }

  toggle() {
    return this.isOpen ? this.close() : this.open();
  }

  async open() {
    this.isOpen = true;
    this.host.toggleAttribute("data-open", true);
    if (this.isRecent || this.chat.pending.length) this.view = "chat";
    this.show(this.view);
    if (!this.chat.session) await this.chat.begin();
  }

  close() {
    this.isOpen = false;
    this.host.toggleAttribute("data-open", false);
    this.draw();
    this.host.button.focus();
  }

  /** Show a view and put the focus where one goes on. */
  show(view) {
    this.view = view;
    if (view === "chat") this.chat.connect();
    this.draw();
    (view === "chat" ? this.talk.field : this.home.first).focus();
  }

  key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  }

  draw() {
    if (!this.panel) return;
    this.paint();
    this.panel.hidden = !this.isOpen;
    const { chat, words } = this;
    this.panel.setAttribute("aria-label", words.dialog(this.brand.name));
    this.home.node.hidden = this.view !== "home";
    this.talk.node.hidden = this.view !== "chat";
    this.markSeen();
    if (this.view === "home") this.home.draw(chat);
    else this.talk.draw(chat);
    this.host.say({ unread: this.unread, isOpen: this.isOpen });
  }

  get brand() {
    return this.chat.session?.brand || { name: "", colour: "", greeting: "" };
  }

  /** Answers that the visitor has not had before their eyes. */
  get unread() {
    const seen = this.page.store.value.seen || 0;
    return [...this.chat.messages.values()].filter((one) => one.from === "us" && one.id > seen).length;
  }

  markSeen() {
    if (!this.isOpen || this.view !== "chat" || document.hidden) return;
    const newest = Math.max(0, ...this.chat.messages.keys());
    if (newest > (this.page.store.value.seen || 0)) this.page.store.write({ seen: newest });
  }

  paint() {
    const colour = this.page.colour || this.brand.colour || this.page.store.value.colour || "";
    if (colour === this.painted) return;
    this.painted = colour;
    this.page.store.write({ colour });
    this.host.paint(palette(colour));
  }
}

function withoutEmpty(claims) {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value));
}
