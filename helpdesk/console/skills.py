"""/settings/skills/: topics and languages."""

from django import forms
from django.db.models import Count

from helpdesk.console.admission import supervisors_only
from helpdesk.console.pages import SetupPages
from routing.models import Skill


class SkillForm(forms.ModelForm):
    class Meta:
        model = Skill
        fields = ["name", "slug", "kind"]


class SkillPages(SetupPages):
    """Skills, with how many agents have them and how many queues ask for them."""

    model, form, name, title, one = Skill, SkillForm, "skills", "Skills", "skill"
    lead = "What agents can be good at: topics, and languages. Queues ask for them at a level from 1 to 5."
    admit = staticmethod(supervisors_only)

    def rows(self, user):
        counts = {"agent_count": Count("agents", distinct=True), "queue_count": Count("queues", distinct=True)}
        return Skill.objects.annotate(**counts).order_by("kind", "name")
