"""The short forms in which people, queues and customers appear within other rows.

Each writes itself by hand: field by field costs several times as much, and there are many of them on a page.
"""

from rest_framework import serializers

from helpdesk.names import initials_of


class PersonBrief(serializers.Serializer):
    """A user: {"id", "name", "initials"}."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    initials = serializers.CharField()

    def to_representation(self, user):
        return _named(user)


class AgentBrief(serializers.Serializer):
    """An agent as the person they are: `id` is the user's, so that tickets and interactions name people alike."""

    id = serializers.IntegerField(source="user_id")
    name = serializers.CharField(source="user.__str__")
    initials = serializers.SerializerMethodField()
    agent = serializers.IntegerField(source="id", help_text="The agent's own id")

    def get_initials(self, agent) -> str:
        return initials_of(str(agent.user))


class QueueBrief(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()

    def to_representation(self, queue):
        return {"id": queue.pk, "name": queue.name}


class CustomerBrief(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    initials = serializers.CharField()
    tier = serializers.CharField()

    def to_representation(self, customer):
        return {**_named(customer), "tier": customer.tier}


class TicketBrief(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    subject = serializers.CharField()


def _named(row):
    name = str(row)
    return {"id": row.pk, "name": name, "initials": initials_of(name)}
