"""What is queued, offered, held and wrapped up, and how it ended."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from customers.models import Refs, take_over
from routing.models.floor import WRITTEN_BY, Agent
from tickets.models import Channel, Queue, Ticket


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
