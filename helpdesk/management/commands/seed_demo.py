"""Found the demo's company: `manage.py seed_demo [--json]`."""

import io
import json

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from helpdesk.demo.seed import OnlyInTheDemo, seed


class Command(BaseCommand):
    help = "Found Fjell Outdoor with its people, customers and their history, unless it is there. In the demo only."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", dest="as_json", help="print logins and addresses as JSON")

    def handle(self, *args, as_json: bool, verbosity: int, **options):
        """Returns the facts as JSON to whoever calls the command."""
        try:
            facts = seed()
        except OnlyInTheDemo as refusal:
            raise CommandError(str(refusal)) from None
        if not as_json:
            self._say(facts, verbosity)
        return json.dumps(facts)

    def _say(self, facts, verbosity):
        if verbosity:
            self.stdout.write(f"{facts['company']} is there: {len(facts['users'])} people, mail to {facts['address']}.")
        # What `handle` returns is printed too; the logins are for callers only.
        self.stdout = OutputWrapper(io.StringIO())
