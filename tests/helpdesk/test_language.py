import pytest

from helpdesk.language import detect, spoken
from tests.factories import make_skill

KNOWN = ["en", "pl"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My parcel has not arrived yet and I leave on Saturday.", "en"),
        ("Dzień dobry, gdzie jest moja paczka? Czekam już tydzień.", "pl"),
        ("Dzien dobry, paczka nie doszla, prosze o pomoc", "pl"),
        ("Bonjour, je voudrais savoir où est ma commande", ""),
        ("Dobrý deň, kde je moja zásielka?", ""),
        ("ok", ""),
        ("#10422 48512440118 https://dpd.example/track/88120 ann@x.test", ""),
        ("", ""),
    ],
)
def test_a_language_is_named_only_when_it_is_likely_and_spoken_here(text, language):
    assert detect(text, known=KNOWN) == language


def test_the_senders_own_word_wins():
    assert detect("My parcel has not arrived yet.", content_language="pl-PL", known=KNOWN) == "pl"


def test_a_declared_language_that_nobody_speaks_here_is_not_taken():
    assert detect("Dzień dobry, gdzie jest moja paczka?", content_language="ja", known=KNOWN) == "pl"


@pytest.mark.django_db
def test_the_languages_of_the_desk_are_those_it_has_skills_for():
    for slug in ("lang.pl", "lang.en", "billing"):
        make_skill(slug)
    assert spoken() == ["en", "pl"]
