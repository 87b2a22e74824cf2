import pytest

from routing.models import Domain, QueueRouting
from routing.policies import language_slug, policy_of, routing_of, skills_asked
from tests import factories as make
from tickets.models import Queue

pytestmark = pytest.mark.django_db


def test_a_queue_nobody_tuned_follows_the_defaults_in_the_main_domain():
    queue = Queue.objects.create(name="Fresh", slug="fresh")

    assert routing_of(queue).domain == Domain.main()
    assert (routing_of(queue), QueueRouting.objects.count()) == (queue.routing, 1)


def test_a_policy_holds_what_each_queue_was_tuned_to():
    queue = make.make_queue("Shipping", targets={"chat": 30}, importance=2.5)

    policy = policy_of(Domain.main()).queue(queue.slug)

    assert (policy.target("chat"), policy.target("voice"), policy.importance) == (30, 20, 2.5)


def test_queues_of_another_domain_have_other_policies():
    queue = make.make_queue(domain=make.make_domain("north"), targets={"chat": 5})

    assert policy_of(Domain.main()).queue(queue.slug).target("chat") == 60


@pytest.mark.parametrize(
    ("tag", "slug"), [("pl", "lang.pl"), ("pl-PL", "lang.pl"), ("EN_gb", "lang.en"), (" ", ""), ("", "")]
)
def test_a_language_tag_names_its_skill(tag, slug):
    assert language_slug(tag) == slug


def test_skills_are_asked_for_in_one_query(django_assert_num_queries):
    make.make_skill("lang.pl")
    queue = make.make_queue(needs={"billing": 3, "shipping": 1}, wants={"vip": 5})

    with django_assert_num_queries(1):
        asked = skills_asked(queue, "pl")

    assert asked == ({"billing": 3, "shipping": 1, "lang.pl": 3}, {"vip": 5, "lang.pl": 5})


def test_a_language_that_the_queue_asks_for_itself_keeps_the_queues_level():
    queue = make.make_queue(needs={"lang.pl": 5})

    assert skills_asked(queue, "pl") == ({"lang.pl": 5}, {})


def test_skills_of_other_queues_are_not_asked_for():
    make.make_queue(needs={"billing": 3})

    assert skills_asked(make.make_queue(), "") == ({}, {})
