from types import SimpleNamespace

import pytest
from celery.app.amqp import Queues

from config.celery import WarmUp, app
from helpdesk import language


@pytest.mark.parametrize(("queue", "models"), [("mail", 1), ("routing", 0)])
def test_only_a_worker_of_mails_loads_the_language_model_before_its_first_task(queue, models):
    app.loader.import_default_modules()
    serving = Queues(app.amqp.queues)
    serving.select([queue])
    amqp = SimpleNamespace(queues=serving, router=app.amqp.router)
    language._model.cache_clear()
    worker = SimpleNamespace(app=SimpleNamespace(amqp=amqp, tasks=app.tasks))
    WarmUp(worker).create(worker)
    assert language._model.cache_info().currsize == models
