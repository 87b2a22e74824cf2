"""In which language did they write? Only said when it is likely and the desk has people for it."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from routing.models import Skill

LANGUAGE_SLUG = "lang."
SHORTEST = 20
LIKELY = 0.8
READ_CHARS = 2000
NOT_LANGUAGE = re.compile(r"https?://\S+|\S+@\S+|[#\d]\S*")


def detect(text: str, *, content_language: str = "", known: list[str] | None = None) -> str:
    """The ISO 639-1 code of the language of `text`, "" when it cannot be told.

    A Content-Language header wins. `known` are the codes to choose from; by default those the desk has skills for.
    All languages take part, so that a French mail at an English and Polish desk is not taken for English.
    """
    known = spoken() if known is None else known
    declared = content_language[:2].lower()
    if declared in known:
        return declared
    sample = " ".join(NOT_LANGUAGE.sub(" ", text[:READ_CHARS]).split())
    if len(sample) < SHORTEST:
        return ""
    language, likelihood = _model().classify(sample)
    return language if language in known and likelihood >= LIKELY else ""


def load() -> None:
    """Load the model now; else the first text that is looked at waits for it."""
    _model()


def spoken() -> list[str]:
    """The codes of the languages that the desk has skills for."""
    slugs = Skill.objects.filter(kind=Skill.Kind.LANGUAGE, slug__startswith=LANGUAGE_SLUG).order_by("slug")
    return [slug.removeprefix(LANGUAGE_SLUG) for slug in slugs.values_list("slug", flat=True)]


@cache
def _model():
    """It takes most of a second and 60 MB to load."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
