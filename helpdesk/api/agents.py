"""/agents/: who serves, with which skills and how much at once."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from helpdesk.access import agents_for
from helpdesk.api.permissions import Supervises
from helpdesk.api.resource import SetupResource
from helpdesk.models import User
from helpdesk.names import initials_of
from helpdesk.staff import change_agent, hire
from routing.models import Agent, Skill
from routing.policies import general_rules
from tickets.models import Channel


class AgentSkillSerializer(serializers.Serializer):
    """One skill of an agent: written by slug and level; level 0 takes it away."""

    slug = serializers.SlugRelatedField(slug_field="slug", queryset=Skill.objects.all(), source="skill")
    name = serializers.CharField(source="skill.name", read_only=True)
    kind = serializers.CharField(source="skill.kind", read_only=True)
    level = serializers.IntegerField(min_value=0, max_value=5)


class AgentRow(serializers.ModelSerializer):
    """An agent as the floor and settings list them. `used` and `budget` are units of capacity."""

    name = serializers.CharField(source="user.__str__", read_only=True)
    initials = serializers.SerializerMethodField()
    email = serializers.EmailField(source="user.email", read_only=True)
    role = serializers.CharField(source="user.role", read_only=True)
    skills = AgentSkillSerializer(many=True, required=False)
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices), required=False)
    costs = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=1000), required=False)

    class Meta:
        model = Agent
        fields = [
            "id",
            "user",
            "name",
            "initials",
            "email",
            "role",
            "presence",
            "reason",
            "presence_since",
            "budget",
            "used",
            "parked",
            "channels",
            "costs",
            "skills",
            "revision",
        ]
        read_only_fields = ["user", "presence", "reason", "presence_since", "used", "parked", "revision"]

    def get_initials(self, agent) -> str:
        return initials_of(str(agent.user))

    def validate_costs(self, costs):
        if unknown := set(costs) - set(Channel.values):
            raise serializers.ValidationError(f"“{min(unknown)}” is no channel.")
        return costs


class NewAgent(AgentRow):
    """An agent and the account they sign in with."""

    name = serializers.CharField(source="user_name", max_length=120)
    email = serializers.EmailField(source="user_email", max_length=254)
    password = serializers.CharField(write_only=True, required=False, allow_blank=True, trim_whitespace=False)

    class Meta(AgentRow.Meta):
        fields = ["name", "email", "password", "budget", "channels", "costs", "skills"]


@extend_schema_view(create=extend_schema(request=NewAgent, responses={201: AgentRow}))
class AgentViewSet(SetupResource):
    """Agents; supervisors only. Creating one makes the account too; agents are not removed but made inactive."""

    queryset = Agent.objects.none()
    serializer_class = AgentRow
    permission_classes = [Supervises]
    filterset_fields = ["presence"]
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self):
        rows = agents_for(self.request.user).select_related("user").prefetch_related("skills__skill")
        return rows.order_by("id")

    def get_serializer_class(self):
        return NewAgent if self.action == "create" else AgentRow

    def create(self, request):
        """Make an account and its agent; 201 with the agent."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        user = hire(
            name=values.pop("user_name"),
            email=values.pop("user_email"),
            role=User.Role.AGENT,
            by=request.user,
            levels=levels_of(values.pop("skills", [])),
            **values,
        )
        return self.created(self.get_queryset().get(user=user))

    def write(self, row, values):
        change_agent(row, by=self.request.user, levels=levels_of(values.pop("skills", [])), **values)
        return self.get_queryset().get(pk=row.pk)


def levels_of(skills) -> dict[int, int]:
    """Skill ids to levels, as the verbs take them."""
    return {row["skill"].pk: row["level"] for row in skills}


def agent_state(agent: Agent) -> dict:
    """An agent as they see themselves: presence, capacity in units, what is live by channel, skills."""
    live = {}
    for channel in agent.interactions.held().values_list("channel", flat=True):
        live[channel] = live.get(channel, 0) + 1
    skills = agent.skills.select_related("skill").order_by("skill__kind", "skill__name")
    return {
        "id": agent.pk,
        "presence": agent.presence,
        "reason": agent.reason,
        "presence_since": agent.presence_since,
        "budget": agent.budget + agent.override,
        "used": agent.used,
        "parked": agent.parked,
        "costs": {**general_rules(agent.domain.policy_id).costs, **agent.costs},
        "live": live,
        "revision": agent.revision,
        "skills": AgentSkillSerializer(skills, many=True).data,
    }
