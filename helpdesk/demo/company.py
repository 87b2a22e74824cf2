"""Fjell Outdoor: who works there, on what, and by which addresses customers reach them."""
# ruff: noqa: E501 - what people wrote stays on its line

from dataclasses import dataclass, field

NAME = "Fjell Outdoor"

SKILLS = {
    "care": "Customer care",
    "shipping": "Shipping",
    "billing": "Billing",
    "returns": "Returns",
    "warranty": "Warranty",
    "sizing": "Sizing advice",
    "lang.en": "English",
    "lang.pl": "Polish",
    "lang.de": "German",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A queue, what it needs at which level and would rather have, and its targets in seconds by channel."""

    slug: str
    name: str
    description: str
    needs: dict[str, int]
    wants: dict[str, int] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=lambda: {"voice": 20, "chat": 60, "email": 4 * 3600})
    importance: float = 1.0


QUEUES = (
    Line("care", "Customer care", "Whatever has no queue of its own", {"care": 2}, wants={"care": 5}),
    Line("shipping", "Shipping", "Where is my parcel, damage on the way, customs", {"shipping": 2}),
    Line("billing", "Billing", "Payments, invoices, refunds", {"billing": 2}),
    Line("returns", "Returns", "Sending things back, exchanges", {"returns": 2}),
    Line("warranty", "Warranty", "What broke, and should not have", {"warranty": 3}, importance=1.5),
    Line("sizing", "Sizing advice", "Which size, which boot, which pack", {"sizing": 2}),
)

DISPOSITIONS = (
    ("Answered", None),
    ("Refunded", "billing"),
    ("Invoice corrected", "billing"),
    ("Replacement sent", "warranty"),
    ("Claim declined", "warranty"),
    ("Traced with the carrier", "shipping"),
    ("Address changed", "shipping"),
    ("Return label sent", "returns"),
    ("Size recommended", "sizing"),
    ("Wrong number or spam", None),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff; `levels` make them an agent."""

    name: str
    role: str = "agent"
    levels: dict[str, int] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@fjell.example"


# The first is the one whom the demo's mail and chat ring: the best at customer care, and with no rare skill to be
# kept free for, so also when others are available.
STAFF = (
    Person("Nora Dahl", levels={"care": 5, "lang.en": 5}),
    Person("Ewa Pawlak", levels={"care": 3, "shipping": 5, "returns": 4, "billing": 3, "lang.en": 5, "lang.pl": 5}),
    Person("Jonas Weber", levels={"care": 3, "shipping": 4, "warranty": 4, "lang.en": 5, "lang.de": 5, "lang.pl": 1}),
    Person("Liv Andersen", levels={"care": 3, "returns": 4, "sizing": 5, "lang.en": 5}),
    Person("Piotr Nowak", levels={"care": 3, "shipping": 4, "billing": 4, "lang.en": 4, "lang.pl": 5}),
    Person("Aisha Khan", levels={"care": 3, "billing": 5, "returns": 3, "lang.en": 5}),
    Person("Magda Lis", levels={"care": 3, "warranty": 5, "lang.en": 4, "lang.pl": 5}),
    Person("Hannah Brandt", levels={"care": 3, "returns": 4, "billing": 3, "lang.en": 4, "lang.de": 5}),
    Person("Oliver Grant", levels={"care": 3, "sizing": 4, "shipping": 3, "lang.en": 5}),
    Person("Zofia Lewandowska", levels={"care": 3, "returns": 5, "sizing": 3, "lang.en": 4, "lang.pl": 5}),
    Person("Mateo Silva", levels={"care": 2, "shipping": 3, "sizing": 3, "lang.en": 4}),
    Person("Marek Zieba", levels={"care": 3, "billing": 3, "shipping": 2, "lang.en": 4, "lang.pl": 5}),
    Person("Ingrid Solheim", role="supervisor"),
    Person("Astrid Moen", role="administrator"),
)

# Local part of the mailbox, the name that customers see, its queue.
MAILBOXES = (("support", NAME, "care"), ("warranty", f"{NAME} Warranty", "warranty"))
SIGNATURE = f"{NAME} · Storgata 12, Oslo\nOpen every day from 8 to 20"
WIDGET = {"name": NAME, "greeting": "Hi! How can we help you?", "colour": "#1e59cd", "queue": "care"}


@dataclass(frozen=True, slots=True)
class Someone:
    """A customer. `facts` are shown beside their conversations."""

    key: str
    name: str
    email: str
    phone: str = ""
    language: str = "en"
    location: str = ""
    time_zone: str = ""
    tier: str = "standard"
    organisation: str = ""
    notes: str = ""
    facts: dict[str, str] = field(default_factory=dict)


ORGANISATIONS = {
    "Novák Stavby s.r.o.": "novak.example",
    "Northern Trails Club": "trails.example",
    "Schronisko Pod Wierchem": "schronisko.example",
}

GOLD_SINCE = "Trail Club Gold, since {}".format

CUSTOMERS = (
    Someone(
        "marta", "Marta Kowalczyk", "marta.k@poczta.example", "+48512440118", "pl", "Kraków", "Europe/Warsaw", "gold",
        notes="Prefers a call after 16:00. Rides with two children, so stock dates matter to her.",
        facts={"Orders": "11", "Spent": "€2,184", "Member": GOLD_SINCE(2021)},
    ),
    Someone("liam", "Liam O’Shea", "liam.oshea@mail.example", "+353861234567", "en", "Cork", "Europe/Dublin"),
    Someone("sofia", "Sofia Bianchi", "sofia.bianchi@posta.example", "", "en", "Torino", "Europe/Rome", "gold",
            facts={"Orders": "6", "Spent": "€1,240", "Member": GOLD_SINCE(2023)}),
    Someone("tomas", "Tomáš Novák", "tomas@novak.example", "+420602555143", "en", "Brno", "Europe/Prague",
            organisation="Novák Stavby s.r.o.", notes="Orders for the firm: every invoice needs its VAT number."),
    Someone("amara", "Amara Diallo", "amara.diallo@courriel.example", "+33612555019", "en", "Lyon", "Europe/Paris"),
    Someone("henrik", "Henrik Lund", "henrik.lund@post.example", "+4740555012", "en", "Bergen", "Europe/Oslo"),
    Someone("priya", "Priya Raman", "priya@trails.example", "+447700900155", "en", "Leeds", "Europe/London", "gold",
            organisation="Northern Trails Club", facts={"Orders": "23", "Spent": "€9,410", "Member": GOLD_SINCE(2019)}),
    Someone("elif", "Elif Yılmaz", "elif.yilmaz@eposta.example", "", "en", "İzmir", "Europe/Istanbul"),
    Someone("anna", "Anna Wiśniewska", "anna.wisniewska@poczta.example", "+48601555220", "pl", "Gdańsk", "Europe/Warsaw"),
    Someone("jakub", "Jakub Mazur", "kuba@schronisko.example", "+48605555871", "pl", "Zakopane", "Europe/Warsaw", "gold",
            organisation="Schronisko Pod Wierchem", notes="Runs a mountain hut; no road in winter, deliver to the valley.",
            facts={"Orders": "31", "Spent": "€14,020", "Member": GOLD_SINCE(2018)}),
    Someone("katja", "Katja Vogel", "katja.vogel@post-de.example", "+4915155501188", "de", "Leipzig", "Europe/Berlin"),
    Someone("bjorn", "Bjørn Haugen", "bjorn.haugen@post.example", "+4791555340", "en", "Tromsø", "Europe/Oslo"),
    Someone("grace", "Grace Mbeki", "grace.mbeki@mail.example", "+27825550143", "en", "Cape Town", "Africa/Johannesburg"),
    Someone("pawel", "Paweł Kaczmarek", "pawel.kaczmarek@poczta.example", "", "pl", "Wrocław", "Europe/Warsaw"),
    Someone("lucie", "Lucie Marchand", "lucie.marchand@courriel.example", "", "en", "Grenoble", "Europe/Paris"),
    Someone("daniel", "Daniel Frei", "daniel.frei@post-ch.example", "+41795550188", "de", "Chur", "Europe/Zurich", "gold",
            facts={"Orders": "9", "Spent": "€3,305", "Member": GOLD_SINCE(2020)}),
    Someone("ines", "Inês Carvalho", "ines.carvalho@correio.example", "", "en", "Porto", "Europe/Lisbon"),
    Someone("oskar", "Oskar Lindqvist", "oskar.lindqvist@post-se.example", "+46705550171", "en", "Umeå", "Europe/Stockholm"),
    Someone("zuzanna", "Zuzanna Wrona", "zuzanna.wrona@poczta.example", "+48608555913", "pl", "Lublin", "Europe/Warsaw"),
    Someone("hugo", "Hugo Peeters", "hugo.peeters@mail.example", "", "en", "Ghent", "Europe/Brussels"),
)  # fmt: skip
