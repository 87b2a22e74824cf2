"""/settings/dispositions/: the codes that say how an interaction ended."""

from django import forms

from helpdesk.console.pages import SetupPages
from routing.models import Disposition


class DispositionForm(forms.ModelForm):
    class Meta:
        model = Disposition
        fields = ["name", "queue", "position", "is_active"]
        labels = {"is_active": "Can be chosen", "position": "Place in the list"}
        help_texts = {"queue": "Only for interactions of this queue; empty for all."}


class DispositionPages(SetupPages):
    model, form, name, title, one = Disposition, DispositionForm, "dispositions", "Dispositions", "disposition"
    lead = "What agents choose when they wrap up. Reports count by them."

    def rows(self, user):
        return Disposition.objects.select_related("queue")
