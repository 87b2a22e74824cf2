"""The two ends of a chat: a visitor's widget in a browser, and an agent who works by REST."""

import json
import urllib.error
import urllib.request

from playwright.sync_api import Locator, Page

from tests.harness import Desk, wait_for


class Visitor:
    """Somebody on the demo's shop page."""

    def __init__(self, page: Page, desk: Desk, *, language: str = "en"):
        self.page = page
        self.address = f"{desk.url}/demo/shop/?lang={language}"
        page.goto(self.address)

    def start(self) -> "Visitor":
        self.button.click()
        self.page.locator("hd-chat .card").click()
        return self

    def write(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def reload(self) -> None:
        self.page.reload()

    def open(self) -> None:
        self.button.click()

    @property
    def button(self) -> Locator:
        return self.page.locator("hd-chat .launch")

    @property
    def field(self) -> Locator:
        return self.page.locator("hd-chat textarea")

    @property
    def bubbles(self) -> Locator:
        return self.page.locator("hd-chat .bub .txt")

    @property
    def shown(self) -> list[str]:
        return self.bubbles.all_inner_texts()


class Agent:
    """The member of the demo's company for whom its widget rings first, by their REST token."""

    def __init__(self, desk: Desk):
        self.desk = desk
        self.account = desk.company["users"][0]
        self.first_name = self.account["name"].split()[0]

    def ask(self, method: str, path: str, **body):
        headers = {"Authorization": f"Token {self.account['token']}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if method != "GET" else None
        request = urllib.request.Request(f"{self.desk.url}/api/v1/{path}", content, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer) if answer.status != 204 else None

    def become(self, presence: str) -> None:
        self.ask("POST", "me/presence/", presence=presence)

    def take(self, first_line: str) -> dict:
        """Wait until the chat that begins like that rings, and accept it."""
        offer = wait_for(
            lambda: self.hear(first_line), 20, lambda: f"No offer of “{first_line}” rang: {self._standing()}"
        )
        return self.accept(offer)

    def hear(self, first_line: str) -> dict | None:
        """The offer that rings for the chat that begins like that."""
        try:
            offers = self.ask("GET", "offers/")["results"]
        except urllib.error.URLError:
            return None
        return next((offer for offer in offers if offer["first_line"].startswith(first_line)), None)

    def accept(self, offer: dict) -> dict:
        return self.ask("POST", f"offers/{offer['id']}/accept/")

    def reply(self, ticket: int, text: str, **more) -> dict:
        return self.ask("POST", f"tickets/{ticket}/messages/", kind="reply", channel="chat", text=text, **more)

    def finish(self, interaction: int) -> None:
        self.ask("POST", f"interactions/{interaction}/end/")
        self.ask("POST", f"interactions/{interaction}/wrap_up/")

    def _standing(self):
        return self.ask("GET", "me/")["agent"], self.desk.last_words()
