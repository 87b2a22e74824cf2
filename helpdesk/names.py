"""How people are named in small places."""


def initials_of(name: str) -> str:
    """One or two capitals: "Marta Kowalczyk" is MK, "ada@example.test" is A."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    picked = words[:1] + words[-1:] if len(words) > 1 and "@" not in name else words[:1]
    return "".join(word[0] for word in picked).upper() or "?"
