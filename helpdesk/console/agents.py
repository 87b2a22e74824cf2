"""/settings/agents/: who serves, with a matrix of skills, and how much each can hold."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from helpdesk.access import agents_for
from helpdesk.console.admission import supervisors_only
from helpdesk.console.pages import SeeOther, attempt
from helpdesk.staff import change_agent, hire
from routing.models import Agent, Skill
from routing.policies import COSTS
from tickets.models import Channel

# A form may have 1,000 fields; a page of the matrix stays below.
CELLS = 900
PAGE = {"section": "settings", "page": "agents"}


class CapacityForm(forms.Form):
    """How much an agent can hold, on which channels, at which cost, and their levels."""

    budget = forms.IntegerField(
        min_value=0, max_value=1000, initial=100, help_text="Units of work at once over all channels; 100 is ordinary."
    )
    channels = forms.MultipleChoiceField(
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What this agent takes; none ticked means all.",
    )

    def __init__(self, *args, agent=None, **kwargs):
        super().__init__(*args, **kwargs)
        costs, levels = (agent.costs, dict(agent.skills.values_list("skill", "level"))) if agent else ({}, {})
        if agent:
            self.initial |= {"budget": agent.budget, "channels": agent.channels}
        for value, label in Channel.choices:
            self.fields[f"cost_{value}"] = forms.IntegerField(
                required=False,
                min_value=1,
                max_value=1000,
                initial=costs.get(value),
                label=f"Units for one {label.lower()}",
                widget=forms.NumberInput(attrs={"placeholder": COSTS[value]}),
            )
        self.skills = list(Skill.objects.all())
        for skill in self.skills:
            self.fields[f"level_{skill.pk}"] = forms.IntegerField(
                required=False, min_value=0, max_value=5, initial=levels.get(skill.pk), label=skill.name
            )

    def plain(self):
        """The fields that are no levels."""
        return [self[name] for name in self.fields if not name.startswith("level_")]

    def levels(self):
        return [self[f"level_{skill.pk}"] for skill in self.skills]

    def values(self) -> dict:
        """What change_agent takes."""
        costs = {channel: self.cleaned_data.get(f"cost_{channel}") for channel in Channel.values}
        return {
            "budget": self.cleaned_data["budget"],
            "channels": self.cleaned_data["channels"],
            "costs": {channel: units for channel, units in costs.items() if units},
            "levels": {skill.pk: self.cleaned_data.get(f"level_{skill.pk}") or 0 for skill in self.skills},
        }


class NewAgentForm(CapacityForm):
    """An agent and the account they sign in with."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(max_length=254, label="E-mail address")
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty: they set one by “Forgot your password?”.",
    )
    field_order = ["name", "email", "password"]


@supervisors_only
@require_http_methods(["GET", "HEAD", "POST"])
def matrix(request):
    """Agents by skills, levels 0 to 5, to change all at once."""
    skills = list(Skill.objects.all())
    rows = agents_for(request.user).select_related("user").prefetch_related("skills").order_by("user__name", "id")
    page = Paginator(rows, max(1, CELLS // max(1, len(skills)))).get_page(request.GET.get("page"))
    if request.method == "POST":
        return _save_matrix(request, page, skills)
    lines = [(agent, _cells(agent, skills)) for agent in page]
    return render(request, "helpdesk/settings/agents.html", {**PAGE, "lines": lines, "skills": skills, "pages": page})


@supervisors_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Make an account and its agent."""
    form = NewAgentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = {name: form.cleaned_data[name] for name in ("name", "email", "password")}
        user = attempt(form, lambda: hire(by=request.user, **account, **form.values()))
        if user is not None:
            messages.success(request, f"{user} can sign in and take work now.")
            return SeeOther(reverse("agents"))
    return _form(request, form, "New agent")


@supervisors_only
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, pk: int):
    """Change what an agent can hold and their levels."""
    agent = get_object_or_404(agents_for(request.user).select_related("user"), pk=pk)
    form = CapacityForm(request.POST or None, agent=agent)
    if request.method == "POST" and form.is_valid():
        kept = attempt(form, lambda: change_agent(agent, by=request.user, **form.values()))
        if kept is not None:
            messages.success(request, f"{kept} was saved.")
            return SeeOther(reverse("agents"))
    return _form(request, form, str(agent))


@transaction.atomic
def _save_matrix(request, page, skills):
    changed = 0
    for agent in page:
        differing = _differing(agent, skills, request.POST)
        if differing:
            change_agent(Agent.objects.get(pk=agent.pk), by=request.user, levels=differing)
            changed += 1
    messages.success(request, f"Levels of {changed} {'agent' if changed == 1 else 'agents'} were changed.")
    return SeeOther(request.get_full_path())


def _differing(agent, skills, sent):
    """The levels of an agent that the form has otherwise; what is no level from 0 to 5 is left as it is."""
    before = {row.skill_id: row.level for row in agent.skills.all()}
    wanted = {skill.pk: sent.get(f"level-{agent.pk}-{skill.pk}") for skill in skills}
    levels = {pk: int(text or 0) for pk, text in wanted.items() if text in ("", "0", "1", "2", "3", "4", "5")}
    return {pk: level for pk, level in levels.items() if before.get(pk, 0) != level}


def _cells(agent, skills):
    levels = {row.skill_id: row.level for row in agent.skills.all()}
    return [(skill, f"level-{agent.pk}-{skill.pk}", levels.get(skill.pk, "")) for skill in skills]


def _form(request, form, title):
    status = 422 if form.errors else 200
    return render(request, "helpdesk/settings/agent.html", {**PAGE, "form": form, "title": title}, status=status)
