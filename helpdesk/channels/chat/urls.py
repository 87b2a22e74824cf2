"""The addresses of the chat widget."""

from django.urls import path

from helpdesk.channels.chat import files, views

urlpatterns = [
    path("widget.js", views.loader, name="widget-loader"),
    path("widget/files/<str:key>/", files.download, name="widget-file"),
    path("widget/<str:key>/session/", views.Session.as_view(), name="widget-session"),
    path("widget/<str:key>/conversation/", views.Conversation.as_view(), name="widget-conversation"),
    path("demo/shop/", views.shop, name="demo-shop"),
]
