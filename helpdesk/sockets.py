"""Every websocket of the desk."""

from channels.sessions import SessionMiddlewareStack
from django.urls import path

from helpdesk.channels.chat.consumer import VisitorSocket
from helpdesk.stream import AgentSocket

websocket_urlpatterns = [
    path("ws/v1/agent/", SessionMiddlewareStack(AgentSocket.as_asgi())),
    path("ws/v1/visitor/", VisitorSocket.as_asgi()),
]
