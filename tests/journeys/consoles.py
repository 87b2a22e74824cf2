"""The two ends of a mail: an agent's console in a browser, and a customer's mail program."""

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid

from playwright.sync_api import Locator, Page, expect

from tests.harness import Desk, wait_for

RINGS_WITHIN = 20_000


class Console:
    """One agent, signed in, in front of the console. `who` is a first name of the demo's company."""

    def __init__(self, page: Page, desk: Desk, who: str, *, at: str = "/"):
        self.page, self.desk, self.who = page, desk, who
        page.goto(f"{desk.url}/sign-in/?next={at}")
        self.sign_in()

    def sign_in(self) -> None:
        people = self.desk.company["users"]
        account = next(one for one in people if one["email"].startswith(f"{self.who.lower()}@"))
        self.page.get_by_label("E-mail address").fill(account["email"])
        self.page.get_by_label("Password").fill(account["password"])
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.locator('[data-live="yes"]')).to_be_attached(timeout=RINGS_WITHIN)

    def become(self, presence: str) -> "Console":
        self.page.locator("#presence").click()
        self.page.get_by_role("menuitemradio", name=presence, exact=True).click()
        expect(self.presence).to_contain_text(presence)
        return self

    @property
    def presence(self) -> Locator:
        return self.page.locator("#presence")

    @property
    def offer(self) -> Locator:
        return self.page.get_by_role("alertdialog")

    @property
    def timeline(self) -> Locator:
        return self.page.get_by_role("log", name="Timeline")

    @property
    def field(self) -> Locator:
        return self.page.locator("#write")

    def hears(self, words: str) -> "Console":
        """Wait until it rings here, with these words on the card."""
        try:
            expect(self.offer).to_contain_text(words, timeout=RINGS_WITHIN)
        except AssertionError as error:
            raise AssertionError(f"It did not ring at {self.who}'s: {error} {self.desk.last_words()}") from None
        return self

    def accept(self, subject: str) -> "Console":
        """Accept by the key, and wait until that ticket is open."""
        self.page.keyboard.press("F2")
        return self.sees(subject)

    def sees(self, subject: str) -> "Console":
        expect(self.page.get_by_role("heading", level=2, name=subject, exact=True)).to_be_visible()
        return self

    def decline(self, reason: str) -> None:
        self.page.keyboard.press("Shift+F2")
        self.page.get_by_role("menuitem", name=reason).click()
        expect(self.offer).to_have_count(0)

    def send(self, text: str) -> None:
        """Answer by the keyboard, whatever becomes of it."""
        self.page.keyboard.press("r")
        self.field.fill(text)
        self.field.press("Control+Enter")

    def reply(self, text: str) -> None:
        """Answer by the keyboard, and wait until it is said to be sent."""
        self.send(text)
        message = self.timeline.get_by_role("article").filter(has_text=text)
        expect(message.get_by_text("Sent", exact=True)).to_be_visible(timeout=RINGS_WITHIN)

    def resolve(self) -> None:
        """Resolve by the key, and be done with wrap-up."""
        self.field.blur()
        self.page.keyboard.press("e")
        self.page.get_by_role("region", name="Wrap-up").get_by_role("button", name="Done").click()
        expect(self.page.get_by_role("region", name="Wrap-up")).to_have_count(0)


class Customer:
    """Somebody with a mail program."""

    def __init__(self, desk: Desk, name: str, address: str):
        self.desk, self.name, self.address = desk, name, address

    def write(self, subject: str, text: str, *, html: str = "", to: str = "", answering: EmailMessage | None = None):
        """Send a mail to the desk over SMTP; returns its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{self.name} <{self.address}>", to or self.desk.company["address"]
        mail["Subject"], mail["Message-ID"] = subject, make_msgid(domain="customer.example")
        if answering:
            mail["In-Reply-To"] = answering["Message-ID"]
            mail["References"] = f"{answering['References'] or ''} {answering['Message-ID']}".strip()
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        with smtplib.SMTP(*self.desk.smtp, timeout=10) as server:
            server.send_message(mail, from_addr=self.address)
        return mail["Message-ID"]

    def receives(self, words: str) -> EmailMessage:
        """Wait for a mail from the desk with these words in its text."""
        return wait_for(lambda: self._found(words), 20, f"No mail with “{words}” reached {self.address}")

    def _found(self, words):
        letters = (self.desk.folder / "files" / "mailbox").glob("*")
        mails = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in letters if path.is_file())
        return next((mail for mail in mails if self.address in str(mail["To"]) and words in _text(mail)), None)


def _text(mail):
    body = mail.get_body(preferencelist=("plain",))
    return body.get_content() if body else ""
