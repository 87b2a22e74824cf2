"""What the resources share: a page of rows that starts in access, and rows of the setup kept by one verb."""

from rest_framework import status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from helpdesk.api.permissions import HasRole
from helpdesk.setup import keep, remove


class Resource(GenericViewSet):
    """`get_queryset` starts in helpdesk/access.py; `queryset` is empty and only tells the schema which model it is."""

    permission_classes = [HasRole]
    lookup_value_regex = r"\d{1,18}"


class SetupResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Rows of the setup: list, read, create, change, remove; each change is an event."""

    def create(self, request):
        """Create one; 201 with the row."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.created(self.write(self.queryset.model(), dict(serializer.validated_data)))

    def partial_update(self, request, pk=None):
        """Change what is sent, keep the rest."""
        row = self.get_object()
        serializer = self.get_serializer(row, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        row = self.write(row, dict(serializer.validated_data))
        return Response(self.serialized(row))

    def destroy(self, request, pk=None):
        """Remove it; 409 while others stand on it."""
        remove(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def created(self, row):
        return Response(self.serialized(row), status=status.HTTP_201_CREATED)

    def serialized(self, row):
        return self.serializer_class(row, context=self.get_serializer_context()).data

    def write(self, row, values):
        return keep(row, by=self.request.user, **values)
