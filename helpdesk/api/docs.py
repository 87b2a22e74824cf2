"""/api/docs/: the API to read and try out; its assets are our own, its page has no inline script."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView


class DocsView(LoginRequiredMixin, TemplateView):
    """Swagger UI over /api/schema/, for staff who are signed in."""

    template_name = "helpdesk/api/docs.html"
