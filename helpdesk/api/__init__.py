"""REST under /api/v1/: one file per resource holds its filter, serializer and viewset."""
