"""What customers of Fjell Outdoor wanted in the last weeks, and what was said: in Polish and German."""
# ruff: noqa: E501 - what people wrote stays on its line

from helpdesk.demo.stories import Story, call, chat, mail, note

STORIES_ABROAD = (
    Story(
        "anna", "shipping", "Gdzie jest moja paczka?", 0.3, agent="ewa", status="pending", tags=("dpd",),
        disposition="Traced with the carrier",
        said=(
            mail(0, "Dzień dobry,\n\nzamówienie 10431 miało przyjść we wtorek. Śledzenie pokazuje tylko „przyjęto w "
                    "oddziale”. Proszę o informację.\n\nAnna Wiśniewska"),
            mail(22, "Dzień dobry, Pani Anno, paczka utknęła w Pruszczu. Zgłosiłam to kurierowi, odezwę się dziś po południu.",
                 "ewa"),
        ),
    ),
    Story(
        "jakub", "care", "Zamówienie 40 koców dla schroniska", 3.1, agent="zofia", status="open", priority=2,
        tags=("group-order", "company"),
        said=(
            call(0, "Rozmowa, 8 min 20 s. Schronisko potrzebuje 40 koców przed sezonem, dostawa do Kuźnic. Zofia obiecała "
                    "ofertę do piątku.", "zofia"),
            note(12, "Dostawa tylko do doliny: zimą nie ma drogi do schroniska.", "zofia"),
            mail(1300, "Dzień dobry, w załączniku oferta na 40 koców z dostawą do Kuźnic. Rabat 15 %.", "zofia"),
            mail(2900, "Dziękuję, oferta wygląda dobrze. Czy faktura może być z terminem 30 dni?\n\nKuba"),
        ),
    ),
    Story(
        "pawel", "returns", "Zwrot butów, zły kolor", 2.6, agent="zofia", disposition="Return label sent",
        said=(
            chat(0, "Dzień dobry, zamówiłem buty w kolorze szarym, a przyszły zielone"),
            chat(1, "Przepraszamy! Zaraz wyślę etykietę zwrotną. Czy szare mają być w tym samym rozmiarze?", "zofia"),
            chat(3, "Tak, 43. Dzięki"),
        ),
    ),
    Story(
        "zuzanna", "warranty", "Pęknięta klamra w plecaku", 5.7, agent="magda", disposition="Replacement sent",
        said=(
            mail(0, "Dzień dobry, po trzech wyjazdach pękła klamra pasa biodrowego. Czy można dostać nową?\n\nZuzanna"),
            mail(130, "Dzień dobry, oczywiście. Wysyłam dwie klamry listem, wymiana nie wymaga narzędzi.", "magda"),
            mail(5200, "Klamry doszły, wszystko pasuje. Dziękuję!"),
        ),
    ),
    Story(
        "anna", "billing", "Faktura na firmę", 14.4, agent="piotr", disposition="Invoice corrected", tags=("invoice",),
        said=(
            mail(0, "Dzień dobry, poproszę o fakturę na firmę do zamówienia 10277, NIP 584-275-11-09.\n\nAnna Wiśniewska"),
            mail(47, "Dzień dobry, faktura z NIP-em jest już na Pani koncie.", "piotr"),
        ),
    ),
    Story(
        "marta", "care", "Czy sklep w Krakowie jest otwarty w niedzielę?", 33.0, agent="marek",
        said=(
            chat(0, "Dzień dobry, czy sklep w Krakowie jest otwarty w niedzielę?"),
            chat(1, "Dzień dobry, tylko w niedziele handlowe, najbliższa za dwa tygodnie, od 10 do 18.", "marek"),
        ),
    ),
    Story(
        "katja", "shipping", "Paket wurde als zugestellt gemeldet", 1.8, agent="jonas", disposition="Traced with the carrier",
        said=(
            mail(0, "Guten Tag,\n\nlaut Sendungsverfolgung wurde mein Paket gestern zugestellt, hier ist aber nichts "
                    "angekommen.\n\nKatja Vogel"),
            mail(64, "Guten Tag Frau Vogel, der Fahrer hat es im Kiosk nebenan abgegeben und keine Karte hinterlassen. Es "
                     "liegt dort bis Samstag.", "jonas"),
            mail(410, "Gefunden, vielen Dank!"),
        ),
    ),
    Story(
        "daniel", "billing", "Rückerstattung für Bestellung 10188", 7.2, agent="hannah", disposition="Refunded",
        tags=("refund",),
        said=(
            call(0, "Anruf, 5 min 10 s. Rückgabe kam am 2. an, das Geld noch nicht. Hannah hat die Erstattung ausgelöst.",
                 "hannah"),
            mail(30, "Guten Tag Herr Frei, CHF 219 sind unterwegs, in zwei Bankarbeitstagen auf Ihrem Konto.", "hannah"),
        ),
    ),
)  # fmt: skip
