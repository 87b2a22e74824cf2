"""Every address of the site: health, sign-in, the API's description, and the desk."""

from allauth.account.views import LoginView
from django.urls import include, path

from config import health
from helpdesk.console.health import page_of

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("settings/health/", page_of(health.checks), name="health"),
    path("account/", include("allauth.urls")),
    path("sign-in/", LoginView.as_view(), name="account_login"),
    path("", include("helpdesk.urls")),
]
