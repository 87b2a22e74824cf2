"""/settings/staff/: who can sign in, as what, and with which token scripts act for them."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from rest_framework.authtoken.models import Token

from helpdesk.console.admission import administrators_only
from helpdesk.console.pages import SeeOther, SetupPages
from helpdesk.models import User
from helpdesk.staff import add_staff, change_staff, issue_token, make_agent_of, revoke_token


class StaffForm(forms.ModelForm):
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty leaves it as it is; a new person then sets one by “Forgot your password?”.",
    )
    takes_interactions = forms.BooleanField(
        required=False, label="Takes interactions", help_text="Is an agent: has presence, skills and capacity."
    )

    class Meta:
        model = User
        fields = ["name", "email", "role", "is_active"]
        labels = {"email": "E-mail address", "is_active": "May sign in"}
        help_texts = {"is_active": ""}

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        self.fields["name"].required = True
        is_agent = instance.pk is not None and hasattr(instance, "agent")
        self.initial["takes_interactions"] = is_agent or instance.pk is None
        self.fields["takes_interactions"].disabled = is_agent


class StaffPages(SetupPages):
    model, form, name, title, one = User, StaffForm, "staff", "Staff", "account"
    lead = "Who can sign in. An account without a role sees nothing; one that left is kept, but may not sign in."
    form_template = "helpdesk/settings/staff-member.html"

    def urls(self):
        """No account is removed: what it did stays readable."""
        return [route for route in super().urls() if route.name != "staff-remove"]

    def rows(self, user):
        return User.objects.select_related("agent", "auth_token").order_by("-is_active", "name")

    @transaction.atomic
    def write(self, row, form, *, by):
        values = {name: form.cleaned_data[name] for name in (*form._meta.fields, "password")}
        user = change_staff(row, by=by, **values) if row.pk else add_staff(by=by, **values)
        if form.cleaned_data["takes_interactions"]:
            make_agent_of(user, by=by)
        return user

    def beside(self, row):
        return {"has_token": Token.objects.filter(user=row).exists() if row.pk else False}


@administrators_only
@require_POST
@never_cache
def token(request, pk: int):
    """Show a new REST token, this once."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    key = issue_token(user, by=request.user)
    context = {"section": "settings", "page": "staff", "person": user, "key": key}
    return render(request, "helpdesk/settings/token.html", context)


@administrators_only
@require_POST
def forget_token(request, pk: int):
    """Lock out the scripts that act for this person."""
    user = get_object_or_404(User, pk=pk)
    revoke_token(user, by=request.user)
    messages.success(request, f"The token of {user} was revoked.")
    return SeeOther(reverse("staff-change", args=[pk]))
