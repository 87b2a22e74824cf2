"""What customers of Fjell Outdoor wanted in the last weeks, and what was said: in English."""
# ruff: noqa: E501 - what people wrote stays on its line

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said `minute` minutes after the story began: by the customer, or by a member of staff (first name)."""

    channel: str
    minute: float
    text: str
    by: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket and its conversation; it began `days` ago. `agent` is the assignee's first name."""

    customer: str
    queue: str
    subject: str
    days: float
    said: tuple[Said, ...]
    agent: str = ""
    status: str = "solved"
    priority: int = 1
    tags: tuple[str, ...] = ()
    disposition: str = "Answered"


def mail(minute, text, by=""):
    return Said("email", minute, text, by)


def chat(minute, text, by=""):
    return Said("chat", minute, text, by)


def call(minute, text, by=""):
    return Said("voice", minute, text, by)


def note(minute, text, by):
    return Said("email", minute, text, by, is_note=True)


STORIES = (
    Story(
        "marta", "care", "Trailer hitch arrived damaged", 1.4, agent="nora", status="open", priority=2,
        tags=("damaged-in-transit", "replacement"),
        said=(
            mail(0, "Hello,\n\nthe parcel came this morning but the hitch is bent and one bolt is missing. We leave for the "
                    "mountains on Saturday, so I need to know if a new one can reach me before that.\n\nMarta"),
            note(107, "@Nora the carrier accepts the damage claim, DPD-88120. Six replacement hitches are in the Poznań "
                      "warehouse.", "jonas"),
            chat(1755, "Hi, any news about the hitch? I would rather talk if that is quicker."),
            chat(1757, "Of course. I will ring you in a minute, please keep the number of the claim at hand.", "nora"),
            call(1762, "Call, 6 min 40 s. Could it come before Saturday? Nora checked the courier from Poznań: Friday by "
                       "14:00.", "nora"),
            mail(1790, "As agreed on the phone: the replacement is packed, DPD Express, Friday by 14:00. You keep the damaged "
                       "one, no return needed.", "nora"),
        ),
    ),
    Story(
        "liam", "billing", "Charged twice for order 10422", 0.25, agent="aisha", status="open", priority=2, tags=("refund",),
        said=(
            chat(0, "Hello, my bank shows two payments of €129 for order 10422."),
            chat(2, "That should not be. Can you tell me whether one of them is marked as pending?", "aisha"),
            chat(4, "I can see both payments in my bank app, one is pending"),
            note(9, "The second one is an authorisation that was never captured; it lapses on Thursday.", "aisha"),
        ),
    ),
    Story(
        "sofia", "warranty", "Seam on the boiled wool jacket", 1.1, agent="magda", status="open", tags=("photos",),
        said=(
            mail(0, "Good morning, the seam under the left sleeve of my boiled wool jacket opened after two months. "
                    "What can be done?\n\nSofia"),
            mail(65, "Dear Sofia, I am sorry to hear that. Could you send us a photo of both sleeves?", "magda"),
            mail(190, "Photos attached as you asked. The left sleeve is worse."),
        ),
    ),
    Story(
        "tomas", "billing", "Invoice without our VAT number", 0.6, agent="piotr", status="open", tags=("invoice", "company"),
        said=(mail(0, "Hello, invoice 2026-3381 does not show our VAT number CZ27082440. Our accountant cannot book it like "
                      "this.\n\nTomáš Novák, Novák Stavby"),),
    ),
    Story(
        "amara", "shipping", "Change the delivery address", 0.15, agent="jonas", status="open",
        said=(
            chat(0, "Hi! I moved last week and my order 10455 still goes to the old flat. Can you change it?"),
            chat(1, "I can, it has not left yet. What is the new address?", "jonas"),
            chat(3, "12 rue des Capucins, 69001 Lyon. Thank you!"),
        ),
    ),
    Story(
        "henrik", "sizing", "Does the kayak rack fit a 2014 estate car?", 0.2, status="new",
        said=(call(0, "Voicemail, 42 s. “Hello, I would like to know if the kayak rack fits a 2014 estate car with low rails. "
                      "You can ring me back all afternoon.”"),),
    ),
    Story(
        "priya", "care", "Group order of 14 tents", 4.3, agent="nora", status="pending", priority=2, tags=("group-order",),
        said=(
            mail(0, "Hello Fjell, our club needs 14 three-person tents for the May trip. Is there a group price, and can you "
                    "hold them while we collect the money?\n\nPriya Raman"),
            mail(84, "Dear Priya, from ten tents on we give 12 %. I have reserved them until Friday noon.", "nora"),
        ),
    ),
    Story(
        "elif", "returns", "The QR code on the return label does not scan", 0.9, agent="zofia", tags=("label",),
        disposition="Return label sent",
        said=(
            chat(0, "The QR code on the return label does not scan"),
            chat(1, "I am sorry! I have made a new one; it is in your inbox now. Does that one scan?", "zofia"),
            chat(6, "Yes, it worked at once. Thanks"),
        ),
    ),
    Story(
        "bjorn", "shipping", "Parcel stands still in Narvik", 2.2, agent="mateo", disposition="Traced with the carrier",
        said=(
            mail(0, "My boots have been “in transit” in Narvik since Tuesday. Is the road closed again?\n\nBjørn"),
            mail(140, "Hello Bjørn, the E10 was closed by an avalanche until this morning. The lorry is moving: expect it "
                      "on Monday.", "mateo"),
            mail(1500, "Came today. Thank you for asking them!"),
        ),
    ),
    Story(
        "grace", "shipping", "Customs fee for a returned pair", 3.4, agent="oliver", tags=("customs",),
        said=(
            mail(0, "I had to pay customs on the replacement of the boots I returned. Surely that is wrong?\n\nGrace"),
            mail(330, "Hello Grace, it is: our form said “sale” instead of “replacement”. The corrected form is attached to "
                      "your order, and we refund the 412 rand today.", "oliver"),
            mail(371, "That was quick. Much appreciated."),
        ),
    ),
    Story(
        "lucie", "sizing", "Between two sizes of the Storfjell boot", 0.4, agent="liv", disposition="Size recommended",
        said=(
            chat(0, "Hi, I wear 39 in shoes and 39.5 in ski boots. Which Storfjell should I take?"),
            chat(1, "Storfjell runs narrow. With a thick sock I would take 40. Do you wear inlays?", "liv"),
            chat(3, "Yes, custom ones"),
            chat(4, "Then 40 for sure. If it does not fit you have 60 days to exchange it.", "liv"),
        ),
    ),
    Story(
        "ines", "returns", "Exchange for a larger rain jacket", 5.2, agent="hannah", disposition="Return label sent",
        said=(
            mail(0, "Olá, the rain jacket is too tight over a fleece. Can I exchange M for L?\n\nInês"),
            mail(55, "Hello Inês, gladly. A label is attached; we send the L as soon as the parcel is scanned.", "hannah"),
        ),
    ),
    Story(
        "oskar", "warranty", "Stove will not light in the cold", 6.1, agent="magda", tags=("stove",),
        disposition="Replacement sent",
        said=(
            mail(0, "The Lomme stove does not light below minus ten. It did last winter.\n\nOskar"),
            mail(75, "Hello Oskar, that sounds like the valve of the first series, which we replace. Which number stands "
                     "below the burner?", "magda"),
            mail(460, "L1-20881"),
            mail(505, "That is one of them. A new burner is on its way to Umeå.", "magda"),
        ),
    ),
    Story(
        "hugo", "billing", "Gift card balance", 8.0, agent="marek",
        said=(
            chat(0, "How much is left on gift card 7714-2290?"),
            chat(1, "€35.50, valid until March 2028.", "marek"),
        ),
    ),
    Story(
        "priya", "warranty", "Two tent poles snapped", 12.5, agent="magda", tags=("tent",), disposition="Replacement sent",
        said=(
            mail(0, "Two poles of the Vidda 3 snapped at the ferrule in moderate wind. Photos attached.\n\nPriya"),
            mail(210, "Dear Priya, thank you for the photos: that is a fault of ours. Two sets of poles leave today.", "magda"),
            mail(4400, "They arrived, and fit. Thank you."),
        ),
    ),
    Story(
        "marta", "sizing", "Size of the child seat harness", 26.0, agent="liv", disposition="Size recommended",
        said=(
            call(0, "Call, 3 min 05 s. Harness of the bike seat for a child of 104 cm. Liv recommended size S with the "
                    "extender.", "liv"),
        ),
    ),
    Story(
        "marta", "billing", "Gift card balance", 21.3, agent="piotr",
        said=(
            mail(0, "Hello, I have two gift cards. Can I use both on one order?\n\nMarta"),
            mail(38, "Hello Marta, yes: enter the second in the same field after the first. They hold €40 and €25.", "piotr"),
        ),
    ),
    Story(
        "liam", "returns", "Where to hand in a return in Cork", 9.7, agent="hannah",
        said=(
            chat(0, "Is there a drop-off point in Cork?"),
            chat(2, "Three of them; the nearest to you is the newsagent on Grand Parade, open until 19:00.", "hannah"),
        ),
    ),
    Story(
        "henrik", "shipping", "Left with the wrong neighbour", 15.2, agent="jonas", disposition="Traced with the carrier",
        said=(
            call(0, "Call, 4 min 12 s. The parcel was left with “Olsen”, whom nobody knows. Jonas asked the carrier.", "jonas"),
            mail(190, "Hello Henrik, the driver remembers: Olsen lives at number 21, the red house.", "jonas"),
            mail(260, "Found it. Thanks, and greetings from Olsen."),
        ),
    ),
    Story(
        "lucie", "care", "Is the green Rondane coming back?", 0.7, agent="nora", status="open", tags=("stock",),
        said=(
            mail(0, "Hello, the Rondane 55 in green has been sold out for weeks. Will it come back, or should I take the grey "
                    "one?\n\nLucie"),
            mail(41, "Hello Lucie, 30 green ones arrive in the first week of December. Shall I put one aside for you?", "nora"),
            mail(63, "Yes please, in size M!"),
        ),
    ),
    Story(
        "bjorn", "care", "Lecture about avalanches on the 28th", 1.9, agent="nora",
        said=(
            chat(0, "Is the avalanche lecture in the Tromsø shop already full?"),
            chat(1, "There are five seats left. I have put one down for you, under Haugen.", "nora"),
            chat(2, "Great, see you there"),
        ),
    ),
    Story(
        "oskar", "care", "Will the sale start on Friday?", 0.05, status="new",
        said=(mail(0, "Hello, will the winter sale start this Friday or the next one?\n\nOskar"),),
    ),
    Story(
        "grace", "sizing", "Backpack for a short back", 10.8, agent="oliver", disposition="Size recommended",
        said=(
            mail(0, "I am 158 cm and every 60 l pack hits my head. Is there one with a shorter frame?\n\nGrace"),
            mail(95, "Hello Grace, the Rondane 55 has a frame that goes down to 38 cm. Measure from the bone in your neck to "
                     "the top of your hips, and write me the number.", "oliver"),
            mail(300, "41 cm"),
            mail(330, "Then the Rondane 55 in S fits.", "oliver"),
        ),
    ),
)  # fmt: skip
