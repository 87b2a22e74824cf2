"""WHAT ABOUT: what the customer wants, and what was said."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Left, Upper
from django.utils import timezone

from customers.models import Customer, Refs, Revised

# A tsvector holds 1 MB at most; what lies behind this many characters is kept but not found.
SEARCHED_CHARS = 100_000


class Channel(models.TextChoices):
    """The ways a customer reaches us."""

    EMAIL = "email", "E-mail"
    CHAT = "chat", "Chat"
    VOICE = "voice", "Voice"


class Queue(models.Model):
    """A line in which interactions wait, and the heading under which its tickets are kept."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_private = models.BooleanField(default=False, help_text="Only its members and supervisors see its tickets")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="private_queues")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def event_refs(self):
        return Refs(topics={f"queue:{self.pk}": None})


NEXT_NUMBER = models.Func(models.Value("ticket_number"), function="nextval")


class TicketQuerySet(models.QuerySet):
    def unsolved(self):
        return self.exclude(status__in=Ticket.ENDED)

    def unassigned(self):
        return self.unsolved().filter(assignee=None)


class Ticket(Revised):
    """What a customer wants, until it is solved; it survives many interactions on many channels."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        OPEN = "open", "Open"
        PENDING = "pending", "Waiting on customer"
        ON_HOLD = "on_hold", "On hold"
        SOLVED = "solved", "Solved"
        CLOSED = "closed", "Closed"

    class Priority(models.IntegerChoices):
        LOW = 0, "Low"
        NORMAL = 1, "Normal"
        HIGH = 2, "High"
        URGENT = 3, "Urgent"

    ENDED = (Status.SOLVED, Status.CLOSED)

    number = models.BigIntegerField(unique=True, db_default=NEXT_NUMBER)
    subject = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="tickets")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, help_text="The channel it last came by")
    language = models.CharField(max_length=8, blank=True)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    revision = models.PositiveBigIntegerField(default=1)
    message_count = models.PositiveIntegerField(default=0)
    preview = models.CharField(max_length=160, blank=True, help_text="First words of the last message")
    is_answered = models.BooleanField(default=False, help_text="The last word was ours")
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    solved_at = models.DateTimeField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-last_message_at", "-id"]
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="ticket_newest"),
            models.Index(fields=["status", "-last_message_at", "-id"], name="ticket_by_status"),
            models.Index(fields=["-priority", "-id"], name="ticket_by_priority"),
            models.Index(fields=["assignee", "status", "-last_message_at", "-id"], name="ticket_of_assignee"),
            models.Index(fields=["queue", "status", "-last_message_at", "-id"], name="ticket_of_queue"),
            models.Index(fields=["customer", "-last_message_at", "-id"], name="ticket_of_customer"),
            models.Index(
                fields=["-last_message_at", "-id"],
                name="ticket_unsolved",
                condition=~models.Q(status__in=["solved", "closed"]),
            ),
            GinIndex(OpClass(Upper("subject"), name="gin_trgm_ops"), name="ticket_subject_trgm"),
            GinIndex(fields=["tags"], name="ticket_tags"),
        ]

    def __str__(self):
        return f"#{self.number} {self.subject}"

    def event_refs(self):
        return Refs(
            customer_id=self.customer_id,
            ticket_id=self.pk,
            topics={f"ticket:{self.pk}": self.revision, f"queue:{self.queue_id}": None},
        )


class Message(models.Model):
    """One thing said or noted on a ticket."""

    class Kind(models.TextChoices):
        INBOUND = "inbound", "From the customer"
        OUTBOUND = "outbound", "To the customer"
        NOTE = "note", "Internal note"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sender = models.CharField(max_length=320, blank=True, help_text="The address it came from or went out as")
    text = models.TextField(blank=True, help_text="What was newly written")
    hidden_text = models.TextField(blank=True, help_text="Quoted history and signature, folded away")
    html = models.TextField(blank=True, help_text="Sanitised; shown in a frame of its own only")
    subject = models.CharField(max_length=300, blank=True)
    copied = ArrayField(models.CharField(max_length=320), default=list, blank=True, help_text="Cc addresses")
    mail_id = models.CharField(max_length=998, blank=True, help_text="Message-ID without <>")
    external_id = models.CharField(max_length=1000, blank=True, help_text="The channel's own id, for idempotency")
    digest = models.CharField(max_length=64, blank=True, help_text="sha256 of the content, for idempotency")
    is_automatic = models.BooleanField(default=False, help_text="Written by a machine")
    is_stranger = models.BooleanField(default=False, help_text="From someone who is not on this ticket")
    created_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(
        expression=SearchVector("subject", Left("text", SEARCHED_CHARS), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "digest"],
                condition=~models.Q(external_id=""),
                name="message_arrives_once",
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "created_at", "id"], name="message_of_ticket"),
            models.Index(fields=["mail_id"], name="message_by_mail_id", condition=~models.Q(mail_id="")),
            GinIndex(fields=["search"], name="message_search"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk} on ticket {self.ticket_id}"

    def event_refs(self):
        return self.ticket.event_refs()


class Attachment(models.Model):
    """A file that came or went with a message. Its bytes live in PostgreSQL: they commit, or fail, with the message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127, help_text="From the content, not from the sender's word")
    size = models.PositiveIntegerField(help_text="Bytes")
    content_id = models.CharField(max_length=255, blank=True, help_text="For cid: links within the message")
    is_inline = models.BooleanField(default=False)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.filename
