"""A company to compare policies in, as a scenario for the simulator; the same every time it is made.

Thirty-six agents, six topics, two languages. Each agent is an expert (level 4 or 5) in one topic and a beginner (1 to
3) in one or two more; 45 in a hundred speak the second language, which 20 in a hundred of the interactions ask for.
Calls, chats and mails come 45 to 35 to 20; a call takes an agent's whole budget, a chat 30 units, a mail 20. One in ten
is a VIP's.
"""

import random
from dataclasses import dataclass

TOPICS = ("orders", "billing", "returns", "repairs", "travel", "accounts")
AGENTS = 36
HOURS = 8
# How much longer it takes somebody of level 1 to 5; in the flat world everybody takes as long.
BY_LEVEL = (1.45, 1.2, 1.0, 0.9, 0.82)
FLAT = (1.0,) * 5
SHARES = {"voice": 0.45, "chat": 0.35, "email": 0.20}
MINUTES = {"voice": 4.5, "chat": 9.0, "email": 9.0}
COSTS = {"voice": 100, "chat": 30, "email": 20}
TARGETS = {"voice": 20 / 60, "chat": 1.0, "email": 60.0}
PATIENCE = {"voice": 4.0, "chat": 10.0}
SECOND_LANGUAGE, VIP = 0.2, 0.1


@dataclass(frozen=True, slots=True)
class World:
    """Does a higher level make shorter work of it, which channels there are, and how much comes of what can be done."""

    name: str
    by_level: tuple[float, ...]
    channels: tuple[str, ...]

    def scenario(self, load: float) -> dict:
        """The scenario at a load, as a share of what all agents could do together."""
        agents = list(_agents())
        kinds = [
            self._kind(topic, channel, language, vip)
            for topic in TOPICS
            for channel in self.channels
            for language in ("first", "second")
            for vip in (False, True)
        ]
        minute = self._per_minute(load, agents)
        for kind in kinds:
            kind["rate"] = minute * kind.pop("share")
            kind["service"] = self._service(kind, agents)
        return {
            "name": f"{self.name} at {load}",
            "time_unit": "minute",
            "periods": {"length": HOURS * 60, "count": 1},
            "warm_up": 30,
            "after": "stop",
            "types": kinds,
            "groups": agents,
        }

    def _kind(self, topic, channel, language, vip):
        share = SHARES[channel] / sum(SHARES[each] for each in self.channels) / len(TOPICS)
        share *= SECOND_LANGUAGE if language == "second" else 1 - SECOND_LANGUAGE
        share *= VIP if vip else 1 - VIP
        patience = {"kind": "exponential", "mean": PATIENCE[channel]} if channel in PATIENCE else None
        kind = {
            "name": f"{channel} {topic} {language}{' VIP' if vip else ''}",
            "channel": channel,
            "queue": topic,
            "required": {f"topic.{topic}": 1, **({"lang.second": 3} if language == "second" else {})},
            "preferred": {f"topic.{topic}": 5},
            "priority": 2 if vip else 1,
            "cost": COSTS[channel],
            "target": TARGETS[channel],
            "share": share,
        }
        return {**kind, "patience": patience} if patience else kind

    def _service(self, kind, agents):
        """How long each agent takes, by their level in the topic."""
        topic = next(skill for skill in kind["required"] if skill.startswith("topic."))
        minutes = MINUTES[kind["channel"]]
        able = {each["name"]: each["skills"][topic] for each in agents if topic in each["skills"]}
        times = {
            name: {"kind": "lognormal", "mean": minutes * self.by_level[level - 1], "cv": 0.8}
            for name, level in able.items()
        }
        return {"by_group": times, "default": {"kind": "lognormal", "mean": minutes, "cv": 0.8}}

    def _per_minute(self, load, agents):
        """Arrivals a minute that keep `load` of all agents busy, if each were served by anybody who can."""
        levels = [level for each in agents for skill, level in each["skills"].items() if skill.startswith("topic.")]
        slower = sum(self.by_level[level - 1] for level in levels) / len(levels)
        total = sum(SHARES[each] for each in self.channels)
        work = sum(SHARES[each] / total * MINUTES[each] * COSTS[each] / 100 for each in self.channels)
        return load * AGENTS / (work * slower)


def _agents():
    chance = random.Random(7)
    for number in range(AGENTS):
        topic = TOPICS[number % len(TOPICS)]
        others = chance.sample([each for each in TOPICS if each != topic], chance.choice((1, 2)))
        skills = {f"topic.{topic}": chance.choice((4, 5)), **{f"topic.{each}": chance.randint(1, 3) for each in others}}
        if chance.random() < 0.45:
            skills["lang.second"] = chance.randint(3, 5)
        yield {"name": f"agent {number + 1}", "agents": 1, "skills": skills}


WORLDS = (
    World("skill shortens, all channels", BY_LEVEL, ("voice", "chat", "email")),
    World("skill shortens, calls only", BY_LEVEL, ("voice",)),
    World("as long for all, all channels", FLAT, ("voice", "chat", "email")),
    World("as long for all, calls only", FLAT, ("voice",)),
)
