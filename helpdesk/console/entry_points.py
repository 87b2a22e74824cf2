"""/settings/entry-points/: the mailboxes and widgets by which customers reach us."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings

from helpdesk.console.pages import SetupPages
from helpdesk.models import EntryPoint

FIELDS = {
    EntryPoint.Kind.MAILBOX: ["name", "address", "queue", "language", "signature", "sends_receipt", "is_active"],
    EntryPoint.Kind.WIDGET: ["name", "queue", "language", "greeting", "colour", "origins", "is_active"],
}


class Origins(forms.CharField):
    """Web origins, one a line: https://shop.example."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        lines = [line.strip().rstrip("/") for line in super().clean(value).splitlines() if line.strip()]
        for line in lines:
            parts = urlsplit(line)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
                raise forms.ValidationError(f"{line} is no origin; write it like https://shop.example")
        return lines


class EntryPointForm(forms.ModelForm):
    origins = Origins(required=False, label="Pages that may show it", help_text="One origin a line; empty for any.")
    colour = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        required=False,
        help_text="Like #17402F",
        error_messages={"invalid": "Write the colour like #17402F."},
    )

    class Meta:
        model = EntryPoint
        fields = [
            "name",
            "address",
            "queue",
            "language",
            "greeting",
            "signature",
            "colour",
            "origins",
            "sends_receipt",
            "is_active",
        ]
        labels = {"sends_receipt": "Acknowledge each new ticket by mail", "is_active": "In use"}

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        for name in set(self.fields) - set(FIELDS[instance.kind]):
            del self.fields[name]
        if "address" in self.fields:
            self.fields["address"] = forms.EmailField(help_text="Mail to this address becomes tickets in the queue.")

    def clean_address(self):
        return self.cleaned_data["address"].lower()


class EntryPointPages(SetupPages):
    """Mailboxes and widgets; `new/?kind=chat` makes a widget."""

    model, form, name, title, one = EntryPoint, EntryPointForm, "entry-points", "Entry points", "entry point"
    lead = "The addresses by which customers reach you, and the queue that each leads to."
    form_template = "helpdesk/settings/entry-point.html"

    def rows(self, user):
        return EntryPoint.objects.select_related("queue")

    def new(self, request):
        wanted = request.GET.get("kind", "")
        kind = wanted if wanted in EntryPoint.Kind.values else EntryPoint.Kind.MAILBOX
        return self._form(request, EntryPoint(kind=kind))

    def write(self, row, form, *, by):
        row.kind = form.instance.kind
        return super().write(row, form, by=by)

    def beside(self, row):
        source = f"{settings.HELPDESK_BASE_URL}/widget.js"
        return {"snippet": f'<script src="{source}" data-key="{row.key}" async></script>' if row.pk else ""}
