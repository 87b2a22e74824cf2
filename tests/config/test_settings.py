"""Production is refused in words when something is missing, and clean when nothing is."""

import os
import subprocess
import sys

from config.processes import HOME

PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "k3" * 40 + "abcdefghij",
    "HELPDESK_BASE_URL": "https://desk.example",
    "DATABASE_URL": "postgresql://desk@localhost/desk",
    "REDIS_URL": "redis://localhost:6379/0",
}


def manage(environ, *words):
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=HOME, env=environ, check=False, capture_output=True, text=True)


def test_a_missing_secret_is_named_with_the_way_on():
    missing = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}

    said = manage(missing, "check").stderr.splitlines()[-1]

    assert said == (
        "django.core.exceptions.ImproperlyConfigured: SECRET_KEY is not set. Put it in the environment or in .env "
        "(see .env.example); to try the product without any configuration run bin/demo."
    )


def test_the_production_shape_is_clean():
    done = manage(PRODUCTION, "check", "--deploy", "--fail-level", "WARNING")

    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_nobody_signs_up(client, db, django_user_model):
    password = "a-long-enough-one-42"
    client.post("/account/signup/", {"email": "eve@example.org", "password1": password, "password2": password})

    assert django_user_model.objects.count() == 0


def test_no_script_or_style_of_a_page_is_inline(client):
    policy = dict(part.strip().split(" ", 1) for part in client.get("/healthz")["Content-Security-Policy"].split(";"))

    assert (policy["script-src"], policy["style-src"], policy["default-src"]) == ("'self'", "'self'", "'none'")
