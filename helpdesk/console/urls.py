"""The addresses of the server-rendered pages."""

from django.urls import path

from helpdesk.console import bodies

urlpatterns = [
    path("messages/<int:pk>/body/", bodies.body, name="message-body"),
    path("attachments/<int:pk>/", bodies.attachment, name="attachment"),
]
