"""Every address of the desk."""

urlpatterns = []
websocket_urlpatterns = []
