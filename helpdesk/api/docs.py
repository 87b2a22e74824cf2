"""/api/schema/ and /api/docs/: the API described, and a page to read and try it; nothing foreign, no inline script."""

from functools import cache

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView


class SchemaView(APIView):
    """The OpenAPI 3 description, as JSON or (by Accept, or ?format=yaml) YAML. It is the same for everybody."""

    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer]

    @extend_schema(exclude=True)
    def get(self, request):
        """Anybody may read it; it is put together once a process."""
        return Response(_schema(), headers={"Cache-Control": "public, max-age=600"})


class DocsView(LoginRequiredMixin, TemplateView):
    """Swagger UI over /api/schema/, for staff who are signed in."""

    template_name = "helpdesk/api/docs.html"


@cache
def _schema():
    return SchemaGenerator().get_schema(request=None, public=True)
