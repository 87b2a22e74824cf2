"""Customers who write mails, as a mail server delivers them: again and again until it is told 250."""

import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.faults.company import Company

PATIENCE_SECONDS = 60


def letter(name: str, *, to: str = "parcels@desk.test", text: str = "", **headers: str) -> bytes:
    """A mail from one customer, whose Message-ID, sender, subject and text all name it."""
    lines = {
        "From": f"{name}@customers.test",
        "To": to,
        "Subject": f"Where is parcel {name}",
        "Message-ID": f"<{name}@customers.test>",
        "Date": "Sun, 22 Nov 2026 00:00:00 +0000",
        **headers,
    }
    head = "".join(f"{header}: {value}\r\n" for header, value in lines.items())
    return f"{head}\r\n{text or f'My parcel {name} has not come yet.'}\r\n".encode()


@dataclass
class Postman:
    """Delivers to the desk; `acknowledged` are the Message-IDs that it answered 250 for."""

    company: Company
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0  # tries that were not acknowledged

    def deliver(self, name: str) -> None:
        """Deliver this customer's mail, for as long as it takes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.try_once(letter(name), sender=f"{name}@customers.test"):
            self.refused += 1
            assert time.monotonic() < deadline, f"{name} could not be delivered in {PATIENCE_SECONDS} s"
            time.sleep(0.1)
        self.acknowledged.append(f"{name}@customers.test")

    def deliver_all(self, names, *, hands: int = 2) -> None:
        with ThreadPoolExecutor(hands) as pool:
            list(pool.map(self.deliver, names))

    def try_once(self, raw: bytes, *, sender: str, to: tuple[str, ...] = ("parcels@desk.test",)) -> bool:
        """Whether the desk said 250."""
        try:
            with smtplib.SMTP(*self.company.desk.smtp, local_hostname="post.test", timeout=10) as server:
                server.sendmail(sender, to, raw, mail_options=["BODY=8BITMIME"])
            return True
        except smtplib.SMTPServerDisconnected:
            return False
        except (OSError, smtplib.SMTPException):
            return False
