"""/settings/queues/: the lines, the skills they ask for, and their targets."""

from django import forms
from django.db.models import Prefetch
from django.utils.text import slugify

from helpdesk.console.admission import supervisors_only
from helpdesk.console.pages import SetupPages
from helpdesk.models import User
from helpdesk.setup import set_up_queue
from routing.models import QueueSkill, Skill
from routing.policies import OFFER_SECONDS, TARGET_SECONDS, routing_of
from tickets.models import Channel, Queue

LEVELS = [("", "–"), *((str(level), str(level)) for level in range(1, 6))]


class QueueForm(forms.ModelForm):
    """A queue; below its own fields come a target and a ringing time a channel, and two levels a skill."""

    members = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True).exclude(role="").order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Who sees a private queue's tickets, besides supervisors.",
    )
    importance = forms.FloatField(min_value=0.1, max_value=100, help_text="1 is ordinary; 2 counts double.")
    wrap_up_seconds = forms.IntegerField(
        min_value=0, max_value=86_400, label="Wrap-up", help_text="Seconds until the agent is free again; 0 for none."
    )

    class Meta:
        model = Queue
        fields = ["name", "slug", "description", "position", "is_active", "is_private"]
        labels = {"is_active": "In use", "is_private": "Private", "position": "Place in the list"}

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].help_text = "Short name for addresses and rules; empty makes it from the name."
        self.skills = list(Skill.objects.all())
        self._add_channels()
        self._add_skills()
        self._fill_in(instance)

    def channels(self):
        """(label, target, ringing time) fields by channel."""
        return [(label, self[f"target_{value}"], self[f"offer_{value}"]) for value, label in Channel.choices]

    def levels(self):
        """(skill, required level, wanted level) fields by skill."""
        return [(skill, self[f"need_{skill.pk}"], self[f"want_{skill.pk}"]) for skill in self.skills]

    def plain(self):
        """The fields that stand by themselves."""
        names = (*self._meta.fields, "members", "importance", "wrap_up_seconds")
        return [self[name] for name in names]

    def values(self) -> dict:
        """What set_up_queue takes."""
        return {
            **{name: self.cleaned_data[name] for name in (*self._meta.fields, "importance", "wrap_up_seconds")},
            "members": list(self.cleaned_data["members"]),
            "targets": self._numbers("target", Channel.values),
            "offer_seconds": self._numbers("offer", Channel.values),
            "needs": self._numbers("need", [skill.pk for skill in self.skills]),
            "wants": self._numbers("want", [skill.pk for skill in self.skills]),
        }

    def clean_slug(self):
        return self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))

    def _numbers(self, kind, keys):
        found = {key: self.cleaned_data.get(f"{kind}_{key}") for key in keys}
        return {key: int(number) for key, number in found.items() if number}

    def _add_channels(self):
        for value, label in Channel.choices:
            for kind, usual in (("target", TARGET_SECONDS), ("offer", OFFER_SECONDS)):
                self.fields[f"{kind}_{value}"] = forms.IntegerField(
                    required=False,
                    min_value=1,
                    max_value=30 * 86_400,
                    label=f"{label}, {'seconds to answer' if kind == 'target' else 'seconds to ring'}",
                    widget=forms.NumberInput(attrs={"placeholder": usual[value], "class": "seconds"}),
                )

    def _add_skills(self):
        for skill in self.skills:
            for kind, words in (("need", "required"), ("want", "preferred")):
                self.fields[f"{kind}_{skill.pk}"] = forms.ChoiceField(
                    choices=LEVELS, required=False, label=f"{skill}, {words} level"
                )

    def _fill_in(self, queue):
        routing = routing_of(queue) if queue.pk else None
        self.initial["importance"] = routing.importance if routing else 1.0
        self.initial["wrap_up_seconds"] = routing.wrap_up_seconds if routing else 60
        if not queue.pk:
            return
        self.initial["members"] = list(queue.members.values_list("pk", flat=True))
        for kind, seconds in (("target", routing.targets), ("offer", routing.offer_seconds)):
            self.initial.update({f"{kind}_{channel}": value for channel, value in seconds.items()})
        for row in queue.skills.all():
            self.initial[f"{'need' if row.is_required else 'want'}_{row.skill_id}"] = str(row.level)


class QueuePages(SetupPages):
    model, form, name, title, one = Queue, QueueForm, "queues", "Queues", "queue"
    lead = "The lines in which customers wait. A queue asks for skills, and has a time in which to answer."
    admit = staticmethod(supervisors_only)
    form_template = "helpdesk/settings/queue.html"

    def rows(self, user):
        skills = QueueSkill.objects.select_related("skill").order_by("-is_required", "skill__name")
        return Queue.objects.select_related("routing").prefetch_related(Prefetch("skills", queryset=skills))

    def write(self, row, form, *, by):
        return set_up_queue(row, by=by, **form.values())
