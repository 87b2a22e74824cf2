"""Every address of the site: health, sign-in, the API's description, and the desk."""

from allauth.account.views import LoginView
from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("account/", include("allauth.urls")),
    path("sign-in/", LoginView.as_view(), name="account_login"),
    path("", include("helpdesk.urls")),
]
