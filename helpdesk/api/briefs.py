"""The short forms in which people, queues and customers appear within other rows."""

from rest_framework import serializers

from helpdesk.names import initials_of


class PersonBrief(serializers.Serializer):
    """A user: {"id", "name", "initials"}."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")
    initials = serializers.SerializerMethodField()

    def get_initials(self, user) -> str:
        return initials_of(str(user))


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


class CustomerBrief(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")
    initials = serializers.SerializerMethodField()
    tier = serializers.CharField()

    def get_initials(self, customer) -> str:
        return initials_of(str(customer))


class TicketBrief(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    subject = serializers.CharField()
