"""WHO HANDLES IT NOW: agents and their skills, interactions, offers, and the decisions between them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers import clock
from customers.models import Refs, Revised, take_over
from routing.packed import PackedJSONField
from tickets.models import Channel, Queue, Ticket

# By this the router's memory learns what others changed (routing/memory.py).
WRITTEN_BY = "The transaction that wrote this row last, or the skills of this agent; the database sees to it"
SLUG = RegexValidator(r"^[a-z0-9][a-z0-9._-]*$", "Use small letters, digits, dots and hyphens only.")


class Domain(models.Model):
    """Agents and queues that can only be routed together: one dispatch at a time per domain."""

    name = models.CharField(max_length=80, unique=True)
    epoch = models.PositiveBigIntegerField(default=0, help_text="Raised by every dispatch; fences off a stale router")
    policy = models.ForeignKey(
        "Policy",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The rules in force; none are the ordinary ones",
    )

    def __str__(self):
        return self.name

    @classmethod
    def main(cls):
        """The domain of a company whose agents and queues all hang together, as most do."""
        return cls.objects.get_or_create(name="main")[0]


class Policy(models.Model):
    """One version of a domain's routing rules. What was published is never changed: the database refuses it.

    A domain has one draft at most, which has no number yet, and one published version at most: the live one.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "In force"
        RETIRED = "retired", "Earlier"

    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField(null=True, blank=True, help_text="From 1, by domain; a draft has none")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    document = models.JSONField(help_text="The rules, as routing/rules/schema.py describes them")
    note = models.CharField(max_length=200, blank=True, help_text="What changed and why")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    based_on = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="In force when it was begun",
    )
    revision = models.PositiveIntegerField(default=1, help_text="Raised whenever a draft is saved")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["domain", "number"], name="one_policy_of_a_number"),
            models.UniqueConstraint(fields=["domain"], condition=Q(state="draft"), name="one_draft"),
            models.UniqueConstraint(fields=["domain"], condition=Q(state="published"), name="one_policy_in_force"),
            models.CheckConstraint(
                condition=Q(state="draft", number=None, published_at=None)
                | (~Q(state="draft") & Q(number__gte=1, published_at__isnull=False)),
                name="what_is_published_has_a_number",
            ),
        ]

    def __str__(self):
        return f"Version {self.number}" if self.number else "Draft"

    def event_refs(self):
        return Refs()


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


class Disposition(models.Model):
    """A code that says how an interaction ended."""

    name = models.CharField(max_length=80)
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.CASCADE, related_name="dispositions")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def event_refs(self):
        return Refs()


class InteractionQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=Interaction.Status.WAITING)

    def live(self):
        return self.exclude(status=Interaction.Status.DONE)

    def held(self):
        """Those that take up an agent's capacity."""
        return self.live().exclude(status=Interaction.Status.WAITING)


class Interaction(models.Model):
    """One contact on one channel: what is queued, offered, handled and wrapped up."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        OFFERED = "offered", "Offered"
        ACTIVE = "active", "Active"
        PARKED = "parked", "Parked"
        WRAP_UP = "wrap_up", "Wrap-up"
        DONE = "done", "Done"

    # Each index is paid for at every change of a row; those left out are the first column of another, or never asked.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="interactions", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="interactions", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="interactions")
    reserved_for = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="Transferred to a person",
    )
    last_agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="Served this ticket last",
    )
    last_agent_at = models.DateTimeField(null=True, blank=True)
    cost = models.PositiveSmallIntegerField(default=0, help_text="Units of capacity, frozen when offered")
    needs = models.JSONField(default=dict, help_text="Required skills: slug to minimum level")
    wants = models.JSONField(default=dict, help_text="Preferred skills: slug to wanted level")
    priority = models.PositiveSmallIntegerField(choices=Ticket.Priority.choices, default=Ticket.Priority.NORMAL)
    importance = models.FloatField(default=1.0, help_text="What the rules made of it, beside its queue's importance")
    offer_count = models.PositiveSmallIntegerField(default=0)
    waiting_since = models.DateTimeField(default=timezone.now, help_text="First enqueue; kept across declines")
    offered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    wrap_up_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=24, blank=True, help_text="agent, customer, solved, abandoned, transferred"
    )
    disposition = models.ForeignKey(
        Disposition, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed = models.BigIntegerField(default=0, editable=False, help_text=WRITTEN_BY)

    objects = InteractionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "channel"], condition=~Q(status="done"), name="one_live_interaction_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "done"]) | Q(agent__isnull=False), name="held_work_has_an_agent"
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "waiting_since"], name="interaction_waiting", condition=Q(status="waiting")),
            models.Index(
                fields=["agent", "status"], name="interaction_held", condition=~Q(status__in=["waiting", "done"])
            ),
            models.Index(fields=["wrap_up_until"], name="interaction_wrap_up", condition=Q(status="wrap_up")),
            models.Index(fields=["queue", "accepted_at"], name="interaction_answered"),
            models.Index(fields=["done_at"], name="interaction_done", condition=Q(done_at__isnull=False)),
            models.Index(fields=["ticket", "-id"], name="interaction_of_ticket"),
            models.Index(fields=["changed"], name="interaction_changed"),
            models.Index(fields=["reserved_for"], name="interaction_reserved", condition=Q(reserved_for__isnull=False)),
        ]

    def __str__(self):
        return f"{self.channel} {self.pk} on ticket {self.ticket_id}"

    def lock(self):
        """Lock the row and read what others changed meanwhile. Its agent's row, if needed, must be locked before."""
        take_over(self, Interaction.objects.select_for_update().get(pk=self.pk))

    def event_refs(self):
        topics = {f"queue:{self.queue_id}": None, f"interaction:{self.pk}": None, f"ticket:{self.ticket_id}": None}
        return Refs(
            customer_id=self.ticket.customer_id, ticket_id=self.ticket_id, interaction_id=self.pk, topics=topics
        )


class Dispatch(models.Model):
    """One run of the router that made offers, and what the engine was told, so that it can be decided again.

    `inputs` are zlib-compressed JSON (routing/inputs.py says what is in it). Agents change little from run to run, so
    only those that did since the dispatch before are told: all of them were by the one of epoch `base`, and the
    dispatches of the same `base` up to this one, read in order, say the rest. The inputs are forgotten after
    HELPDESK_KEEP_DISPATCHES days.
    """

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="dispatches")
    epoch = models.PositiveBigIntegerField(help_text="Also the seed by which equals are told apart")
    at = models.DateTimeField(help_text="The time of the decision, by the database's clock")
    policy = models.PositiveIntegerField(default=0, help_text="Number of the routing rules in force")
    trigger = models.CharField(max_length=24)
    base = models.PositiveBigIntegerField()
    inputs = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "epoch"], name="dispatch_of_an_epoch")]
        indexes = [
            models.Index(fields=["at"], name="dispatch_with_inputs", condition=Q(inputs__isnull=False)),
            models.Index(fields=["domain", "base", "epoch"], name="dispatch_by_base"),
        ]

    def __str__(self):
        return f"Dispatch {self.epoch} of {self.domain}"


class Decision(models.Model):
    """The stored explanation of one routing act: who was considered with which score, and who was left out for what.

    What the engine was told is in the Dispatch of the same domain and epoch.
    """

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    # Written by the router from rows it has locked: not looked up a second time at commit.
    agent = models.ForeignKey(
        Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, db_constraint=False
    )
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    epoch = models.PositiveBigIntegerField()
    policy_version = models.PositiveIntegerField(default=0)
    trigger = models.CharField(max_length=24)
    explanation = PackedJSONField(default=dict, help_text="As routing/engine/facts.py writes it")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["interaction", "-id"], name="decision_of_interaction")]


class OfferQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome=Offer.Outcome.OPEN)


class Offer(models.Model):
    """One agent's desk ringing for one interaction."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="offers", db_index=False)
    decision = models.OneToOneField(Decision, null=True, on_delete=models.SET_NULL, related_name="offer")
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.OPEN)
    epoch = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=80, blank=True)
    cooldown_until = models.DateTimeField(null=True, blank=True, help_text="Not to this agent again before")

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["interaction"], condition=Q(outcome="open"), name="one_open_offer")
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="offer_expiring", condition=Q(outcome="open")),
            models.Index(fields=["agent", "-id"], name="offer_of_agent"),
        ]

    def event_refs(self):
        refs = self.interaction.event_refs()
        return Refs(
            customer_id=refs.customer_id,
            ticket_id=refs.ticket_id,
            interaction_id=refs.interaction_id,
            topics={**refs.topics, **self.agent.event_refs().topics},
        )


class Replay(models.Model):
    """Recorded traffic played again under a draft, asked for by a supervisor; the row is the job.

    Whoever plays it holds a lease, told from earlier ones by `tries`; when it runs out, somebody else may begin anew.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to begin"
        RUNNING = "running", "Being played"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    LIVE = (State.QUEUED, State.RUNNING)

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="replays")
    since = models.DateTimeField()
    until = models.DateTimeField()
    policy = models.JSONField(
        null=True, blank=True, help_text="The draft: rules, a version's number, a preset; or none"
    )
    replications = models.PositiveSmallIntegerField(default=20)
    seed = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0.0, help_text="0 to 1")
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True, help_text="As routing/simulation/retold.py tells it")
    error = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], condition=Q(state__in=["queued", "running"]), name="one_replay_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="replay_has_a_length"),
        ]

    def __str__(self):
        return f"Replay {self.pk} of {self.domain}"

    def event_refs(self):
        return Refs()
