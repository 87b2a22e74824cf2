"""Pages that keep one kind of row: a list, a form for a new one, a form to change one, a button to remove it.

They work without script: a form that was right is answered by 303, one that was not by the form with sentences.
"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.console.admission import administrators_only
from helpdesk.setup import InUse, keep, remove


class SeeOther(HttpResponseRedirect):
    """Where to look after a form did its work."""

    status_code = 303


class SetupPages:
    """What a kind of row says about itself; `write` is the verb that keeps it."""

    model = None
    form = None
    name = ""  # of the addresses, e.g. "queues"
    title = ""
    one = ""  # e.g. "queue"
    lead = ""
    admit = staticmethod(administrators_only)
    form_template = "helpdesk/settings/form.html"

    def urls(self) -> list:
        """index, new, change and remove under settings/<name>/."""
        base, read_and_write = f"settings/{self.name}/", require_http_methods(["GET", "HEAD", "POST"])
        return [
            path(base, self.admit(require_safe(self.index)), name=self.name),
            path(f"{base}new/", self.admit(read_and_write(self.new)), name=f"{self.name}-new"),
            path(f"{base}<int:pk>/", self.admit(read_and_write(self.change)), name=f"{self.name}-change"),
            path(f"{base}<int:pk>/remove/", self.admit(require_POST(self.remove)), name=f"{self.name}-remove"),
        ]

    def rows(self, user):
        return self.model.objects.all()

    def index(self, request):
        return render(request, f"helpdesk/settings/{self.name}.html", self._context(rows=self.rows(request.user)))

    def new(self, request):
        return self._form(request, self.model())

    def change(self, request, pk):
        return self._form(request, get_object_or_404(self.rows(request.user), pk=pk))

    def remove(self, request, pk):
        row = get_object_or_404(self.rows(request.user), pk=pk)
        name = str(row)
        try:
            remove(row, by=request.user)
        except InUse as refusal:
            messages.error(request, str(refusal))
            return SeeOther(reverse(f"{self.name}-change", args=[pk]))
        messages.success(request, f"The {self.one} {name} was removed.")
        return SeeOther(reverse(self.name))

    def make_form(self, request, row):
        return self.form(request.POST or None, instance=row)

    def write(self, row, form, *, by):
        """Keep what the form says; raises ValidationError with sentences by field."""
        return keep(row, by=by, **{name: form.cleaned_data[name] for name in form._meta.fields if name in form.fields})

    def beside(self, row) -> dict:
        """What the form's template shows beside the form."""
        return {}

    def _form(self, request, row):
        form = self.make_form(request, row)
        if request.method == "POST" and form.is_valid():
            # The form has written to its own copy of the row; the verb must see what was there before.
            before = self.model.objects.get(pk=row.pk) if row.pk else self.model()
            kept = attempt(form, lambda: self.write(before, form, by=request.user))
            if kept is not None:
                messages.success(request, f"The {self.one} {kept} was saved.")
                return SeeOther(reverse(self.name))
        status = 422 if form.errors else 200
        return render(request, self.form_template, self._context(form=form, row=row, **self.beside(row)), status=status)

    def _context(self, **more):
        return {
            "section": "settings",
            "page": self.name,
            "title": self.title,
            "one": self.one,
            "lead": self.lead,
            "index_url": reverse(self.name),
            "new_url": reverse(f"{self.name}-new"),
            **more,
        }


def attempt(form, act):
    """What `act()` returns; None when it refused: then the form has the sentences, each at its field."""
    try:
        return act()
    except ValidationError as error:
        for field, sentences in _by_field(error).items():
            form.add_error(field if field in form.fields else None, sentences)
        return None


def _by_field(error):
    return error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
