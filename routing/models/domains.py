"""What is routed together, by which rules, and what other rules would have made of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.models import Refs


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
