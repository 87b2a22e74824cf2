"""The addresses of the server-rendered pages."""

from django.urls import path

from helpdesk.console import bodies, demo_mailbox

urlpatterns = [
    path("messages/<int:pk>/body/", bodies.body, name="message-body"),
    path("attachments/<int:pk>/", bodies.attachment, name="attachment"),
    path("demo/mailbox/", demo_mailbox.index, name="demo-mailbox"),
    path("demo/mailbox/new/", demo_mailbox.write, name="demo-write"),
    path("demo/mailbox/<slug:name>/", demo_mailbox.show, name="demo-letter"),
    path("demo/mailbox/<slug:name>/body/", demo_mailbox.body, name="demo-body"),
    path("demo/mailbox/<slug:name>/reply/", demo_mailbox.answer, name="demo-answer"),
]
