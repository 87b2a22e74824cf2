"""Every address of the desk."""

from django.urls import include, path

from helpdesk.sockets import websocket_urlpatterns

__all__ = ["urlpatterns", "websocket_urlpatterns"]

urlpatterns = [
    path("", include("helpdesk.channels.chat.urls")),
    path("", include("helpdesk.console.urls")),
    path("api/", include("helpdesk.api.urls")),
]
