"""Desks that ring, and why they do."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from customers.models import Refs
from routing.models.domains import Domain
from routing.models.floor import Agent
from routing.models.interactions import Interaction
from routing.packed import PackedJSONField


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
