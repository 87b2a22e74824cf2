import json
import time
from base64 import b64decode
from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from routing import tasks
from routing.dispatch import Fenced
from routing.models import Dispatch, Domain, Offer
from routing.offers import decline
from routing.tasks import dispatch_domain, expire_offers, forget_inputs
from tests import factories as make
from tests.harness import wait_for
from tests.routing.floor import now, overdue, ringing, route, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sound")]


@pytest.fixture
def nudged(services):
    """(task, arguments) of the nudges in the router's queue; looking takes them out."""
    redis = Redis.from_url(services.redis.url)

    def look():
        messages = [json.loads(message) for message in redis.lrange("routing", 0, -1)]
        redis.delete("routing")
        return [(one["headers"]["task"], *json.loads(b64decode(one["body"]))[0]) for one in messages]

    return look


def test_an_offer_that_nobody_answers_is_taken_back_the_moment_it_is_over(nudged):
    make.make_agent()
    queue = make.make_queue()
    queue.routing.offer_seconds = {"chat": 1}
    queue.routing.save()
    waiting(queue)
    nudged()

    dispatch_domain(Domain.main().pk)

    assert wait_for(nudged, 5) == [("routing.expire",)]
    expire_offers()
    assert Offer.objects.get().outcome == "expired"


def test_after_one_offer_expired_the_router_comes_again_for_the_next(nudged):
    overdue(ringing())
    later = ringing()
    Offer.objects.filter(pk=later.pk).update(expires_at=timezone.now() + timedelta(seconds=0.3))
    nudged()

    expire_offers()

    wait_for(lambda: ("routing.expire",) in nudged(), 5)
    assert now(later).outcome == "open"


def test_a_row_that_cannot_be_mended_keeps_nobody_awake(nudged, monkeypatch):
    overdue(ringing())
    nudged()
    monkeypatch.setattr(tasks, "expire_overdue", lambda: 0)

    expire_offers()
    time.sleep(0.2)

    assert nudged() == []


def test_a_domain_is_routed_again_when_a_cooldown_is_over(nudged):
    offer = ringing()
    decline(offer, by=offer.agent)
    Offer.objects.update(cooldown_until=timezone.now() + timedelta(seconds=0.3))
    nudged()

    dispatch_domain(Domain.main().pk)

    assert wait_for(nudged, 5) == [("routing.dispatch", Domain.main().pk, "due")]
    assert len(route()) == 1


def test_a_router_that_was_fenced_off_asks_again(nudged, monkeypatch):
    def fenced(*args, **options):
        raise Fenced("Another router decides.")

    monkeypatch.setattr(tasks, "dispatch", fenced)

    dispatch_domain(Domain.main().pk)

    assert nudged() == [("routing.dispatch", Domain.main().pk)]


def test_what_comes_right_after_a_run_is_gathered_and_what_comes_later_waits_for_nobody():
    domain = Domain.main().pk
    dispatch_domain(domain)
    began = time.perf_counter()
    dispatch_domain(domain)
    gathered = time.perf_counter() - began
    time.sleep(0.05)

    assert gathered >= tasks.GATHER_SECONDS
    assert tasks._ended[domain] + tasks.GATHER_SECONDS < time.monotonic()


def test_old_inputs_are_forgotten_and_the_dispatch_stays(settings):
    settings.HELPDESK_KEEP_DISPATCHES = 7
    old, new = ringing(), ringing()
    Dispatch.objects.filter(epoch=old.epoch).update(at=timezone.now() - timedelta(days=8))

    forget_inputs()

    kept = dict(Dispatch.objects.values_list("epoch", "inputs"))
    assert (kept[old.epoch], bool(kept[new.epoch])) == (None, True)


def test_thousands_of_old_inputs_are_forgotten_in_one_go_a_slice_at_a_time(monkeypatch):
    monkeypatch.setattr(tasks, "FORGOTTEN_AT_ONCE", 2)
    long_ago = timezone.now() - timedelta(days=100)
    Dispatch.objects.bulk_create(
        Dispatch(domain=Domain.main(), epoch=1000 + n, at=long_ago, base=1000, inputs=b"x") for n in range(5)
    )

    forget_inputs()

    assert Dispatch.objects.filter(inputs__isnull=False).count() == 0
