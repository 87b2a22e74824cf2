"""Days of traffic that never were, for trying things out: `manage.py seed_traffic --days 7`."""

from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from routing.invented import invent
from routing.models import Domain


class Command(BaseCommand):
    help = "Write days of invented traffic (tickets, interactions, offers, presence) with the agents and queues there."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="since", help="the first day (ISO 8601, UTC); so that it ends yesterday")
        parser.add_argument("--days", type=int, default=7)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--load", type=float, default=0.6, help="work that comes over work that could be done")
        parser.add_argument("--domain", default="main")

    def handle(self, *args, **options):
        """Refuses, in words, where nobody could work."""
        since = timezone.now() - timedelta(days=options["days"])
        if options["since"]:
            since = datetime.fromisoformat(options["since"]).replace(tzinfo=since.tzinfo)
        try:
            domain = Domain.objects.get(name=options["domain"])
            done = invent(domain, since=since, days=options["days"], seed=options["seed"], load=options["load"])
        except (Domain.DoesNotExist, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{done.interactions} interactions and {done.offers} offers from {done.since:%Y-%m-%d} to "
            f"{done.until:%Y-%m-%d}. Replay them: manage.py replay --from {done.since:%Y-%m-%d} --to "
            f"{done.until:%Y-%m-%d}"
        )
