"""THE DESK: its people, its addresses, and every byte on its way in or out."""

import uuid

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from customers.models import Address, Refs
from tickets.models import Channel, Message, Queue, Ticket


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, role=User.Role.ADMINISTRATOR, **fields
        )


class User(AbstractUser):
    """A member of staff, who signs in by e-mail address."""

    class Role(models.TextChoices):
        NONE = "", "None yet"
        AGENT = "agent", "Agent"
        SUPERVISOR = "supervisor", "Supervisor"
        ADMINISTRATOR = "administrator", "Administrator"

    username = None
    first_name = None
    last_name = None
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=13, choices=Role.choices, default=Role.NONE, blank=True)
    preferences = models.JSONField(default=dict, blank=True, help_text="theme, density, sounds: the console's own")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self).split()[0]

    @property
    def supervises(self):
        """Whether this person sees and tunes everything on the floor."""
        return self.role in (self.Role.SUPERVISOR, self.Role.ADMINISTRATOR)

    @property
    def administers(self):
        return self.role == self.Role.ADMINISTRATOR

    def event_refs(self):
        return Refs()


class EntryPoint(models.Model):
    """An address of ours that customers reach, and the queue it leads to."""

    class Kind(models.TextChoices):
        MAILBOX = "email", "Mailbox"
        WIDGET = "chat", "Chat widget"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=120, help_text="Shown to customers, e.g. Fjell Outdoor Support")
    address = models.CharField(max_length=320, blank=True, help_text="Mailbox: its e-mail address")
    key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Widget: names it in the script tag"
    )
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="entry_points")
    language = models.CharField(
        max_length=8, blank=True, help_text="What is written to customers when nothing else is known"
    )
    origins = models.JSONField(
        default=list, blank=True, help_text="Widget: web origins that may embed it; empty for any"
    )
    greeting = models.CharField(max_length=300, blank=True)
    signature = models.TextField(blank=True, help_text="Mailbox: under every reply")
    colour = models.CharField(max_length=7, blank=True, help_text="Widget: #rrggbb")
    sends_receipt = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=~Q(address=""), name="mailbox_has_one_entry_point")
        ]

    def __str__(self):
        return self.address or self.name

    def event_refs(self):
        return Refs()


class InboundRaw(models.Model):
    """Bytes as they came in, kept before they are understood."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        TAKEN_IN = "taken_in", "Taken in"
        IGNORED = "ignored", "Ignored"
        QUARANTINED = "quarantined", "Quarantined"

    channel = models.CharField(max_length=8, choices=Channel.choices)
    source = models.CharField(max_length=16, help_text="smtp, pipe, file")
    raw = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    envelope = models.JSONField(default=dict, help_text="sender, recipients, peer, filename")
    state = models.CharField(max_length=11, choices=State.choices, default=State.RECEIVED)
    outcome = models.CharField(max_length=12, blank=True, help_text="created, appended, duplicate, auto_reply, bounce…")
    reason = models.TextField(blank=True, help_text="Why it was quarantined or ignored, as a sentence")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="raws")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="inbound_to_take_in", condition=Q(state="received")),
            models.Index(fields=["-id"], name="inbound_quarantined", condition=Q(state="quarantined")),
        ]

    def event_refs(self):
        return Refs(topics={"inbound": None})


class Delivery(models.Model):
    """One message on its way to one recipient: the outbox."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        DEFERRED = "deferred", "Will be tried again"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Outcome unknown"

    class Purpose(models.TextChoices):
        REPLY = "reply", "Reply"
        RECEIPT = "receipt", "Receipt"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="deliveries")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.REPLY)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recipient = models.CharField(max_length=320)
    envelope_sender = models.CharField(max_length=320, blank=True)
    mime = models.BinaryField(default=b"", help_text="Mail: the frozen bytes")
    mail_id = models.CharField(max_length=998, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Claimed by a worker until then")
    is_handed_over = models.BooleanField(default=False, help_text="The other side may have it already")
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="delivery_due", condition=Q(state__in=["queued", "deferred", "sending"])
            ),
            models.Index(fields=["mail_id"], name="delivery_by_mail_id", condition=~Q(mail_id="")),
            models.Index(fields=["recipient", "-created_at"], name="delivery_to", condition=Q(purpose="receipt")),
        ]

    def __str__(self):
        return f"{self.purpose} {self.pk} to {self.recipient}"

    def event_refs(self):
        return self.ticket.event_refs()


class ChatVisit(models.Model):
    """A visitor's stay in the chat widget: on which ticket they are, and the last sign of life of their socket.

    Who gave none for a while, and still waits in line, has left (`channels/chat/visits.py`).
    """

    address = models.OneToOneField(Address, on_delete=models.CASCADE, related_name="visit")
    entry_point = models.ForeignKey(EntryPoint, on_delete=models.CASCADE, related_name="visits")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="visits")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="visit_by_last_sign_of_life")]

    def __str__(self):
        return f"Visit of {self.address_id} on ticket {self.ticket_id}"
