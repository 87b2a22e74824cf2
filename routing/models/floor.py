"""Who is there: agents, what they are good at, and what queues ask of them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers import clock
from customers.models import Refs, Revised
from routing.models.domains import Domain
from tickets.models import Queue

# By this the router's memory learns what others changed (routing/memory.py).
WRITTEN_BY = "The transaction that wrote this row last, or the skills of this agent; the database sees to it"
SLUG = RegexValidator(r"^[a-z0-9][a-z0-9._-]*$", "Use small letters, digits, dots and hyphens only.")


class Skill(models.Model):
    """Something an agent can be good at: a topic or a language."""

    class Kind(models.TextChoices):
        TOPIC = "topic", "Topic"
        LANGUAGE = "language", "Language"

    slug = models.CharField(
        max_length=60, unique=True, validators=[SLUG], help_text="A language's is lang. and its ISO 639-1 code: lang.pl"
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TOPIC)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self):
        return self.name

    def event_refs(self):
        return Refs()


class QueueRouting(models.Model):
    """How the interactions of one queue are routed: its domain, its targets and its importance."""

    queue = models.OneToOneField(Queue, on_delete=models.CASCADE, related_name="routing")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="queues")
    importance = models.FloatField(default=1.0, validators=[MinValueValidator(0.1)])
    targets = models.JSONField(default=dict, blank=True, help_text="Seconds to answer in, by channel")
    offer_seconds = models.JSONField(default=dict, blank=True, help_text="Seconds an offer rings, by channel")
    wrap_up_seconds = models.PositiveIntegerField(default=60, help_text="Time limit of wrap-up; 0 for none")

    def __str__(self):
        return f"Routing of {self.queue}"


class QueueSkill(models.Model):
    """A skill that a queue's interactions take, at least at this level (or, if only preferred, ideally)."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="queues")
    level = models.PositiveSmallIntegerField(default=2, validators=[MinValueValidator(1), MaxValueValidator(5)])
    is_required = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "skill"], name="queue_asks_a_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="queue_skill_level_1_to_5"),
        ]


class Agent(Revised):
    """A person who serves queues: their presence, and one budget of capacity over all channels."""

    class Presence(models.TextChoices):
        OFFLINE = "offline", "Offline"
        AVAILABLE = "available", "Available"
        BUSY = "busy", "Busy"
        BREAK = "break", "On a break"
        AWAY = "away", "Away"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="agents")
    presence = models.CharField(max_length=9, choices=Presence.choices, default=Presence.OFFLINE)
    reason = models.CharField(max_length=40, blank=True, help_text="Reason code, e.g. lunch, training, missed")
    presence_since = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(null=True, blank=True, help_text="The last sign of life of a socket")
    idle_since = models.DateTimeField(default=timezone.now, help_text="Last received or finished work, or came back")
    channels = models.JSONField(default=list, blank=True, help_text="Channels this agent takes; empty for all")
    costs = models.JSONField(default=dict, blank=True, help_text="Units per channel where they differ from the rule")
    budget = models.PositiveSmallIntegerField(default=100)
    override = models.PositiveSmallIntegerField(default=0, help_text="Units a person allowed beyond the budget")
    used = models.PositiveSmallIntegerField(default=0, help_text="Units of all live interactions")
    parked = models.PositiveSmallIntegerField(default=0, help_text="Units of parked interactions, part of used")
    misses = models.PositiveSmallIntegerField(default=0, help_text="Offers missed in a row")
    revision = models.PositiveBigIntegerField(default=1)
    changed = models.BigIntegerField(default=0, editable=False, help_text=WRITTEN_BY)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used__lte=F("budget") + F("override") + F("parked")), name="agent_within_capacity"
            )
        ]
        indexes = [models.Index(fields=["domain", "presence"], name="agent_by_presence")]

    def __str__(self):
        return str(self.user)

    def become(self, presence: str, *, reason: str = "") -> None:
        """Change presence on a touched row; coming back to available starts idle time anew."""
        self.presence, self.reason, self.presence_since = presence, reason, clock.now()
        if presence == self.Presence.AVAILABLE:
            self.idle_since, self.misses = self.presence_since, 0
        self.save(update_fields=["presence", "reason", "presence_since", "idle_since", "misses"])

    def give(self, units: int) -> None:
        """Take up `units` of a touched row's budget."""
        self.used += units
        self.idle_since = clock.now()
        self.save(update_fields=["used", "parked", "idle_since", "override"])

    def release(self, units: int, *, of_parked: int = 0) -> None:
        """Free `units` of a touched row's budget, `of_parked` of them parked; what a person allowed beyond it ends."""
        self.used = max(0, self.used - units)
        self.parked = max(0, self.parked - of_parked)
        self.end_spare_override()
        self.idle_since = clock.now()
        self.save(update_fields=["used", "parked", "override", "idle_since"])

    def end_spare_override(self) -> None:
        """What a person allowed beyond the budget lasts no longer than it is needed; the caller saves it."""
        self.override = min(self.override, max(0, self.used - self.parked - self.budget))

    @property
    def free(self) -> int:
        """Units left of the budget for what is new: what is parked keeps its place."""
        return self.budget + self.override - self.used

    @property
    def room(self) -> int:
        """Units in which parked work can go on again."""
        return self.free + self.parked

    def event_refs(self):
        return Refs(topics={f"agent:{self.pk}": self.revision})


class AgentSkill(models.Model):
    """How well an agent has a skill, 1 (beginner) to 5 (expert)."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="agents")
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "skill"], name="agent_has_a_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="agent_skill_level_1_to_5"),
        ]
