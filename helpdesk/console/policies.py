"""/settings/rules/: the routing rules: what is in force, a draft to change, and every version there was."""

import json

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.console.admission import supervisors_only
from helpdesk.console.pages import SeeOther
from routing.models import Domain, Policy
from routing.policies import ORDINARY
from routing.rules import ordinary, starting_points
from routing.rules.differences import differences
from routing.rules.expressions import FUNCTIONS, NAMES
from routing.rules.writing import written
from routing.versions import (
    NoSuchVersion,
    PolicyFaulty,
    PolicyOvertaken,
    PolicyRefused,
    discard,
    draft,
    draft_of,
    publish_draft,
    rollback,
    validate,
    version,
)

NEWEST = 50
PRESET = "preset:"


class RulesForm(forms.Form):
    """The draft as text; `based_on` and `revision` say what its author looked at, so that nobody is overwritten."""

    document = forms.CharField(
        label="Rules, as JSON",
        strip=False,
        max_length=300_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "autocapitalize": "off", "class": "code"}),
    )
    note = forms.CharField(label="Note", max_length=200, required=False, help_text="What changes, and why.")
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean_document(self):
        """The text as rules; what is no JSON is refused with its line."""
        try:
            return json.loads(self.cleaned_data["document"])
        except json.JSONDecodeError as error:
            raise forms.ValidationError(f"Line {error.lineno}, column {error.colno} is no JSON: {error.msg}.") from None
        except RecursionError:
            raise forms.ValidationError("This is nested too deeply.") from None
        except ValueError:
            raise forms.ValidationError("There is a number of more than four thousand digits.") from None


@supervisors_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    """What is in force, the draft, and its history; POST validates, saves or publishes what is in the text area."""
    domain = _domain(request)
    if request.method == "POST":
        return _changed(request, domain)
    return _page(request, domain, _form(domain, request.GET.get("from", "")))


@supervisors_only
@require_POST
def throw_away(request):
    """The draft is not wanted any more."""
    domain = _domain(request)
    discard(domain, by=request.user)
    messages.success(request, "The draft was thrown away.")
    return SeeOther(_address(domain))


@supervisors_only
@require_safe
def show(request, number: int):
    """One version, and in what it differs from the one in force; 0 is the ordinary rules."""
    domain = _domain(request)
    live = domain.policy.document if domain.policy else ordinary()
    row = _version(domain, number) if number else None
    document = row.document if row else ordinary()
    context = {
        **_context(domain),
        "row": row,
        "number": number,
        "is_live": number == (domain.policy.number if domain.policy else ORDINARY),
        "document": written(document),
        "differences": differences(document, live),
    }
    return render(request, "helpdesk/settings/rules-version.html", context)


@supervisors_only
@require_POST
def roll_back(request, number: int):
    """Put an earlier version's rules in force again."""
    domain = _domain(request)
    based_on = request.POST.get("based_on", "")[:9]
    try:
        row = rollback(domain, number, by=request.user, based_on=int(based_on) if based_on.isdecimal() else None)
    except NoSuchVersion as refusal:
        raise Http404(str(refusal)) from None
    except PolicyRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The rules of {_called(number)} are in force again, as version {row.number}.")
    return SeeOther(_address(domain))


def _changed(request, domain):
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, domain, form, status=422)
    try:
        return _ACTIONS.get(request.POST.get("do"), _validated)(request, domain, form)
    except PolicyFaulty as refusal:
        return _page(request, domain, form, found=refusal.findings, refusal="It was not published.", status=422)
    except PolicyOvertaken as refusal:
        return _page(request, domain, _on_top(form, domain), refusal=str(refusal), status=409)
    except PolicyRefused as refusal:
        return _page(request, domain, form, refusal=str(refusal), status=422)


def _validated(request, domain, form):
    return _page(request, domain, form, found=validate(domain, form.cleaned_data["document"]))


def _saved(request, domain, form):
    draft(domain, by=request.user, **form.cleaned_data)
    messages.success(request, "The draft was saved. Nothing changes until it is published.")
    return SeeOther(_address(domain))


def _published(request, domain, form):
    with transaction.atomic():
        draft(domain, by=request.user, **form.cleaned_data)
        row = publish_draft(domain, by=request.user)
    messages.success(request, f"Version {row.number} is in force.")
    return SeeOther(_address(domain))


_ACTIONS = {"validate": _validated, "save": _saved, "publish": _published}


def _form(domain, start):
    """The draft, or what to start from: a preset, a version, or what is in force."""
    row = None if start else draft_of(domain)
    document = _start(domain, start) if start else row.document if row else _live(domain)
    # A draft is on top of what its author knew of; the page says so when that is no longer in force.
    based_on = row.based_on if row else domain.policy
    return RulesForm(
        initial={
            "document": written(document),
            "note": row.note if row else "",
            "based_on": based_on.number if based_on else ORDINARY,
            "revision": getattr(row or draft_of(domain), "revision", 0),
        }
    )


def _start(domain, start):
    if start.startswith(PRESET):
        found = starting_points().get(start.removeprefix(PRESET))
        if found is None:
            raise Http404(f"There is no preset {start.removeprefix(PRESET)}.")
        return found
    if not start.isdecimal() or len(start) > 9:
        raise Http404("Start from a preset or the number of a version.")
    return _version(domain, int(start)).document if int(start) else ordinary()


def _on_top(form, domain):
    """The same text, with what is known now: saving it again is a decision to go on with it."""
    domain.refresh_from_db()
    row = draft_of(domain)
    known = {
        "based_on": domain.policy.number if domain.policy else ORDINARY,
        "revision": row.revision if row else 0,
    }
    return RulesForm({**form.data.dict(), **known})


def _page(request, domain, form, *, found=None, refusal="", status=200):
    row = draft_of(domain)
    context = {
        **_context(domain),
        "form": form,
        "draft": row,
        "is_overtaken": bool(row) and row.based_on_id != domain.policy_id,
        "findings": found,
        "refusal": refusal,
        "presets": [(PRESET + name, name.replace("_", " "), one["about"]) for name, one in starting_points().items()],
        "versions": _versions(domain),
        "names": NAMES,
        "functions": FUNCTIONS,
    }
    return render(request, "helpdesk/settings/rules.html", context, status=status)


def _versions(domain):
    rows = Policy.objects.filter(domain=domain, number__isnull=False).select_related("by").defer("document")
    return rows.order_by("-number")[:NEWEST]


def _context(domain):
    return {
        "section": "settings",
        "page": "rules",
        "domain": domain,
        "domains": Domain.objects.order_by("id"),
        "live": domain.policy,
        "in_force": domain.policy.number if domain.policy else ORDINARY,
    }


def _domain(request):
    name = (request.POST.get("domain") or request.GET.get("domain", "")).replace("\0", "?")  # PostgreSQL takes no NUL
    row = get_object_or_404(Domain, name=name) if name else Domain.main()
    return Domain.objects.select_related("policy__by").get(pk=row.pk)


def _live(domain):
    return domain.policy.document if domain.policy else ordinary()


def _version(domain, number):
    try:
        return version(domain, number)
    except NoSuchVersion as refusal:
        raise Http404(str(refusal)) from None


def _called(number):
    return f"version {number}" if number else "the ordinary rules"


def _address(domain):
    return reverse("rules") + ("" if domain == Domain.main() else f"?domain={domain.name}")
