"""/customers/: who gets in touch, and everything that happened with one of them."""

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from customers.identify import same_person
from customers.models import Customer
from customers.search import search
from customers.timeline import timeline
from helpdesk import narration
from helpdesk.access import customers_for, events_for, tickets_for
from helpdesk.console.admission import staff_only
from helpdesk.console.pages import SeeOther, attempt
from helpdesk.setup import keep

ROWS = 50
TICKETS = 20


class CustomerForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = ["name", "language", "tier", "notes"]
        help_texts = {"language": "ISO 639-1, like pl"}
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}


@staff_only
@require_safe
def index(request):
    """Customers, newest first, found by name or address."""
    words = request.GET.get("q", "")
    rows = search(customers_for(request.user), words).select_related("organisation").prefetch_related("addresses")
    page, older = _page(rows.defer("notes", "attributes"), "created_at", request)
    return render(
        request,
        "helpdesk/customers/index.html",
        {"section": "customers", "rows": page, "older": older, "words": words},
    )


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request, pk: int):
    """One customer: addresses, tickets, timeline, and what may be changed."""
    customer = get_object_or_404(
        customers_for(request.user).select_related("organisation").prefetch_related("addresses"), pk=pk
    )
    form = CustomerForm(request.POST or None, instance=Customer.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.fields}
        if attempt(form, lambda: keep(Customer.objects.get(pk=pk), by=request.user, **values)) is not None:
            messages.success(request, "Saved.")
            return SeeOther(reverse("customer", args=[pk]))
    status = 422 if form.errors else 200
    return render(request, "helpdesk/customers/show.html", _context(request, customer, form), status=status)


def _context(request, customer, form):
    tickets = tickets_for(request.user).filter(customer__in=same_person(customer).values("pk"))
    events, older = _page(timeline(customer) & events_for(request.user), "at", request)
    told = [(event, narration.sentence(event)) for event in events]
    return {
        "section": "customers",
        "customer": customer,
        "form": form,
        "tickets": tickets.select_related("queue", "assignee").order_by("-last_message_at")[:TICKETS],
        "told": told,
        "older": older,
    }


def _page(rows, column, request):
    """The newest rows by `column` that lie before the row of ?before=, and the id to go on from, or None."""
    before = request.GET.get("before", "")
    last = rows.filter(pk=before).first() if before.isdecimal() and len(before) < 19 else None
    if last:
        at = getattr(last, column)
        rows = rows.filter(Q(**{f"{column}__lt": at}) | Q(**{column: at, "pk__lt": last.pk}))
    found = list(rows.order_by(f"-{column}", "-pk")[: ROWS + 1])
    return found[:ROWS], found[ROWS - 1].pk if len(found) > ROWS else None
