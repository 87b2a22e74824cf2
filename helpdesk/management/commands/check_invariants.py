"""Ask whether the router's rows agree with each other: `manage.py check_invariants [--json]`."""

import json

from django.core.management.base import BaseCommand

from routing.audit import look_over


class Command(BaseCommand):
    help = "Look for rows of the router that cannot be: capacity miscounted, offers that ring nowhere, work forgotten."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="every rule with the sentences of what breaks it")

    def handle(self, *args, **options):
        """Says that all is well, or a sentence for each row that breaks a rule; the exit code is 1 then."""
        found = look_over()
        broken = [sentence for one in found for sentence in one.exceptions]
        if options["json"]:
            rules = [{"rule": one.rule, "exceptions": list(one.exceptions)} for one in found]
            self.stdout.write(json.dumps({"sound": not broken, "rules": rules}, indent=2))
        else:
            self.stdout.write("\n".join(broken) or f"All is well: {len(found)} rules hold.")
        if broken:
            raise SystemExit(1)
