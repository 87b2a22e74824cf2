"""WHO gets in touch, and everything that happened with them."""

from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection, models
from django.db.models.functions import Upper
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Refs:
    """What an event is about: plain ids for history, and the socket topics that change with it.

    `topics` maps a topic ("ticket:7", "agent:3", "queue:2") to its revision, or None where it has none.
    """

    customer_id: int | None = None
    ticket_id: int | None = None
    interaction_id: int | None = None
    topics: dict[str, int | None] = field(default_factory=dict)


class Revised(models.Model):
    """A row with a `revision` that every verb raises while it holds the row's lock."""

    class Meta:
        abstract = True

    def touch(self):
        """Lock the row, read what others changed meanwhile, and raise the revision; every verb begins here.

        One statement does all three. Raises DoesNotExist when the row is gone.
        """
        table = connection.ops.quote_name(self._meta.db_table)
        raised = f"UPDATE {table} SET revision = revision + 1 WHERE id = %s RETURNING *"  # noqa: S608
        rows = list(type(self)._default_manager.raw(raised, [self.pk]))
        if not rows:
            raise self.DoesNotExist(f"{self._meta.verbose_name.capitalize()} {self.pk} is gone.")
        take_over(self, rows[0])


def take_over(row: models.Model, fresh: models.Model) -> None:
    """Give `row` the values of a `fresh` reading of it. Related rows that are loaded stay, unless they are others."""
    for column in row._meta.concrete_fields:
        setattr(row, column.attname, getattr(fresh, column.attname))


class Organisation(models.Model):
    """A company or household that several customers belong to."""

    name = models.CharField(max_length=200, unique=True)
    domain = models.CharField(max_length=200, blank=True, help_text="Mail domain, e.g. acme.example")
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Customer(models.Model):
    """A person who gets in touch with us."""

    class Tier(models.TextChoices):
        STANDARD = "standard", "Standard"
        GOLD = "gold", "Gold"

    name = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    language = models.CharField(max_length=8, blank=True, help_text="ISO 639-1, e.g. pl")
    tier = models.CharField(max_length=16, choices=Tier.choices, default=Tier.STANDARD)
    time_zone = models.CharField(max_length=64, blank=True)
    location = models.CharField(max_length=120, blank=True)
    notes = models.TextField(blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="customer_name_trgm"),
            models.Index(fields=["-created_at", "-id"], name="customer_newest"),
        ]

    def __str__(self):
        return self.name or f"Visitor {self.pk}"

    def event_refs(self):
        return Refs(customer_id=self.pk, topics={f"customer:{self.pk}": None})


class Address(models.Model):
    """One way to reach a customer: an e-mail address, a phone number or a chat identity."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Phone"
        CHAT = "chat", "Chat"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=320, help_text="Normalised: mail lower case, phone E.164")
    verified_at = models.DateTimeField(null=True, blank=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="address_is_one_persons")]
        indexes = [GinIndex(OpClass(Upper("value"), name="gin_trgm_ops"), name="address_value_trgm")]
        ordering = ["-is_primary", "kind", "id"]

    def __str__(self):
        return self.value


class Event(models.Model):
    """One thing that happened, with who and when: audit, timeline, reports and webhooks read it. Never changed."""

    verb = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=16, help_text="user, customer, router or system")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    subject_kind = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="events")
    ticket_id = models.BigIntegerField(null=True)
    interaction_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], name="event_of_customer"),
            models.Index(fields=["ticket_id", "-at", "-id"], name="event_of_ticket"),
            models.Index(fields=["verb", "-at"], name="event_by_verb"),
        ]

    def __str__(self):
        return f"{self.verb} {self.subject_kind}:{self.subject_id}"
