"""The least that a nudge can come to: a task that commits one row. `celery -A benchmarks.bare worker --queues=bare`."""

import django

django.setup()

from config.celery import app  # noqa: E402
from customers.models import Event  # noqa: E402  it needs the settings

BARE = "bench.bare"
app.conf.task_routes[BARE] = {"queue": "bare"}


@app.task(name=BARE)
def commit_one(number: int) -> None:
    """Write that the nudge `number` came."""
    Event.objects.create(verb="bench.came", actor="system", subject_kind="bench", subject_id=number)
